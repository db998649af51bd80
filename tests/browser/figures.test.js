// figures.test.js - 数値 in a browser: drawn out of the table, chosen by keyboard, on a phone and without JavaScript; what was
// published goes in by a file.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "./inspect.js";
import { address, desktop, launch, open, phone, signIn } from "./stand.js";

let browser;
const pages = {};

before(async () => {
  browser = await launch();
  for (const [name, login, options] of [["hoken1", "hoken1", phone], ["aichi", "aichi", desktop], ["plain", "nagoya", desktop]]) {
    pages[name] = await (await open(browser, options)).newPage();
    await signIn(pages[name], login);
  }
});
after(() => browser.close());

const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);
const drawn = (page) => page.waitForFunction(() => Number(document.getElementById("figures-drawing").dataset.drawn) > 0);

test("a prefecture at a desk: from the eleven to one, by keyboard to another area and period", async () => {
  const page = pages.aichi;
  await page.goto(address);
  await press(page, "nav.menu >> text=数値");
  assert.equal(await page.locator(".figures-overview tbody tr").count(), 11);
  await inspect(page, "figures");
  await press(page, "text=① 新規陽性者数の推移（日別） >> visible=true >> nth=-1");
  await drawn(page);
  await inspect(page, "figures-daily");
  await page.focus("#area");
  await page.selectOption("#area", "00");
  await page.fill("#from", "R8.11.1");
  await Promise.all([page.waitForNavigation(), page.press("#to", "Enter")]);
  assert.match(await page.textContent("h1"), /全国/);
  assert.equal(await page.inputValue("#from"), "2026/11/1");
  assert.equal(await page.locator("#figures-table a").count(), 0, "of the country only the totals");
  await page.goto(`${address}/figures?indicator=3`);
  await drawn(page);
  await inspect(page, "figures-weekly");
  await press(page, "#figures-table a >> nth=0");
  assert.match(await page.textContent("main"), /この数値が数えている\d+人です/);
  await inspect(page, "figures-list");
  for (const number of [2, 10, 11]) {
    await page.goto(`${address}/figures?indicator=${number}`);
    await drawn(page);
    await inspect(page, `figures-${number}`);
  }
});

test("a centre on a phone", async () => {
  const page = pages.hoken1;
  for (const [path, name] of [["/figures", "figures-phone"], ["/figures?indicator=1", "figures-daily-phone"], ["/figures?indicator=2", "figures-per-phone"], ["/figures?indicator=3", "figures-weekly-phone"]]) {
    await page.goto(address + path);
    if (path !== "/figures") await drawn(page);
    await inspect(page, name);
  }
});

test("what was published goes in by a file, and the difference is shown", async () => {
  const page = pages.hoken1;
  await page.goto(`${address}/figures/published`);
  await inspect(page, "figures-published-phone");
  await page.setInputFiles("#file", { name: "公表.csv", mimeType: "text/csv", buffer: Buffer.from("日付,新規,重症,死亡\n2026/11/1,いち,0,0\n2026/11/2,7,1,0\n") });
  await press(page, "button:text-is('確かめる') >> nth=0");
  assert.match(await page.textContent(".errors"), /2行目「いち」：新規陽性者の人数/);
  await inspect(page, "figures-published-problem-phone");
  await page.fill("#text", (await page.inputValue("#text")).replace("いち", "1"));
  await press(page, "button:text-is('確かめる') >> nth=0");
  assert.match(await page.textContent("main"), /内容の確認（2日分）/);
  await inspect(page, "figures-published-check-phone");
  await press(page, "button:text-is('保存する')");
  assert.match(await page.textContent("main"), /公表した数を保存しました/);
  await page.goto(`${address}/figures/difference?from=2026/11/1&to=2026/11/2`);
  assert.equal(await page.locator(".figures-difference tbody tr").count(), 2);
  await inspect(page, "figures-difference-phone");
  await pages.aichi.goto(`${address}/figures/difference?from=2026/11/1&to=2026/11/2`);
  assert.ok(await pages.aichi.locator("h2:text-is('管内の地域') + .scroll tbody a").count() >= 1);
  await inspect(pages.aichi, "figures-difference");
});

test("an office above asks about a day, the other answers", async () => {
  const area = await pages.aichi.locator("h2:text-is('管内の地域') + .scroll tbody a", { hasText: "名古屋市保健所" }).getAttribute("href");
  await pages.aichi.goto(address + area);
  await pages.aichi.selectOption("#inquiry-series", "new");
  await pages.aichi.fill("#inquiry-day", "2026/11/2");
  await pages.aichi.fill("#question", "差の理由を教えてください。");
  await inspect(pages.aichi, "figures-difference-ask");
  await press(pages.aichi, "button:text-is('照会する')");
  assert.match(await pages.aichi.textContent("main"), /照会を送りました/);
  await pages.hoken1.goto(address);
  await press(pages.hoken1, "text=公表との差：照会への回答");
  await inspect(pages.hoken1, "figures-inquiries-phone");
  await pages.hoken1.fill("textarea >> nth=0", "入力が遅れました。");
  await press(pages.hoken1, "button:text-is('回答する') >> nth=0");
  assert.match(await pages.hoken1.textContent("main"), /回答を送りました/);
});

test("without JavaScript every number is there as a table", async () => {
  const state = await pages.plain.context().storageState();
  const page = await (await open(browser, { ...desktop, javaScriptEnabled: false, storageState: state })).newPage();
  await page.goto(`${address}/figures?indicator=1`);
  assert.equal(await page.locator("#figures-table tbody tr").count(), 28);
  assert.ok(await page.locator("#figures-drawing").isHidden());
  await press(page, "#figures-table a >> nth=0");
  assert.match(await page.textContent("main"), /この数値が数えている/);
});
