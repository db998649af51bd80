// follow.test.js - 健康観察 behind the curtain: who is observed and until when, when the next answer is due, what makes an answer
// urgent, who takes it on; what a person's own answer does; who may see it on both walls.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { before, test } from "node:test";
import { signIn } from "./client.js";
import { asRole, hersys, sql, sqlHolding } from "./database.js";
import { notification, receipt, stranger } from "./notify.js";

const clients = {};
const tokyo = (days) => new Date(Date.now() + 9 * 3600e3 + days * 86400e3).toISOString().slice(0, 10);
const token = (login) => clients[login].cookies.get("__Host-sid");
const office = (login) => sql(`SELECT organisation_id FROM app.account WHERE login = '${login}'`)[0][0];
const posted = (values) => ({ items: Object.keys(values).join(" "), ...values });

before(async () => {
  for (const login of ["sakura", "hoken1", "hoken2", "kasugai", "aichi", "follow", "minato"]) clients[login] = await signIn(login);
});

// Reported today, ill since `days` ago, at home.
async function atHome(days = -1, overrides = {}) {
  const answer = await clients.sakura.post("/notification", notification({ ...stranger(), diagnosis_date: tokyo(0), onset_date: tokyo(days), ...overrides }));
  const { id } = receipt(answer);
  const patient = { path: `/patient/${id}`, id: hersys("id", id).split(" ")[0] };
  await clients.hoken1.get(`${patient.path}/status`);
  assert.equal((await clients.hoken1.post(`${patient.path}/status`, { status: "home", since: tokyo(0) })).status, 303);
  return patient;
}

async function enter(login, patient, tab, values) {
  await clients[login].get(`${patient.path}/tab/${tab}/new`);
  return clients[login].post(`${patient.path}/tab/${tab}/new`, posted(values));
}

const follow = (patient, columns) => sql(`SELECT ${columns} FROM app.follow WHERE patient_id = ${patient.id} ORDER BY contact_no`);
const store = (patient, contact, key, items) => sql(`SELECT app.observation_store(${patient.id}, ${contact}, '${key}', 'phone', now(), '${JSON.stringify(items)}')`)[0][0];

test("who is cared for at home is observed to the end of the rule; 観察期間 and 通知設定 of the centre change it; an end of care ends it", async () => {
  const patient = await atHome(-2);
  assert.deepEqual(follow(patient, "contact_no, begins_on, ends_on, because, channel, urgency"), [["0", tokyo(-2), tokyo(5), "onset", "web", "0"]]);
  assert.equal((await enter("hoken1", patient, "period", { period_from: tokyo(-2), period_to: tokyo(9), period_because: "症状が続くため" })).status, 303);
  assert.equal((await enter("hoken1", patient, "notice", { notice_channel: "call", notice_phone: "03-1234-5678", notice_time: "10:15", notice_language: "vi" })).status, 303);
  assert.deepEqual(follow(patient, "ends_on, because, channel, phone, language, ask_at, due_at"), [[tokyo(9), "entered", "call", "0312345678", "vi", "10:15:00", "10:15:00"]]);
  await clients.hoken1.get(`${patient.path}/status`);
  await clients.hoken1.post(`${patient.path}/status`, { status: "released", since: tokyo(0) });
  assert.deepEqual(follow(patient, "contact_no"), []);
  assert.deepEqual(sql(`SELECT 1 FROM app.follow_watch WHERE patient_id = ${patient.id}`), []);
});

test("only a centre changes the period; a clinic enters observations and sees all of them, its report's 通知設定 too", async () => {
  const patient = await atHome();
  assert.equal((await enter("sakura", patient, "period", { period_from: tokyo(0), period_to: tokyo(9) })).status, 403);
  assert.equal((await enter("sakura", patient, "opinion", { opinion_on: tokyo(0), opinion_text: "所見" })).status, 403);
  assert.equal((await enter("sakura", patient, "observation", { observation_on: tokyo(0), observation_temperature: "36.9" })).status, 303);
  assert.equal((await enter("hoken1", patient, "observation", { observation_on: tokyo(0), observation_temperature: "37.1" })).status, 303);
  const page = await clients.sakura.get(`${patient.path}/tab/observation`);
  assert.match(page.text, /36\.9℃/);
  assert.match(page.text, /37\.1℃/);
});

