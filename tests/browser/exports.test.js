// exports.test.js - 持ち出し and 報道発表 in a browser: columns chosen, kept and downloaded; a press table made and fixed; on a desktop, on a
// phone, by keyboard and without JavaScript.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";
import { inspect } from "./inspect.js";
import { address, desktop, launch, open, phone, signIn } from "./stand.js";
import { sql } from "../http/database.js";

const name = `ブラウザー ${process.pid}`;
let browser;

const announced = "(SELECT organisation_id FROM app.account WHERE login = 'nagoya')";
const forget = () => sql(`DELETE FROM app.press_case WHERE organisation_id = ${announced}; DELETE FROM app.press WHERE organisation_id = ${announced};
  DELETE FROM app.press_template WHERE organisation_id = ${announced}`);

before(async () => {
  browser = await launch();
  forget();
});
after(async () => {
  await browser.close();
  forget();
  sql(`DELETE FROM app.export_choice WHERE name = '${name}'`);
});

const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);

// What a press on a button of the page downloads.
async function download(page, selector) {
  const [file] = await Promise.all([page.waitForEvent("download"), page.click(selector)]);
  return { name: file.suggestedFilename(), bytes: fs.readFileSync(await file.path()) };
}

test("a centre takes its list away, with the columns that it keeps", async () => {
  const page = await (await open(browser, desktop)).newPage();
  await signIn(page, "hoken1");
  await page.goto(`${address}/patients`);
  await press(page, "text=ファイルに持ち出す");
  await inspect(page, "exports-desktop");
  await press(page, "button[value=csv]");
  assert.match(await page.textContent(".errors"), /目的を200文字以内で入力してください/);
  await inspect(page, "exports-wrong-desktop");
  await page.fill("#f-purpose", "週報の作成");
  await page.check("label:has-text('職業') input");
  const csv = await download(page, "button[value=cp932]");
  assert.equal(csv.name, "患者一覧.csv");
  assert.match(new TextDecoder("shift_jis").decode(csv.bytes), /^HER-SYS ID,届出日時.*職業[\s\S]*目的：週報の作成/);
  const xlsx = await download(page, "button[value=xlsx]");
  assert.equal(xlsx.name, "患者一覧.xlsx");
  assert.equal(xlsx.bytes.subarray(0, 2).toString(), "PK");
  await page.click("summary:has-text('この選び方を保存する')");
  await page.fill("#f-choice_name", name);
  await press(page, "button:has-text('選び方を保存')");
  await press(page, `a:has-text('${name}')`);
  assert.ok(await page.isChecked("label:has-text('職業') input"));
  await inspect(page, "exports-saved-desktop");
  await press(page, ".menu >> text=数値");
  await press(page, ".figures-links >> text=持ち出しの記録");
  assert.match(await page.textContent("table"), /保健師 さくら[\s\S]*週報の作成/);
  await inspect(page, "exports-log-desktop");
});

test("the same on a phone, and without JavaScript", async () => {
  const page = await (await open(browser, phone)).newPage();
  await signIn(page, "hoken2");
  await page.goto(`${address}/exports`);
  await inspect(page, "exports-phone");
  await page.goto(`${address}/exports/log`);
  await inspect(page, "exports-log-phone");
  const plain = await (await open(browser, { ...phone, javaScriptEnabled: false })).newPage();
  await signIn(plain, "sakura");
  await plain.goto(`${address}/exports`);
  await plain.fill("#f-purpose", "控え");
  const csv = await download(plain, "button[value=csv]");
  assert.match(csv.bytes.toString(), /［以上\d+人］/);
});

test("a city writes its template, looks at the table and fixes it", async () => {
  const page = await (await open(browser, desktop)).newPage();
  await signIn(page, "nagoya");
  await press(page, ".menu >> text=数値");
  await press(page, ".figures-links >> text=報道発表");
  await inspect(page, "press-empty-desktop");
  await press(page, ".notice >> text=ひな形");
  await inspect(page, "press-template-desktop");
  await page.fill("#f-cutoff", "いつか");
  await press(page, "text=保存する");
  assert.match(await page.textContent(".errors"), /時刻を 17:00 のように入力してください/);
  await inspect(page, "press-template-wrong-desktop");
  await page.fill("#f-cutoff", "00:00");
  await page.check("input[name=attribute][value=age]");
  await page.check("input[name=attribute][value=occupation]");
  await press(page, "text=保存する");
  sql(`UPDATE app.press_template SET begins_at = begins_at - interval '3 days' WHERE organisation_id = ${announced}`);
  await page.goto(`${address}/press`);
  assert.match(await page.textContent("main"), /まだ確定していません/);
  await inspect(page, "press-due-desktop");
  await page.focus("button:has-text('確定する')");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.match(await page.textContent(".notice"), /確定しました/);
  await inspect(page, "press-day-desktop");
  const csv = await download(page, "text=CSV（UTF-8）");
  assert.match(csv.name, /^報道発表_\d{4}-\d\d-\d\d\.csv$/);
  const small = await (await open(browser, phone)).newPage();
  await signIn(small, "nagoya");
  await small.goto(page.url());
  await inspect(small, "press-day-phone");
  await small.goto(`${address}/press/template`);
  await inspect(small, "press-template-phone");
});

test("a city counts by two items, and takes the table away with small numbers hidden", async () => {
  const page = await (await open(browser, desktop)).newPage();
  await signIn(page, "nagoya");
  await press(page, ".menu >> text=数値");
  await press(page, ".figures-links >> text=クロス集計");
  await page.fill("#f-from", "2019/1/1");
  await page.selectOption("#f-column", "status");
  await press(page, "text=集計する");
  assert.match(await page.textContent("table"), /年代[\s\S]*計/);
  await inspect(page, "cross-desktop");
  const csv = await download(page, "button[value=csv]");
  assert.equal(csv.name, "クロス集計.csv");
  assert.match(csv.bytes.toString(), /\*/);
  await page.fill("#f-to", "いつか");
  await press(page, "text=集計する");
  assert.match(await page.textContent(".errors"), /届出の期間を読み取れません/);
  const small = await (await open(browser, phone)).newPage();
  await signIn(small, "hoken1");
  await small.goto(`${address}/cross`);
  await press(small, "text=集計する");
  await inspect(small, "cross-phone");
});
