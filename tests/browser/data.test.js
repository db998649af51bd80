// data.test.js - the public pages in the browser: figures, map, drawing and table of an edition, desktop and phone, and without JavaScript.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { inspect } from "./inspect.js";
import { address, desktop, launch, open, phone } from "./stand.js";

let browser;
before(async () => {
  browser = await launch();
  execFileSync("deploy/stand.sh", ["hersys", "publish"]); // what the jobs do once a day
});
after(() => browser.close());

// Past nginx's minute: what was published before this test may be kept.
let asked = 0;
const fresh = (path) => `${address}${path}${path.includes("?") ? "&" : "?"}t=${process.pid}-${asked++}`;

test("the newest figures, and the map of the prefectures", async () => {
  for (const [name, device] of [["desktop", desktop], ["phone", phone]]) {
    const page = await (await open(browser, device)).newPage();
    await page.goto(fresh("/data"));
    assert.equal(await page.locator(".tiles a").count(), 47);
    assert.match(await page.locator("tbody tr").first().innerText(), /新規陽性者数の推移[^]*\d+人/);
    await inspect(page, `data-${name}`);
    await page.click("text=表で見る");
    assert.match(await page.locator("details tbody").innerText(), /愛知県/);
    assert.equal(await page.locator('.tiles a:has-text("愛知")').getAttribute("href"), "/data/indicator/1?area=23");
    await page.goto(fresh("/data/indicator/1?area=23"));
    await page.waitForSelector("#figures-drawing[data-drawn]");
    assert.match(await page.textContent("h1"), /新規陽性者数の推移/);
    await inspect(page, `data-daily-${name}`);
    await page.goto(fresh("/data/indicator/3?area=23"));
    await page.waitForSelector("#figures-drawing[data-drawn]");
    assert.ok(await page.locator("#figures-table td", { hasText: "＊" }).count() > 0, "few people are hidden");
    await inspect(page, `data-weekly-${name}`);
    for (const indicator of [2, 5, 6, 8, 10, 11]) {
      const answer = await page.goto(fresh(`/data/indicator/${indicator}`));
      assert.equal(answer.status(), 200);
    }
    await inspect(page, `data-places-${name}`);
  }
});

test("without JavaScript the table says it all", async () => {
  const page = await (await browser.newContext({ ...phone, javaScriptEnabled: false, ignoreHTTPSErrors: true })).newPage();
  await page.goto(fresh("/data/indicator/1?area=23"));
  assert.match(await page.locator("#figures-table tbody tr").first().innerText(), /\d/);
  assert.equal(await page.locator("#figures-box").isVisible(), false);
});
