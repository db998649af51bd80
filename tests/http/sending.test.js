// sending.test.js - 連絡の送信 and 送れなかった連絡 over HTTP and behind the curtain: who may see and set what, who learns of a message
// that did not arrive, and what a press does.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client, signIn } from "./client.js";
import { asRole, sql } from "./database.js";

const clients = {};
const token = (login) => clients[login].cookies.get("__Host-sid");
const organisation = (login) => sql(`SELECT organisation_id FROM app.account WHERE login = '${login}'`)[0][0];
const trail = (action, outcome, login) => Number(sql(`SELECT count(*) FROM app.audit WHERE action = '${action}' AND outcome = '${outcome}' AND account_id = (SELECT account_id FROM app.account WHERE login = '${login}')`)[0][0]);
let centre, limits;

before(async () => {
  for (const login of ["hoken1", "kasugai", "aichi", "nagoya", "kuni", "sakura", "follow"]) clients[login] = await signIn(login);
  centre = organisation("hoken1");
  limits = sql("SELECT daily_most, address_most, quiet_from, quiet_until FROM app.channel WHERE channel = 'sms'")[0];
});
after(() => {
  sql("UPDATE app.sending_stop SET resumed_at = now() WHERE resumed_at IS NULL");
  const value = (text) => (text === "" ? "NULL" : `'${text}'`);
  sql(`UPDATE app.channel SET daily_most = ${value(limits[0])}, address_most = ${value(limits[1])}, quiet_from = ${value(limits[2])}, quiet_until = ${value(limits[3])} WHERE channel = 'sms'`);
});

// A message of an office that failed for good.
let last = 0;
function failed({ office = centre, template = "assigned_related_many", failure = "undelivered", to = `0908${String(process.pid % 1000).padStart(3, "0")}${String(++last).padStart(4, "0")}` } = {}) {
  const [id] = sql(`INSERT INTO app.outbox (channel, template, to_address, office_id, sent_at) VALUES ('sms', '${template}', '${to}', ${office}, now()) RETURNING outbox_id`).flat();
  sql(`SELECT app.outbox_fail(${id}, '${failure}')`);
  return { id, to };
}
const entry = (message) => sql(`SELECT organisation_id, to_masked, failure, coalesce(ending, '') FROM app.undelivered WHERE outbox_id = ${message.id}`)[0];
const shows = (page, message) => page.text.includes(`name="message" value="${message.id}"`);
const press = (login, step, message, office = centre) => clients[login].post(`/undelivered/${step}`, { office, message: message.id });

test("the ministry alone sees and sets how messages are sent", async () => {
  const posts = { "/sending/stop": { reason: "x" }, "/sending/resume": {}, "/sending/sms": { version: "1", daily: "1" } };
  for (const login of ["hoken1", "aichi", "nagoya", "sakura", "follow"]) {
    for (const path of ["/sending", "/sending/sms"]) assert.equal((await clients[login].get(path)).status, 404, `${login} ${path}`);
    const before = trail("sending_stop", "denied", login);
    for (const [path, fields] of Object.entries(posts)) assert.equal((await clients[login].post(path, fields)).status, 404, `${login} ${path}`);
    assert.equal(trail("sending_stop", "denied", login), before + 1);
    const results = asRole("staff", token(login), ["SELECT app.sending_stop_all('x', false)", "SELECT app.sending_resume()", "SELECT app.channel_save('sms', 1, 1, 1, NULL, NULL)",
      "SELECT count(*) FROM app.sending_waiting()", "SELECT count(*) FROM app.channel", "SELECT count(*) FROM app.sending_stop", "SELECT count(*) FROM app.channel_day"]);
    assert.deepEqual(results, [...Array(4).fill({ state: "HS403" }), ...Array(3).fill({ rows: ["0"] })], login);
  }
  assert.equal((await new Client().get("/sending")).location, "/sign-in");
  const page = await clients.kuni.get("/sending");
  assert.equal(page.status, 200);
  assert.ok(Number(page.headers.get("x-round-trips") ?? 3) <= 3);
  assert.equal(asRole("staff", token("kuni"), ["SELECT count(*) FROM app.channel"])[0].rows[0], "3");
});

