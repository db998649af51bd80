// my.test.js - My HER-SYS in a browser: on a telephone in one hand, by keyboard, without JavaScript, in flight mode and back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "./inspect.js";
import { address, desktop, launch, open, phone } from "./stand.js";
import { signIn as httpSignIn } from "../http/client.js";
import { sql } from "../http/database.js";
import { atHome, stored, tokyo } from "../http/my.js";

let browser, clinic, centre;
before(async () => { browser = await launch(); clinic = await httpSignIn("sakura"); centre = await httpSignIn("hoken1"); });
after(() => browser.close());

const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);

// A telephone on which the patient's link was opened with the birth date.
async function opened(patient, options = phone) {
  const context = await open(browser, options), page = await context.newPage();
  await openLink(page, patient);
  return { context, page };
}
async function openLink(page, patient) {
  await page.goto(`${address}/my/${patient.link}`);
  const [year, month, day] = patient.birth.split("-");
  for (const [name, value] of Object.entries({ year, month, day })) await page.fill(`#${name}`, value);
  await press(page, ".my-send");
}
const check = (page, item, code = "no") => page.check(`[name=${item}][value=${code}]`);
const state = (page, name) => page.waitForSelector(`[data-state=${name}]:not([hidden])`);
const sent = (page) => page.waitForURL(/\/my\/done\/1$/);
const waiting = (page) => page.evaluate(() => JSON.parse(localStorage.getItem("my-unsent") ?? "[]").length);

test("from the link to the receipt on a telephone", async () => {
  const patient = await atHome(clinic, centre), context = await open(browser, phone), page = await context.newPage();
  await page.goto(`${address}/my/${patient.link}`);
  await inspect(page, "my-link-phone");
  await page.fill("#year", "1911");
  await page.fill("#month", "1");
  await page.fill("#day", "1");
  await press(page, ".my-send");
  assert.match(await page.textContent(".errors"), /生年月日がちがいます/);
  assert.equal(await page.inputValue("#year"), "1911");
  await inspect(page, "my-wrong-phone");
  const [year, month, day] = patient.birth.split("-");
  for (const [name, value] of Object.entries({ year, month, day })) await page.fill(`#${name}`, value);
  await press(page, ".my-send");
  await inspect(page, "my-entry-phone");
  const sizes = await page.$$eval(".my-choice, .my-send, .my-field input:not([type=radio])", (all) => all.map((one) => one.getBoundingClientRect().height));
  assert.ok(sizes.every((height) => height >= 48), "everything is as high as a thumb is broad");
  await page.fill("#observation_temperature", "100");
  await check(page, "observation_breathless", "yes");
  await page.click(".my-send");
  await page.waitForSelector(".errors");
  assert.match(await page.textContent(".errors"), /体温/);
  assert.ok(await page.isChecked("[name=observation_breathless][value=yes]"));
  await inspect(page, "my-entry-wrong-phone");
  await page.fill("#observation_temperature", "36.8");
  await page.click(".my-send");
  await sent(page);
  assert.match(await page.textContent("[role=alert]"), /いますぐ電話してください/);
  await inspect(page, "my-urgent-phone");
  await press(page, "text=健康調査に答える");
  await inspect(page, "my-survey-phone");
  await page.check("[name=survey_risks][value=diabetes]");
  await press(page, ".my-send");
  assert.match(await page.textContent("main"), /回答は受け取りました/);
  await page.goto(`${address}/my/people`);
  await inspect(page, "my-people-phone");
  await press(page, "text=ほかの方を加える");
  await inspect(page, "my-add-phone");
});

test("on a desktop, by keyboard, in English", async () => {
  const { page } = await opened(await atHome(clinic, centre), desktop);
  await page.click(".my-languages summary");
  await press(page, "button[value=en]");
  assert.equal(await page.getAttribute("html", "lang"), "en");
  await inspect(page, "my-entry-desktop");
  await page.focus("#observation_temperature");
  await page.keyboard.type("36.6");
  await page.keyboard.press("Enter");
  await sent(page);
  assert.match(await page.textContent("h1"), /Received/);
  await inspect(page, "my-done-desktop");
});