test("an answer is weighed by the rule, raised in the list of the centre, taken on by one, and settled with a note", async () => {
  const patient = await atHome(), hoken1 = office("hoken1");
  const watch = () => sql(`SELECT urgency, array_to_string(reasons, '・'), summary, claimed_by IS NOT NULL FROM app.follow_watch WHERE organisation_id = ${hoken1} AND patient_id = ${patient.id}`);
  assert.deepEqual(watch(), [["0", "", "", "f"]]);
  await enter("hoken1", patient, "observation", { observation_on: tokyo(0), observation_temperature: "38.6", observation_spo2: "92", observation_cough: "yes" });
  assert.deepEqual(watch(), [["3", "酸素飽和度93%以下・体温38.5℃以上", "38.6℃　SpO2 92%", "f"]]);
  const [[seen]] = follow(patient, "app.follow_seen(answered_at, settled_at, claimed_by, claimed_at)");
  const act = (login, kind, note = "") => asRole("staff", token(login), [`SELECT app.follow_press(${patient.id}, 0, '${kind}', '${note}', '${seen}')`])[0];
  assert.equal(act("minato", "claimed").state, "HS403");
  assert.equal(act("aichi", "claimed").state, "HS403");
  sql(`UPDATE app.follow SET claimed_by = 0, claimed_at = now() WHERE patient_id = ${patient.id}`);
  assert.equal(act("hoken1", "claimed").state, "HS409");
  sql(`UPDATE app.follow SET claimed_by = NULL, claimed_at = NULL WHERE patient_id = ${patient.id}`);
  sql(`SELECT set_config('app.session', '${token("hoken1")}', true), app.follow_press(${patient.id}, 0, 'settled', '電話で確認', '${seen}')`);
  assert.deepEqual(watch(), [["0", "", "38.6℃　SpO2 92%", "f"]]);
  assert.deepEqual(sql(`SELECT kind, note FROM app.follow_action WHERE patient_id = ${patient.id}`), [["settled", "電話で確認"]]);
  await enter("hoken1", patient, "observation", { observation_on: tokyo(0), observation_breathless: "yes" });
  assert.deepEqual(watch()[0].slice(0, 2), ["3", "息苦しさ"]);
});

test("who is worse than in the answer before is urgent, with both values, though no limit is passed; whoever is better is not", async () => {
  const patient = await atHome(), state = () => follow(patient, "urgency, array_to_string(reasons, '・')")[0];
  const answer = (temperature, spo2, days = 0, contact = 0) => sql(`SELECT app.observation_store(${patient.id}, ${contact}, gen_random_uuid(), 'phone', now() + interval '${days} days', '${JSON.stringify({ observation_temperature: temperature, observation_spo2: spo2 })}')`);
  const settle = () => sql(settling(patient));
  answer("36.4", "99", -2);
  assert.deepEqual(state(), ["0", ""], "nothing is before the first");
  answer("37.3", "97", -1);
  assert.deepEqual(state(), ["0", ""], "0.9 and 2");
  answer("36.3", "99");
  assert.deepEqual(state(), ["0", ""], "better");
  answer("37.3", "96");
  assert.deepEqual(state(), ["2", "酸素飽和度が3%以上下がった（99→96）・体温が1.0℃以上上がった（36.3→37.3）"]);
  assert.match((await clients.hoken1.get(`${patient.path}/tab/observation`)).text, /体温が1\.0℃以上上がった（36\.3→37\.3）/);
  settle();
  assert.deepEqual(state(), ["0", ""]);
  answer("38.6", "96");
  assert.deepEqual(state(), ["2", "体温38.5℃以上・体温が1.0℃以上上がった（37.3→38.6）"], "the limit and the change, from a value that has been dealt with");
  settle();
  answer("38.4", undefined);
  assert.deepEqual(state(), ["1", "体温37.5℃以上"]);
  settle();
  answer("36.5", "92");
  assert.deepEqual(state(), ["3", "酸素飽和度93%以下"], "the answer before said nothing of it");
  await enter("hoken1", patient, "contact", { contact_name: "接触 一子", contact_phone: "090-7777-0004", contact_close: "yes", contact_last_on: tokyo(-1), contact_follow: "sms" });
  answer("37.4", "99", 0, 1);
  assert.deepEqual(follow(patient, "urgency")[1], ["0"], "another person's answer is not theirs");
});

test("a person's own answer is stored once, moves the next due on, and counts as theirs", async () => {
  const patient = await atHome(), key = crypto.randomUUID();
  assert.equal(store(patient, 0, key, { observation_temperature: "36.6" }), "stored");
  assert.equal(store(patient, 0, key, { observation_temperature: "36.6" }), "repeated");
  assert.equal(store(patient, 7, crypto.randomUUID(), { observation_temperature: "36.6" }), "over");
  assert.deepEqual(sql(`SELECT count(*) FROM app.entry WHERE patient_id = ${patient.id} AND tab = 'observation'`), [["1"]]);
  assert.deepEqual(follow(patient, "(next_due AT TIME ZONE 'Asia/Tokyo')::date, (next_due AT TIME ZONE 'Asia/Tokyo')::time"), [[tokyo(1), "08:30:00"]]);
  const page = await clients.hoken1.get(`${patient.path}/tab/observation`);
  assert.match(page.text, /36\.6℃[^]*ご本人/);
});

// A nurse of hoken1 is done with what stands now.
const settling = ({ id }) => `SELECT set_config('app.session', '${token("hoken1")}', true),
  app.follow_press(${id}, 0, 'settled', '電話で確認', app.follow_seen(f.answered_at, f.settled_at, f.claimed_by, f.claimed_at))
  FROM app.follow f WHERE f.patient_id = ${id} AND f.contact_no = 0`;

