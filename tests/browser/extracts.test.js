// extracts.test.js - 研究用の資料 in a browser: asked for with its report, approved by a second person, taken; on a desktop, on a phone, by
// keyboard and without JavaScript.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";
import { inspect } from "./inspect.js";
import { address, desktop, launch, open, phone, signIn } from "./stand.js";
import { colleague } from "../http/colleague.js";

const purpose = `感染の広がりの研究 ${process.pid}`;
let browser;

before(async () => {
  browser = await launch();
  colleague("nagoya-2", "nagoya", "09000000092");
});
after(() => browser.close());

const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);

test("one asks, another approves on a phone, the first takes the file", async () => {
  const page = await (await open(browser, desktop)).newPage();
  await signIn(page, "nagoya");
  await press(page, ".menu >> text=数値");
  await press(page, ".figures-links >> text=研究用の資料");
  await press(page, "text=資料を依頼する");
  await inspect(page, "extract-form-desktop");
  await page.selectOption("#f-column_age", "0");
  await page.selectOption("#f-column_sex", "0");
  await press(page, "text=匿名性を確かめる");
  assert.match(await page.textContent(".errors"), /目的を入力してください/);
  await inspect(page, "extract-form-wrong-desktop");
  await page.fill("#f-purpose", purpose);
  await page.fill("#f-recipient", "疫学の大学");
  await page.focus("text=匿名性を確かめる");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.match(await page.textContent("#report"), /いちばん小さい組[\s\S]*月ごと → 年ごと/);
  assert.equal(await page.inputValue("#f-column_age"), "0");
  await page.fill("#f-k", "6");
  await Promise.all([page.waitForNavigation(), page.press("#f-k", "Enter")]);
  assert.match(await page.textContent("#report"), /6人に満たない組の方/, "Enter checks again, and asks for nothing");
  assert.ok(await page.evaluate(() => document.getElementById("report").getBoundingClientRect().top < window.innerHeight), "the report is in sight");
  await inspect(page, "extract-report-desktop");
  for (const column of ["age", "sex", "onset"]) await page.selectOption(`#f-column_${column}`, "1");
  await page.check("input[name=small][value=stop]");
  await press(page, "text=匿名性を確かめる");
  assert.match(await page.textContent("#report"), /このままでは依頼できません。下限より小さい組に/);
  assert.equal(await page.locator("text=この内容で承認を依頼する").count(), 0);
  await inspect(page, "extract-hopeless-desktop");
  for (const column of ["age", "sex", "onset"]) await page.selectOption(`#f-column_${column}`, "0");
  await page.check("input[name=small][value=leave_out]");
  await page.check("input[name=key][value=keep]");
  await press(page, "text=匿名性を確かめる");
  await press(page, "text=この内容で承認を依頼する");
  assert.match(await page.textContent("main"), /承認を待っています/);
  assert.equal(await page.locator("button[value=approve]").count(), 0);
  await inspect(page, "extract-asked-desktop");
  const request = page.url();

  const second = await (await open(browser, phone)).newPage();
  await signIn(second, "nagoya-2");
  await second.goto(`${address}/extracts`);
  await inspect(second, "extracts-phone");
  await press(second, `a:has-text('${purpose}')`);
  assert.match(await second.textContent(".card p.warning"), /続きを作れる資料です/);
  await press(second, "button[value=refuse]");
  assert.match(await second.textContent(".errors"), /却下するときは、理由を/);
  await inspect(second, "extract-decide-phone");
  await second.fill("#f-reason", "目的が広すぎます");
  await second.press("#f-reason", "Enter");
  assert.match(await second.inputValue("#f-reason"), /\n$/, "Enter begins a line, and approves nothing");
  await second.fill("#f-reason", "");
  const other = await (await open(browser, { ...phone, storageState: await second.context().storageState() })).newPage();
  await other.goto(request);
  await press(second, "button[value=approve]");
  await other.fill("#f-reason", "目的が広すぎます");
  await press(other, "button[value=refuse]");
  assert.match(await other.textContent(".errors"), /今回の返事は記録していません[\s\S]*目的が広すぎます/);
  await inspect(other, "extract-late-phone");
  assert.match(await second.textContent("main"), /承認済み/);
  await second.goto(`${address}/extracts/new`);
  await inspect(second, "extract-form-phone");

  const plain = await (await open(browser, { ...desktop, javaScriptEnabled: false, storageState: await page.context().storageState() })).newPage();
  await plain.goto(request);
  const [file] = await Promise.all([plain.waitForEvent("download"), plain.click("button[value=csv]")]);
  assert.equal(file.suggestedFilename(), "研究用の資料.csv");
  assert.match(fs.readFileSync(await file.path(), "utf8"), new RegExp(`^\\ufeff仮名,地域,届出日\\r\\n[0-9a-f]{20},愛知県,[\\s\\S]*目的：${purpose}`));
  await page.goto(request);
  assert.match(await page.textContent("main"), /受け取り済み/);
  assert.equal(await page.locator("button[value=csv]").count(), 0, "once");
  await second.goto(request);
  await inspect(second, "extract-taken-phone");
  await press(second, "text=鍵を捨てる");
  assert.match(await second.textContent("main"), /鍵を捨てました/);
  await second.goto(`${address}/extracts`);
  await inspect(second, "extracts-taken-phone");
  await page.goto(`${address}/exports/log`);
  assert.match(await page.textContent("table"), new RegExp(`${purpose} 研究用の資料`));
  await inspect(page, "extract-log-desktop");
});