test("without JavaScript", async () => {
  const patient = await atHome(clinic, centre), { page } = await opened(patient, { ...phone, javaScriptEnabled: false });
  await page.fill("#observation_spo2", "abc");
  await page.fill("#observation_words", "あたまがいたい");
  await press(page, ".my-send");
  assert.equal(await page.inputValue("#observation_words"), "あたまがいたい");
  await page.click(".my-languages summary");
  await press(page, "button[value=ja_easy]");
  assert.equal(await page.inputValue("#observation_words"), "あたまがいたい");
  await page.fill("#observation_spo2", "98");
  await press(page, ".my-send");
  assert.match(await page.textContent("h1"), /うけとりました/);
  assert.equal(stored(patient).length, 1);
});

test("in flight mode the entry is kept on the telephone, and sent once when the network is back", async () => {
  const patient = await atHome(clinic, centre), { context, page } = await opened(patient);
  await page.fill("#observation_temperature", "36.4");
  await context.setOffline(true);
  await page.click(".my-send");
  await state(page, "unsent");
  assert.equal(await waiting(page), 1);
  await page.click(".my-send"); // pressed again
  assert.equal(await waiting(page), 1);
  await page.screenshot({ path: `${process.env.HERSYS_STATE ?? "var"}/shots/my-unsent-phone.png` });
  assert.equal(stored(patient).length, 0);
  await context.setOffline(false);
  await sent(page);
  assert.equal(await waiting(page), 0, "nothing stays on the telephone");
  assert.deepEqual(stored(patient, "items ->> 'observation_temperature'"), [["36.4"]]);
});

test("an answer that got lost on its way back does no harm: the entry is sent again and stored once", async () => {
  const patient = await atHome(clinic, centre), { page } = await opened(patient);
  let lost = 0;
  await page.route("**/my/entry/1", async (route) => {
    if (route.request().method() !== "POST" || lost++ > 0) return route.continue();
    await route.fetch(); // the server has it
    await route.abort("connectionreset");
  });
  await check(page, "observation_cough");
  await page.click(".my-send");
  await state(page, "unsent");
  assert.equal(stored(patient).length, 1);
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await sent(page);
  assert.equal(stored(patient).length, 1);
});

test("a server that fails keeps the entry on the telephone, too", async () => {
  const patient = await atHome(clinic, centre), { page } = await opened(patient);
  await page.route("**/my/entry/1", (route) => (route.request().method() === "POST" ? route.fulfill({ status: 503, body: "" }) : route.continue()));
  await check(page, "observation_cough");
  await page.click(".my-send");
  await state(page, "unsent");
  await page.unroute("**/my/entry/1");
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await sent(page);
  assert.equal(stored(patient).length, 1);
});

test("what was kept while the session ended is sent after the birth date was entered again", async () => {
  const patient = await atHome(clinic, centre), { context, page } = await opened(patient);
  await page.fill("#observation_temperature", "36.2");
  await context.clearCookies();
  await page.click(".my-send");
  await state(page, "kept");
  assert.equal(await waiting(page), 1);
  await page.goto(`${address}/my/${patient.link}`);
  const [year, month, day] = patient.birth.split("-");
  for (const [name, value] of Object.entries({ year, month, day })) await page.fill(`#${name}`, value);
  await page.click(".my-send");
  await sent(page);
  assert.deepEqual(stored(patient, "items ->> 'observation_temperature'"), [["36.2"]]);
});