test("an urgent answer that is on its way while a nurse is done with another stays urgent, whoever entered it", async () => {
  const urgency = (patient) => follow(patient, "urgency, settled_at IS NOT NULL");
  const settle = (patient) => sql(settling(patient));
  const own = await atHome();
  const answer = await sqlHolding(2, "SELECT 1", `SELECT app.observation_store(${own.id}, 0, '${crypto.randomUUID()}', 'phone', now(), '{"observation_breathless": "yes"}')`);
  settle(own);
  await answer.over;
  assert.deepEqual(urgency(own), [["3", "t"]]);
  const staff = await atHome(); // their press waits for the lock of whoever settles
  await clients.hoken2.get(`${staff.path}/tab/observation/new`);
  const settled = await sqlHolding(2, `SELECT 1 FROM app.patient WHERE patient_id = ${staff.id} FOR UPDATE`,
    settling(staff));
  const entered = clients.hoken2.post(`${staff.path}/tab/observation/new`, posted({ observation_on: tokyo(0), observation_breathless: "yes" }));
  await settled.over;
  assert.equal((await entered).status, 303);
  assert.deepEqual(urgency(staff), [["3", "t"]]);
});

test("an answer for yesterday that comes today is yesterday's: today's is still due, and what is newer stays in the lists", async () => {
  const patient = await atHome(-4);
  sql(`UPDATE app.follow SET since = now() - interval '3 days', ask_at = '23:58', due_at = '23:59' WHERE patient_id = ${patient.id}`); // not asked by the jobs meanwhile
  const answer = (days, temperature) => sql(`SELECT app.observation_store(${patient.id}, 0, gen_random_uuid(), 'phone', now() + interval '${days} days', '{"observation_temperature": "${temperature}"}')`);
  const stands = () => follow(patient, "(next_due AT TIME ZONE 'Asia/Tokyo')::date, (next_ask AT TIME ZONE 'Asia/Tokyo')::date, summary, answered_at")[0];
  answer(-1, "37.9");
  const first = stands();
  assert.deepEqual(first.slice(0, 3), [tokyo(0), tokyo(0), "37.9℃"]);
  answer(0, "36.5");
  assert.deepEqual(stands().slice(0, 3), [tokyo(1), tokyo(1), "36.5℃"]);
  const second = stands()[3];
  answer(-1, "38.0");
  assert.deepEqual(stands().slice(0, 3), [tokyo(1), tokyo(1), "36.5℃"]);
  assert.ok(first[3] < second && second < stands()[3], "but each is new to whoever has the list open");
});

test("contacts are observed where it is wanted, with their own answers", async () => {
  const patient = await atHome();
  await enter("hoken1", patient, "contact", { contact_name: "接触 一子", contact_phone: "090-7777-0001", contact_close: "yes", contact_last_on: tokyo(-1), contact_follow: "sms" });
  await enter("hoken1", patient, "contact", { contact_name: "接触 二子", contact_close: "yes", contact_last_on: tokyo(-1) });
  assert.deepEqual(follow(patient, "contact_no, channel, phone").map((row) => row.join()), [`0,web,${follow(patient, "phone")[0][0]}`, "1,sms,09077770001"]);
  store(patient, 1, crypto.randomUUID(), { observation_breathless: "yes" });
  assert.deepEqual(follow(patient, "urgency"), [["0"], ["3"]]);
});

test("the second wall: lists of the own office alone, and no answer of a stranger's patient", async () => {
  const patient = await atHome();
  store(patient, 0, crypto.randomUUID(), { observation_temperature: "36.6" });
  const seen = (login, table) => asRole("staff", token(login), [`SELECT count(*) FROM app.${table} WHERE patient_id = ${patient.id}`])[0].rows?.[0];
  for (const [login, watched, read] of [["hoken1", "1", "1"], ["sakura", "0", "1"], ["aichi", "0", "1"], ["minato", "0", "0"], ["kasugai", "0", "0"]]) {
    assert.equal(seen(login, "follow_watch"), watched, `${login}: list`);
    assert.equal(seen(login, "follow"), read, `${login}: state`);
  }
  for (const role of ["staff", "door", "public"])
    assert.equal(asRole(role, token("hoken1"), [`SELECT app.observation_store(${patient.id}, 0, '${crypto.randomUUID()}', 'phone', now(), '{}')`])[0].state, "42501", role);
});

test("when the end has passed the jobs end it", async () => {
  const patient = await atHome();
  sql(`UPDATE app.follow SET ends_on = '${tokyo(-1)}' WHERE patient_id = ${patient.id}`);
  sql(`UPDATE app.notification SET onset_date = '2022-01-01', diagnosis_date = '2022-01-02' WHERE patient_id = ${patient.id}`);
  assert.ok(Number(sql("SELECT app.follow_expire(100)")[0][0]) > 0);
  assert.deepEqual(follow(patient, "contact_no"), []);
});

