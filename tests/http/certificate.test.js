// certificate.test.js - 療養証明書 on the telephone: for whom there is one and from when on, what it says, and what a third party with its
// number is told, or without one.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import { Client, address, signIn } from "./client.js";
import { asRole, hersys, sql } from "./database.js";
import { atHome, birthFields, linkOf, phoneOf, tokyo } from "./my.js";

let clinic, centre;
before(async () => { clinic = await signIn("sakura"); centre = await signIn("hoken1"); });
const home = (overrides) => atHome(clinic, centre, -1, overrides);
const state = process.env.HERSYS_STATE ?? "var";
const one = (query) => sql(query)[0]?.[0];

// The centre has read the report.
async function confirm(patient) {
  await centre.get(patient.path);
  assert.equal((await centre.post(`${patient.path}/notification/1/confirm`)).status, 303);
}
// The page once the jobs have made it.
async function certificate(phone, no = 1) {
  for (let i = 0; i < 50; i++) {
    const page = await phone.get(`/my/certificate/${no}`);
    assert.equal(page.status, 200);
    if (!/作成しています/.test(page.text)) return page.text;
    assert.equal(page.headers.get("refresh"), "2");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("no certificate was made");
}
const codeOf = (text) => text.match(/確認番号<\/span> <b>([0-9A-Z]{5}(?:-[0-9A-Z]{5}){3})<\/b>/)[1];
const facts = (text) => text.match(/<dl class="certificate-facts"[^]*?<\/dl>/)?.[0].replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim();
const verify = (code) => new Client().get(`/verify/${code.replaceAll("-", "")}`);
const wrong = /この番号の証明書は確認できません/;
// Somebody at home whose report was read, with a telephone and their certificate.
async function holder(overrides) {
  const patient = await home(overrides), phone = await phoneOf(patient);
  await confirm(patient);
  const text = await certificate(phone);
  return { patient, phone, text, code: codeOf(text) };
}

test("it is there once the centre has read the report, and says six things, with a code for others", async () => {
  const patient = await home(), phone = await phoneOf(patient);
  assert.match((await phone.get("/my/entry/1")).text, /href="\/my\/certificate\/1">療養証明書を表示する/);
  assert.match(await certificate(phone), /保健所が届出を確認すると/);
  assert.deepEqual(sql(`SELECT 1 FROM app.certificate WHERE patient_id = ${patient.id}`), []);
  await confirm(patient);
  const text = await certificate(phone), number = hersys("id", patient.path.split("/")[2]).split(" ")[1];
  const japanese = (iso) => new Intl.DateTimeFormat("ja-JP-u-ca-japanese", { dateStyle: "long", timeZone: "UTC" }).format(new Date(iso)), today = tokyo(0);
  assert.equal(facts(text), `氏名 Name 負荷 ${patient.name} 生年月日 Date of birth ${japanese(patient.birth)} ${patient.birth} HER-SYS ID ${number.replace(/^(.{5})(.{5})/, "$1-$2-")} 傷病名 Illness 新型コロナウイルス感染症 COVID-19 診断年月日 Date of diagnosis ${japanese(today)} ${today} 担当保健所名 Health centre 名古屋市保健所`);
  assert.match(text, new RegExp(`${address}/verify<`));
  assert.match(text, /<svg class="certificate-code"[^]*<path d="M/);
  assert.match((await phone.get("/my/certificate/1?lang=en")).text, /<html lang="en">[^]*Certificate of recovery care[^]*Show this screen/);
  assert.equal(codeOf((await phone.get("/my/certificate/1?lang=ja")).text), codeOf(text), "the same as long as it says the same");
  assert.match((await centre.get(`${patient.path}/viewers`)).text, /ご本人[^]*療養証明書を表示/);
});

test("there is none for 疑似症 and みなし陽性, read or not, for a contact, or for somebody else's number", async () => {
  for (const overrides of [{ category: "suspected" }, { deemed: "1" }]) {
    const patient = await home(overrides), phone = await phoneOf(patient);
    assert.match(await certificate(phone), /ここでは表示できません/);
    await confirm(patient);
    assert.match(await certificate(phone), /ここでは表示できません/, JSON.stringify(overrides));
  }
  const { patient, phone } = await holder();
  await centre.get(`${patient.path}/tab/contact/new`);
  const contact = { contact_name: "接触 七子", contact_birth_date: "2001-02-03", contact_phone: "09077770019", contact_close: "yes", contact_last_on: tokyo(-1), contact_follow: "web" };
  await centre.post(`${patient.path}/tab/contact/new`, { items: Object.keys(contact).join(" "), ...contact });
  const theirs = await phoneOf({ link: linkOf(patient, 1), birth: "2001-02-03" });
  assert.doesNotMatch((await theirs.get("/my/entry/1")).text, /療養証明書/);
  assert.equal((await theirs.get("/my/certificate/1")).status, 404);
  assert.equal((await phone.get("/my/certificate/2")).status, 404);
  assert.equal((await new Client().get("/my/certificate/1")).status, 403);
});

test("wishes of whom the record says something else by now hold up nobody else's", async () => {
  const patient = await home(), phone = await phoneOf(patient);
  await confirm(patient);
  sql("INSERT INTO app.certificate (patient_id, facts, asked_at) SELECT -n, 'stale', now() - interval '1 hour' FROM generate_series(1, 60) n");
  try {
    assert.match(await certificate(phone), /確認番号/);
  } finally {
    sql("DELETE FROM app.certificate WHERE facts = 'stale'");
  }
});

test("a third party is told what the certificate says, and no more, by its QR code or its number as people type it", async () => {
  const { patient, text, code } = await holder();
  const shown = await verify(code);
  assert.match(shown.text, /本物の療養証明書です/);
  assert.equal(facts(shown.text), facts(text));
  const phoneNumber = one(`SELECT phone FROM app.patient WHERE patient_id = ${patient.id}`);
  assert.doesNotMatch(shown.text, new RegExp(`${phoneNumber}|栄|${patient.link}|/my/entry|csrf" value="[^"]`));
  const stranger = new Client();
  assert.match((await stranger.get("/verify")).text, /確認番号/);
  for (const typed of [code, code.toLowerCase(), ` ${code.replaceAll("-", " ")} `, code.replaceAll("0", "O").replaceAll("1", "l"), code.replace(/[0-9A-Z]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0))]) {
    const answer = await stranger.post("/verify", { code: typed });
    assert.equal(facts(answer.text), facts(text), typed);
  }
  assert.match((await new Client().get(`/verify/${code.replaceAll("-", "")}?lang=vi`)).text, /<html lang="vi">[^]*Giấy chứng nhận này là thật/);
  assert.match((await centre.get(`${patient.path}/viewers`)).text, /療養証明書の確認（第三者）/);
});

test("a guessed number is told that there is none, alike for all; many of them stand in the trail", async () => {
  const guess = () => Array.from(crypto.randomBytes(20), (byte) => "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[byte % 32]).join("");
  const pages = [];
  for (const code of [guess(), guess(), "A", "%22%3E%3Cscript%3E", "a".repeat(100)]) {
    const answer = await new Client().get(`/verify/${code}`);
    pages.push(answer.status + answer.text.replace(/href="\/verify[^"]*"/g, ""));
    assert.match(answer.text, wrong);
  }
  assert.equal(new Set(pages).size, 1);
  sql("DELETE FROM app.my_try; DELETE FROM app.my_alarm");
  const count = () => Number(one("SELECT count(*) FROM app.audit WHERE action = 'my_guessing'")), before = count();
  for (let i = 0; i < 22; i++) await new Client().get(`/verify/${guess()}`);
  assert.equal(count(), before + 1);
  const { code } = await holder();
  const nearly = code.replace(/.$/, (c) => (c === "7" ? "8" : "7"));
  assert.match((await verify(nearly)).text, wrong);
});

test("when the record says something else a new one takes its place; when the report is deleted there is none", async () => {
  const { patient, phone, code } = await holder();
  const elsewhere = `(SELECT organisation_id FROM app.account WHERE login = 'kasugai')`, [[centreId]] = sql(`SELECT responsible_id FROM app.patient WHERE patient_id = ${patient.id}`);
  sql(`UPDATE app.patient SET responsible_id = ${elsewhere} WHERE patient_id = ${patient.id}`);
  assert.equal(codeOf(await certificate(phone)), code, "it stays with the centre that it names");
  sql(`UPDATE app.patient SET responsible_id = ${centreId} WHERE patient_id = ${patient.id}`);
  sql(`UPDATE app.patient SET given_name = '改名' WHERE patient_id = ${patient.id}`);
  const text = await certificate(phone), newer = codeOf(text);
  assert.match(facts(text), /負荷 改名/);
  assert.notEqual(newer, code);
  assert.match((await verify(code)).text, wrong);
  assert.match((await verify(newer)).text, /本物の療養証明書です/);
  await clinic.get(`${patient.path}/notification/1/delete`);
  assert.equal((await clinic.post(`${patient.path}/notification/1/delete`, { reason: "二重の届出" })).status, 303);
  assert.match((await verify(newer)).text, wrong);
  assert.equal((await phone.get("/my/certificate/1")).status, 403);
});

test("it can be opened for three days behind the observation, and confirmed after that", async () => {
  const { patient, phone, text, code } = await holder();
  await centre.get(`${patient.path}/status`);
  await centre.post(`${patient.path}/status`, { status: "released", since: tokyo(0) });
  assert.match((await phone.get("/my/people")).text, /href="\/my\/certificate\/1"/);
  assert.equal(facts((await phone.get("/my/certificate/1")).text), facts(text));
  const again = new Client();
  assert.equal((await again.post(`/my/${patient.link}`, birthFields(patient.birth))).status, 303);
  assert.equal(facts((await again.get("/my/certificate/1")).text), facts(text));
  sql(`UPDATE app.my_end SET ends_at = now() WHERE patient_id = ${patient.id}`);
  assert.equal((await phone.get("/my/certificate/1")).status, 403);
  sql("SELECT app.my_purge()");
  assert.equal(facts((await verify(code)).text), facts(text));
});

test("the database keeps no word of it that can be read, and gives it to nobody else; no log has its number", async () => {
  const { patient, code } = await holder(), plain = code.replaceAll("-", "");
  await verify(code);
  await new Client().post("/verify", { code });
  const [[row]] = sql(`SELECT row_to_json(c) FROM app.certificate c WHERE patient_id = ${patient.id}`);
  for (const secret of [patient.name, patient.birth, plain]) assert.ok(!row.includes(secret), secret);
  for (const [role, token] of [["staff", centre.cookies.get("__Host-sid")], ["door", null], ["public", null]])
    for (const query of ["SELECT 1 FROM app.certificate", `SELECT app.certificate_of(${patient.id})`, "SELECT app.certificate_wanted(1)", "SELECT app.certificate_issue(1, 'x', 'x', 'x')"]) assert.equal(asRole(role, token, [query])[0].state, "42501", `${role} ${query}`);
  assert.deepEqual(asRole("public", null, ["SELECT app.certificate_check('x')", "SELECT state FROM app.my_certificate('x', 1)"]).map(({ rows }) => rows.join()), ["", "none"]);
  await new Promise((resolve) => setTimeout(resolve, 1500)); // nginx writes now and then
  const files = fs.readdirSync(path.join(state, "log")).filter((name) => !/^messages|^receiver/.test(name)).map((name) => path.join(state, "log", name));
  for (const file of [...files, path.join(state, "postgresql.log")]) for (const secret of [code, plain]) assert.ok(!fs.readFileSync(file, "utf8").includes(secret), file);
  assert.match(fs.readFileSync(path.join(state, "log", "nginx-access.log"), "utf8"), / GET \/verify\/- /);
});
