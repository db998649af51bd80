// editions.test.js - 公表の版 in the browser: the ministry finds the page, orders an edition, reads its corrections, and mends a wrong time; desktop
// and phone.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { holdEditions, letEditions } from "../http/published.js";
import { inspect } from "./inspect.js";
import { address, desktop, launch, open, phone, signIn } from "./stand.js";

const sql = (text) => execFileSync("deploy/stand.sh", ["psql", "-qAtc", text], { encoding: "utf8" }).trim();
const count = (change) => sql(`INSERT INTO app.figure_delta (organisation_id, series, day, cell, change)
  SELECT min(organisation_id), 'new', app.today() - 3, 'xunknown', ${change} FROM app.organisation WHERE kind = 'centre' AND prefecture_code = '23'`);
let browser, page;
before(async () => {
  browser = await launch();
  await holdEditions();
  count(1);
  execFileSync("deploy/stand.sh", ["hersys", "publish"]);
  count(1);
  sql("INSERT INTO app.edition (made_at, through, reason) VALUES (now(), app.today() - 1, '試験：陽性者数の性別・年代別の表で、隠した人数が2件、ほかの数字から1人から2人までに絞れます。最初は2021年5月12日からの週、愛知県、男 10代です。')");
});
after(async () => {
  count(-2);
  sql("DELETE FROM app.edition WHERE reason LIKE '試験%'");
  letEditions();
  await browser.close();
});

test("an edition is ordered from the figures' page, and its corrections are read", async () => {
  page = await (await open(browser, desktop)).newPage();
  await signIn(page, "kuni");
  await page.goto(`${address}/figures`);
  await page.click(".figures-links >> text=公表の版");
  await Promise.all([page.waitForNavigation(), page.click("text=をいま公表する")]);
  assert.match(await page.textContent("main"), /受け付けました/);
  await inspect(page, "editions-desktop");
  for (let i = 0; i < 300 && !/）。公表しました。/.test(await page.textContent("main")); i++) {
    await page.waitForTimeout(1000);
    await page.goto(`${address}/figures/editions`);
  }
  await page.locator("tbody tr").first().locator("a").click();
  await page.click("text=愛知県 >> xpath=.. >> a >> nth=0");
  assert.match(await page.textContent("main"), /愛知県　① 新規陽性者数/);
  assert.equal(await page.locator("#list ~ .scroll tbody tr").count(), 1);
  await inspect(page, "edition-desktop");
});

test("on a phone the same, and a wrong time is told beside its field", async () => {
  const context = await open(browser, { ...phone, storageState: await page.context().storageState() });
  const small = await context.newPage();
  await small.goto(`${address}/figures/editions`);
  await small.fill("[name=time]", "夕方");
  await Promise.all([small.waitForNavigation(), small.click("text=時刻を保存する")]);
  assert.match(await small.textContent(".errors"), /時刻として読み取れません/);
  assert.equal(await small.inputValue("[name=time]"), "夕方");
  await inspect(small, "editions-phone");
  await small.goto(`${address}/figures/editions`);
  await small.locator("td a").first().click();
  await small.locator("td a").first().click();
  await inspect(small, "edition-phone");
});