test("everybody is asked once a day, by a text that names nobody and leads to their own page", async () => {
  const patient = await atHome(), [[phone]] = follow(patient, "phone");
  const asked = () => sql(`SELECT template, code FROM app.outbox WHERE to_address = '${phone}' AND template LIKE 'follow%' ORDER BY outbox_id`);
  // Between the hour of the question and the hour of the answer the jobs ask at once.
  for (let i = 0; i < 100 && follow(patient, "next_ask <= now()")[0][0] === "t"; i++) await new Promise((resolve) => setTimeout(resolve, 100));
  sql(`DELETE FROM app.outbox WHERE to_address = '${phone}' AND template LIKE 'follow%'; UPDATE app.follow SET asked_on = NULL, next_ask = now() WHERE patient_id = ${patient.id}`);
  for (let i = 0; i < 100 && asked().length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(asked().length, 1);
  assert.equal(asked()[0][0], "follow_ask_ja");
  assert.deepEqual(follow(patient, "asked_on, (next_ask AT TIME ZONE 'Asia/Tokyo')::date"), [[tokyo(0), tokyo(1)]]);
});

test("SMS goes to mobile numbers alone: who has none is not asked, and the centre sees why; with one they are", async () => {
  const patient = await atHome(-1, { phone: "052-555-9876" }), row = async (path) => (await clients.hoken1.get(path)).text;
  const queued = () => sql(`SELECT template FROM app.outbox WHERE patient_id = ${patient.id}`).flat(), next = () => follow(patient, "channel, next_ask IS NULL")[0];
  const why = /携帯電話の番号がないため、たずねていません/;
  sql(`UPDATE app.follow SET since = now() - interval '3 days', next_due = now() - interval '1 hour' WHERE patient_id = ${patient.id}; SELECT app.follow_refresh(${patient.id})`);
  assert.deepEqual(next(), ["web", "t"]);
  assert.match(await row(`${patient.path}/tab/observation`), why);
  sql(`UPDATE app.follow_watch SET next_due = '2000-01-01' WHERE patient_id = ${patient.id}`); // the first of a list that may be long
  assert.match((await row("/follow/silent")).split("<tr").find((part) => part.includes(patient.path)) ?? "", why);
  assert.equal((await enter("hoken1", patient, "notice", { notice_url: "yes", notice_id: "yes", notice_channel: "sms" })).status, 303);
  assert.deepEqual([next(), queued()], [["sms", "t"], []]);
  sql(`UPDATE app.entry SET items = items || '{"notice_channel": "call"}' WHERE patient_id = ${patient.id} AND tab = 'notice'; SELECT app.follow_refresh(${patient.id})`);
  assert.deepEqual(next(), ["call", "f"], "a call rings anywhere");
  assert.doesNotMatch(await row(`${patient.path}/tab/observation`), why);
  sql(`UPDATE app.entry SET items = items || '{"notice_channel": "web", "notice_phone": "09012340001"}' WHERE patient_id = ${patient.id} AND tab = 'notice'; SELECT app.follow_refresh(${patient.id})`);
  assert.deepEqual(next(), ["web", "f"]);
});

test("without a birth date nobody is asked, by whatever way, and the centre sees why; whoever never is asked by the system is no such case", async () => {
  const patient = await atHome(), page = async (path) => (await clients.hoken1.get(path)).text, why = /生年月日がないため、たずねていません/;
  await enter("hoken1", patient, "contact", { contact_name: "接触 一子", contact_phone: "090-1111-0011", contact_close: "yes", contact_last_on: tokyo(0), contact_follow: "web" });
  const seen = (channel) => {
    sql(`UPDATE app.entry SET items = items || '{"contact_follow": "${channel}"}' WHERE patient_id = ${patient.id} AND tab = 'contact'; SELECT app.follow_refresh(${patient.id})`);
    return sql(`SELECT f.channel, f.next_ask IS NULL, w.obstacle FROM app.follow f JOIN app.follow_watch w USING (patient_id, contact_no) WHERE f.patient_id = ${patient.id} AND f.contact_no = 1 AND w.organisation_id = ${office("hoken1")}`)[0];
  };
  for (const channel of ["web", "sms", "call"]) {
    assert.deepEqual(seen(channel), [channel, "t", "birth"]);
    assert.match(await page(`${patient.path}/tab/observation`), why, channel);
  }
  sql(`UPDATE app.follow_watch SET next_due = '2000-01-01' WHERE patient_id = ${patient.id} AND contact_no = 1`); // the first of a list that may be long
  assert.match((await page("/follow/silent")).split("<tr").find((part) => part.includes(`${patient.path}/tab/observation#person-1`)) ?? "", why);
  assert.deepEqual(seen("staff"), ["staff", "t", ""]);
  assert.doesNotMatch(await page(`${patient.path}/tab/observation`), why);
  sql(`UPDATE app.entry SET items = items || '{"contact_birth_date": "1990-07-03"}' WHERE patient_id = ${patient.id} AND tab = 'contact'`);
  for (const channel of ["web", "sms", "call"]) assert.deepEqual(seen(channel), [channel, "f", ""]);
});

test("a number that refuses is told once for a person and a kind, as long as nobody has dealt with it", async () => {
  const patient = await atHome();
  const fail = (template, contact = 0) => sql(`SELECT app.outbox_fail(outbox_id, 'bounced') FROM app.outbox WHERE outbox_id = ${sql(`INSERT INTO app.outbox (channel, template, to_address, office_id, patient_id, contact_no, sent_at) VALUES ('sms', '${template}', '09099990003', ${office("hoken1")}, ${patient.id}, ${contact}, now()) RETURNING outbox_id`)[0][0]}`);
  const open = () => sql(`SELECT template, contact_no FROM app.undelivered WHERE patient_id = ${patient.id} AND ended_at IS NULL ORDER BY entry_no`).map((row) => row.join());
  for (const [template, contact] of [["follow_reply_ja"], ["follow_reply_ja"], ["tell_call_ja"], ["follow_reply_ja", 2]]) fail(template, contact);
  assert.deepEqual(open(), ["follow_reply_ja,0", "tell_call_ja,0", "follow_reply_ja,2"]);
  sql(`UPDATE app.undelivered SET ended_at = now(), ending = 'settled' WHERE patient_id = ${patient.id}`);
  fail("follow_reply_ja");
  assert.deepEqual(open(), ["follow_reply_ja,0"]);
});

test("a daily question, and the answer to a reply, that cannot be delivered is told to the centre in charge", async () => {
  const plain = `0706${String(process.pid).padStart(7, "0").slice(-7)}`;
  for (const channel of ["web", "sms"]) {
    const patient = await atHome();
    if (channel === "sms") {
      await enter("hoken1", patient, "notice", { notice_channel: "sms", notice_phone: plain });
      sql(`INSERT INTO app.reply_number VALUES (${patient.id}, 0, '${plain}', now())`);
    }
    const [[phone]] = follow(patient, "phone");
    sql(`UPDATE app.follow SET asked_on = NULL, next_ask = now() WHERE patient_id = ${patient.id}`);
    const asked = () => sql(`SELECT outbox_id FROM app.outbox WHERE to_address = '${phone}' AND (template LIKE 'follow\\_%' OR template LIKE 'reply\\_%') ORDER BY outbox_id`).flat();
    for (let i = 0; i < 100 && asked().length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 100));
    if (channel === "sms") for (const text of ["36.8 97 0", "?"]) sql(`SELECT app.sms_receive('${phone}${text}', '${phone}', '${text}')`);
    assert.equal(asked().length, channel === "sms" ? 3 : 1);
    for (const id of asked()) {
      sql(`SELECT app.outbox_fail(${id}, 'undelivered')`);
      assert.deepEqual(sql(`SELECT organisation_id, patient_id, contact_no FROM app.undelivered WHERE outbox_id = ${id}`), [[office("hoken1"), patient.id, "0"]]);
    }
  }
});

