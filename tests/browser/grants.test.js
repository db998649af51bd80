// grants.test.js - in a browser: a hospital is linked with a patient on a phone; a doctor opens a patient in an emergency and the
// centre reviews it; a 処理番号 of COCOA is sent and used.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "./inspect.js";
import { address, desktop, launch, message, messages, open, phone, signIn } from "./stand.js";
import { signIn as httpSignIn } from "../http/client.js";
import { notification, receipt } from "../http/notify.js";

let browser, clinic, centre;

before(async () => {
  browser = await launch();
  clinic = await httpSignIn("sakura");
  centre = await (await open(browser, phone)).newPage();
  await signIn(centre, "hoken1");
});
after(() => browser.close());

const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);
const reported = async () => receipt(await clinic.post("/notification", notification())).id;

test("a hospital is linked on a phone, and a wrong code is told with everything typed", async () => {
  await centre.goto(`${address}/patient/${await reported()}/assignment`);
  await centre.check("input[name=kind][value=admitting]");
  await centre.fill("#code", "K9999999");
  await press(centre, "text=結び付ける >> nth=-1");
  assert.match(await centre.textContent("#grant .errors"), /機関コードの機関がないか/);
  assert.equal(await centre.inputValue("#code"), "K9999999");
  await inspect(centre, "grant-wrong-phone");
  await centre.fill("#code", "K2310002");
  await press(centre, "text=結び付ける >> nth=-1");
  assert.match(await centre.textContent("main"), /名古屋みなと病院/);
  await inspect(centre, "grant-phone");
  await press(centre, "text=結び付けを終了する");
  assert.match(await centre.textContent("main"), /入院先の医療機関・終了/);
});

test("in an emergency, without JavaScript; the centre reviews it", async () => {
  const id = await reported();
  const doctor = await (await open(browser, { ...desktop, javaScriptEnabled: false })).newPage();
  await signIn(doctor, "minato");
  await doctor.goto(`${address}/search`);
  await press(doctor, "text=緊急閲覧");
  await doctor.fill("#id", id);
  await press(doctor, "text=緊急閲覧を始める");
  assert.match(await doctor.textContent(".errors"), /理由を入力してください/);
  assert.equal(await doctor.inputValue("#id"), id);
  await doctor.fill("#reason", "救急搬送");
  await press(doctor, "text=緊急閲覧を始める");
  assert.match(await doctor.textContent("main"), /担当保健所に知らせています/);
  await centre.goto(`${address}/emergency`);
  await inspect(centre, "emergency-phone");
  await centre.goto(`${address}/`);
  await press(centre, ".count >> text=緊急閲覧の確認");
  await centre.goto(`${address}/patient/${id}/assignment`);
  await inspect(centre, "emergency-review-phone");
  await press(centre, "text=確認した");
  assert.match(await centre.textContent("main"), /確認済みにしました/);
});

test("a 処理番号 is sent to the patient and works in the place of the app", async () => {
  const since = messages().length;
  await centre.goto(`${address}/patient/${await reported()}/status`);
  await press(centre, "text=処理番号を送る");
  await inspect(centre, "cocoa-phone");
  await centre.check("[name=wished]");
  await press(centre, "button:has-text('処理番号を送る')");
  const sms = await message(since, (m) => m.kind === "sms" && m.text.includes("処理番号"));
  const app = await (await open(browser, phone)).newPage();
  await app.goto(`${address}/cocoa`);
  await inspect(app, "cocoa-public-phone");
  await app.fill("#number", sms.text.match(/\d{8}/)[0]);
  await press(app, "button:has-text('登録する')");
  assert.match(await app.textContent("main"), /登録しました/);
});