test("without a network the page of the entry opens from what the browser kept, without a name; the entry goes out later", async () => {
  const patient = await atHome(clinic, centre), { context, page } = await opened(patient);
  let kept = "";
  for (let i = 0; i < 100 && kept === ""; i++) {
    await page.waitForTimeout(100);
    kept = await page.evaluate(async () => (await caches.match("/my/shell"))?.text() ?? "");
  }
  assert.match(kept, /体温/);
  assert.doesNotMatch(kept, new RegExp(patient.name));
  await context.setOffline(true);
  for (const worker of context.serviceWorkers()) await worker.evaluate(() => { self.fetch = () => Promise.reject(new TypeError("offline")); });
  await page.goto(`${address}/my/entry/1`);
  assert.equal(await page.locator(".my-name").count(), 0);
  await page.fill("#observation_temperature", "36.9");
  await page.click(".my-send");
  await state(page, "unsent");
  await context.setOffline(false);
  await sent(page);
  assert.deepEqual(stored(patient, "items ->> 'observation_temperature'"), [["36.9"]]);
});

// ---- a family on one telephone -----------------------------------------------------------------------------------------------------

const family = async () => [await atHome(clinic, centre), await atHome(clinic, centre)];
const temperatures = (patient) => stored(patient, "items ->> 'observation_temperature'").flat();
const again = (page) => page.evaluate(() => dispatchEvent(new Event("online")));
const wait = (page, count) => page.waitForFunction((expected) => JSON.parse(localStorage.getItem("my-unsent") ?? "[]").length === expected, count);
// Fills in the sheet and presses send in flight mode: it is kept.
async function keep(page, temperature) {
  await page.fill("#observation_temperature", temperature);
  await page.context().setOffline(true);
  await page.click(".my-send");
  await state(page, "unsent");
}
// Sends nothing that was kept until it is let: the network is back for pages alone.
async function hold(page) {
  const held = (route) => (route.request().method() === "POST" && route.request().postData().includes("by=script") ? route.abort("connectionreset") : route.continue());
  await page.route("**/my/entry/*", held);
  return () => page.unroute("**/my/entry/*", held);
}

test("an entry that was kept is its own person's, though in the session that sends it another one has their number", async () => {
  const [mother, child] = await family(), { context, page } = await opened(mother);
  await openLink(page, child);
  await page.goto(`${address}/my/entry/1`);
  await keep(page, "38.4");
  await context.clearCookies(); // the session has ended
  await context.setOffline(false);
  await openLink(page, child);
  assert.equal(new URL(page.url()).pathname, "/my/entry/1", "the child is the first now");
  await state(page, "kept");
  assert.deepEqual([temperatures(mother), temperatures(child)], [[], []]);
  assert.equal(await waiting(page), 1, "and goes when she is there");
  await openLink(page, mother);
  await page.waitForURL(/\/my\/done\/2$/);
  assert.deepEqual([temperatures(mother), temperatures(child)], [["38.4"], []]);
});

test("from the page that the browser kept, too, the entry of the second of a family is theirs", async () => {
  const [mother, child] = await family(), { context, page } = await opened(mother);
  await openLink(page, child);
  for (let i = 0; i < 100 && !(await page.evaluate(async () => (await caches.match("/my/shell")) !== undefined)); i++) await page.waitForTimeout(100);
  await context.setOffline(true);
  for (const worker of context.serviceWorkers()) await worker.evaluate(() => { self.fetch = () => Promise.reject(new TypeError("offline")); });
  await page.goto(`${address}/my/entry/2`);
  assert.equal(await page.locator(".my-name").count(), 0);
  await page.fill("#observation_temperature", "37.2");
  await page.click(".my-send");
  await state(page, "unsent");
  await context.setOffline(false);
  await page.waitForURL(/\/my\/done\/2$/);
  assert.deepEqual([temperatures(mother), temperatures(child)], [[], ["37.2"]]);
});

