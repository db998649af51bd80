// my_privacy.test.js - My HER-SYS towards strangers: a guessed link, birth date, person or key; what the public role may do; what
// 通知設定 sends; that no text names anybody, and that nothing of it stands in a log.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { Client, signIn } from "./client.js";
import { asRole, sql } from "./database.js";
import { notification, stranger } from "./notify.js";
import { answer, atHome, birthFields, linkOf, phoneOf, stored, tokyo } from "./my.js";

const clients = {};
let night; // the quiet hours of SMS: a test may run in them
before(async () => {
  [night] = sql("SELECT quiet_from, quiet_until FROM app.channel WHERE channel = 'sms'");
  sql("UPDATE app.channel SET quiet_from = NULL, quiet_until = NULL WHERE channel = 'sms'");
  for (const login of ["sakura", "hoken1", "aichi", "kasugai"]) clients[login] = await signIn(login);
});
after(() => sql(`UPDATE app.channel SET quiet_from = '${night[0]}', quiet_until = '${night[1]}' WHERE channel = 'sms'`));
const home = (days, overrides) => atHome(clients.sakura, clients.hoken1, days, overrides);
const state = process.env.HERSYS_STATE ?? "var";
const guess = () => crypto.randomBytes(12).toString("hex");
const wrongDate = { year: "1911", month: "1", day: "1" };
const hash = (link) => crypto.createHash("sha256").update(link).digest("hex");
const trail = (action, outcome, patient) => Number(sql(`SELECT count(*) FROM app.audit WHERE action = '${action}' AND outcome = '${outcome}' AND ${patient ? `patient_id = ${patient.id}` : "patient_id IS NULL"}`)[0][0]);

// A page without what differs by its address alone.
const plain = (answer, link) => ({ status: answer.status, text: answer.text.replaceAll(link, "LINK") });

test("a guessed link is answered as a known one, before the birth date and behind a wrong one", async () => {
  const patient = await home(), unknown = guess();
  const pages = [];
  for (const link of [patient.link, unknown]) {
    const phone = new Client();
    pages.push([plain(await phone.get(`/my/${link}`), link)]);
    for (let i = 0; i < 6; i++) pages.at(-1).push(plain(await phone.post(`/my/${link}`, wrongDate), link));
  }
  assert.deepEqual(pages[0], pages[1]);
  assert.match(pages[0][1].text, /リンクか生年月日がちがいます/);
  assert.match(pages[0][6].text, /いまは入力できません/);
  assert.equal(trail("my_sign_in", "denied", patient), 5, "each try stands in the trail");
  assert.equal((await new Client().get(`/my/${"a".repeat(65)}`)).status, 404);
  assert.equal((await new Client().get("/my/%22%3E%3Cscript%3E")).status, 404);
});

test("after five wrong ones the link is locked, even for the right date, for a time that doubles; the right one forgets them", async () => {
  const patient = await home(), phone = new Client(), right = birthFields(patient.birth);
  const until = () => Number(sql(`SELECT round(extract(epoch FROM locked_until - now()) / 60) FROM app.my_try WHERE link_hash = '${hash(patient.link)}'`)[0][0]);
  const wrong = () => phone.post(`/my/${patient.link}`, wrongDate);
  for (let i = 0; i < 4; i++) assert.match((await wrong()).text, /ちがいます/);
  assert.match((await wrong()).text, /いまは入力できません/);
  assert.equal(until(), 1);
  assert.match((await phone.post(`/my/${patient.link}`, right)).text, /いまは入力できません/);
  for (const minutes of [2, 4, 8]) {
    sql(`UPDATE app.my_try SET locked_until = now() WHERE link_hash = '${hash(patient.link)}'`);
    assert.match((await wrong()).text, /いまは入力できません/);
    assert.equal(until(), minutes);
  }
  sql(`UPDATE app.my_try SET failures = 40, locked_until = now() WHERE link_hash = '${hash(patient.link)}'`);
  await wrong();
  assert.equal(until(), 24 * 60, "at most a day");
  sql(`UPDATE app.my_try SET locked_until = now() WHERE link_hash = '${hash(patient.link)}'`);
  assert.equal((await phone.post(`/my/${patient.link}`, right)).status, 303);
  assert.deepEqual(sql(`SELECT 1 FROM app.my_try WHERE link_hash = '${hash(patient.link)}'`), []);
});

