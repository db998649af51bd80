// tabs.test.js - the tabs of entries and the time line in a browser: desktop, phone, and without JavaScript.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "./inspect.js";
import { address, desktop, launch, open, phone, signIn } from "./stand.js";
import { signIn as httpSignIn } from "../http/client.js";
import { notification, receipt } from "../http/notify.js";

let browser, patient;

before(async () => {
  browser = await launch();
  const clinic = await httpSignIn("sakura");
  patient = `/patient/${receipt(await clinic.post("/notification", notification())).id}`;
});
after(() => browser.close());

const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);

test("a stay is entered, changed and withdrawn, and stands in the time line", async () => {
  const page = await (await open(browser, desktop)).newPage();
  await signIn(page, "hoken1");
  await page.goto(`${address}${patient}`);
  await press(page, ".tabs >> text=居所");
  await press(page, "text=登録する");
  await inspect(page, "tab-form-desktop");
  await page.check("input[name=residence_kind][value=hotel]");
  await page.fill("#residence_name", "みなと宿泊所");
  await page.fill("#residence_from", "R4.10.2");
  await press(page, "form .button:has-text('登録する')");
  assert.match(await page.textContent("main"), /2022\/10\/2から/);
  await inspect(page, "tab-list-desktop");
  await press(page, "text=変更する");
  assert.equal(await page.inputValue("#residence_from"), "2022/10/2");
  await page.fill("#residence_to", "2022/10/1");
  await press(page, "form .button:has-text('登録する')");
  assert.match(await page.textContent(".errors"), /赤い枠の項目/);
  assert.equal(await page.inputValue("#residence_to"), "2022/10/1");
  await inspect(page, "tab-form-wrong-desktop");
  await page.fill("#residence_to", "2022/10/9");
  await press(page, "form .button:has-text('登録する')");
  assert.match(await page.textContent("main"), /2022\/10\/2から2022\/10\/9まで/);
  await press(page, ".tabs >> text=経過");
  assert.match(await page.textContent("main"), /宿泊療養施設　みなと宿泊所/);
  await inspect(page, "timeline-desktop");
  await press(page, "td >> text=居所");
  await press(page, "text=取り消す");
  assert.match(await page.textContent("main"), /（取消し）/);
});

test("on a phone and without JavaScript a contact is entered too", async () => {
  const context = await open(browser, { ...phone, javaScriptEnabled: false });
  const page = await context.newPage();
  await signIn(page, "hoken1");
  await page.goto(`${address}${patient}/tab/contact/new`);
  await page.fill("#contact_name", "山本　花");
  await page.fill("#contact_kana", "ﾔﾏﾓﾄ ﾊﾅ");
  await page.fill("#contact_phone", "０９０－１２３４－５６７８");
  await page.selectOption("#contact_relation", "household");
  await page.check("input[name=contact_close][value=yes]");
  await page.check("input[name=contact_reasons][value=living]");
  await page.fill("#contact_last_on", "2022/9/30");
  await press(page, "form .button:has-text('登録する')");
  const text = await page.textContent("main");
  for (const shown of ["山本　花", "ヤマモト", "090-1234-5678", "同居の家族", "該当"]) assert.ok(text.includes(shown), shown);
  await context.close();
  const withScript = await (await open(browser, phone)).newPage();
  await signIn(withScript, "hoken2");
  for (const [name, path] of [["tab-list", "tab/contact"], ["tab-form", "tab/profile/new"], ["timeline", "timeline"]]) {
    await withScript.goto(`${address}${patient}/${path}`);
    await inspect(withScript, `${name}-phone`);
  }
});
