// follow.test.js - 健康観察 in a browser: the nurse's list, taking on and settling, the drawing of a patient's answers, the rules of a
// head office and of the ministry; on a desktop, on a phone and without JavaScript; axe finds nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "./inspect.js";
import { address, desktop, launch, open, phone, signIn } from "./stand.js";
import { signIn as httpSignIn } from "../http/client.js";
import { sql } from "../http/database.js";
import { notification, receipt, stranger } from "../http/notify.js";

let browser, patient;
const tokyo = (days) => new Date(Date.now() + 9 * 3600e3 + days * 86400e3).toISOString().slice(0, 10);
const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);
const name = `観察${process.pid}`;

before(async () => {
  browser = await launch();
  const clinic = await httpSignIn("sakura"), centre = await httpSignIn("hoken1");
  const person = { ...stranger(), family_name: name, given_name: "花", diagnosis_date: tokyo(0), onset_date: tokyo(-2) };
  patient = `/patient/${receipt(await clinic.post("/notification", notification(person))).id}`;
  await centre.get(`${patient}/status`);
  await centre.post(`${patient}/status`, { status: "home", since: tokyo(0) });
  const enter = async (values) => {
    await centre.get(`${patient}/tab/observation/new`);
    return centre.post(`${patient}/tab/observation/new`, { items: Object.keys(values).join(" "), ...values });
  };
  assert.equal((await enter({ observation_on: tokyo(-1), observation_time: "8:15", observation_temperature: "37.0", observation_spo2: "97", observation_cough: "yes" })).status, 303);
  assert.equal((await enter({ observation_on: tokyo(0), observation_time: "8:20", observation_temperature: "38.9", observation_spo2: "92", observation_cough: "yes", observation_breathless: "yes", observation_call_back: "yes" })).status, 303);
});
after(() => browser.close());

// The newest of those who are urgent stands where its section says so, on whichever page.
async function find(page) {
  await page.goto(`${address}/follow/urgent`);
  for (;;) {
    const row = page.locator("tbody tr", { hasText: name });
    if (await row.count()) return row.first();
    await press(page, "text=次の50人");
  }
}

test("the nurse sees whom to call, takes somebody on, is done with a note, and sees the drawing", async () => {
  const page = await (await open(browser, desktop)).newPage(), errors = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  page.on("console", (message) => { if (message.type() === "error") errors.push(message.text()); });
  await signIn(page, "hoken1");
  assert.match(await page.textContent("main"), /健康観察：急ぎ/);
  await press(page, "nav >> text=健康観察");
  await inspect(page, "follow-desktop");
  let row = await find(page);
  assert.match(await row.textContent(), /至急[^]*38\.9℃/);
  assert.match(await row.locator("a[href^='tel:']").getAttribute("href"), /^tel:0\d{9,10}$/);
  await Promise.all([page.waitForNavigation(), row.getByRole("button", { name: /^引き受ける/ }).click()]);
  row = await find(page);
  assert.match(await row.textContent(), /引き受け中[^]*保健師 さくら/);
  await inspect(page, "follow-urgent-desktop");
  await row.locator("summary").click();
  await Promise.all([page.waitForNavigation(), row.getByRole("button", { name: "済みにする" }).click()]);
  assert.match(await page.textContent(".errors"), /したことを書いてください/);
  await inspect(page, "follow-one-desktop");
  await page.fill("[name=note]", "電話で確認し、受診を手配");
  await press(page, ".settle-form button");
  assert.match(await page.textContent(".notice"), /済みにしました/);
  await page.goto(`${address}${patient}/tab/observation`);
  await page.waitForSelector(".follow-drawing[data-drawn='2'][data-limits='4']");
  const text = await page.textContent("main");
  for (const words of [/発症日（[\d/]+）から7日/, /超えた値/, /息苦しさ/, /折り返し希望/, /電話で確認し、受診を手配/]) assert.match(text, words);
  await inspect(page, "follow-patient-desktop");
  await press(page, ".subtabs >> text=観察期間");
  await inspect(page, "follow-period-desktop");
  await page.goto(`${address}/follow/later`);
  await inspect(page, "follow-later-desktop");
  assert.deepEqual(errors, [], "the content policy and the script agree");
});

test("on a phone nothing sticks out; without JavaScript the table says all of it and the presses work", async () => {
  for (const [which, options] of [["phone", phone], ["plain", { ...desktop, javaScriptEnabled: false }]]) {
    const page = await (await open(browser, options)).newPage();
    await signIn(page, "hoken2");
    await page.goto(`${address}/follow`);
    if (which === "phone") await inspect(page, "follow-phone");
    await page.goto(`${address}${patient}/tab/observation`);
    const rows = await page.$$eval(".answers tbody tr", (list) => list.map((row) => row.textContent));
    assert.equal(rows.length, 2);
    assert.match(rows[0], /38\.9℃▲ 38\.5℃以上[^]*92％▼ 93％以下/);
    assert.doesNotMatch(rows[1], /▲|▼/);
    assert.match(await page.textContent(".follow-person"), /体温 37\.5℃以上（注意）、38\.5℃以上（急ぎ）[^]*酸素飽和度 95％以下（急ぎ）、93％以下（至急）/);
    if (which === "phone") {
      await page.waitForSelector(".follow-drawing[data-drawn='2']");
      await inspect(page, "follow-patient-phone");
    } else {
      assert.equal(await page.isVisible(".follow-drawing"), false);
      await page.goto(`${address}/follow`);
      const row = page.locator("tr.is-open").first();
      await row.locator("summary").click();
      await row.locator("[name=note]").fill("");
      await Promise.all([page.waitForNavigation(), row.getByRole("button", { name: "済みにする" }).click()]);
      assert.match(await page.textContent(".errors"), /したことを書いてください/);
    }
  }
});

test("a head office tries thresholds before it saves them, and the ministry the days", async () => {
  for (const [login, options] of [["nagoya", desktop], ["aichi", phone]]) {
    const page = await (await open(browser, options)).newPage();
    await signIn(page, login);
    await page.goto(`${address}/follow/rules`);
    await inspect(page, `follow-rules-${login}`);
    await page.fill("[name=value-0]", "あつい");
    await press(page, "button[value=try]");
    assert.match(await page.textContent(".errors"), /1行目：値を数字で/);
    assert.equal(await page.inputValue("[name=value-0]"), "あつい");
    await page.fill("[name=value-0]", "37.0");
    await page.fill("[name=words-0]", "");
    await press(page, "button[value=try]");
    assert.match(await page.textContent(".card.strong"), /この決まりなら/);
    await inspect(page, `follow-rules-tried-${login}`);
  }
  const page = await (await open(browser, desktop)).newPage();
  await signIn(page, "kuni");
  await page.goto(`${address}/follow/care`);
  await page.fill("[name=notice]", "試験の通知");
  await page.fill("[name=symptomatic_days]", "5");
  await page.check("[name=in_care_too]");
  await press(page, "button[value=try]");
  assert.match(await page.textContent(".card.strong"), /終わりが早くなる方/);
  await inspect(page, "care-rules-desktop");
  assert.deepEqual(sql("SELECT count(*) FROM app.care_rule WHERE notice = '試験の通知'"), [["0"]], "tried, not saved");
});
