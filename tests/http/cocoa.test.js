// cocoa.test.js - 処理番号 of the contact-confirming app: at the patient's wish, by SMS, an hour, once; and only the responsible
// centre issues it.
import assert from "node:assert/strict";
import fs from "node:fs";
import { before, test } from "node:test";
import { Client, signIn } from "./client.js";
import { asRole, hersys, sql } from "./database.js";
import { notification, receipt, stranger } from "./notify.js";

const clients = {};
before(async () => { for (const login of ["sakura", "hoken1", "aichi"]) clients[login] = await signIn(login); });

async function reported(phone, fields = {}) {
  const made = receipt(await clients.sakura.post("/notification", notification({ ...stranger(), phone, ...fields })));
  return { path: `/patient/${made.id}`, id: hersys("id", made.id).split(" ")[0] };
}
async function issue(patient, fields = { wished: "1" }, login = "hoken1") {
  await clients[login].get(`${patient.path}/cocoa`);
  return clients[login].post(`${patient.path}/cocoa`, fields);
}
const received = () => fs.readFileSync(`${process.env.HERSYS_STATE ?? "var"}/log/messages.jsonl`, "utf8").trim().split("\n").map((line) => JSON.parse(line));
async function number(phone, count = 1) {
  for (let i = 0; i < 100; i++) {
    const found = received().filter((m) => m.kind === "sms" && m.text.includes("処理番号") && m.to.endsWith(phone.slice(1)));
    if (found.length >= count) return found.at(-1).text;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("no number came");
}
const redeem = async (typed) => { const app = new Client(); await app.get("/cocoa"); return (await app.post("/cocoa", { number: typed })).text; };
const phone = () => `0805${String(process.pid % 1000).padStart(3, "0")}${String(Math.floor(Math.random() * 1e4)).padStart(4, "0")}`;

test("it is sent to the patient, names nobody, and works once", async () => {
  const to = phone(), patient = await reported(to);
  assert.match((await issue(patient, {})).text, /希望を確かめて/);
  assert.equal((await issue(patient)).status, 303);
  const text = await number(to), [digits] = text.match(/\d{8}/);
  assert.doesNotMatch(text, /負荷|新型|陽性|コロナ/);
  for (const typed of ["12", "abc", ""]) assert.match(await redeem(typed), /8桁の数字/);
  assert.match(await redeem("00000000"), /使えません/);
  assert.match(await redeem(digits.replace(/./g, (d) => String.fromCharCode(d.charCodeAt(0) + 0xfee0))), /登録しました/, "typed in full width");
  assert.match(await redeem(digits), /使えません/);
  assert.equal(sql(`SELECT count(*) FROM app.cocoa_number WHERE patient_id = ${patient.id} AND number_hash LIKE '%${digits}%'`)[0][0], "0");
});

test("a newer one makes the older void, and after an hour it is over", async () => {
  const to = phone(), patient = await reported(to);
  await issue(patient);
  const [first] = (await number(to)).match(/\d{8}/);
  await issue(patient);
  const [second] = (await number(to, 2)).match(/\d{8}/);
  assert.match(await redeem(first), /使えません/);
  sql(`UPDATE app.cocoa_number SET issued_at = now() - interval '61 minutes' WHERE patient_id = ${patient.id}`);
  assert.match(await redeem(second), /使えません/);
});

test("the centre sees whether the SMS arrived", async () => {
  const to = phone(), patient = await reported(to), page = async () => (await clients.hoken1.get(`${patient.path}/cocoa`)).text;
  assert.doesNotMatch(await page(), /最後に発行した番号/);
  await issue(patient);
  await number(to);
  for (let i = 0; i < 50 && !/電話に届きました/.test(await page()); i++) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.match(await page(), /最後に発行した番号<\/dt><dd>\d{4}\/\d\d\/\d\d \d\d:\d\d　電話に届きました。/);
  const [id] = sql(`SELECT outbox_id FROM app.cocoa_number WHERE patient_id = ${patient.id}`).flat();
  assert.deepEqual(sql(`SELECT patient_id, contact_no FROM app.outbox WHERE outbox_id = ${id}`), [[patient.id, "0"]]);
  sql(`UPDATE app.outbox SET reports = 8 WHERE outbox_id = ${id}`);
  assert.match(await page(), /まだ分かりません/);
  sql(`SELECT app.outbox_fail(${id}, 'undelivered')`);
  assert.match(await page(), /届きませんでした/);
  sql(`DELETE FROM app.bounced WHERE address = '${to}'`);
  const token = clients.aichi.cookies.get("__Host-sid");
  assert.equal(asRole("staff", token, [`SELECT * FROM app.cocoa_last(${patient.id})`])[0].state, "HS403");
});

test("not more than five a day, not without a telephone, and by nobody but the responsible centre", async () => {
  const patient = await reported(phone()), silent = await reported("");
  for (let i = 0; i < 5; i++) assert.equal((await issue(patient)).status, 303);
  assert.match((await issue(patient)).text, /発行できる数を超えました/);
  assert.match((await issue(silent)).text, /電話番号が登録されていません/);
  for (const login of ["sakura", "aichi"]) {
    assert.equal((await clients[login].get(`${patient.path}/cocoa`)).status, 403, login);
    assert.equal((await issue(patient, { wished: "1" }, login)).status, 403, login);
    const token = clients[login].cookies.get("__Host-sid");
    assert.equal(asRole("staff", token, [`SELECT app.cocoa_issue(${patient.id}, 'x', '12345678', '09000000000')`])[0].state, "HS403", login);
  }
  for (const role of ["staff", "door", "public"])
    assert.ok(asRole(role, null, ["SELECT count(*) FROM app.cocoa_number"])[0].state === "42501", role);
});

test("only a mobile number gets one: their own before that of where they stay", async () => {
  const stay = phone(), landline = await reported("0529551234"), both = await reported("0529551234", { stay_phone: stay }), own = phone();
  assert.match((await clients.hoken1.get(`${landline.path}/cocoa`)).text, /携帯電話の番号未入力/);
  assert.match((await issue(landline)).text, /携帯電話の番号ではありません/);
  assert.equal((await issue(both)).status, 303);
  assert.match(await number(stay), /処理番号/);
  const patient = await reported(own, { stay_phone: phone() });
  assert.equal((await issue(patient)).status, 303);
  assert.match(await number(own), /処理番号/);
  const token = clients.hoken1.cookies.get("__Host-sid");
  for (const wrong of ["''", "NULL", "'0529551234'"])
    assert.equal(asRole("staff", token, [`SELECT app.cocoa_issue(${patient.id}, 'x', '12345678', ${wrong})`])[0].state, "HS422", wrong);
  assert.deepEqual(sql(`SELECT count(*) FROM app.cocoa_number WHERE patient_id = ${landline.id}`), [["0"]]);
});

test("it goes to no number that the page did not show", async () => {
  const patient = await reported(phone()), other = phone();
  await clients.hoken1.get(`${patient.path}/cocoa`);
  sql(`UPDATE app.patient SET phone = '${other}', version = version + 1 WHERE patient_id = ${patient.id}`);
  const answer = await clients.hoken1.post(`${patient.path}/cocoa`, { wished: "1" });
  assert.match(answer.text, new RegExp(`記録が変わりました[\\s\\S]*${other.slice(0, 3)}-${other.slice(3, 7)}-${other.slice(7)}`));
  assert.deepEqual(sql(`SELECT count(*) FROM app.cocoa_number WHERE patient_id = ${patient.id}`), [["0"]]);
});

test("a number that somebody else has is drawn again; a form pressed twice sends one", async () => {
  const patient = await reported(phone());
  // the first two that are drawn for this patient are taken
  sql(`CREATE SEQUENCE app.test_drawn; GRANT USAGE ON SEQUENCE app.test_drawn TO PUBLIC;
    CREATE FUNCTION app.test_taken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.patient_id = ${patient.id} AND nextval('app.test_drawn') < 3 THEN RAISE unique_violation; END IF; RETURN NEW; END $$;
    CREATE TRIGGER test_taken BEFORE INSERT ON app.cocoa_number FOR EACH ROW EXECUTE FUNCTION app.test_taken()`);
  try {
    await clients.hoken1.get(`${patient.path}/cocoa`);
    const form = { ...clients.hoken1.guard, wished: "1" };
    for (let i = 0; i < 2; i++) assert.match((await clients.hoken1.post(`${patient.path}/cocoa`, form)).location, /cocoa_sent/);
  } finally {
    sql("DROP TRIGGER test_taken ON app.cocoa_number; DROP FUNCTION app.test_taken; DROP SEQUENCE app.test_drawn");
  }
  assert.deepEqual(sql(`SELECT count(*) FROM app.cocoa_number WHERE patient_id = ${patient.id}`), [["1"]]);
});