test("nobody who serves pages reads or changes a message; the public role has its three functions and nothing else", () => {
  const tables = ["outbox", "bounced", "address_day", "sms_received"];
  for (const role of ["staff", "door", "public"])
    for (const [i, result] of asRole(role, role === "staff" ? token("kuni") : null, tables.flatMap((table) => [`SELECT count(*) FROM app.${table}`, `DELETE FROM app.${table}`])).entries())
      assert.equal(result.state, "42501", `${role} ${tables[i >> 1]}`);
  const all = ["undelivered", "channel", "channel_day", "sending_stop", "message_kind", ...tables];
  for (const result of asRole("public", null, all.map((table) => `SELECT count(*) FROM app.${table}`))) assert.equal(result.state, "42501");
  const functions = ["app.sms_report(1, 'x', 1)", "app.sms_receive('x', '1', 'x')", "app.sms_refused()"].map((call) => `SELECT ${call}`);
  for (const role of ["staff", "door", "jobs"])
    for (const result of asRole(role, null, functions)) assert.equal(result.state, "42501", role);
  for (const result of asRole("public", null, functions)) assert.equal(result.state, undefined);
  for (const result of asRole("staff", token("kuni"), ["SELECT app.outbox_try(1, 'x')", "SELECT app.outbox_fail(1, 'x')", "SELECT app.undelivered_end(1, 1, 'x')", "UPDATE app.channel SET daily_most = 1", "DELETE FROM app.undelivered"])) assert.equal(result.state, "42501");
});

test("the switch asks why, says who, when and why, and two people are told of each other", async () => {
  const { kuni } = clients;
  assert.match((await kuni.post("/sending/stop", { reason: " " })).text, /止める理由を200文字以内で入力してください/);
  assert.equal((await kuni.post("/sending/stop", { reason: "誤送信の確認のため", keeps_codes: "1" })).location, "/sending?notice=sending_stopped");
  assert.equal((await kuni.post("/sending/stop", { reason: "もう一度" })).status, 409);
  const page = (await kuni.get("/sending")).text;
  for (const expected of ["すべての送信を止めています", "誤送信の確認のため", sql("SELECT holder FROM app.account WHERE login = 'kuni'")[0][0], "急ぎの連絡は止めていません", "送信を再開する"]) assert.ok(page.includes(expected), expected);
  assert.equal((await kuni.post("/sending/resume")).location, "/sending?notice=sending_resumed");
  assert.equal((await kuni.post("/sending/resume")).status, 409);
  assert.match((await kuni.get("/sending")).text, /これまでの停止[\s\S]*誤送信の確認のため/);
  assert.ok(trail("sending_stop", "allowed", "kuni") >= 1 && trail("sending_resume", "allowed", "kuni") >= 1);
});

test("the limits of a channel: read as people write, refused with what is wrong, saved once", async () => {
  const { kuni } = clients, version = () => sql("SELECT version FROM app.channel WHERE channel = 'sms'")[0][0];
  const form = await kuni.get("/sending/sms");
  assert.match(form.text, /SMSの送り方/);
  const wrong = await kuni.post("/sending/sms", { version: version(), daily: "たくさん", address: "0", from: "25:00", until: "8" });
  for (const expected of ["1日に送る件数の上限は、1以上", "一つの宛先に1日に送る件数の上限は、1以上", "夜間の始まりは、21:00", "夜間の終わりは、8:00", 'value="たくさん"', 'value="25:00"']) assert.ok(wrong.text.includes(expected), expected);
  assert.match((await kuni.post("/sending/sms", { version: version(), from: "21:00", until: "" })).text, /両方を入力するか、両方を空欄に/);
  const old = version();
  assert.equal((await kuni.post("/sending/sms", { version: old, daily: "１２３４", address: "", from: "２２：３０", until: "7:00" })).location, "/sending?notice=channel_saved");
  assert.deepEqual(sql("SELECT daily_most, address_most, quiet_from, quiet_until, changed_by IS NOT NULL FROM app.channel WHERE channel = 'sms'")[0], ["1234", "", "22:30:00", "07:00:00", "t"]);
  assert.equal((await kuni.post("/sending/sms", { version: old, daily: "1" })).status, 409);
  const page = (await kuni.get("/sending")).text;
  for (const expected of ["1234件", "制限なし", "22:30～07:00"]) assert.ok(page.includes(expected), expected);
  for (const expected of ["自動の電話の送り方を変える", "きょうかけたもの", "答えがなかったもの"]) assert.ok(page.includes(expected), expected);
  assert.match((await kuni.get("/sending/call")).text, /自動の電話の送り方[^]*value="21:00"/);
  assert.equal((await kuni.get("/sending/fax")).status, 404);
});

