// sending.test.js - 連絡の送信 and 送れなかった連絡 over HTTP and behind the curtain: who may see and set what, who learns of a message
// that did not arrive, and what a press does.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { after, before, test } from "node:test";
import { Client, signIn } from "./client.js";
import { asRole, hersys, sql } from "./database.js";
import { notification, receipt, stranger } from "./notify.js";

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
function failed({ office = centre, patient = "NULL", contact = "NULL", template = "assigned_related_many", failure = "undelivered", to = `0908${String(process.pid % 1000).padStart(3, "0")}${String(++last).padStart(4, "0")}` } = {}) {
  const [id] = sql(`INSERT INTO app.outbox (channel, template, to_address, office_id, patient_id, contact_no, sent_at) VALUES ('sms', '${template}', '${to}', ${office}, ${patient}, ${contact}, now()) RETURNING outbox_id`).flat();
  sql(`SELECT app.outbox_fail(${id}, '${failure}')`);
  return { id, to };
}
const entry = (message) => sql(`SELECT organisation_id, to_masked, failure, coalesce(ending, '') FROM app.undelivered WHERE outbox_id = ${message.id}`)[0];
const shows = (page, message) => page.text.includes(`name="message" value="${message.id}"`);
// A press on a form of a page that was just opened, and the same once more with the same `form_id`.
const post = (login, path, fields = {}) => clients[login].post(path, { form_id: crypto.randomUUID(), ...fields });
const press = (login, step, message, office = centre, form_id = crypto.randomUUID()) => post(login, `/undelivered/${step}`, { office, message: message.id, form_id });
const stops = () => sql("SELECT stop_id FROM app.sending_stop WHERE resumed_at IS NULL").flat();

