// data.test.js - the public pages in the browser: figures, map, drawing and table of an edition, desktop and phone, and without JavaScript.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "../http/database.js";
import { forget, psql, putAside, putBack } from "../http/published.js";
import { inspect } from "./inspect.js";
import { address, desktop, launch, open, phone } from "./stand.js";

let browser;
const areas = "(SELECT lpad(n::text, 2, '0') AS area, n FROM generate_series(0, 47) n) a";
// Two months of an edition, as `hersys publish` would write it.
const put = (rows) => `INSERT INTO app.published_now (indicator, area, day, cell, value, edition_id, first_edition_id) SELECT x.*, 1, 1 FROM (${rows}) x;\n`;
before(async () => {
  browser = await launch();
  await putAside();
  psql("INSERT INTO app.edition OVERRIDING SYSTEM VALUE VALUES (1, now(), app.today() - 1, now(), NULL);\n" +
    put(`SELECT i, area, app.today() - d, '', CASE i WHEN 1 THEN 10 + d % 7 + n ELSE 100 * i - d END FROM ${areas}, unnest(ARRAY[1, 5, 6, 8]) i, generate_series(1, 60) d`) +
    put(`SELECT 10, area, app.today() - d, c, 500 - d FROM ${areas}, unnest(ARRAY['care', 'released', 'confirming']) c, generate_series(1, 60) d`) +
    put(`SELECT i, area, app.figure_week_of(app.today(), 3) - 7 * w, s || b, CASE WHEN b < 90 THEN 5 + w + b END
           FROM ${areas}, unnest(ARRAY[3, 4, 7, 9]) i, generate_series(1, 8) w, unnest(ARRAY['m', 'f']) s, generate_series(0, 90, 10) b`) +
    put(`SELECT 11, area, app.figure_week_of(app.today(), 1) - 7 * w, c::text, w + c FROM ${areas}, generate_series(1, 8) w, generate_series(0, 10) c`));
  forget();
});
after(async () => {
  sql("DELETE FROM app.published_figure WHERE entered_by = 0");
  putBack();
  await browser.close();
});

test("the newest figures, and the map of the prefectures", async () => {
  for (const [name, device] of [["desktop", desktop], ["phone", phone]]) {
    const page = await (await open(browser, device)).newPage();
    await page.goto(`${address}/data`);
    await page.waitForSelector("#map-drawing[data-drawn='47']");
    assert.equal(await page.locator(".tiles").isVisible(), false, "the tiles are a click away");
    await page.click("text=並べた図で見る");
    assert.equal(await page.locator(".tiles").isVisible(), true);
    assert.equal(await page.locator(".tiles a").count(), 47);
    assert.match(await page.locator("tbody tr").first().innerText(), /新規陽性者数の推移[^]*\d+人/);
    await inspect(page, `data-${name}`);
    await page.click("text=表で見る");
    assert.match(await page.locator("details tbody").innerText(), /愛知県/);
    // 北海道 is at about 373, 51 of the 438 by 516 that the shapes are drawn in.
    const { width, height } = await page.locator("#map-drawing").boundingBox(), scale = 0.97 * Math.min(width, height) / 516;
    await page.locator("#map-drawing").click({ position: { x: width / 2 + (373 - 219) * scale, y: height / 2 + (51 - 258) * scale } });
    await page.waitForURL(/\/data\/indicator\/1\?area=01$/);
    await page.goBack();
    assert.equal(await page.locator('.tiles a:has-text("愛知")').getAttribute("href"), "/data/indicator/1?area=23");
    await page.goto(`${address}/data/indicator/1?area=23`);
    await page.waitForSelector("#figures-drawing[data-drawn]");
    assert.match(await page.textContent("h1"), /新規陽性者数の推移/);
    await inspect(page, `data-daily-${name}`);
    const numbers = await page.$$eval("#figures-table tbody tr", (rows) => rows.slice(0, 7).map((row) => [...row.querySelectorAll("[data-value]")].map((cell) => Number(cell.dataset.value))));
    assert.equal(numbers[0][1].toFixed(1), (numbers.reduce((sum, [number]) => sum + number, 0) / 7).toFixed(1), "the average of seven days");
    await page.goto(`${address}/data/indicator/3?area=23`);
    await page.waitForSelector("#figures-drawing[data-drawn]");
    assert.ok(await page.locator("#figures-table td", { hasText: "＊" }).count() > 0, "few people are hidden");
    await inspect(page, `data-weekly-${name}`);
    await page.goto(`${address}/data/indicator/2?area=23`);
    await page.waitForSelector("#figures-drawing[data-drawn]");
    assert.match(await page.locator("#figures-table thead").innerText(), /人口10万人当たり\s+直近7日間/);
    await inspect(page, `data-per-${name}`);
    for (const indicator of [4, 5, 6, 7, 8, 9, 10, 11]) {
      await page.goto(`${address}/data/indicator/${indicator}`);
      await page.waitForSelector("#figures-drawing[data-drawn]:not([data-drawn='0'])");
    }
    await inspect(page, `data-places-${name}`);
  }
});