test("what could not be delivered is seen by the office that it concerns and by the ministry, masked", async () => {
  const mine = failed(), other = failed({ office: organisation("kasugai") });
  const page = await clients.hoken1.get("/undelivered");
  assert.ok(shows(page, mine) && !shows(page, other));
  assert.ok(Number(page.headers.get("x-round-trips") ?? 3) <= 3);
  for (const expected of [`090-****-${mine.to.slice(-4)}`, "相手の電話に届きませんでした", "関係保健所の設定のお知らせ（一括）", "もう一度送る", "対応済みにする"]) assert.ok(page.text.includes(expected), expected);
  assert.ok(!page.text.includes(mine.to));
  const all = await clients.kuni.get("/undelivered");
  assert.ok(shows(all, mine) && shows(all, other) && all.text.includes("名古屋市保健所"));
  for (const login of ["kasugai", "aichi", "nagoya"]) assert.ok(!shows(await clients[login].get("/undelivered"), mine), login);
  for (const login of ["sakura", "follow"]) assert.equal((await clients[login].get("/undelivered")).status, 404, login);
  assert.equal(asRole("staff", token("kasugai"), [`SELECT count(*) FROM app.undelivered WHERE outbox_id = ${mine.id}`])[0].rows[0], "0");
  assert.match((await clients.hoken1.get("/")).text, /href="\/undelivered"><span>送れなかった連絡<\/span><strong>\d+</);
});

test("who sees it may send it again, even to a number that refused, or settle it; once", async () => {
  const first = failed(), second = failed({ to: first.to }), third = failed();
  assert.equal(sql(`SELECT failures FROM app.bounced WHERE address = '${first.to}'`)[0][0], "2");
  for (const login of ["kasugai", "aichi", "sakura"]) {
    for (const step of ["resend", "settle"]) assert.equal((await press(login, step, first)).status, 404, login);
    assert.equal(asRole("staff", token(login), [`SELECT app.undelivered_resend(${centre}, ${first.id})`])[0].state, "HS403", login);
  }
  assert.equal((await press("hoken1", "resend", first)).location, "/undelivered?notice=undelivered_resent");
  assert.equal(entry(first)[3], "resent");
  assert.deepEqual(sql(`SELECT 1 FROM app.bounced WHERE address = '${first.to}'`), []);
  assert.equal(sql(`SELECT count(*) FROM app.outbox WHERE to_address = '${first.to}'`)[0][0], "3", "a message of its own");
  assert.equal((await press("hoken1", "resend", first)).status, 409);
  assert.equal((await press("hoken1", "settle", second)).location, "/undelivered?notice=undelivered_settled");
  assert.equal((await press("kuni", "settle", third)).location, "/undelivered?notice=undelivered_settled");
  assert.equal((await clients.hoken1.post("/undelivered/burn", { office: centre, message: third.id })).status, 404);
  assert.ok(trail("undelivered_resend", "allowed", "hoken1") >= 1 && trail("undelivered_resend", "denied", "kasugai") >= 1);
});

test("a code is not sent again: the page says to issue another", async () => {
  const code = failed({ template: "cocoa_number", failure: "expired" });
  const page = (await clients.hoken1.get("/undelivered")).text;
  assert.match(page.slice(page.indexOf(`value="${code.id}"`)).split("</tr>")[0], /^(?![\s\S]*もう一度送る)[\s\S]*対応済みにする/);
  assert.equal(asRole("staff", token("hoken1"), [`SELECT app.undelivered_resend(${centre}, ${code.id})`])[0].state, "HS422");
});

test("of a clinic's message the competent centre learns, of nobody's the ministry", () => {
  const clinic = failed({ office: organisation("sakura") }), nobody = failed({ office: "NULL" });
  assert.equal(sql(`SELECT o.kind FROM app.organisation o WHERE o.organisation_id = ${entry(clinic)[0]}`)[0][0], "centre");
  assert.equal(sql(`SELECT o.kind FROM app.organisation o WHERE o.organisation_id = ${entry(nobody)[0]}`)[0][0], "ministry");
  assert.deepEqual(sql(`SELECT DISTINCT office_id = ${organisation("hoken1")} FROM app.outbox WHERE template = 'sign_in_code' AND to_address = (SELECT phone FROM app.account_phone JOIN app.account USING (account_id) WHERE login = 'hoken1')`), [["t"]], "a sign-in's code belongs to the account's office");
});

test("a long list goes on by pages", async () => {
  const many = Array.from({ length: 52 }, () => failed({ office: organisation("aichi") }));
  const first = await clients.aichi.get("/undelivered"), [, next] = first.text.match(/href="(\/undelivered\?before=\d+)"/);
  assert.ok(shows(first, many.at(-1)) && !shows(first, many[0]));
  assert.ok(shows(await clients.aichi.get(next), many[0]));
  sql(`DELETE FROM app.undelivered WHERE organisation_id = ${organisation("aichi")}`);
});