test("the ministry alone sees and sets how messages are sent", async () => {
  const posts = { "/sending/stop": { reason: "x" }, "/sending/resume": {}, "/sending/sms": { version: "1", daily: "1" } };
  for (const login of ["hoken1", "aichi", "nagoya", "sakura", "follow"]) {
    for (const path of ["/sending", "/sending/sms"]) assert.equal((await clients[login].get(path)).status, 404, `${login} ${path}`);
    const before = trail("sending_stop", "denied", login);
    for (const [path, fields] of Object.entries(posts)) assert.equal((await post(login, path, fields)).status, 404, `${login} ${path}`);
    assert.equal(trail("sending_stop", "denied", login), before + 1);
    const results = asRole("staff", token(login), ["SELECT app.sending_stop_all('x', false)", "SELECT app.sending_resume(1)", "SELECT app.channel_save('sms', 1, 1, 1, NULL, NULL)",
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
  const functions = ["app.sms_report(1, 'x', 1)", "app.sms_receive('x', '1', 'x')", "app.sms_refused()", "app.mail_returned(1, 'x', 'refused')", "app.mail_return_refused()"].map((call) => `SELECT ${call}`);
  for (const role of ["staff", "door", "jobs"])
    for (const result of asRole(role, null, functions)) assert.equal(result.state, "42501", role);
  for (const result of asRole("public", null, functions)) assert.equal(result.state, undefined);
  for (const result of asRole("staff", token("kuni"), ["SELECT app.outbox_try(1, 'x')", "SELECT app.outbox_fail(1, 'x')", "SELECT app.undelivered_end(1, 1, 'x')", "UPDATE app.channel SET daily_most = 1", "DELETE FROM app.undelivered"])) assert.equal(result.state, "42501");
});

test("the switch asks why, says who, when and why, and two people are told of each other", async () => {
  const { kuni } = clients;
  assert.match((await post("kuni", "/sending/stop", { reason: " " })).text, /止める理由を200文字以内で入力してください/);
  assert.equal((await post("kuni", "/sending/stop", { reason: "誤送信の確認のため", keeps_codes: "1" })).location, "/sending?notice=sending_stopped");
  assert.equal((await post("kuni", "/sending/stop", { reason: "もう一度" })).status, 409);
  const page = (await kuni.get("/sending")).text;
  for (const expected of ["すべての送信を止めています", "誤送信の確認のため", sql("SELECT holder FROM app.account WHERE login = 'kuni'")[0][0], "急ぎの連絡は止めていません", "送信を再開する"]) assert.ok(page.includes(expected), expected);
  const [stop] = stops(), form_id = crypto.randomUUID();
  assert.ok(page.includes(`name="stop" value="${stop}"`));
  for (let i = 0; i < 2; i++) assert.equal((await post("kuni", "/sending/resume", { stop, form_id })).location, "/sending?notice=sending_resumed", "pressed twice it is one");
  assert.equal((await post("kuni", "/sending/resume", { stop })).status, 409);
  const again = { reason: "別の理由", form_id: crypto.randomUUID() };
  for (let i = 0; i < 2; i++) assert.equal((await post("kuni", "/sending/stop", again)).location, "/sending?notice=sending_stopped");
  assert.equal((await post("kuni", "/sending/resume", { stop })).status, 409, "whoever saw the former stop does not end this one");
  assert.equal(stops().length, 1);
  assert.equal((await kuni.post("/sending/resume", { stop: stops()[0] })).status, 400, "without the number of its form");
  assert.equal((await post("kuni", "/sending/resume", { stop: stops()[0] })).status, 303);
  assert.match((await kuni.get("/sending")).text, /これまでの停止[\s\S]*誤送信の確認のため/);
  assert.ok(trail("sending_stop", "allowed", "kuni") >= 1 && trail("sending_resume", "allowed", "kuni") >= 1);
});

test("the limits of a channel: read as people write, refused with what is wrong, saved once", async () => {
  const { kuni } = clients, version = () => sql("SELECT version FROM app.channel WHERE channel = 'sms'")[0][0];
  const form = await kuni.get("/sending/sms");
  assert.match(form.text, /SMSの送り方/);
  const wrong = await post("kuni", "/sending/sms", { version: version(), daily: "たくさん", address: "0", from: "25:00", until: "8" });
  for (const expected of ["1日に送る件数の上限は、1以上", "一つの宛先に1日に送る件数の上限は、1以上", "夜間の始まりは、21:00", "夜間の終わりは、8:00", 'value="たくさん"', 'value="25:00"']) assert.ok(wrong.text.includes(expected), expected);
  assert.match((await post("kuni", "/sending/sms", { version: version(), from: "21:00", until: "" })).text, /両方を入力するか、両方を空欄に/);
  const old = version();
  assert.equal((await post("kuni", "/sending/sms", { version: old, daily: "１２３４", address: "", from: "２２：３０", until: "7:00" })).location, "/sending?notice=channel_saved");
  assert.deepEqual(sql("SELECT daily_most, address_most, quiet_from, quiet_until, changed_by IS NOT NULL FROM app.channel WHERE channel = 'sms'")[0], ["1234", "", "22:30:00", "07:00:00", "t"]);
  const late = await post("kuni", "/sending/sms", { version: old, daily: "１", address: "", from: "22:30", until: "" });
  assert.match(late.text, /両方を入力するか/, "what is wrong is told first");
  const clash = await post("kuni", "/sending/sms", { version: old, daily: "１", address: "", from: "22:30", until: "6:00" });
  assert.equal(clash.status, 409);
  for (const expected of ["ほかの人が送り方を保存しました", 'value="１"', "1日に送る件数の上限：いま保存されているのは「1234」です", "夜間の終わり：いま保存されているのは「07:00」です", `name="version" value="${version()}"`]) assert.ok(clash.text.includes(expected), expected);
  assert.ok(!clash.text.includes("夜間の始まり：いま"));
  const page = (await kuni.get("/sending")).text;
  for (const expected of ["1234件", "制限なし", "22:30～07:00"]) assert.ok(page.includes(expected), expected);
  for (const expected of ["自動の電話の送り方を変える", "きょうかけた回数", "答えがなかったもの"]) assert.ok(page.includes(expected), expected);
  assert.match((await kuni.get("/sending/call")).text, /自動の電話の送り方[^]*value="21:00"/);
  assert.equal((await kuni.get("/sending/fax")).status, 404);
});

test("a channel that the database does not show is not found, whatever else it shows", async () => {
  const limit = () => post("kuni", "/sending/call", { version: "0", daily: "1", address: "", from: "", until: "" });
  sql("CREATE TABLE public.hidden_channel AS SELECT * FROM app.channel; DELETE FROM app.channel WHERE channel = 'call'");
  try {
    assert.deepEqual([(await clients.kuni.get("/sending/call")).status, (await limit()).status, (await clients.kuni.get("/sending")).status], [404, 404, 200]);
    sql("DELETE FROM app.channel");
    assert.deepEqual([(await clients.kuni.get("/sending/call")).status, (await clients.kuni.get("/sending")).status], [404, 200]);
  } finally {
    sql("INSERT INTO app.channel SELECT * FROM public.hidden_channel h ON CONFLICT DO NOTHING; DROP TABLE public.hidden_channel");
  }
  assert.equal((await clients.kuni.get("/sending/call")).status, 200);
});

test("sums of the day are shown as they are, beyond a thousand too", async () => {
  const day = "channel = 'sms' AND day = app.day_of(now())", of = (column) => sql(`SELECT ${column} FROM app.channel_day WHERE ${day}`)[0][0];
  sql(`SELECT app.channel_count('sms', 0, 0, 0, 1); UPDATE app.channel_day SET tried = tried + 123456, delivered = delivered + 98765, undelivered = undelivered + 4321, refused = refused + 2345 WHERE ${day}`);
  try {
    const page = (await clients.kuni.get("/sending")).text.split('id="channel-sms"')[1];
    assert.match(page, new RegExp(`きょう送信を試みた回数（上限に数えます）</dt><dd>${of("tried")}回</dd>`));
    for (const [label, column] of [["届いたと知らせがあったもの", "delivered"], ["届かなかったもの", "undelivered"], ["合言葉が違い、受け付けなかった知らせ", "refused"]])
      assert.ok(page.includes(`<dt>${label}</dt><dd>${of(column)}件</dd>`), label);
  } finally {
    sql(`UPDATE app.channel_day SET tried = tried - 123456, delivered = delivered - 98765, undelivered = undelivered - 4321, refused = refused - 2346 WHERE ${day}`);
  }
});

test("what could not be delivered is seen by the office that it concerns and by the ministry, masked", async () => {
  const mine = failed(), other = failed({ office: organisation("kasugai") }), full = failed({ failure: "given_up" });
  const page = await clients.hoken1.get("/undelivered");
  assert.match(page.text.split("<tr>").find((part) => part.includes(`name="message" value="${full.id}"`)), /受信箱がいっぱい(?![^]*2日のあいだ)/, "as true of a mail that came back at once");
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
  const form_id = crypto.randomUUID();
  for (let i = 0; i < 2; i++) assert.equal((await press("hoken1", "resend", first, centre, form_id)).location, "/undelivered?notice=undelivered_resent");
  assert.equal(entry(first)[3], "resent");
  assert.deepEqual(sql(`SELECT 1 FROM app.bounced WHERE address = '${first.to}'`), []);
  assert.equal(sql(`SELECT count(*) FROM app.outbox WHERE to_address = '${first.to}'`)[0][0], "3", "a message of its own");
  assert.equal((await press("hoken1", "resend", first)).status, 409);
  assert.equal((await press("hoken1", "settle", second)).location, "/undelivered?notice=undelivered_settled");
  assert.equal((await press("kuni", "settle", third)).location, "/undelivered?notice=undelivered_settled");
  assert.equal((await post("hoken1", "/undelivered/burn", { office: centre, message: third.id })).status, 404);
  assert.ok(trail("undelivered_resend", "allowed", "hoken1") >= 1 && trail("undelivered_resend", "denied", "kasugai") >= 1);
});

test("what is sent again goes where the person, or the office, is reached now; where nobody is, the page says so", async () => {
  const { id } = receipt(await clients.sakura.post("/notification", notification({ ...stranger(), phone: "09011110001" }))), { hoken1 } = clients;
  const patient = hersys("id", id).split(" ")[0], wrong = "09011110009";
  const enter = async (tab, values) => {
    await hoken1.get(`/patient/${id}/tab/${tab}/new`);
    assert.equal((await hoken1.post(`/patient/${id}/tab/${tab}/new`, { items: Object.keys(values).join(" "), ...values })).status, 303, tab);
  };
  const row = async (message, login = "hoken1") => (await clients[login].get("/undelivered")).text.split("<tr>").find((part) => part.includes(`name="message" value="${message.id}"`));
  const written = (contact) => sql(`SELECT to_address FROM app.outbox WHERE patient_id = ${patient} AND contact_no = ${contact} AND to_address <> '${wrong}' ORDER BY outbox_id DESC LIMIT 1`).flat();
  await enter("contact", { contact_name: "接触 一子", contact_phone: "090-1111-0003", contact_close: "yes", contact_last_on: new Date(Date.now() + 9 * 3600e3).toISOString().slice(0, 10), contact_follow: "sms" });
  const [own, again, contact, nobody] = [0, 0, 1, 7].map((no) => failed({ patient, contact: no, template: "tell_call_ja", to: wrong }));
  await enter("notice", { notice_channel: "sms", notice_phone: "090-1111-0002" });
  assert.match(await row(own), /宛先">SMS 090-\*{4}-0009<[^]*もう一度送る[^]*いまの宛先：090-\*{4}-0002/);
  assert.equal((await press("hoken1", "resend", own)).status, 303);
  assert.deepEqual(written(0), ["09011110002"]);
  assert.ok(Number(sql(`SELECT failures FROM app.bounced WHERE address = '${wrong}'`)[0][0]) >= 4, "the wrong number stays known");
  assert.equal((await press("hoken1", "resend", contact)).status, 303);
  assert.deepEqual(written(1), ["09011110003"]);
  assert.doesNotMatch(await row(nobody), /もう一度送る</);
  assert.match(await row(nobody), /送れる宛先がありません/);
  sql(`UPDATE app.entry SET items = items || '{"notice_phone": "0521110002"}' WHERE patient_id = ${patient} AND tab = 'notice'`);
  for (const message of [again, nobody]) {
    const answer = await press("hoken1", "resend", message);
    assert.deepEqual([answer.status, entry(message)[3]], [409, ""], "and it stays on the list");
    assert.match(answer.text, /携帯電話の番号を登録してから/);
  }
  sql(`UPDATE app.entry SET items = items || '{"notice_phone": "09011110002"}' WHERE patient_id = ${patient} AND tab = 'notice'`);
  const code = failed({ patient, contact: 0, template: "cocoa_number", to: wrong });
  const ways = (login) => asRole("staff", token(login), [`SELECT organisation_id || ' ' || outbox_id || ' ' || to_now FROM app.undelivered_to(ARRAY[${[own, contact, nobody, code].map(({ id }) => id)}]) ORDER BY outbox_id`])[0].rows;
  const open = [`${centre} ${own.id} 090-****-0002`, `${centre} ${contact.id} 090-****-0003`];
  assert.deepEqual([ways("hoken1"), ways("kuni"), ways("kasugai"), ways("sakura")], [open, open, [], []], "its office and the ministry see the ways of all in one; no office those of another's, nobody that of a code");
  const mail = sql(`INSERT INTO app.outbox (channel, template, to_address, office_id) VALUES ('mail', 'assigned_related_many', 'former${process.pid}@example.jp', ${centre}) RETURNING outbox_id`)[0][0];
  sql(`SELECT app.outbox_fail(${mail}, 'refused')`);
  assert.ok((await row({ id: mail })).includes(`いまの宛先：${sql(`SELECT name FROM app.organisation WHERE organisation_id = ${centre}`)[0][0]}`));
  assert.equal((await press("hoken1", "resend", { id: mail })).status, 303);
  assert.deepEqual(sql(`SELECT to_organisation, coalesce(to_address, '') FROM app.outbox WHERE outbox_id > ${mail} AND channel = 'mail' AND template = 'assigned_related_many' AND to_organisation IS NOT NULL`), [[centre, ""]]);
  assert.deepEqual(sql(`SELECT 1 FROM app.outbox WHERE outbox_id > ${mail} AND to_address = 'former${process.pid}@example.jp'`), []);
});

test("a mail to an office without an address does not vanish: the office, and the ministry, is told once for each kind; with an address it goes", async () => {
  const [[silent, name]] = sql("SELECT organisation_id, name FROM app.organisation o WHERE kind = 'centre' AND NOT EXISTS (SELECT FROM app.account a WHERE a.organisation_id = o.organisation_id) ORDER BY organisation_id DESC LIMIT 1");
  sql(`UPDATE app.undelivered SET ended_at = now(), ending = 'settled' WHERE organisation_id = ${silent} AND ended_at IS NULL`);
  const write = (template) => sql(`INSERT INTO app.outbox (channel, template, to_organisation, phone_id, office_id) VALUES ('mail', '${template}', ${silent}, 'ABCD-EFGH-J', ${centre}) RETURNING outbox_id`)[0][0];
  const messages = [write("handover_asked"), write("handover_asked"), write("handover_refused")];
  const failed = () => sql(`SELECT failure FROM app.outbox WHERE outbox_id IN (${messages}) AND failed_at IS NOT NULL AND sent_at IS NULL`).flat();
  for (let i = 0; i < 100 && failed().length < 3; i++) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(failed(), Array(3).fill("no_address"));
  assert.deepEqual(sql(`SELECT template, to_masked FROM app.undelivered WHERE organisation_id = ${silent} AND ended_at IS NULL ORDER BY template`), [["handover_asked", name], ["handover_refused", name]]);
  const row = (await clients.kuni.get("/undelivered")).text.split("<tr>").find((part) => part.includes(`value="${messages[2]}"`));
  assert.match(row, /メールアドレスの登録がありません[^]*もう一度送る/);
  const account = sql(`INSERT INTO app.account (login, organisation_id, holder, personal, role, password_hash, email, suspended_at) VALUES ('silent${process.pid}', ${silent}, '試験', false, 'staff', '', 'silent${process.pid}@example.jp', NULL) RETURNING account_id`)[0][0];
  try {
    assert.equal((await press("kuni", "resend", { id: messages[2] }, silent)).status, 303);
    const sent = () => sql(`SELECT 1 FROM app.outbox WHERE to_address = 'silent${process.pid}@example.jp' AND template = 'handover_refused'`);
    for (let i = 0; i < 100 && sent().length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(sent().length, 1);
  } finally {
    sql(`DELETE FROM app.account WHERE account_id = ${account}`);
  }
});

test("a code is not sent again: the page says to issue another", async () => {
  const code = failed({ template: "cocoa_number", failure: "expired" });
  const page = (await clients.hoken1.get("/undelivered")).text;
  assert.match(page.slice(page.indexOf(`value="${code.id}"`)).split("</tr>")[0], /^(?![\s\S]*もう一度送る)[\s\S]*対応済みにする/);
  assert.equal(asRole("staff", token("hoken1"), [`SELECT app.undelivered_resend(${centre}, ${code.id})`])[0].state, "HS422");
});

test("a code to an address that somebody mistyped is no office's business; the address is remembered all the same", () => {
  const to = `mistyped${process.pid}@example.jp`;
  const code = (office) => sql(`INSERT INTO app.outbox (channel, template, to_address, code, office_id, sent_at) VALUES ('mail', 'my_code', '${to}', '123456', ${office}, now()) RETURNING outbox_id`)[0][0];
  const own = code("NULL"), ours = code(centre);
  for (const id of [own, ours]) sql(`SELECT app.outbox_fail(${id}, 'refused')`);
  assert.deepEqual(sql(`SELECT outbox_id FROM app.undelivered WHERE outbox_id IN (${own}, ${ours})`), [[ours]]);
  assert.deepEqual(sql(`SELECT failure FROM app.outbox WHERE outbox_id = ${own}`), [["refused"]]);
  assert.deepEqual(sql(`SELECT failures FROM app.bounced WHERE channel = 'mail' AND address = '${to}'`), [["2"]]);
});

test("of a clinic's message the competent centre learns, of nobody's the ministry", () => {
  const clinic = failed({ office: organisation("sakura") }), nobody = failed({ office: "NULL" });
  assert.equal(sql(`SELECT o.kind FROM app.organisation o WHERE o.organisation_id = ${entry(clinic)[0]}`)[0][0], "centre");
  assert.equal(sql(`SELECT o.kind FROM app.organisation o WHERE o.organisation_id = ${entry(nobody)[0]}`)[0][0], "ministry");
  assert.deepEqual(sql(`SELECT DISTINCT office_id = ${organisation("hoken1")} FROM app.outbox WHERE template = 'sign_in_code' AND to_address = (SELECT phone FROM app.account_phone JOIN app.account USING (account_id) WHERE login = 'hoken1')`), [["t"]], "a sign-in's code belongs to the account's office");
});

test("an office that may know of them is told whom a message was about, and the trail says so; nobody else is", async () => {
  const person = stranger(), { id } = receipt(await clients.sakura.post("/notification", notification({ ...person, family_name: "宛先" })));
  const patient = hersys("id", id).split(" ")[0], name = `宛先　${person.given_name}`;
  const own = failed({ patient, contact: 0 }), contact = failed({ patient, contact: 3 }), foreign = failed({ office: organisation("kasugai"), patient, contact: 0 });
  const row = async (login, message) => (await clients[login].get("/undelivered")).text.split("<tr>").find((part) => part.includes(`name="message" value="${message.id}"`));
  const shown = (login) => Number(sql(`SELECT count(*) FROM app.audit WHERE action = 'undelivered_list' AND organisation_id = ${organisation(login)} AND patient_ids @> ARRAY[${patient}]::bigint[]`)[0][0]);
  assert.match(await row("hoken1", own), new RegExp(`<a href="/patient/${id}">${name}</a>`));
  assert.match(await row("hoken1", contact), new RegExp(`<a href="/patient/${id}/tab/observation#person-3">${name}の接触者 3番</a>`));
  assert.equal(shown("hoken1"), 2);
  const other = await row("kasugai", foreign);
  assert.ok(other.includes("相手の電話に届きませんでした") && !other.includes(id) && !other.includes("宛先　"));
  assert.equal(shown("kasugai"), 0);
  assert.ok(!(await row("kuni", own)).includes("宛先　"), "the ministry sees no names");
  assert.equal((await press("hoken1", "resend", own)).status, 303);
  assert.deepEqual(sql(`SELECT to_address FROM app.outbox WHERE patient_id = ${patient} AND contact_no = 0 AND office_id = ${centre} ORDER BY outbox_id`), [[own.to], [sql(`SELECT phone FROM app.patient WHERE patient_id = ${patient}`)[0][0]]], "the second one is about the same person");
});

test("a long list goes on by pages", async () => {
  const many = Array.from({ length: 52 }, () => failed({ office: organisation("aichi") }));
  const first = await clients.aichi.get("/undelivered"), [, next] = first.text.match(/href="(\/undelivered\?before=\d+)"/);
  assert.ok(shows(first, many.at(-1)) && !shows(first, many[0]));
  assert.ok(shows(await clients.aichi.get(next), many[0]));
  sql(`DELETE FROM app.undelivered WHERE organisation_id = ${organisation("aichi")}`);
});
