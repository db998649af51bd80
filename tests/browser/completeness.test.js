// completeness.test.js - 入力状況 in a browser: a centre on a phone and a desk, the table of those above, without JavaScript.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "./inspect.js";
import { address, desktop, launch, open, phone, signIn } from "./stand.js";

let browser;
const pages = {};

before(async () => {
  browser = await launch();
  for (const [login, options] of [["hoken1", phone], ["kuni", desktop], ["nagoya", phone]]) {
    pages[login] = await (await open(browser, options)).newPage();
    await signIn(pages[login], login);
  }
});
after(() => browser.close());

const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);

test("a centre on a phone: figures, trend, list, and the day of the mail", async () => {
  const page = pages.hoken1;
  await page.goto(`${address}/completeness`);
  assert.equal(await page.locator(".trend").count(), 6);
  assert.ok((await page.locator(".trend polyline").first().getAttribute("points")).split(" ").length >= 8, "the demonstration has some weeks");
  await inspect(page, "completeness-phone");
  await page.click("text=表で見る");
  await inspect(page, "completeness-table-phone");
  await page.selectOption("#weekday", { label: "木曜日" });
  await press(page, "text=保存する");
  assert.match(await page.textContent("main"), /メールを送る曜日を保存しました/);
  assert.equal(await page.inputValue("#weekday"), "4");
  await page.selectOption("#weekday", { label: "月曜日" });
  await press(page, "text=保存する");
  await press(page, "table.narrow a >> nth=0");
  assert.ok(await page.locator(".patient-list a").count() > 0);
  await inspect(page, "completeness-list-phone");
});

test("the ministry at a desk: sorted by keyboard, on to a centre", async () => {
  const page = pages.kuni;
  await page.goto(`${address}/completeness`);
  await inspect(page, "completeness-below-desktop");
  await page.focus("thead a >> text=ステータス未入力");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.deepEqual(await page.locator("th[aria-sort=descending]").allTextContents(), ["ステータス未入力", "ステータス未入力"], "prefectures and centres");
  await inspect(page, "completeness-sorted-desktop");
  await press(page, "tbody a >> text=愛知県 >> nth=0");
  assert.match(await page.textContent("h1"), /入力状況（愛知県）/);
  assert.equal(await page.locator(".trend polyline").count(), 6);
  await inspect(page, "completeness-prefecture-desktop");
  await page.goto(`${address}/completeness`);
  await press(page, "tbody a >> text=名古屋市保健所");
  assert.match(await page.textContent("h1"), /名古屋市保健所/);
  assert.equal(await page.locator("#weekday").count(), 0, "the mail is the centre's own matter");
  await inspect(page, "completeness-centre-desktop");
});

test("a city on a phone", async () => {
  const page = pages.nagoya;
  await page.goto(`${address}/completeness`);
  await inspect(page, "completeness-below-phone");
});

test("without JavaScript nothing is missing", async () => {
  const context = await open(browser, { ...desktop, javaScriptEnabled: false });
  await context.addCookies(await pages.hoken1.context().cookies());
  const page = await context.newPage();
  await page.goto(`${address}/completeness`);
  assert.equal(await page.locator(".trend polyline").count(), 6);
  await page.selectOption("#weekday", { label: "金曜日" });
  await press(page, "text=保存する");
  assert.equal(await page.inputValue("#weekday"), "5");
  await page.selectOption("#weekday", { label: "月曜日" });
  await press(page, "text=保存する");
  await press(page, "table.narrow a >> nth=0");
  assert.ok(await page.locator(".patient-list a").count() > 0);
  await context.close();
});

test("whose period has passed: chosen on a phone by keyboard, ended, and put back", async () => {
  const page = pages.hoken1;
  await page.goto(`${address}/`);
  await press(page, ".count >> text=療養期間が過ぎた方");
  await inspect(page, "closing-phone");
  await press(page, "text=まとめて療養解除にする");
  assert.match(await page.textContent("[role=alert]"), /選んでください/);
  // one of two was changed by somebody else since the list was shown: said by number, and the other stays chosen
  for (let i = 0; i < 2; i++) await page.locator("input[name=patient]").nth(i).check();
  await page.locator("input[name=patient]").first().evaluate((box) => { box.value = box.value.replace(/\.\d+\./, ".999."); });
  await press(page, "text=まとめて療養解除にする");
  assert.match(await page.textContent("[role=alert]"), /何も登録されていません[\s\S]*記録が変わりました/);
  assert.deepEqual(await page.locator("input[name=patient]").evaluateAll((boxes) => boxes.slice(0, 2).map((box) => box.checked)), [false, true]);
  await inspect(page, "closing-changed-phone");
  await page.goto(`${address}/closing`);
  const first = page.locator("input[name=patient]").first(), [key] = (await first.getAttribute("value")).split(".");
  await first.focus();
  await page.keyboard.press("Space");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.match(await page.textContent("main"), /療養解除を登録しました/);
  assert.equal(await page.locator(`input[name=patient][value^="${key}."]`).count(), 0);
  await inspect(page, "closing-done-phone");
  await press(page, "text=取り消す >> nth=-1");
  assert.match(await page.textContent("main"), /取り消しました/);
  assert.equal(await page.locator(`input[name=patient][value^="${key}."]`).count(), 1);
  const context = await open(browser, desktop);
  await context.addCookies(await page.context().cookies());
  const desk = await context.newPage();
  await desk.goto(`${address}/closing`);
  await inspect(desk, "closing-desktop");
  await context.close();
});
