// local_items.test.js - 独自項目 in a browser: a head office adds an item and sees how it will look, a clinic and a centre fill it in,
// on a desktop, on a phone and without JavaScript.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";
import { inspect } from "./inspect.js";
import { address, desktop, launch, open, phone, signIn } from "./stand.js";
import { signIn as httpSignIn } from "../http/client.js";
import { sql } from "../http/database.js";
import { notification, receipt } from "../http/notify.js";

const label = `抗体カクテルの因子${process.pid}`;
let browser, patient;

before(async () => {
  browser = await launch();
  patient = `/patient/${receipt(await (await httpSignIn("sakura")).post("/notification", notification())).id}`;
});
after(async () => {
  await browser.close();
  sql(`UPDATE app.local_item SET retired_at = now() WHERE label LIKE '${label}%'`);
});

const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);

test("a head office adds an item, is told what is missing, and looks at it first", async () => {
  const page = await (await open(browser, desktop)).newPage();
  await signIn(page, "nagoya");
  await press(page, ".menu >> text=独自項目");
  await inspect(page, "local-items-desktop");
  await press(page, "text=項目を追加する");
  await inspect(page, "local-item-new-desktop");
  await page.check("input[name=tab][value=local_shared]");
  await page.check("input[name=kind][value=choice]");
  await page.fill("#f-label", label);
  await press(page, "text=保存する");
  assert.match(await page.textContent(".errors"), /選べる選択肢を、2つ以上/);
  assert.equal(await page.inputValue("#f-label"), label);
  await inspect(page, "local-item-wrong-desktop");
  await page.fill("#f-choices", "あり\nなし\n不明");
  await page.fill("#f-hint", "重症化のおそれがあるかどうか");
  await press(page, "text=見え方を確かめる");
  assert.match(await page.textContent("section[aria-labelledby=preview-title]"), /抗体カクテル[\s\S]*あり[\s\S]*なし[\s\S]*重症化のおそれ/);
  await inspect(page, "local-item-preview-desktop");
  await press(page, "text=保存する");
  assert.match(await page.textContent("main"), /独自項目を保存しました/);
  await press(page, `table >> text=${label}`);
  await page.fill("#f-choice_3", "わからない");
  await inspect(page, "local-item-edit-desktop");
  await press(page, "text=保存する");
  assert.match(await page.textContent(`tr:has-text('${label}')`), /あり／なし／わからない/);
});

test("a clinic fills it in on a phone without JavaScript; a mistake is told where it is", async () => {
  const context = await open(browser, { ...phone, javaScriptEnabled: false });
  const page = await context.newPage();
  await signIn(page, "sakura");
  await page.goto(`${address}${patient}`);
  await press(page, ".tabs >> text=独自項目（医療機関も入力）");
  await press(page, "text=登録する");
  await page.locator(`fieldset:has-text('${label}') >> text=あり`).check();
  await press(page, "form .button:has-text('登録する')");
  assert.match(await page.textContent("article"), new RegExp(`${label}あり`));
  await context.close();
});

test("the centre fills in its own, sees the change by its label, and takes the file along, on a phone too", async () => {
  const context = await open(browser, { ...desktop, acceptDownloads: true });
  const page = await context.newPage();
  await signIn(page, "hoken1");
  await page.goto(`${address}${patient}/tab/local/new`);
  await page.fill("input.text-input >> nth=0", "百人");
  await press(page, "form .button:has-text('登録する')");
  assert.match(await page.textContent(".errors"), /0から20までの数字/);
  await inspect(page, "local-form-wrong-desktop");
  await page.fill("input.text-input >> nth=0", "２");
  await press(page, "form .button:has-text('登録する')");
  assert.match(await page.textContent("article"), /同居の65歳以上の方2人/);
  await inspect(page, "local-tab-desktop");
  await press(page, ".tabs >> text=変更履歴");
  assert.match(await page.textContent("main"), /同居の65歳以上の方/);
  await page.goto(`${address}/local-items`);
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("text=CSVをダウンロードする")]);
  assert.equal(download.suggestedFilename(), "独自項目.csv");
  assert.match(fs.readFileSync(await download.path(), "utf8"), new RegExp(`^\uFEFFHER-SYS ID,担当保健所,[^\r]*${label}`));
  const small = await (await open(browser, phone)).newPage();
  await signIn(small, "nagoya");
  const mine = sql(`SELECT item_id FROM app.local_item WHERE label = '${label}'`)[0][0];
  for (const [name, path] of [["local-items", "/local-items"], ["local-item-edit", `/local-items/${mine}`], ["local-tab", `${patient}/tab/local_shared`], ["local-form", `${patient}/tab/local/1`]]) {
    await small.goto(`${address}${path}`);
    await inspect(small, `${name}-phone`);
  }
});
