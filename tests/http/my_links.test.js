// my_links.test.js - how long a link and a session of My HER-SYS last, what ends them, and the language in which somebody is asked
// (security.md 5.12).
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { before, test } from "node:test";
import { Client, signIn } from "./client.js";
import { sql } from "./database.js";
import { answer, atHome, birthFields, linkOf, phoneOf, tokyo } from "./my.js";

let clinic, centre;
before(async () => { clinic = await signIn("sakura"); centre = await signIn("hoken1"); });
const home = (days, overrides) => atHome(clinic, centre, days, overrides);
const open = (link, birth, phone = new Client()) => phone.post(`/my/${link}`, birthFields(birth));
const isOpen = async (link, birth) => (await open(link, birth)).status === 303;
async function status(patient, value) {
  await centre.get(`${patient.path}/status`);
  assert.equal((await centre.post(`${patient.path}/status`, { status: value, since: tokyo(0) })).status, 303);
}
async function enter(patient, tab, values) {
  await centre.get(`${patient.path}/tab/${tab}/new`);
  assert.equal((await centre.post(`${patient.path}/tab/${tab}/new`, { items: Object.keys(values).join(" "), ...values })).status, 303, tab);
}
async function change(patient, tab, values) {
  const [, path] = (await centre.get(`${patient.path}/tab/${tab}`)).text.match(new RegExp(`href="(/patient/\\d+/tab/${tab}/\\d+)"`));
  const [, version] = (await centre.get(path)).text.match(/name="entry_version" value="(\d+)"/);
  assert.equal((await centre.post(path, { entry_version: version, items: Object.keys(values).join(" "), ...values })).status, 303, tab);
}
const one = (query) => sql(query)[0]?.[0];
const mobile = () => `0808${String(crypto.randomInt(1e7)).padStart(7, "0")}`;

test("link and session end three days after the observation, to the day; until then nothing is asked any more", async () => {
  const patient = await home(), phone = await phoneOf(patient), after = (days) => sql(`UPDATE app.my_end SET ends_at = ${days} WHERE patient_id = ${patient.id}`);
  await status(patient, "released");
  assert.equal(one(`SELECT to_char(ends_at AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD HH24:MI') FROM app.my_end WHERE patient_id = ${patient.id}`), `${tokyo(4)} 00:00`);
  assert.match((await phone.get("/my/entry/1")).text, /健康観察は終わっています/);
  assert.equal((await phone.post("/my/entry/1", { key: crypto.randomUUID(), observation_cough: "no" })).status, 200);
  assert.equal(one(`SELECT count(*) FROM app.entry WHERE patient_id = ${patient.id} AND tab = 'observation'`), "0");
  assert.match((await phone.get("/my/people")).text, new RegExp(patient.name));
  assert.ok(await isOpen(patient.link, patient.birth), "on another telephone too");
  after("now() + interval '1 minute'");
  assert.equal((await phone.get("/my/people")).status, 200);
  after("now() - interval '1 second'");
  assert.equal((await phone.get("/my/people")).status, 403);
  assert.match((await open(patient.link, patient.birth)).text, /リンクか生年月日がちがいます/);
  sql("SELECT app.my_purge()");
  for (const table of ["my_end", "my_person", "follow_link"]) assert.equal(one(`SELECT count(*) FROM app.${table} WHERE patient_id = ${patient.id}`), "0", table);
  const hash = crypto.createHash("sha256").update(phone.cookies.get("__Host-my")).digest("hex");
  assert.equal(one(`SELECT count(*) FROM app.my_session WHERE token_hash = '${hash}'`), "0");
});

test("a session lives as long as one of its people may; who is observed again goes on with it", async () => {
  const [first, second] = [await home(), await home()], phone = await phoneOf(first);
  await phone.get("/my/add");
  assert.equal((await phone.post("/my/add", { link: second.link, ...birthFields(second.birth) })).status, 303);
  await status(first, "released");
  sql(`UPDATE app.my_end SET ends_at = now() WHERE patient_id = ${first.id}`);
  const people = (await phone.get("/my/people")).text;
  assert.doesNotMatch(people, new RegExp(first.name));
  assert.match(people, new RegExp(second.name));
  assert.equal((await phone.get("/my/entry/2")).status, 200);
  await status(first, "home");
  assert.deepEqual(sql(`SELECT 1 FROM app.my_end WHERE patient_id = ${first.id}`), []);
  assert.match((await phone.get("/my/entry/1")).text, new RegExp(first.name));
});

test("when its report is deleted, link and session end at once", async () => {
  const patient = await home(), phone = await phoneOf(patient);
  await clinic.get(`${patient.path}/notification/1`);
  await clinic.get(`${patient.path}/notification/1/delete`);
  assert.equal((await clinic.post(`${patient.path}/notification/1/delete`, { reason: "別の方の届出", reason_kind: "other" })).status, 303);
  assert.equal((await phone.get("/my/people")).status, 403);
  assert.ok(!(await isOpen(patient.link, patient.birth)));
});