test("what is typed for one stays while the other's entry goes out; the receipt is a press away", async () => {
  const [mother, child] = await family(), { context, page } = await opened(mother);
  await openLink(page, child);
  await page.goto(`${address}/my/entry/1`);
  await keep(page, "37.9");
  const release = await hold(page); // first, or the entry is gone and the page with it
  await context.setOffline(false);
  await page.goto(`${address}/my/entry/2`);
  await page.fill("#observation_words", "まだ書いている");
  await release();
  await again(page);
  await state(page, "sent");
  await wait(page, 0);
  assert.deepEqual(temperatures(mother), ["37.9"]);
  await page.waitForTimeout(500);
  assert.equal(await page.inputValue("#observation_words"), "まだ書いている");
  await page.screenshot({ path: `${process.env.HERSYS_STATE ?? "var"}/shots/my-sent-other-phone.png`, fullPage: true });
  await press(page, "[data-state=sent] a");
  assert.equal(new URL(page.url()).pathname, "/my/done/1");
});

test("an entry for which nobody waits any more is not said to be sent, and holds back nobody else's", async () => {
  const [mother, child] = await family(), { context, page } = await opened(mother);
  await openLink(page, child);
  await page.goto(`${address}/my/entry/1`);
  await keep(page, "36.1");
  await centre.get(`${mother.path}/status`);
  await centre.post(`${mother.path}/status`, { status: "released", since: tokyo(0) });
  await context.setOffline(false);
  const release = await hold(page);
  await page.goto(`${address}/my/entry/2`);
  await page.fill("#observation_temperature", "36.3");
  await page.click(".my-send"); // behind hers
  await wait(page, 2);
  await release();
  await again(page);
  await page.waitForURL(/\/my\/done\/2$/);
  assert.deepEqual([temperatures(mother), temperatures(child)], [[], ["36.3"]]);
  assert.equal(await waiting(page), 1, "hers is not thrown away");
});

test("what the server did not take is told, stays and can be sent again", async () => {
  const patient = await atHome(clinic, centre), { page } = await opened(patient);
  sql("UPDATE app.setting SET value = '0' WHERE name = 'my_most'");
  try {
    await page.fill("#observation_temperature", "37.1");
    await check(page, "observation_cough", "yes");
    await page.click(".my-send");
    await state(page, "refused");
    assert.match(await page.textContent("[data-state=refused]"), /受け取れる回数を超えました/);
    assert.ok(await page.isHidden("[data-state=sent]"));
    assert.equal(new URL(page.url()).pathname, "/my/entry/1");
    await inspect(page, "my-refused-phone");
  } finally {
    sql("UPDATE app.setting SET value = '50' WHERE name = 'my_most'");
  }
  await page.reload();
  await state(page, "refused");
  assert.equal(await page.inputValue("#observation_temperature"), "37.1");
  assert.ok(await page.isChecked("[name=observation_cough][value=yes]"));
  await page.click(".my-send");
  await sent(page);
  assert.equal(await waiting(page), 0);
  assert.deepEqual(temperatures(patient), ["37.1"]);
});

test("an entry that cannot be read goes from the telephone when the page that says so has arrived, not before", async () => {
  const patient = await atHome(clinic, centre), { page } = await opened(patient);
  const plain = (route) => (route.request().isNavigationRequest() && route.request().method() === "POST" ? route.abort("connectionreset") : route.continue());
  await page.route("**/my/entry/1", plain);
  await page.fill("#observation_temperature", "100");
  await page.fill("#observation_words", "ながく書いた");
  await Promise.all([page.waitForEvent("requestfailed", (request) => request.isNavigationRequest()), page.click(".my-send")]);
  await page.unroute("**/my/entry/1", plain);
  await page.goto(`${address}/my/people`);
  assert.equal(await waiting(page), 1);
  await state(page, "refused");
  await page.goto(`${address}/my/entry/1`);
  assert.equal(await page.inputValue("#observation_words"), "ながく書いた");
  await page.click(".my-send");
  await page.waitForSelector(".errors");
  assert.equal(await page.inputValue("#observation_words"), "ながく書いた");
  await wait(page, 0);
  assert.deepEqual(temperatures(patient), []);
});