test("an SMS to many, the number of COCOA, and one that no office wrote, when they cannot be delivered, are told to the centre in charge", async () => {
  const patient = await atHome(), value = (text, name) => text.match(new RegExp(`name="${name}" value="([^"]*)"`))?.[1];
  await clients.hoken1.get("/bulk");
  const fields = { action: "message", message: "call", ids: patient.path.slice("/patient/".length) }, { text } = await clients.hoken1.post("/bulk/preview", fields);
  assert.equal((await clients.hoken1.post("/bulk", { ...fields, digest: value(text, "digest"), form_id: value(text, "form_id") })).status, 303);
  await clients.hoken1.get(`${patient.path}/cocoa`);
  assert.equal((await clients.hoken1.post(`${patient.path}/cocoa`, { wished: "1" })).status, 303);
  sql(`INSERT INTO app.outbox (channel, template, to_address, patient_id, contact_no, next_at) VALUES ('sms', 'tell_release_ja', '09011110010', ${patient.id}, 0, now() + interval '1 hour')`);
  const sent = sql(`SELECT outbox_id FROM app.outbox WHERE patient_id = ${patient.id} AND template IN ('tell_call_ja', 'cocoa_number', 'tell_release_ja')`).flat();
  for (const id of sent) sql(`SELECT app.outbox_fail(${id}, 'undelivered')`);
  assert.deepEqual(sql(`SELECT template, organisation_id, patient_id FROM app.undelivered WHERE outbox_id IN (${sent}) ORDER BY template`),
    ["cocoa_number", "tell_call_ja", "tell_release_ja"].map((template) => [template, office("hoken1"), patient.id]));
});

// ---- answers by SMS --------------------------------------------------------------------------------------------------

const mobile = () => `0907${String(crypto.randomInt(1e7)).padStart(7, "0")}`;
const birthOf = (patient) => follow(patient, "to_char(birth_date, 'MMDD')")[0][0];
const wrongBirth = (patient) => (birthOf(patient) === "0101" ? "0202" : "0101");
let sent = 0;
async function send(from, text, id = `${from}-${++sent}`) {
  const url = hersys("kannel").match(/post-url = "(.*)"/)[1];
  const answer = await fetch(url.replace("%I", id), { method: "POST", body: text, headers: { "content-type": "text/plain; charset=utf-8", "x-kannel-from": `+81${from.slice(1)}` } });
  assert.equal(answer.status, 200);
}
const answers = (patient) => sql(`SELECT items FROM app.entry WHERE patient_id = ${patient.id} AND tab = 'observation' AND withdrawn_at IS NULL ORDER BY entry_no`).map(([items]) => JSON.parse(items));
const replies = (phone) => sql(`SELECT template FROM app.outbox WHERE to_address = '${phone}' AND template LIKE 'reply%' ORDER BY outbox_id`).map(([name]) => name.replace(/^reply_/, ""));
// Somebody at home who is asked by SMS; `confirmed`: their number is known for theirs.
async function bySms(phone, confirmed = true, values = {}) {
  const patient = await atHome();
  await enter("hoken1", patient, "notice", { notice_channel: "sms", notice_phone: phone, ...values });
  if (confirmed) sql(`INSERT INTO app.reply_number VALUES (${patient.id}, 0, '${phone}', now())`);
  return patient;
}