test("a link that is sent again ends the one before; of none more than its hash is kept", async () => {
  const patient = await home(), older = patient.link, newer = linkOf(patient);
  assert.match(newer, /^[0-9a-f]{26}$/, "104 bits");
  assert.match((await open(older, patient.birth)).text, /リンクか生年月日がちがいます/);
  assert.ok(await isOpen(newer, patient.birth));
  assert.deepEqual(sql(`SELECT token_hash FROM app.follow_link WHERE patient_id = ${patient.id}`), [[crypto.createHash("sha256").update(newer).digest("hex")]]);
});

test("when the number changes to which it went, the link is dead, also when the number comes back; an open session goes on", async () => {
  const patient = await home(), phone = await phoneOf(patient), [number, other] = [one(`SELECT phone FROM app.follow WHERE patient_id = ${patient.id}`), mobile()];
  await enter(patient, "notice", { notice_language: "ja" });
  assert.ok(await isOpen(patient.link, patient.birth), "another change is none of the number");
  for (const to of [other, number]) {
    await change(patient, "notice", { notice_phone: to });
    assert.match((await open(patient.link, patient.birth)).text, /リンクか生年月日がちがいます/, to);
  }
  assert.equal((await phone.get("/my/entry/1")).status, 200);
});

// ---- languages -------------------------------------------------------------------------------------------------------

const asked = (number) => sql(`SELECT template FROM app.outbox WHERE to_address = '${number}' AND template LIKE 'follow%' ORDER BY outbox_id`).flat();
async function askNow(patient, contact, number, count) {
  sql(`UPDATE app.follow SET asked_on = NULL, next_ask = now() WHERE patient_id = ${patient.id} AND contact_no = ${contact}`);
  for (let i = 0; i < 100 && asked(number).length < count; i++) await new Promise((resolve) => setTimeout(resolve, 100));
}
const language = (patient, contact = 0) => one(`SELECT language FROM app.follow WHERE patient_id = ${patient.id} AND contact_no = ${contact}`);

test("a contact is asked in the language that was entered for them, by link and by SMS to be answered", async () => {
  const patient = await home(), [web, plain] = [mobile(), mobile()];
  const contact = { contact_name: "接触 五子", contact_birth_date: "2001-02-03", contact_close: "yes", contact_last_on: tokyo(-1) };
  await enter(patient, "contact", { ...contact, contact_phone: web, contact_follow: "web", contact_language: "vi" });
  await enter(patient, "contact", { ...contact, contact_name: "接触 六子", contact_phone: plain, contact_follow: "sms", contact_language: "ko" });
  await askNow(patient, 1, web, 1);
  await askNow(patient, 2, plain, 1);
  assert.deepEqual([asked(web), asked(plain)], [["follow_ask_vi"], ["follow_reply_ko"]]);
  const phone = new Client();
  assert.match((await phone.post(`/my/${linkOf(patient, 1)}`, birthFields("2001-02-03"))).location, /entry/);
  assert.match((await phone.get("/my/entry/1")).text, /<html lang="vi">/);
});

test("the language that somebody chooses is kept for the messages, before the office's, and for nobody else", async () => {
  const number = mobile(), patient = await home(-1, { phone: number }), other = await home(), phone = await phoneOf(patient);
  await phone.get("/my/add");
  await phone.post("/my/add", { link: other.link, ...birthFields(other.birth) });
  for (const page of ["entry", "done", "survey"]) assert.match((await phone.get(`/my/${page}/1?lang=pt`)).text, /<html lang="pt">/);
  assert.deepEqual([language(patient), language(other)], ["ja", "ja"], "who merely looks, or has followed somebody's link, has changed no record");
  assert.deepEqual(sql(`SELECT 1 FROM app.my_language WHERE patient_id IN (${patient.id}, ${other.id})`), []);
  assert.equal((await answer(phone, { observation_temperature: "36.5" }, "/my/entry/1")).status, 303);
  assert.deepEqual([language(patient), language(other)], ["pt", "ja"], "whoever answers in it has chosen it");
  await enter(patient, "notice", { notice_language: "zh_hans" });
  assert.equal(language(patient), "pt");
  await askNow(patient, 0, number, 1);
  assert.deepEqual(asked(number), ["follow_ask_pt"]);
  await answer(phone, { lang: "ne", observation_temperature: "36.5" }, "/my/entry/2");
  assert.deepEqual([language(patient), language(other)], ["pt", "ne"]);
  await phone.get("/my/entry/2?lang=xx");
  await phone.get("/my/entry/7?lang=en");
  await new Client().get("/my/entry/2?lang=en");
  await phone.post("/my/entry/2", { csrf: "0", lang: "en" });
  assert.deepEqual([language(patient), language(other)], ["pt", "ne"], "no such language, person or session");
});

test("what was chosen on the page of the link counts with the birth date; a message in the office's language is no choice", async () => {
  const patient = await home(), phone = new Client();
  await phone.get(`/my/${patient.link}?lang=tl`);
  assert.equal(language(patient), "ja");
  assert.equal((await open(patient.link, patient.birth, phone)).status, 303);
  assert.equal(language(patient), "tl");
  const told = await home(), link = told.link, theirs = new Client();
  await enter(told, "notice", { notice_language: "es" });
  await theirs.get(`/my/${link}?lang=es`); // as the SMS has it
  assert.equal((await open(link, told.birth, theirs)).status, 303);
  assert.deepEqual(sql(`SELECT 1 FROM app.my_language WHERE patient_id = ${told.id}`), []);
});