test("of many wrong dates at once as few are judged as one after another", async () => {
  const patient = await home();
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => new Client().post(`/my/${patient.link}`, { year: 1950 + i, month: 1, day: 1 })));
  assert.equal(answers.filter(({ text }) => /ちがいます/.test(text)).length, 4);
  assert.equal(trail("my_sign_in", "denied", patient), 5);
});

test("many links that are not there within a minute stand in the trail", async () => {
  sql("DELETE FROM app.my_try; DELETE FROM app.my_alarm");
  const before = trail("my_guessing", "denied");
  for (let i = 0; i < 22; i++) await new Client().post(`/my/${guess()}`, wrongDate);
  assert.equal(trail("my_guessing", "denied"), before + 1);
  // Many at once may pass the number without any of them being it.
  sql("DELETE FROM app.my_try; UPDATE app.my_alarm SET raised_at = raised_at - interval '1 minute'");
  sql("INSERT INTO app.my_try SELECT 'guess ' || n, false, 1, now() FROM generate_series(1, 30) n");
  for (let i = 0; i < 2; i++) await new Client().post(`/my/${guess()}`, wrongDate);
  assert.equal(trail("my_guessing", "denied"), before + 2);
});

test("URL通知 goes to nobody who could not open the page: without a birth date there is no sign-in", async () => {
  const patient = await home(), [[phone]] = sql(`SELECT phone FROM app.follow WHERE patient_id = ${patient.id}`);
  const sent = () => sql(`SELECT count(*) FROM app.outbox WHERE template = 'follow_ask_ja' AND to_address = '${phone}'`)[0][0];
  const send = (birth) => sql(`UPDATE app.follow SET asked_on = NULL, birth_date = ${birth} WHERE patient_id = ${patient.id}; SELECT set_config('app.session', '${clients.hoken1.cookies.get("__Host-sid")}', true), app.notice_link(${patient.id})`);
  const before = Number(sent());
  send("NULL");
  assert.equal(Number(sent()), before);
  send(`'${patient.birth}'`);
  assert.equal(Number(sent()), before + 1);
});

test("a session reaches its own people alone; a guessed key, person or token changes nothing", async () => {
  const mine = await home(), other = await home(), phone = await phoneOf(mine), stranger = await phoneOf(other);
  const key = crypto.randomUUID();
  await answer(stranger, { key, observation_temperature: "36.6" });
  await answer(phone, { key, observation_temperature: "39.9" });
  assert.deepEqual(stored(other, "items ->> 'observation_temperature'"), [["36.6"]]);
  assert.deepEqual(stored(mine, "items ->> 'observation_temperature'"), [["39.9"]]);
  for (const page of ["entry/2", "done/2", "survey/2", "entry/0", "entry/-1", "entry/99999999999"]) assert.equal((await phone.get(`/my/${page}`)).status, 404, page);
  const nobody = new Client();
  nobody.cookies.set("__Host-my", crypto.randomBytes(32).toString("hex"));
  for (const page of ["entry/1", "done/1", "survey/1", "people", "add"]) assert.equal((await nobody.get(`/my/${page}`)).status, 403, page);
  assert.equal((await nobody.get("/my/state")).text, '{"csrf":null}');
  assert.equal((await nobody.get("/my/shell")).status, 404);
  sql(`DELETE FROM app.my_person WHERE token_hash = '${hash(phone.cookies.get("__Host-my"))}'`);
  assert.equal((await phone.get("/my/entry/1")).status, 403);
});

test("a form from elsewhere, or without the session's token, is refused", async () => {
  const patient = await home(), phone = await phoneOf(patient);
  await phone.get(phone.entry);
  const fields = { key: crypto.randomUUID(), observation_cough: "yes" };
  assert.equal((await phone.post(phone.entry, fields, { origin: "https://elsewhere.example" })).status, 400);
  assert.equal((await phone.post(phone.entry, { ...fields, csrf: "0".repeat(64) })).status, 403);
  for (const target of ["/my/survey/1", "/my/add", "/my/leave"]) assert.equal((await phone.post(target, { csrf: "" })).status, 403, target);
  assert.equal((await new Client().post(`/my/${patient.link}`, birthFields(patient.birth), { "sec-fetch-site": "cross-site" })).status, 400);
  assert.deepEqual(stored(patient), []);
});

