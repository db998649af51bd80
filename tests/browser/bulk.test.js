// bulk.test.js - 一括操作 in a browser: form, preview, press, the batches and undoing; with axe, on a phone, by keyboard and
// without JavaScript.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "./inspect.js";
import { address, desktop, launch, open, phone, signIn } from "./stand.js";

let browser, page;

before(async () => {
  browser = await launch();
  page = await (await open(browser)).newPage();
  await signIn(page, "hoken1");
});
after(() => browser.close());

const press = async (on, selector) => Promise.all([on.waitForNavigation(), on.click(selector)]);

test("from the list of what is to be done to the batch and back", async () => {
  await page.goto(`${address}/todo/unconfirmed`);
  await press(page, "text=一括操作 >> nth=0");
  assert.equal(await page.inputValue("#f-todo"), "unconfirmed");
  await inspect(page, "bulk-desktop");
  assert.equal(await page.isVisible("#f-release_on"), false, "the fields of an action show once it is chosen");
  await page.focus("input[name=action] >> nth=0");
  for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowDown"); // by keyboard to the last
  await page.fill("#f-release_on", "R4.10.11");
  await press(page, "text=確認へ");
  assert.match(await page.textContent("main"), /待機解除を登録する（2022\/10\/11）/);
  await inspect(page, "bulk-preview-desktop");
  const [, count] = (await page.textContent("form .button >> nth=0")).match(/(\d+)人を変更する/);
  await press(page, "text=人を変更する");
  assert.match(await page.textContent("main"), /一括操作を実行しました/);
  await inspect(page, "bulk-batch-desktop");
  await press(page, "text=この一括操作を取り消す");
  assert.match(await page.textContent("main"), new RegExp(`取消し${count}人`));
  await inspect(page, "bulk-undone-desktop");
  await press(page, "text=これまでの一括操作");
  await inspect(page, "bulk-batches-desktop");
});

test("what is wrong is said beside its field", async () => {
  await page.goto(`${address}/bulk`);
  await page.check("input[value=handover]");
  await page.fill("#f-listed_from", "きのう");
  await press(page, "text=確認へ");
  assert.match(await page.textContent("#e-reason"), /引き継ぐ理由/);
  assert.equal(await page.inputValue("#f-listed_from"), "きのう");
  await inspect(page, "bulk-wrong-desktop");
});

test("on a phone", async () => {
  const small = await (await open(browser, phone)).newPage();
  await small.context().addCookies(await page.context().cookies());
  for (const [path, name] of [["/bulk", "bulk-phone"], ["/bulk/batches", "bulk-batches-phone"]]) {
    await small.goto(address + path);
    await inspect(small, name);
  }
  await press(small, "main table a >> nth=0");
  await inspect(small, "bulk-batch-phone");
  await small.goto(`${address}/bulk`);
  await small.selectOption("#f-confirmed", "false");
  await small.check("input[value=confirm]");
  await press(small, "text=確認へ");
  await inspect(small, "bulk-preview-phone");
});

test("without JavaScript", async () => {
  const context = await open(browser, { ...desktop, javaScriptEnabled: false });
  const plain = await context.newPage();
  await context.addCookies(await page.context().cookies());
  await plain.goto(`${address}/bulk`);
  await plain.selectOption("#f-filter_status", "none");
  await plain.check("input[value=status]");
  await plain.selectOption("#f-to_status", "home");
  await plain.fill("#f-since", "2022/10/1");
  await press(plain, "text=確認へ");
  await press(plain, "text=条件に戻る");
  assert.equal(await plain.inputValue("#f-since"), "2022/10/1");
  await press(plain, "text=確認へ");
  await press(plain, "text=人を変更する");
  assert.match(await plain.textContent("main"), /「自宅療養中」にする（2022\/10\/1から）/);
  await press(plain, "text=この一括操作を取り消す");
  assert.match(await plain.textContent("main"), /一括操作を取り消しました/);
});