test("36.8 97 0: an answer by SMS is read as people type it, stored once, acknowledged", async () => {
  const phone = mobile(), patient = await bySms(phone);
  for (const [i, text] of ["36.8 97 0", "３６８　９７　０", "37 0 1"].entries()) {
    await send(phone, text, `${phone}-a${i}`);
    await send(phone, text, `${phone}-a${i}`); // the gateway asks again when our answer was lost
  }
  assert.deepEqual(answers(patient).map((a) => [a.observation_temperature, a.observation_spo2, a.observation_spo2_why, a.observation_call_back, a.observation_source].join()),
    ["36.8,97,,,sms", "36.8,97,,,sms", "37.0,,cannot,yes,sms"]);
  const stranger = mobile();
  await send(stranger, "36.8 97 0");
  assert.deepEqual(replies(stranger), []);
  assert.deepEqual(replies(phone), Array(3).fill("received_ja"));
  const trail = () => sql(`SELECT session_tag, count(*) FROM app.audit WHERE patient_id = ${patient.id} AND action = 'my_observe' AND account_id = -1 GROUP BY 1`);
  assert.deepEqual(trail(), [["sms", "3"]]);
});

test("whatever else somebody writes is a wish to be called back, with their words: 「くるしい」 is on the centre's list at once", async () => {
  const phone = mobile(), patient = await bySms(phone);
  await send(phone, "36.8 97 0");
  assert.deepEqual(follow(patient, "urgency"), [["0"]]);
  const words = ["くるしい", "36.8 97 0 息苦しい", "99 97 0", "36.8 30 0", "36.8 97 7", "36.8", "あ".repeat(1200)];
  for (const text of words) await send(phone, text);
  assert.deepEqual(answers(patient).slice(1).map((a) => [a.observation_words, a.observation_call_back, a.observation_source]), words.map((text) => [text.slice(0, 1000), "yes", "sms"]));
  assert.deepEqual(replies(phone), ["received_ja", ...Array(words.length).fill("call_ja")], "also from the fourth a day on");
  assert.deepEqual(follow(patient, "urgency, array_to_string(reasons, '・')"), [["2", "折り返しの電話を希望"]]);
  assert.deepEqual(sql(`SELECT urgency FROM app.follow_watch WHERE patient_id = ${patient.id} AND organisation_id = ${office("hoken1")}`), [["2"]]);
  assert.match((await clients.hoken1.get(`${patient.path}/tab/observation`)).text, /36\.8 97 0 息苦しい/);
});

test("what is too much for a day is told by whom to ring, and not acknowledged", async () => {
  const phone = mobile(), patient = await bySms(phone);
  const number = sql(`SELECT phone FROM app.organisation WHERE organisation_id = ${office("hoken1")}`)[0][0];
  assert.match(number, /^0\d{9}$/);
  sql("UPDATE app.setting SET value = '1' WHERE name = 'my_most'");
  try {
    for (let i = 0; i < 5; i++) await send(phone, "36.8 97 0");
  } finally {
    sql("UPDATE app.setting SET value = '50' WHERE name = 'my_most'");
  }
  assert.equal(answers(patient).length, 1);
  assert.deepEqual(replies(phone), ["received_ja", "ring_ja", "ring_ja", "ring_ja"], "three times a day");
  assert.deepEqual(sql(`SELECT DISTINCT numbers ->> 'phone', office_id FROM app.outbox WHERE to_address = '${phone}' AND template = 'reply_ring_ja'`), [[number, office("hoken1")]]);
});

test("the first answer from a number waits until the birth date is confirmed; then it is theirs, until the number changes", async () => {
  const phone = mobile(), patient = await bySms(phone, false), birth = birthOf(patient), [month, day] = [Number(birth.slice(0, 2)), Number(birth.slice(2))];
  await send(phone, "36.8 97 0");
  assert.deepEqual([answers(patient), replies(phone)], [[], ["birth_ja"]]);
  await send(phone, wrongBirth(patient));
  assert.deepEqual([answers(patient), replies(phone)], [[], ["birth_ja", "birth_ja"]]);
  await send(phone, `${month}月${String(day).replace(/\d/g, (d) => String.fromCharCode(d.charCodeAt(0) + 0xfee0))}日`);
  assert.deepEqual(answers(patient).map((a) => a.observation_temperature), ["36.8"], "what waited is stored");
  await send(phone, "36.9 98 0");
  assert.deepEqual(answers(patient).map((a) => a.observation_temperature), ["36.8", "36.9"]);
  assert.deepEqual(replies(phone), ["birth_ja", "birth_ja", "received_ja", "received_ja"]);
  const trail = sql(`SELECT outcome, count(*) FROM app.audit WHERE patient_id = ${patient.id} AND action = 'sms_open' GROUP BY 1 ORDER BY 1`);
  assert.deepEqual(trail, [["allowed", "1"], ["denied", "1"]]);
  const other = mobile();
  for (const to of [other, phone]) {
    sql(`UPDATE app.entry SET items = items || '{"notice_phone": "${to}"}' WHERE patient_id = ${patient.id} AND tab = 'notice'; SELECT app.follow_refresh(${patient.id})`);
    assert.deepEqual(sql(`SELECT 1 FROM app.reply_number WHERE patient_id = ${patient.id}`), [], "also when the number comes back");
  }
  await send(other, "36.8 97 0");
  assert.deepEqual(replies(other), []);
  await send(phone, "39.9 97 0");
  assert.equal(answers(patient).some((a) => a.observation_temperature === "39.9"), false);
});