test("the page that a browser keeps for the time without a network names nobody and holds no token", async () => {
  const patient = await home(), phone = await phoneOf(patient);
  await phone.get(phone.entry);
  const { text } = await phone.get("/my/shell");
  assert.match(text, /体温[^]*息苦しさ/);
  assert.doesNotMatch(text, new RegExp(`${patient.name}|${phone.csrf}|名古屋市保健所`));
  assert.match(text, /name="csrf" value=""/);
});

// ---- the database ------------------------------------------------------------------------------------------------------------------

test("the public role may do what this list says, and nothing else in the schema", () => {
  const tables = { edition: "SELECT", edition_corrected: "SELECT", edition_count: "SELECT", figure_people: "SELECT", figure_population: "SELECT", published: "SELECT", published_now: "SELECT", municipality: "SELECT", municipality_name: "SELECT", population: "SELECT", postal_code: "SELECT", prefecture: "SELECT" };
  const functions = ["application_submit(uuid,text,text,text,text,text,text,text)", "call_begin(text)", "call_ended(text)", "call_store(text)", "call_turn(text,text,text)",
    "mail_return_refused()", "mail_returned(bigint,text,text)", "sms_receive(text,text,text)", "sms_refused()", "sms_report(bigint,text,integer)", "cocoa_redeem(text)", "competent_centre(text)", "folded_place(text)",
    "certificate_check(text)", "my_account_ask(text,text,text,text,text,text,text,text)", "my_account_end(text)", "my_account_enter(text,text,text,text,text,text,text,text)",
    "my_account_salt(text)", "my_certificate(text,integer)", "my_code_take(text,text,text,text)", "my_speak(text,integer,text)", "my_enter(text)", "my_history(text,integer)", "my_leave(text)", "my_sign_in(text,date,text,boolean)", "my_store(text,integer,uuid,timestamp with time zone,jsonb)", "my_survey(text,integer,jsonb)",
    "open_difference(text,date,date)"];
  const granted = sql(`SELECT c.relname, string_agg(p, ' ' ORDER BY p) FROM pg_class c CROSS JOIN unnest(ARRAY['SELECT','INSERT','UPDATE','DELETE','TRUNCATE','REFERENCES','TRIGGER']) p
     WHERE c.relnamespace = 'app'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p', 'f') AND (has_table_privilege('hersys_public', c.oid, p)
       OR p IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') AND has_any_column_privilege('hersys_public', c.oid, p)) GROUP BY 1 ORDER BY 1`);
  assert.deepEqual(Object.fromEntries(granted), tables);
  const callable = sql(`SELECT regexp_replace(p.oid::regprocedure::text, '^app\\.', '') FROM pg_proc p WHERE p.pronamespace = 'app'::regnamespace AND has_function_privilege('hersys_public', p.oid, 'EXECUTE') ORDER BY 1`);
  assert.deepEqual(callable.flat().sort(), functions.sort());
  assert.deepEqual(sql("SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'app'::regnamespace AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege('hersys_public', c.oid, 'USAGE') END"), []);
  assert.deepEqual(sql("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|information_schema' AND (has_schema_privilege('hersys_public', oid, 'CREATE') OR nspname NOT IN ('app', 'public') AND has_schema_privilege('hersys_public', oid, 'USAGE'))"), []);
});

test("no other role opens My HER-SYS, and none but the jobs reads its tables", async () => {
  const token = clients.hoken1.cookies.get("__Host-sid");
  for (const role of ["staff", "door", "public"])
    for (const table of ["my_session", "my_person", "my_try", "follow_link", "my_end", "my_language", "reply_number", "my_account", "my_account_person", "my_device", "my_code", "certificate"]) assert.equal(asRole(role, token, [`SELECT count(*) FROM app.${table}`])[0].state, "42501", `${role} ${table}`);
  for (const role of ["staff", "door"])
    for (const call of ["my_enter('x')", "my_sign_in('x', '2000-01-01', 'x', false)", "my_store('x', 1, gen_random_uuid(), now(), '{}')", "my_history('x', 1)", "my_speak('x', 1, 'en')", "my_account_salt('x')",
      "my_account_ask('x', 'x', 'x', 'x', 'x', 'x', 'x', 'x')", "my_account_enter('x', 'x', 'x', 'x', 'x', 'x', 'x', 'x')", "my_code_take('x', 'x', 'x', 'x')", "my_account_end('x')",
      "my_certificate('x', 1)", "certificate_check('x')", "certificate_wanted(1)", "certificate_issue(1, 'x', 'x', 'x')", "follow_link_new(1, 0)", "my_purge()"])
      assert.equal(asRole(role, token, [`SELECT app.${call}`])[0].state, "42501", `${role} ${call}`);
});

