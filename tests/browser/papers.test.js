// papers.test.js - 文書 in a browser: written by a head office, issued by a centre, on a phone and without JavaScript.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "./inspect.js";
import { address, desktop, launch, open, phone, signIn } from "./stand.js";
import { signIn as httpSignIn } from "../http/client.js";
import { sql } from "../http/database.js";
import { notification, receipt } from "../http/notify.js";

let browser, patient, centre;

before(async () => {
  browser = await launch();
  patient = `/patient/${receipt(await (await httpSignIn("sakura")).post("/notification", notification())).id}`;
});
after(async () => {
  await browser.close();
  sql("DELETE FROM app.paper_template WHERE kind = 'stay'");
});

const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);

// The name of the file that a press brings, here or in a tab of its own.
async function file(page, selector) {
  const [response] = await Promise.all([page.context().waitForEvent("response", (r) => r.url().endsWith(".pdf")), page.click(selector)]);
  assert.equal(response.headers()["content-type"], "application/pdf");
  return decodeURIComponent(response.headers()["content-disposition"]).match(/''(.+)$/)[1];
}

test("a head office changes a text, sees it as PDF, and finds every version", async () => {
  const page = await (await open(browser, desktop)).newPage();
  await signIn(page, "nagoya");
  await press(page, ".menu >> text=文書");
  await inspect(page, "papers-desktop");
  await press(page, "table >> text=宿泊案内");
  await page.fill("#body", "{{血液型}}");
  await press(page, "text=新しい版として保存する");
  assert.match(await page.textContent(".errors"), /1行目：「\{\{血液型\}\}」/);
  assert.equal(await page.inputValue("#body"), "{{血液型}}");
  await inspect(page, "papers-edit-wrong-desktop");
  await page.fill("#body", "施設｜{{宿泊施設名}}\nお待ちしています。");
  assert.equal(await file(page, "text=見本のPDFを見る"), "宿泊案内.pdf");
  await press(page, "text=新しい版として保存する");
  assert.match(await page.textContent("main"), /新しい版として保存しました[\s\S]*使用中/);
  await inspect(page, "papers-edit-desktop");
  await page.locator("input[name=version]").first().evaluate((field) => { field.value = "0"; }); // as a page that was opened before
  await page.fill("#body", "遅れた文面");
  await press(page, "text=新しい版として保存する");
  assert.match(await page.textContent(".errors"), /まだ保存していません/);
  assert.deepEqual([await page.inputValue("#their-body"), await page.inputValue("#body")], ["施設｜{{宿泊施設名}}\nお待ちしています。", "遅れた文面"]);
  await inspect(page, "papers-edit-late-desktop");
  await press(page, "text=標準の文面");
  assert.match(await page.textContent(".sheet"), /宿泊療養のご案内/);
  await inspect(page, "papers-version-desktop");
});

test("a centre issues and reprints, on a phone", async () => {
  const context = await open(browser, phone);
  const page = await context.newPage();
  await signIn(page, "hoken1");
  centre = await context.storageState();
  await page.goto(`${address}${patient}/papers`);
  await inspect(page, "patient-papers-none-phone");
  await press(page, "main >> text=就業制限通知");
  assert.match(await page.textContent(".sheet .is-missing"), /就業制限の終わり：未入力/);
  await inspect(page, "patient-paper-missing-phone");
  await page.fill("#v_restricted_until", "R4.10.11");
  await press(page, "text=入力した内容を下に映す");
  assert.match(await page.textContent(".sheet"), /令和4年10月11日まで/);
  assert.equal(await file(page, "text=発行してPDFを開く"), "就業制限通知.pdf");
  await page.goto(`${address}${patient}/papers`);
  assert.match(await page.textContent("table"), /就業制限通知[\s\S]*本人/);
  assert.equal(await file(page, "table >> text=再発行 >> nth=-1"), "就業制限通知.pdf");
  await page.goto(`${address}${patient}/papers`);
  await inspect(page, "patient-papers-phone");
  await page.goto(`${address}/papers/issued`);
  await inspect(page, "papers-issued-phone");
});

test("for a list", async () => {
  const page = await (await open(browser, { ...desktop, storageState: centre })).newPage();
  await page.goto(`${address}/todo/unconfirmed`);
  await press(page, "text=文書をまとめて発行する");
  assert.match(await page.inputValue("#ids"), /\d{5}-\d{5}-\d/);
  await page.selectOption("#kind", "work_restriction");
  await page.fill("#ids", `${patient.split("/")[2]}\n12345`);
  await press(page, "text=確かめる");
  assert.match(await page.textContent("main"), /0人に発行できます[\s\S]*就業制限の終わり[\s\S]*番号が正しくありません/);
  await inspect(page, "papers-batch-missing-desktop");
  await page.fill("#v_restricted_until", "2022/10/11");
  await press(page, "text=確かめる");
  await inspect(page, "papers-batch-desktop");
  assert.equal(await file(page, "text=1人に発行してPDFを開く"), "就業制限通知.pdf");
});

test("without JavaScript", async () => {
  const page = await (await open(browser, { ...phone, storageState: centre, javaScriptEnabled: false })).newPage();
  await page.goto(`${address}${patient}/papers?kind=release`);
  await page.fill("#v_released_on", "2022/10/12");
  await press(page, "text=入力した内容を下に映す");
  assert.match(await page.textContent(".sheet"), /令和4年10月12日/);
  assert.equal(await file(page, "text=発行してPDFを開く"), "解除通知.pdf");
});
