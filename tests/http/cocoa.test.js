// cocoa.test.js - 処理番号 of the contact-confirming app: at the patient's wish, by SMS, an hour, once; and only the responsible
// centre issues it.
import assert from "node:assert/strict";
import fs from "node:fs";
import { before, test } from "node:test";
import { Client, signIn } from "./client.js";
import { asRole, hersys, sql } from "./database.js";
import { notification, receipt } from "./notify.js";

const clients = {};
before(async () => { for (const login of ["sakura", "hoken1", "aichi"]) clients[login] = await signIn(login); });

async function reported(phone) {
  const made = receipt(await clients.sakura.post("/notification", notification({ phone })));
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