test("an answer of the evening is stored for its own moment when the birth date comes in the morning; where none waits, nothing is said to be received", async () => {
  const phone = mobile(), patient = await bySms(phone, false), moments = () => sql(`SELECT since, items ->> 'observation_time', items ->> 'observation_temperature' FROM app.entry WHERE patient_id = ${patient.id} AND tab = 'observation'`);
  await send(phone, "36.8 97 0");
  // So long ago that it was yesterday, at whatever time this runs; then longer ago than a day.
  const ago = (interval) => sql(`UPDATE app.sms_received SET received_at = now() - ${interval} WHERE number = '${phone}'`), confirm = () => send(phone, birthOf(patient));
  ago("interval '23 hours 59 minutes 50 seconds'");
  sql(`UPDATE app.follow SET since = now() - interval '3 days' WHERE patient_id = ${patient.id}`);
  const [[day, time]] = sql(`SELECT (received_at AT TIME ZONE 'Asia/Tokyo')::date, to_char(received_at AT TIME ZONE 'Asia/Tokyo', 'FMHH24:MI') FROM app.sms_received WHERE number = '${phone}'`);
  assert.equal(day, tokyo(-1));
  await confirm();
  assert.deepEqual([moments(), replies(phone)], [[[day, time, "36.8"]], ["birth_ja", "received_ja"]]);
  assert.deepEqual(follow(patient, "(next_due AT TIME ZONE 'Asia/Tokyo')::date"), [[tokyo(0)]], "the answer of today is awaited all the same");
  sql(`DELETE FROM app.reply_number WHERE patient_id = ${patient.id}; DELETE FROM app.entry WHERE patient_id = ${patient.id} AND tab = 'observation'; DELETE FROM app.observation_key WHERE patient_id = ${patient.id}`);
  ago("interval '24 hours 1 minute'");
  await confirm();
  assert.deepEqual([moments(), replies(phone)], [[], ["birth_ja", "received_ja", "confirmed_ja"]]);
  await send(phone, "36.9 98 0");
  assert.deepEqual(answers(patient).map((a) => a.observation_temperature), ["36.9"]);
});

test("who has not confirmed is called back when it is urgent, and no word of theirs is stored; without a birth date nobody confirms", async () => {
  const phone = mobile(), patient = await bySms(phone, false);
  await send(phone, "くるしい");
  await send(phone, "38.9 92 0");
  const kept = (a) => Object.keys(a).filter((name) => !/_(on|time|source)$/.test(name)).join();
  assert.deepEqual(answers(patient).map(kept), Array(2).fill("observation_call_back"));
  assert.deepEqual(replies(phone), ["call_ja", "call_ja", "birth_ja"]);
  await send(phone, birthOf(patient));
  assert.deepEqual(answers(patient).at(-1).observation_spo2, "92");
  const nobodys = mobile(), ageless = await bySms(nobodys, false);
  sql(`UPDATE app.follow SET birth_date = NULL WHERE patient_id = ${ageless.id}`);
  for (const text of ["36.8 97 0", "0703", "39.9 97 0"]) await send(nobodys, text);
  assert.deepEqual(answers(ageless).map(kept), Array(2).fill("observation_call_back"));
  assert.deepEqual(replies(nobodys), ["ring_ja", "call_ja", "call_ja"]);
});

test("wrong birth dates by SMS stand in the trail; from the fifth on even the right one is not judged for a while", async () => {
  const phone = mobile(), patient = await bySms(phone, false);
  for (let i = 0; i < 5; i++) await send(phone, wrongBirth(patient));
  await send(phone, birthOf(patient));
  const denied = () => sql(`SELECT count(*) FROM app.audit WHERE patient_id = ${patient.id} AND action = 'sms_open' AND outcome = 'denied' AND session_tag = 'sms'`)[0][0];
  assert.equal(denied(), "4");
  assert.deepEqual(replies(phone), [...Array(3).fill("birth_ja"), "ring_ja", "ring_ja"]);
  assert.deepEqual(sql(`SELECT 1 FROM app.reply_number WHERE patient_id = ${patient.id}`), []);
  sql(`UPDATE app.sign_in_throttle SET next_at = now() WHERE bucket = 'reply ${patient.id} 0'`);
  await send(phone, birthOf(patient));
  assert.equal(replies(phone).at(-1), "confirmed_ja");
  assert.deepEqual(sql(`SELECT 1 FROM app.sign_in_throttle WHERE bucket = 'reply ${patient.id} 0'`), []);
});

test("of two with one number nobody can answer by SMS: they are told so, and both are called back", async () => {
  const phone = mobile(), both = [await bySms(phone), await bySms(phone)];
  for (const text of ["36.8 97 0", birthOf(both[0]), "くるしい", "くるしい"]) await send(phone, text);
  for (const patient of both) {
    assert.deepEqual(answers(patient).map((a) => [a.observation_temperature, a.observation_words, a.observation_call_back]), Array(4).fill([undefined, undefined, "yes"]));
    assert.deepEqual(follow(patient, "urgency"), [["2"]]);
  }
  assert.deepEqual(replies(phone), Array(3).fill("several_ja"));
  assert.deepEqual(sql(`SELECT DISTINCT patient_id, office_id FROM app.outbox WHERE to_address = '${phone}' AND template LIKE 'reply%'`), [["", office("hoken1")]]);
});