// ---- 通知設定 ------------------------------------------------------------------------------------------------------------------------

const received = () => fs.readFileSync(path.join(state, "log", "messages.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line));
async function texts(phone, count) {
  let found = [];
  for (let i = 0; i < 60; i++) {
    found = received().filter((m) => m.kind === "sms" && m.to.endsWith(phone.slice(1)));
    if (found.length >= count) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return found.map(({ text }) => text);
}
async function notice(login, patient, values) {
  await clients[login].get(`${patient.path}/tab/notice/new`);
  return clients[login].post(`${patient.path}/tab/notice/new`, { items: Object.keys(values).join(" "), ...values });
}
const mobile = () => `0807${String(crypto.randomInt(1e7)).padStart(7, "0")}`;

test("「URL通知 する」 sends the link at once and once a day, in the person's language; 「HER-SYS ID通知」 the number; neither names anybody", async () => {
  const patient = await home(), to = mobile();
  sql(`UPDATE app.follow SET asked_on = NULL, next_ask = NULL WHERE patient_id = ${patient.id}`);
  assert.equal((await notice("hoken1", patient, { notice_url: "yes", notice_id: "yes", notice_phone: to, notice_language: "en" })).status, 303);
  const sent = await texts(to, 2), link = sent.find((text) => text.includes("/my/")), id = sent.find((text) => text.includes("HER-SYS ID"));
  assert.equal(sent.length, 2);
  const [, token] = link.match(/\/my\/([0-9a-f]{26})\?lang=en$/);
  assert.notEqual(token, patient.link);
  assert.match((await new Client().post(`/my/${patient.link}`, birthFields(patient.birth))).text, /リンクか生年月日がちがいます/, "what was sent again is the only link");
  assert.equal((await new Client().post(`/my/${token}`, birthFields(patient.birth))).status, 303);
  assert.match(id, /^From your health centre[^]*\d{5}-\d{5}-\d/);
  for (const text of sent) assert.doesNotMatch(text, new RegExp(`${patient.name}|負荷|コロナ|COVID|感染|陽性|infect|positive`, "i"));
  assert.deepEqual(sql(`SELECT asked_on FROM app.follow WHERE patient_id = ${patient.id}`), [[tokyo(0)]]);
  const [, change] = (await clients.hoken1.get(`${patient.path}/tab/notice`)).text.match(/href="(\/patient\/\d+\/tab\/notice\/\d+)"/);
  const [, version] = (await clients.hoken1.get(change)).text.match(/name="entry_version" value="(\d+)"/);
  assert.equal((await clients.hoken1.post(change, { entry_version: version, items: "notice_time", notice_time: "9:00" })).status, 303);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal((await texts(to, 2)).length, 2, "another change sends nothing again");
});

test("whoever saved 通知設定, the centre in charge is told of what does not arrive", async () => {
  const patient = await home(), to = mobile(), [[centre]] = sql(`SELECT responsible_id FROM app.patient WHERE patient_id = ${patient.id}`);
  sql(`UPDATE app.follow SET asked_on = NULL, next_ask = NULL WHERE patient_id = ${patient.id}`);
  assert.equal((await notice("sakura", patient, { notice_url: "yes", notice_id: "yes", notice_phone: to })).status, 303);
  const sent = sql(`SELECT template, office_id, outbox_id FROM app.outbox WHERE to_address = '${to}' ORDER BY template`);
  assert.deepEqual(sent.map((row) => row.slice(0, 2)), [["follow_ask_ja", centre], ["hersys_id_ja", centre]]);
  for (const [, , id] of sent) sql(`SELECT app.outbox_fail(${id}, 'undelivered')`);
  assert.deepEqual(sql(`SELECT DISTINCT organisation_id FROM app.undelivered WHERE outbox_id IN (${sent.map(([, , id]) => id)})`), [[centre]]);
});

test("whoever saves a notice that cannot go out is told why on the page behind it, at the centre as at the clinic; put right, it goes", async () => {
  const why = { url: /携帯電話の番号がないため、URLのSMSは送れません/, number: /携帯電話の番号がないため、HER-SYS IDのSMSは送れません/, birth: /生年月日が登録されていないため、URLのSMS/,
    channel: /「毎日うかがう方法」がスマートフォン（URL）ではないため/, unobserved: /いまは健康観察の対象ではないため/ };
  const told = async (login, patient) => { const { text } = await clients[login].get(`${patient.path}/tab/notice`); return Object.keys(why).filter((name) => why[name].test(text)).join(); };
  for (const login of ["hoken1", "sakura"]) {
    const patient = await home(), to = mobile();
    sql(`UPDATE app.follow SET asked_on = NULL, next_ask = NULL WHERE patient_id = ${patient.id}`);
    assert.equal(await told(login, patient), "");
    assert.equal((await notice(login, patient, { notice_url: "yes", notice_id: "yes", notice_phone: "052-555-9876" })).status, 303, "the number may be put right later: what was typed is kept");
    assert.equal(await told(login, patient), "url,number", login);
    assert.equal(await told(login === "sakura" ? "hoken1" : "sakura", patient), login === "sakura" ? "url,number" : "", "a clinic sees its own setting alone");
    for (const [reader, rows] of [["aichi", "1"], ["kasugai", "0"]]) assert.deepEqual(asRole("staff", clients[reader].cookies.get("__Host-sid"), [`SELECT count(*) FROM app.notice_obstacles(${patient.id})`])[0].rows, [rows], reader);
    const [, change] = (await clients[login].get(`${patient.path}/tab/notice`)).text.match(/href="(\/patient\/\d+\/tab\/notice\/\d+)"/);
    const [, version] = (await clients[login].get(change)).text.match(/name="entry_version" value="(\d+)"/);
    assert.equal((await clients[login].post(change, { entry_version: version, items: "notice_phone", notice_phone: to })).status, 303);
    assert.equal(await told(login, patient), "");
    assert.deepEqual(sql(`SELECT template FROM app.outbox WHERE to_address = '${to}' ORDER BY template`).flat(), ["follow_ask_ja", "hersys_id_ja"]);
    for (const [change, name] of [["birth_date = NULL", "birth"], ["channel = 'call'", "channel"]]) {
      sql(`UPDATE app.follow SET ${change} WHERE patient_id = ${patient.id}`);
      assert.equal(await told(login, patient), name);
    }
    sql(`DELETE FROM app.follow WHERE patient_id = ${patient.id}`);
    assert.equal(await told(login, patient), "unobserved");
  }
});

test("a clinic that wishes it in a report is told before it reports when the number is no mobile one", async () => {
  const confirm = async (fields) => (await clients.sakura.post("/notification", { ...notification({ ...stranger(), diagnosis_date: tokyo(0), ...fields }), action: "confirm" })).text;
  const why = /My HER-SYS URL通知：携帯電話の番号がないため/, wish = { notice_url: "yes" };
  const page = await confirm({ ...wish, phone: "052-555-9876" });
  assert.match(page, why);
  assert.match(page, /name="notice_url" value="yes" checked/);
  assert.match(page, /value="052-?555-?9876"/);
  assert.match(await confirm({ ...wish, phone: "" }), why);
  for (const fields of [{ ...wish, phone: "06012345678" }, { notice_url: "no", phone: "052-555-9876" }]) assert.doesNotMatch(await confirm(fields), /URLのSMSは送れません/);
  assert.match(await confirm({ ...wish, phone: mobile(), birth_date: "" }), /My HER-SYS URL通知：生年月日の入力がないため/);
});

test("a clinic chooses it with its report, and sends the link with the receipt; not for みなし陽性, whatever is posted", async () => {
  const clinic = clients.sakura, page = (await clinic.get("/notification/new")).text;
  assert.match(page, /My HER-SYS URL通知/);
  assert.doesNotMatch((await clinic.get("/notification/new?deemed=1")).text, /URL通知/);
  assert.doesNotMatch((await clients.hoken1.get("/notification/new")).text, /URL通知/);
  const report = async (overrides) => { const to = mobile(); const answer = await clinic.post("/notification", notification({ ...stranger(), phone: to, diagnosis_date: tokyo(0), onset_date: tokyo(-1), ...overrides })); assert.equal(answer.status, 303); return to; };
  const wished = await report({ notice_url: "yes" }), not = await report({ notice_url: "no" }), deemed = await report({ notice_url: "yes", deemed: "1" });
  assert.match((await texts(wished, 1))[0] ?? "", /\/my\/[0-9a-f]{26}$/);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.deepEqual([await texts(not, 0), await texts(deemed, 0)], [[], []]);
  assert.deepEqual(sql(`SELECT e.items ->> 'notice_url', f.channel FROM app.follow f JOIN app.entry e ON e.patient_id = f.patient_id AND e.tab = 'notice' WHERE f.phone = '${wished}'`), [["yes", "web"]]);
  const kept = await clinic.post("/notification", { ...notification({ diagnosis_date: tokyo(0), notice_url: "yes" }), action: "confirm" });
  assert.match(kept.text, /name="notice_url" value="yes" checked/);
});

test("nothing is sent for 「しない」", async () => {
  const patient = await home(), to = mobile();
  sql(`UPDATE app.follow SET asked_on = NULL, next_ask = NULL WHERE patient_id = ${patient.id}`);
  await notice("hoken1", patient, { notice_url: "no", notice_phone: to });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.deepEqual(await texts(to, 0), []);
});

test("a clinic sets the notice of its own report, but not for みなし陽性: neither by the page nor in the database; the centre does", async () => {
  const own = await home(), deemed = await home(-1, { deemed: "1" });
  assert.equal(sql(`SELECT deemed FROM app.notification WHERE patient_id = ${deemed.id}`)[0][0], "t");
  assert.equal((await notice("sakura", own, { notice_url: "yes", notice_phone: mobile() })).status, 303);
  const refused = await notice("sakura", deemed, { notice_url: "yes", notice_phone: mobile() });
  assert.equal(refused.status, 403);
  assert.match(refused.text, /みなし陽性の方への通知は、保健所が設定します/);
  assert.doesNotMatch((await clients.sakura.get(`${deemed.path}/tab/notice`)).text, /tab\/notice\/new/);
  const insert = (patient) => `INSERT INTO app.entry (patient_id, tab, entry_no, items, organisation_id, entered_by, entered_at) SELECT ${patient.id}, 'notice', 99, '{"notice_url": "yes"}', app.organisation_now(), app.account_now(), now()`;
  const tokens = { sakura: clients.sakura.cookies.get("__Host-sid"), hoken1: clients.hoken1.cookies.get("__Host-sid") };
  assert.equal(asRole("staff", tokens.sakura, [insert(deemed)])[0].state, "42501");
  assert.equal(asRole("staff", tokens.sakura, [insert(own)])[0].state, undefined);
  assert.equal(asRole("staff", tokens.hoken1, [insert(deemed)])[0].state, undefined);
  assert.equal((await notice("hoken1", deemed, { notice_url: "yes", notice_phone: mobile() })).status, 303);
  assert.equal(asRole("staff", tokens.sakura, [`UPDATE app.entry SET items = '{"notice_url": "yes"}' WHERE patient_id = ${deemed.id} AND tab = 'notice' RETURNING 1`])[0].rows.length, 0);
  for (const login of ["aichi"]) assert.equal(asRole("staff", clients[login].cookies.get("__Host-sid"), [`SELECT app.notice_link(${own.id})`])[0].state, "HS403");
});

// ---- what is left behind -------------------------------------------------------------------------------------------------------------

test("neither links nor birth dates nor answers stand in a log", async () => {
  const patient = await home(), phone = await phoneOf(patient), word = `ことば${crypto.randomUUID()}`, wrong = guess();
  await answer(phone, { observation_temperature: "39.7", observation_words: word });
  await new Client().post(`/my/${wrong}`, wrongDate);
  await phone.request("POST", `/my/${patient.link}`, "x".repeat(300_000)); // refused by nginx, which tells its log why
  await new Promise((resolve) => setTimeout(resolve, 1500)); // nginx writes now and then
  const files = fs.readdirSync(path.join(state, "log")).filter((name) => !/^messages|^receiver/.test(name)).map((name) => path.join(state, "log", name));
  for (const file of [...files, path.join(state, "postgresql.log")]) {
    const log = fs.readFileSync(file, "utf8");
    for (const secret of [patient.link, wrong, word, phone.cookies.get("__Host-my"), phone.csrf]) assert.ok(!log.includes(secret), `${file}: ${secret}`);
    if (/nginx-access/.test(file)) assert.match(log, / POST \/my\/- /);
  }
  assert.deepEqual(sql(`SELECT detail FROM app.audit WHERE patient_id = ${patient.id} AND action LIKE 'my%' ORDER BY seq`).flat().filter((detail) => !/^\d*$/.test(detail)), []);
  assert.match((await clients.hoken1.get(`${patient.path}/viewers`)).text, /ご本人[^]*健康状態を入力[^]*ご本人[^]*My HER-SYSを開いた/);
});