test("what an edition corrected, page by page; and what the prefectures published", async () => {
  // An edition more, with 120 corrections; and two prefectures that have published something of two months.
  psql(`INSERT INTO app.edition OVERRIDING SYSTEM VALUE VALUES (2, now(), app.today() - 1, now(), NULL);
    INSERT INTO app.published (indicator, area, day, cell, edition_id, value)
      SELECT i, a, app.today() - d, CASE i WHEN 10 THEN 'care' ELSE '' END, e, 100 * e + d FROM unnest(ARRAY[5, 10]) i, unnest(ARRAY['00', '13']) a, generate_series(1, 30) d, generate_series(1, 2) e;
    INSERT INTO app.edition_count SELECT 2, i, a, 0, 30, 0 FROM unnest(ARRAY[5, 10]) i, unnest(ARRAY['00', '13']) a;
    DELETE FROM app.published_figure WHERE area IN ('13', '23') AND day > app.today() - 61;
    INSERT INTO app.published_figure (area, series, day, version, count, organisation_id, entered_by, entered_at)
      SELECT a, 'new', app.today() - d, 1, 20 + d % 9, 0, 0, now() - interval '1 hour' FROM unnest(ARRAY['13', '23']) a, generate_series(1, 60) d`);
  forget();
  for (const [name, device] of [["desktop", desktop], ["phone", phone]]) {
    const page = await (await open(browser, device)).newPage();
    await page.goto(`${address}/data`);
    await Promise.all([page.waitForNavigation(), page.click("text=この版の訂正")]);
    assert.equal(await page.locator("tbody tr").count(), 100);
    assert.match(await page.locator("tbody tr").first().innerText(), /⑤ 陽性者数（累積）\s+全国\s+[\d/]+\s+全体\s+\d+\s+\d+/);
    await inspect(page, `data-edition-${name}`);
    await Promise.all([page.waitForNavigation(), page.click("text=次の100件")]);
    assert.equal(await page.locator("tbody tr").count(), 20);
    await page.goto(`${address}/data/difference`);
    assert.equal(await page.locator("tbody tr").count(), 2);
    await inspect(page, `data-difference-all-${name}`);
    await Promise.all([page.waitForNavigation(), page.click("tbody >> text=愛知県")]);
    await page.waitForSelector("#figures-drawing[data-drawn]");
    assert.equal(await page.locator("#figures-table tbody tr").count(), 60);
    await inspect(page, `data-difference-${name}`);
  }
});

test("without JavaScript the table says it all", async () => {
  const page = await (await browser.newContext({ ...phone, javaScriptEnabled: false, ignoreHTTPSErrors: true })).newPage();
  await page.goto(`${address}/data/indicator/1?area=23`);
  assert.match(await page.locator("#figures-table tbody tr").first().innerText(), /\d/);
  assert.equal(await page.locator("#figures-box").isVisible(), false);
});