test("however many have one number, all of them are called back; when a wish was too much for a day, whom to ring is said instead", async () => {
  const phone = mobile(), all = [];
  for (let i = 0; i < 12; i++) all.push(await bySms(phone, false));
  await send(phone, "くるしい");
  assert.deepEqual(all.map((patient) => answers(patient).map((a) => a.observation_call_back).join()), Array(12).fill("yes"));
  sql("UPDATE app.setting SET value = '1' WHERE name = 'my_most'");
  try {
    await send(phone, "くるしい");
  } finally {
    sql("UPDATE app.setting SET value = '50' WHERE name = 'my_most'");
  }
  assert.deepEqual([all.map((patient) => answers(patient).length), replies(phone)], [Array(12).fill(1), ["several_ja", "ring_ja"]]);
});

test("what is said to a reply comes in the language of whom it goes to", async () => {
  const phone = mobile(), patient = await bySms(phone, false, { notice_language: "vi" });
  for (const text of ["36.8 97 0", birthOf(patient), "khó thở"]) await send(phone, text);
  assert.deepEqual(replies(phone), ["birth_vi", "received_vi", "call_vi"]);
});

test("a question that waits for the morning goes to nobody who was released, or died, meanwhile", async () => {
  const patient = await atHome(), [[phone]] = follow(patient, "phone"), [[link]] = sql(`SELECT app.follow_link_new(${patient.id}, 0)`);
  const [[id]] = sql(`INSERT INTO app.outbox (channel, template, to_address, code, next_at) VALUES ('sms', 'follow_ask_ja', '${phone}', '${link}', now() + interval '1 hour') RETURNING outbox_id`);
  await clients.hoken1.get(`${patient.path}/status`);
  assert.equal((await clients.hoken1.post(`${patient.path}/status`, { status: "released", since: tokyo(0) })).status, 303);
  sql(`UPDATE app.outbox SET next_at = now(), held = NULL WHERE outbox_id = ${id}`);
  const state = () => sql(`SELECT sent_at IS NULL, failure FROM app.outbox WHERE outbox_id = ${id} AND failed_at IS NOT NULL`);
  for (let i = 0; i < 100 && state().length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(state(), [["t", "expired"]]);
  assert.deepEqual(sql(`SELECT 1 FROM app.undelivered WHERE outbox_id = ${id}`), []);
});

test("who is observed no more is not asked on, as long as one of the family with that telephone is", async () => {
  const phone = `0806${String(process.pid).padStart(7, "0").slice(-7)}`, [gone, stays] = [await atHome(-1, { phone }), await atHome(-1, { phone })];
  for (const patient of [gone, stays]) await enter("hoken1", patient, "notice", { notice_channel: "sms", notice_phone: phone });
  await clients.hoken1.get(`${gone.path}/status`);
  assert.equal((await clients.hoken1.post(`${gone.path}/status`, { status: "released", since: tokyo(0) })).status, 303);
  const idle = (template, patient, contact = 0) => sql(`SELECT app.outbox_is_idle(o) FROM (SELECT (jsonb_populate_record(NULL::app.outbox, '{"channel": "sms", "template": "${template}", "to_address": "${phone}", "patient_id": ${patient.id}, "contact_no": ${contact}}')).*) x CROSS JOIN LATERAL (SELECT (x.*)::app.outbox AS o) y`)[0][0];
  for (const template of ["follow_reply_ja", "tell_entry_ja"]) assert.deepEqual([idle(template, gone), idle(template, stays), idle(template, stays, 3)], ["t", "f", "t"], template);
});

test("a question of a past day is not sent any more; one to answer goes to nobody who is not observed; a person may send one again", async () => {
  const patient = await atHome(), [[phone]] = follow(patient, "phone");
  await enter("hoken1", patient, "notice", { notice_channel: "sms", notice_phone: phone });
  const queue = (template, to, minutes) => sql(`INSERT INTO app.outbox (channel, template, to_address, office_id, queued_at) VALUES ('sms', '${template}', '${to}', ${office("hoken1")}, now() - interval '${minutes} minutes') RETURNING outbox_id`)[0][0];
  const late = [queue("follow_reply_ja", phone, 721), queue("tell_entry_ja", phone, 721), queue("tell_entry_ja", "09099990001", 1)], timely = [queue("follow_reply_ja", phone, 700), queue("tell_entry_ja", phone, 700)];
  const failed = () => sql(`SELECT outbox_id, failure FROM app.outbox WHERE outbox_id IN (${[...late, ...timely]}) AND failed_at IS NOT NULL ORDER BY outbox_id`);
  const tried = () => sql(`SELECT count(*) FROM app.outbox WHERE outbox_id IN (${timely}) AND (sent_at IS NOT NULL OR held IS NOT NULL)`)[0][0];
  for (let i = 0; i < 100 && (failed().length < 3 || tried() !== "2"); i++) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(failed(), late.map((id) => [id, "expired"]));
  assert.equal(tried(), "2");
  assert.deepEqual(sql(`SELECT 1 FROM app.undelivered WHERE outbox_id IN (${late})`), []);
  sql(`SELECT app.outbox_fail(${timely[0]}, 'undelivered')`);
  assert.equal(asRole("staff", token("hoken1"), [`SELECT app.undelivered_resend(${office("hoken1")}, ${timely[0]})`])[0].state, undefined);
});
