// desk.test.js - 健康観察 as offices work through it: the lists and who has them, two nurses at once, a late answer, paging by index alone;
// the patient's page; the rules of head offices and of the ministry with what they would change; the end of care with its reason;
// messages by SMS to many, held back while they are not sent.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { before, test } from "node:test";
import { signIn } from "./client.js";
import { asRole, hersys, pastTheWall, sql, sqlHolding } from "./database.js";
import { notification, receipt, stranger } from "./notify.js";

const clients = {};
const tokyo = (days) => new Date(Date.now() + 9 * 3600e3 + days * 86400e3).toISOString().slice(0, 10);
const slashed = (iso) => iso.split("-").map(Number).join("/");
const token = (login) => clients[login].cookies.get("__Host-sid");
const office = (login) => sql(`SELECT organisation_id FROM app.account WHERE login = '${login}'`)[0][0];
const posted = (values) => ({ items: Object.keys(values).join(" "), ...values });

before(async () => {
  for (const login of ["sakura", "hoken1", "hoken2", "kasugai", "aichi", "nagoya", "kuni", "follow", "shukuhaku", "minato"]) clients[login] = await signIn(login);
});

async function atHome(days = -1, overrides = {}) {
  const answer = await clients.sakura.post("/notification", notification({ ...stranger(), diagnosis_date: tokyo(0), onset_date: tokyo(days), ...overrides }));
  const { id } = receipt(answer), patient = { path: `/patient/${id}`, plain: id, id: hersys("id", id).split(" ")[0] };
  await clients.hoken1.get(`${patient.path}/status`);
  assert.equal((await clients.hoken1.post(`${patient.path}/status`, { status: "home", since: tokyo(0) })).status, 303);
  return patient;
}

async function enter(login, patient, tab, values) {
  await clients[login].get(`${patient.path}/tab/${tab}/new`);
  return clients[login].post(`${patient.path}/tab/${tab}/new`, posted(values));
}

const ill = { observation_on: tokyo(0), observation_time: "8:10", observation_temperature: "38.8", observation_spo2: "92", observation_breathless: "yes" };
const store = (patient, contact, items) => sql(`SELECT app.observation_store(${patient.id}, ${contact}, '${crypto.randomUUID()}', 'phone', clock_timestamp(), '${JSON.stringify(items)}')`)[0][0];
const seen = (patient, contact = 0) => sql(`SELECT app.follow_seen(answered_at, settled_at, claimed_by, claimed_at) FROM app.follow WHERE patient_id = ${patient.id} AND contact_no = ${contact}`)[0][0];
const press = (login, patient, name, more = {}) => clients[login].post("/follow", { form_id: crypto.randomUUID(), person: `${patient.plain}-0`, seen: seen(patient), back: "urgent", note: "", press: name, ...more });
const actions = (patient) => sql(`SELECT kind, note FROM app.follow_action WHERE patient_id = ${patient.id} ORDER BY action_no`).map((row) => row.join(":"));
const link = (patient, contact = 0) => `href="${patient.path}/tab/observation#person-${contact}"`;
const row = (html, patient, contact = 0) => html.split("<tr").find((part) => part.includes(link(patient, contact)));

// Every page of a section until the person is found.
async function listed(login, section, patient, contact = 0) {
  for (let path = `/follow/${section}`; path;) {
    const page = await clients[login].get(path);
    assert.equal(page.status, 200);
    if (page.text.includes(link(patient, contact))) return row(page.text, patient, contact);
    path = page.text.match(/href="(\/follow\/[^"]+behind[^"]+)"/)?.[1].replaceAll("&amp;", "&");
  }
  return null;
}

test("whoever observes has the lists: the centre, a linked agency with its patients only; nobody else", async () => {
  const patient = await atHome();
  await enter("hoken1", patient, "contact", { contact_name: "接触 一子", contact_phone: "090-7777-0001", contact_close: "yes", contact_last_on: tokyo(-1), contact_follow: "web" });
  await enter("hoken1", patient, "observation", ill);
  store(patient, 1, { observation_breathless: "yes" });
  assert.match(await listed("hoken1", "urgent", patient), /至急[^]*息苦しさ、酸素飽和度93%以下、体温38\.5℃以上[^]*38\.8℃/);
  assert.match(await listed("hoken1", "urgent", patient), /href="tel:080\d{8}"/);
  assert.match(await listed("hoken2", "urgent", patient, 1), /接触 一子[^]*接触者[^]*患者：負荷/);
  for (const login of ["follow", "kasugai", "shukuhaku", "minato", "sakura"]) assert.equal(await listed(login, "urgent", patient), null, login);
  for (const login of ["aichi", "nagoya", "kuni"]) {
    assert.equal((await clients[login].get("/follow")).status, 404, login);
    assert.equal((await press(login, patient, "claimed")).status, 404, login);
  }
  await clients.hoken1.get(`${patient.path}/assignment`);
  const code = sql("SELECT code FROM app.organisation o JOIN app.account a USING (organisation_id) WHERE a.login = 'follow'")[0][0];
  assert.equal((await clients.hoken1.post(`${patient.path}/grant`, { kind: "followup", code })).status, 303);
  assert.match(await listed("follow", "urgent", patient), /38\.8℃/);
  assert.equal(await listed("follow", "urgent", patient, 1), null, "contacts are told to whoever may see contacts");
  const page = (await clients.follow.get(`${patient.path}/tab/observation`)).text;
  assert.match(page, /38\.8℃/);
  assert.doesNotMatch(page, /接触/);
  const peek = (login, query) => asRole("staff", token(login), [query])[0].rows?.[0];
  assert.equal(peek("follow", `SELECT count(*) FROM app.follow WHERE patient_id = ${patient.id}`), "1");
  assert.equal(peek("follow", `SELECT count(*) FROM app.entry WHERE patient_id = ${patient.id} AND items ? 'observation_of'`), "0");
  assert.equal(asRole("staff", token("follow"), [`SELECT app.follow_press(${patient.id}, 1, 'settled', 'x', '${seen(patient, 1)}')`])[0].state, "HS403");
  assert.equal(asRole("staff", token("follow"), [`SELECT app.follow_press(${patient.id}, 0, 'settled', 'x', '${seen(patient)}')`])[0].state, undefined);
  const presses = sql("SELECT p.oid::regproc FROM pg_proc p WHERE p.pronamespace = 'app'::regnamespace AND p.prosrc LIKE '%INSERT INTO app.follow_action%' AND has_function_privilege('hersys_staff', p.oid, 'EXECUTE')");
  assert.deepEqual(presses, [["app.follow_press"]], "there is no other way to press");
  assert.equal((await press("follow", patient, "claimed")).status, 303);
  assert.match(await listed("hoken1", "urgent", patient), /引き受け中[^]*看護師 若葉（名古屋健康フォローアップセンター）/);
});

test("what was done about a contact's answers is for whoever may see contacts, on each of the two walls", async () => {
  const patient = await atHome();
  await enter("hoken1", patient, "contact", { contact_name: "接触 二子", contact_close: "yes", contact_last_on: tokyo(-1), contact_follow: "staff" });
  await enter("hoken1", patient, "observation", ill);
  store(patient, 1, { observation_breathless: "yes" });
  for (const contact of [0, 1]) assert.equal((await press("hoken1", patient, "claimed", { person: `${patient.plain}-${contact}` })).status, 303);
  await clients.hoken1.get(`${patient.path}/assignment`);
  const code = sql("SELECT code FROM app.organisation o JOIN app.account a USING (organisation_id) WHERE a.login = 'follow'")[0][0];
  await clients.hoken1.post(`${patient.path}/grant`, { kind: "followup", code });
  const statement = (login, name, more) => pastTheWall(token(login), "src/core/follow.sql", name, patient.id, office(login), ...more).length;
  for (const [login, rows] of [["hoken1", 2], ["follow", 1], ["minato", 0], ["kasugai", 0]]) {
    for (const table of ["follow", "follow_action"])
      assert.deepEqual(asRole("staff", token(login), [`SELECT count(*) FROM app.${table} WHERE patient_id = ${patient.id}`])[0].rows, [String(rows)], `${login} ${table}`);
    for (const [name, ...more] of [["follow_people"], ["follow_actions", 0, 100], ["follow_entries", null, 0, 100]]) assert.equal(statement(login, name, more), rows, `${login} ${name}`);
  }
});

test("two nurses: one takes it on, the other is told who; a note is asked for and nothing typed is lost; a late answer is not settled unseen", async () => {
  const patient = await atHome();
  await enter("hoken1", patient, "observation", ill);
  const first = await Promise.all([press("hoken1", patient, "claimed"), press("hoken2", patient, "claimed")]);
  assert.deepEqual(first.map((answer) => answer.status).sort(), [303, 409]);
  const told = first.find((answer) => answer.status === 409), winner = first[0].status === 303 ? "hoken1" : "hoken2", other = winner === "hoken1" ? "hoken2" : "hoken1";
  assert.match(told.text, new RegExp(`保健師 ${winner === "hoken1" ? "さくら" : "けやき"}（名古屋市保健所）が引き受けています`));
  assert.equal((await press(other, patient, "released")).status, 409);
  assert.equal((await press(winner, patient, "released")).status, 303);
  const empty = await press("hoken1", patient, "settled");
  assert.equal(empty.status, 200);
  assert.match(empty.text, /したことを書いてください/);
  const before = seen(patient);
  store(patient, 0, { observation_temperature: "39.4" });
  const late = await press("hoken1", patient, "settled", { seen: before, note: "電話で確認" });
  assert.equal(late.status, 409);
  assert.match(late.text, /新しい答えがあったか/);
  assert.match(late.text, /39\.4℃/);
  assert.match(late.text, /name="note" value="電話で確認"/);
  const form_id = crypto.randomUUID();
  for (let i = 0; i < 2; i++) assert.equal((await press("hoken1", patient, "settled", { form_id, note: "受診を手配" })).status, 303);
  assert.deepEqual(actions(patient), ["claimed:", "released:", "settled:受診を手配"], "pressed twice it is one");
  assert.equal(await listed("hoken1", "urgent", patient), null);
  assert.match((await clients.hoken2.get(`${patient.path}/tab/observation`)).text, /済み[^]*受診を手配/);
  assert.equal((await press("hoken1", patient, "claimed")).status, 409, "there is nothing to take on any more");
  assert.deepEqual(sql(`SELECT action, count(*) FROM app.audit WHERE patient_id = ${patient.id} AND action LIKE 'follow\\_%ed' GROUP BY 1 ORDER BY 1`), [["follow_claimed", "1"], ["follow_released", "1"], ["follow_settled", "1"]]);
});

test("of two who are done with one answer the second is told, and so is whoever did not see that it was taken on", async () => {
  const patient = await atHome();
  await enter("hoken1", patient, "observation", ill);
  const open = seen(patient);
  assert.equal((await press("hoken2", patient, "claimed")).status, 303);
  const unseen = await press("hoken1", patient, "settled", { seen: open, note: "電話で確認" });
  assert.equal(unseen.status, 409);
  assert.match(unseen.text, /保健師 けやき（名古屋市保健所）が引き受けています[^]*name="note" value="電話で確認"/);
  const [, shown] = unseen.text.match(/name="seen" value="(\w+)"/);
  const both = [await press("hoken1", patient, "settled", { seen: shown, note: "一人目" }), await press("hoken2", patient, "settled", { seen: shown, note: "二人目" })];
  assert.deepEqual(both.map(({ status }) => status), [303, 409]);
  assert.match(both[1].text, /ほかの方が対応しました/);
  assert.equal((await press("hoken2", patient, "settled", { seen: "", note: "見ずに" })).status, 409);
  assert.deepEqual(actions(patient), ["claimed:", "settled:一人目"]);
});

test("the trail of a press says who was shown, and who was refused; nothing of whom nobody was shown", async () => {
  const patient = await atHome();
  await enter("hoken1", patient, "observation", ill);
  const trail = (login) => sql(`SELECT action, outcome, detail FROM app.audit WHERE organisation_id = ${office(login)} AND patient_id = ${patient.id} AND action LIKE 'follow%' ORDER BY at, seq`).map((row) => row.join(" ").trim());
  assert.equal((await press("kasugai", patient, "settled")).status, 409, "shown again is nobody");
  assert.deepEqual(trail("kasugai"), []);
  assert.equal((await press("kasugai", patient, "settled", { note: "電話" })).status, 403);
  assert.deepEqual(trail("kasugai"), ["follow_settled denied 0"]);
  assert.match((await press("hoken1", patient, "settled")).text, /したことを書いてください/);
  assert.deepEqual(trail("hoken1"), ["follow_list allowed"]);
  const refused = (login, action) => Number(sql(`SELECT count(*) FROM app.audit WHERE organisation_id = ${office(login)} AND action = '${action}' AND outcome = 'denied'`)[0][0]);
  for (const [login, path, action] of [["hoken1", "/follow/rules", "follow_rule"], ["nagoya", "/follow/care", "care_rule"]]) {
    const before = refused(login, action);
    assert.equal((await clients[login].get(path)).status, 403);
    assert.equal(refused(login, action), before + 1, path);
  }
});

test("silent, ending today, later: each in its section, page by page, by an index and not by a scan", async () => {
  const patient = await atHome(), mine = office("hoken1");
  sql(`UPDATE app.follow SET since = now() - interval '3 days', begins_on = app.today() - 3 WHERE patient_id = ${patient.id}; SELECT app.follow_state(ARRAY[${patient.id}])`);
  assert.match(await listed("hoken1", "silent", patient), /答えがありません/);
  assert.notEqual(await listed("hoken1", "later", patient), null);
  await enter("hoken1", patient, "period", { period_from: tokyo(-2), period_to: tokyo(0) });
  assert.match(await listed("hoken1", "ending", patient), /きょうまで/);
  assert.match((await clients.hoken1.get("/")).text, /健康観察：急ぎ[^]*健康観察：まだ答えがない方[^]*健康観察：きょう終わる方/);
  // Hundreds more, past the functions: what a page reads must not grow with them, and all of them are reached.
  sql(`INSERT INTO app.follow_watch SELECT ${mine}, 50000000 + n, 0, '並び' || n, '', NULL, 'web', NULL, app.today() + 3, now(), NULL, 1 + n % 3, now() - make_interval(mins => n % 7), '{試験}', '', NULL, NULL FROM generate_series(1, 130) n; ANALYZE app.follow_watch`);
  const names = new Set();
  let last = "至急", pages = 0;
  for (let path = "/follow/urgent"; path; pages++) {
    const page = await clients.hoken1.get(path);
    for (const [, rank, name] of page.text.matchAll(/class="badge (?:bad|warn)">(至急|急ぎ|注意)<\/span> <a[^>]*>(並び\d+)/g)) {
      assert.ok(["至急", "急ぎ", "注意"].indexOf(rank) >= ["至急", "急ぎ", "注意"].indexOf(last), "sorted by urgency");
      last = rank;
      names.add(name);
    }
    path = page.text.match(/href="(\/follow\/[^"]+behind[^"]+)"/)?.[1].replaceAll("&amp;", "&");
  }
  assert.ok(pages >= 3);
  assert.equal(names.size, 130, "each once, none left out");
  const statement = (section) => `EXPLAIN SELECT * FROM app.follow_watch f WHERE f.organisation_id = ${mine} AND ${section} LIMIT 50`;
  for (const section of ["f.urgency = 3 AND f.urgency > 0 ORDER BY f.raised_at, f.patient_id, f.contact_no", "f.urgency = 0 AND f.next_due < now() ORDER BY f.next_due, f.patient_id, f.contact_no", "f.ends_on > app.today() ORDER BY f.ends_on, f.patient_id, f.contact_no"]) {
    const plan = sql(`SET enable_seqscan = off; ${statement(section)}`).flat().join("\n");
    assert.match(plan, /Index Scan using follow_watch_(urgent|silent|ends)/, plan);
    assert.doesNotMatch(plan, /Sort/);
  }
  sql(`DELETE FROM app.follow_watch WHERE patient_id > 50000000`);
});

test("the patient's page: answers with their source, values beyond the rule of their day, the period with its reason", async () => {
  const patient = await atHome(-3);
  await enter("hoken1", patient, "observation", { ...ill, observation_source: "staff" });
  store(patient, 0, { observation_temperature: "36.5", observation_cough: "no", observation_breathless: "no" });
  const page = async (login) => (await clients[login].get(`${patient.path}/tab/observation`)).text;
  const text = await page("hoken1");
  assert.match(text, /スマートフォン[^]*ご本人/);
  assert.match(text, /職員の聞き取り[^]*保健師 さくら/);
  assert.equal([...text.matchAll(/超えた値/g)].length, 1);
  assert.match(text, new RegExp(`発症日（${slashed(tokyo(-3))}）から7日（令和4年9月7日からの療養期間）`));
  assert.match(text, /data-temperature="38\.8" data-spo2="92" data-urgency="3"/);
  assert.equal([...text.matchAll(/class="sub beyond">([^<]*)</g)].map(([, words]) => words).join(), "▲ 38.5℃以上,▼ 93％以下");
  assert.match(text, /data-limits="observation_temperature at_least 37\.5 1,[^"]*observation_spo2 at_most 93 3"/);
  for (const tab of ["observation", "opinion", "period", "notice", "survey"]) assert.match(text, new RegExp(`class="tabs subtabs"[^]*href="${patient.path}/tab/${tab}"`));
  assert.equal([...text.matchAll(/class="tab" href="[^"]*\/tab\/(opinion|period|notice|survey)"/g)].length, 4, "the bar has one tab for all of them");
  assert.doesNotMatch(await page("sakura"), /観察期間<\/h2>/, "who may not see the period is not told it");
  await enter("hoken1", patient, "period", { period_from: tokyo(-3), period_to: tokyo(6), period_because: "家族も陽性" });
  assert.match(await page("aichi"), /保健所が決めた終了日（家族も陽性）[^]*入力：名古屋市保健所 保健師 さくら/);
  assert.equal((await clients.kuni.get(`${patient.path}/tab/observation`)).status, 403);
  assert.equal((await clients.kasugai.get(`${patient.path}/tab/observation`)).status, 404);
});

test("of many answers the newest of each person are shown, and the way to the others; the same for what was done", async () => {
  const patient = await atHome(), path = `${patient.path}/tab/observation`, show = async (url) => (await clients.hoken1.get(url.replaceAll("&amp;", "&"))).text;
  await enter("hoken1", patient, "contact", { contact_name: "接触 三子", contact_close: "yes", contact_last_on: tokyo(-1), contact_follow: "staff" });
  // Long ago the contact answered, once; the patient has answered 450 times since, and 250 times somebody saw to it.
  sql(`INSERT INTO app.entry (patient_id, tab, entry_no, since, items, organisation_id, entered_by, entered_at)
    SELECT ${patient.id}, 'observation', n, app.today() - 300 + n / 2, jsonb_build_object('observation_on', (app.today() - 300 + n / 2)::text, 'observation_temperature', '36.' || n % 10, 'observation_words', '答え' || n || '番')
           || CASE n WHEN 1 THEN '{"observation_of": "1"}' ELSE '{}' END::jsonb, -1, -1, now() - make_interval(hours => 6000 - 12 * n) FROM generate_series(1, 451) n`);
  sql(`INSERT INTO app.follow_action (patient_id, action_no, contact_no, kind, note, organisation_id, account_id, at) SELECT ${patient.id}, n, 0, 'settled', '対応' || n || '番', ${office("hoken1")}, 1, now() FROM generate_series(1, 250) n`);
  const numbers = (text, word) => [...text.matchAll(new RegExp(`${word}(\\d+)番`, "g"))].map(([, n]) => Number(n)), link = (text, label) => text.match(new RegExp(`href="([^"#]+)[^"]*">${label}`))?.[1];
  const first = await show(path);
  assert.deepEqual(numbers(first, "答え").sort((a, b) => a - b), [1, ...Array.from({ length: 30 }, (_, i) => 422 + i)], "the contact's old answer too");
  assert.match(first, /これより古い答えは表示していません/);
  let seen = [], url = link(first, "古い答えを見る");
  for (let pages = 0; url && pages < 5; pages++) {
    const text = await show(url);
    assert.doesNotMatch(text, /答え1番|接触者 1番/);
    seen = [...seen, ...numbers(text, "答え")];
    assert.equal(link(text, "全員の答え"), path);
    url = link(text, "古い答えを見る");
  }
  assert.deepEqual(seen, Array.from({ length: 450 }, (_, i) => 451 - i), "each once, the newest first");
  assert.equal(link(await show(`${path}?person=1`), "古い答えを見る"), undefined);
  let done = [];
  for (url = path; url;) {
    const text = await show(url);
    done = [...done, ...numbers(text, "対応")];
    url = link(text, "古い対応を見る");
  }
  assert.deepEqual(done, Array.from({ length: 250 }, (_, i) => 250 - i));
});

test("the end of care: days, hours since 症状軽快, a negative kit, a facility; one function for the observation and for closing", async () => {
  const period = (patient) => sql(`SELECT ends_on - begins_on, because, reason FROM app.care_periods(ARRAY[${patient.id}])`)[0];
  const old = async (days, overrides = {}) => atHome(days, { diagnosis_date: tokyo(Math.max(days, -5)), ...overrides });
  const patient = await old(-5);
  assert.deepEqual(period(patient).slice(0, 2), ["7", "onset"]);
  await enter("hoken1", patient, "period", { period_from: tokyo(-5), period_recovered_on: tokyo(-1) });
  assert.deepEqual(period(patient), ["7", "onset", `発症日（${slashed(tokyo(-5))}）から7日、症状が軽快した日（${slashed(tokyo(-1))}）から24時間`]);
  await clients.hoken1.get(`${patient.path}/tab/period/1`);
  assert.equal((await clients.hoken1.post(`${patient.path}/tab/period/1`, { entry_version: "1", ...posted({ period_from: tokyo(-5), period_recovered_on: tokyo(3) }) })).status, 303);
  assert.equal(period(patient)[0], "9", "a day behind the recovery");
  assert.deepEqual(sql(`SELECT ends_on FROM app.follow WHERE patient_id = ${patient.id}`), [[tokyo(4)]]);
  const none = await old(-6, { onset_date: "", diagnosis_date: tokyo(-6) });
  assert.deepEqual(period(none).slice(0, 2), ["7", "diagnosed"]);
  await enter("hoken1", none, "period", { period_from: tokyo(-6), period_kit_on: tokyo(-3) });
  assert.equal(period(none)[0], "7", "too early for a kit");
  await clients.hoken1.get(`${none.path}/tab/period/1`);
  await clients.hoken1.post(`${none.path}/tab/period/1`, { entry_version: "1", ...posted({ period_from: tokyo(-6), period_kit_on: tokyo(-1) }) });
  assert.deepEqual(period(none), ["5", "diagnosed", `診断日（${slashed(tokyo(-6))}）から5日目以降の検査キットで陰性（${slashed(tokyo(-1))}）`]);
  const proposal = (patient) => sql(`SELECT until, reason FROM app.close_proposal WHERE patient_id = ${patient.id}`);
  sql(`UPDATE app.access SET status_since = '${tokyo(-6)}' WHERE patient_id = ${none.id}; SELECT app.close_refresh(${none.id})`);
  assert.deepEqual(proposal(none), [[tokyo(-1), period(none)[2]]], "closing is proposed by the same end, with the same reason");
  assert.match((await clients.hoken1.get("/closing")).text, /検査キットで陰性/);
});

// What a form of rules says of the versions that it was made from.
const newest = async (login, path) => (await clients[login].get(path)).text.match(/name="newest" value="(\d+)"/)[1];

test("a head office tries and saves thresholds from a day on; the past and other offices stay; the jobs bring people into step", async () => {
  const patient = await atHome(), nagoya = office("nagoya");
  await enter("hoken1", patient, "observation", { observation_on: tokyo(-1), observation_temperature: "37.0" });
  await enter("hoken1", patient, "observation", { observation_on: tokyo(0), observation_temperature: "36.9" });
  for (const login of ["hoken1", "sakura", "follow"]) {
    assert.equal((await clients[login].get("/follow/rules")).status, 403, login);
    assert.equal(asRole("staff", token(login), [`SELECT app.follow_rule_save(app.today(), '7:00', '8:00', false, '{observation_temperature}', '[]', 0)`])[0].state, "HS403", login);
    assert.equal(asRole("staff", token(login), [`SELECT * FROM app.follow_rule_preview('[]', 10)`])[0].state, "HS403", login);
  }
  const stamp = await newest("nagoya", "/follow/rules");
  const form = (overrides = {}) => ({ form_id: crypto.randomUUID(), press: "save", newest: stamp, from: tokyo(0), ask_at: "７：１５", due_at: "9:00", observation_temperature: "1", observation_words: "1",
    "item-0": "observation_temperature", "comparison-0": "at_least", "value-0": "36.8", "urgency-0": "2", "words-0": "", ...overrides });
  const rules = () => sql(`SELECT valid_from, ask_at, alarms FROM app.follow_rule WHERE owner_id = ${nagoya} ORDER BY entered_at`);
  for (const [wrong, words] of [[{ from: tokyo(-1) }, /過去の決まりは変わりません/], [{ "value-0": "３７度" }, /1行目：値を数字で/], [{ "value-0": "37", "words-0": "体温36.8℃以上" }, /数字が、値と違います/],
    [{ ask_at: "9:30" }, /たずねる時刻より後/], [{ ask_at: "9:00" }, /たずねる時刻より後/], [{ observation_temperature: "", observation_words: "" }, /一つ以上選んで/], [{ "comparison-0": "is" }, /「以上」か「以下」/]]) {
    const answer = await clients.nagoya.post("/follow/rules", form(wrong));
    assert.equal(answer.status, 200);
    assert.match(answer.text, words);
    assert.match(answer.text, /入力した内容は残っています/);
  }
  const tried = await clients.nagoya.post("/follow/rules", form({ press: "try" }));
  const now = Number(tried.text.match(/いま、対応が必要な方<\/dt><dd>(\d+)/)[1]), then = Number(tried.text.match(/この決まりなら<\/dt><dd><strong>(\d+)/)[1]);
  assert.ok(Number(tried.text.match(/急ぐ度合いが変わる方<\/dt><dd>(\d+)/)[1]) >= 1, `${now} and ${then}`);
  assert.deepEqual(rules(), [], "tried, not saved");
  try {
    const saved = form();
    for (let i = 0; i < 2; i++) assert.equal((await clients.nagoya.post("/follow/rules", saved)).status, 303);
    assert.deepEqual(rules().map((rule) => rule.slice(0, 2)), [[tokyo(0), "07:15:00"]]);
    assert.equal(asRole("owner", null, [`UPDATE app.follow_rule SET due_at = ask_at WHERE owner_id = ${nagoya}`])[0].state, "23514", "asked and due at once, all would be silent");
    for (const press of ["try", "save"]) { // trying does not make somebody have seen what was saved meanwhile
      const late = await clients.nagoya.post("/follow/rules", form({ press, ask_at: "6:45" }));
      assert.equal(late.status, press === "save" ? 409 : 200);
      assert.match(late.text, /name="ask_at" value="06:45"/);
      assert.equal(late.text.includes("ほかの人が新しい決まりを保存しました"), press === "save");
      assert.equal(late.text.includes(`name="newest" value="${stamp}"`), press === "try");
    }
    assert.equal(rules().length, 1);
    const again = await newest("nagoya", "/follow/rules");
    const both = await Promise.all([1, 2].map(() => clients.nagoya.post("/follow/rules", form({ newest: again }))));
    assert.deepEqual(both.map(({ status }) => status).sort(), [303, 409], "one after another");
    assert.deepEqual(JSON.parse(rules()[0][2]), [{ item: "observation_temperature", at_least: 36.8, urgency: 2, words: "体温36.8℃以上" }]);
    const watched = () => sql(`SELECT urgency, array_to_string(reasons, '') FROM app.follow_watch WHERE patient_id = ${patient.id} AND organisation_id = ${office("hoken1")}`)[0];
    for (let i = 0; i < 300 && watched()[0] === "0"; i++) await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(watched(), ["2", "体温36.8℃以上"], "the jobs have brought the list into step");
    assert.match((await clients.nagoya.get("/follow/rules")).text, /使用中[^]*本庁 次郎/);
    const { text } = await clients.hoken1.get(`${patient.path}/tab/observation`);
    assert.match(text, /体温36\.8℃以上/);
    assert.equal([...text.matchAll(/class="sub beyond">([^<]*)</g)].map(([, words]) => words).join(), "▲ 36.8℃以上", "yesterday's answer by yesterday's limits");
  } finally {
    sql(`DELETE FROM app.follow_rule WHERE owner_id = ${nagoya}; INSERT INTO app.rule_sweep (owner_id, begins_on) VALUES (${nagoya}, app.today())`);
  }
});

test("a change since the answer before is a limit like others: tried, saved, put into words, shown again", async () => {
  const patient = await atHome(), nagoya = office("nagoya");
  for (const temperature of ["36.0", "36.6"]) await enter("hoken1", patient, "observation", { observation_on: tokyo(0), observation_temperature: temperature });
  const form = { form_id: crypto.randomUUID(), newest: await newest("nagoya", "/follow/rules"), from: tokyo(0), ask_at: "7:15", due_at: "9:00", observation_temperature: "1",
    "item-0": "observation_temperature", "comparison-0": "rises", "value-0": "0.6", "urgency-0": "3", "words-0": "", "item-1": "observation_spo2", "comparison-1": "falls", "value-1": "4", "urgency-1": "1", "words-1": "" };
  assert.match((await clients.nagoya.post("/follow/rules", { ...form, "item-0": "observation_cough", press: "save" })).text, /1行目：「ある・はい」を選んで/);
  const urgent = (text) => Number(text.match(/この決まりなら<\/dt><dd><strong>(\d+)/)[1]);
  const [more, fewer] = await Promise.all(["0.6", "0.7"].map((value) => clients.nagoya.post("/follow/rules", { ...form, form_id: crypto.randomUUID(), "value-0": value, press: "try" })));
  assert.ok(urgent(more.text) > urgent(fewer.text));
  try {
    assert.equal((await clients.nagoya.post("/follow/rules", { ...form, press: "save" })).status, 303);
    assert.deepEqual(JSON.parse(sql(`SELECT alarms FROM app.follow_rule WHERE owner_id = ${nagoya}`)[0][0]),
      [{ item: "observation_temperature", rises: 0.6, urgency: 3, words: "体温が0.6℃以上上がった" }, { item: "observation_spo2", falls: 4, urgency: 1, words: "酸素飽和度（SpO2）が4％以上下がった" }]);
    assert.match((await clients.nagoya.get("/follow/rules")).text, /value="rises" selected[^]*name="value-0" value="0\.6"/);
    sql(`SELECT app.follow_refresh(${patient.id})`);
    assert.deepEqual(sql(`SELECT urgency, array_to_string(reasons, '') FROM app.follow_watch WHERE patient_id = ${patient.id} AND organisation_id = ${office("hoken1")}`), [["3", "体温が0.6℃以上上がった（36.0→36.6）"]]);
    assert.doesNotMatch((await clients.hoken1.get(`${patient.path}/tab/observation`)).text, /data-limits="[^"]*(0\.6|rises)/, "no line in the drawing");
  } finally {
    sql(`DELETE FROM app.follow_rule WHERE owner_id = ${nagoya}; INSERT INTO app.rule_sweep (owner_id, begins_on) VALUES (${nagoya}, app.today())`);
  }
});

test("the form begins with the rules that hold today, not with those that were saved for later", async () => {
  const nagoya = office("nagoya"), { nagoya: head } = clients, begins = async () => (await head.get("/follow/rules")).text.match(/きょう使っている決まりが入っています[^]*name="ask_at" value="([^"]*)"/)?.[1];
  const version = (from, ask) => sql(`INSERT INTO app.follow_rule SELECT ${nagoya}, app.today() + ${from}, '${ask}', '21:00', own_history, questions, alarms, 0, clock_timestamp() FROM app.follow_rule WHERE owner_id = 0 ORDER BY valid_from DESC, entered_at DESC LIMIT 1`);
  const [[nation]] = sql("SELECT to_char((app.follow_rule_of(0, app.today())).ask_at, 'HH24:MI')");
  try {
    version(3, "06:03");
    assert.equal(await begins(), nation, "the nation's still holds");
    version(-1, "06:01");
    version(7, "06:07");
    assert.equal(await begins(), "06:01");
    assert.match((await head.get("/follow/rules")).text, /06:07から[^]*これから[^]*使用中|これから[^]*06:07から[^]*使用中/);
  } finally {
    sql(`DELETE FROM app.follow_rule WHERE owner_id = ${nagoya}`);
  }
});

test("the ministry changes the days: from a day on, also for those in care when it says so, seen before it is saved", async () => {
  const patient = await atHome(-1);
  const rule = (overrides) => ({ form_id: crypto.randomUUID(), press: "save", newest: stamp, valid_from: tokyo(0), symptomatic_days: "5", recovered_hours: "24", facility_days: "10", facility_hours: "72", asymptomatic_days: "7", kit_day: "", notice: "試験の通知", ...overrides });
  for (const login of ["nagoya", "aichi", "hoken1"]) {
    assert.equal((await clients[login].get("/follow/care")).status, 403, login);
    assert.equal(asRole("staff", token(login), [`SELECT app.care_rule_save(jsonb_populate_record(NULL::app.care_rule, '{"valid_from": "${tokyo(0)}"}'), 0)`])[0].state, "HS403", login);
  }
  const stamp = await newest("kuni", "/follow/care");
  assert.match((await clients.kuni.get("/follow/care")).text, /この日以降に発症した方（症状のない方は、この日以降に検体を採った方）/);
  const wrong = await clients.kuni.post("/follow/care", rule({ valid_from: tokyo(-1), recovered_hours: "30" }));
  assert.match(wrong.text, /きょうか、きょうより後の日[^]*24の倍数/);
  const tried = await clients.kuni.post("/follow/care", rule({ press: "try", in_care_too: "1" }));
  assert.ok(Number(tried.text.match(/終わりが早くなる方<\/dt><dd><strong>(\d+)/)[1]) >= 1);
  const untouched = await clients.kuni.post("/follow/care", rule({ press: "try" }));
  assert.ok(Number(untouched.text.match(/終わりが早くなる方<\/dt><dd><strong>(\d+)/)[1]) < Number(tried.text.match(/終わりが早くなる方<\/dt><dd><strong>(\d+)/)[1]), "by day 0 alone it concerns fewer");
  try {
    const first = rule({ in_care_too: "1" });
    for (let i = 0; i < 2; i++) assert.equal((await clients.kuni.post("/follow/care", first)).status, 303);
    const late = await clients.kuni.post("/follow/care", rule({ symptomatic_days: "９" }));
    assert.equal(late.status, 409);
    assert.match(late.text, /ほかの人が新しい決まりを保存しました[^]*name="symptomatic_days"[^>]*value="９"/);
    assert.match(late.text, /これまでの決まり[^]*試験の通知/);
    assert.deepEqual(sql("SELECT count(*) FROM app.care_rule WHERE notice = '試験の通知'"), [["1"]]);
    assert.deepEqual(sql(`SELECT ends_on - begins_on, notice FROM app.care_periods(ARRAY[${patient.id}])`), [["5", "試験の通知"]]);
    const ends = () => sql(`SELECT ends_on FROM app.follow WHERE patient_id = ${patient.id}`)[0]?.[0];
    for (let i = 0; i < 300 && ends() !== tokyo(4); i++) await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(ends(), tokyo(4), "the jobs have brought those in care into step");
  } finally {
    sql("DELETE FROM app.care_rule WHERE notice = '試験の通知'; INSERT INTO app.rule_sweep (owner_id, begins_on) VALUES (0, app.today())");
  }
});

test("SMS to many: shown first, queued with a number, taken back while it is not sent; without a mobile number, or twice, nobody is told", async () => {
  const mobile = await atHome(), landline = await atHome(-1, { phone: "052-555-1234" });
  const value = (text, name) => text.match(new RegExp(`name="${name}" value="([^"]*)"`))?.[1];
  const fields = { action: "release_notice", ids: `${mobile.plain}\n${landline.plain}` };
  const queued = (patient) => sql(`SELECT o.template, o.to_address, o.sent_at IS NULL FROM app.bulk_patient x JOIN app.outbox o ON o.outbox_id = (x.before ->> 'outbox')::bigint WHERE x.patient_id = ${patient.id}`);
  await clients.hoken1.get("/bulk");
  const preview = await clients.hoken1.post("/bulk/preview", fields);
  assert.match(preview.text, /送る文面[^]*お願いしていた期間は終わりました/);
  assert.match(preview.text, /<strong>1人<\/strong>[^]*SMSを送れる携帯電話の番号がない方<\/dt><dd>1件/);
  const order = { ...fields, digest: value(preview.text, "digest"), form_id: value(preview.text, "form_id") };
  for (let i = 0; i < 2; i++) assert.equal((await clients.hoken1.post("/bulk", order)).location, `/bulk/${order.form_id}?notice=bulk_done`);
  const [[template, number, waits]] = queued(mobile);
  assert.deepEqual(sql(`SELECT contact_no FROM app.outbox WHERE patient_id = ${mobile.id} AND template = 'tell_release_ja'`), [["0"]]);
  assert.deepEqual([template, /^080\d{8}$/.test(number), waits, queued(landline).length], ["tell_release_ja", true, "t", 0]);
  assert.match((await clients.hoken1.post("/bulk/preview", fields)).text, /すでにそうなっている方<\/dt><dd>1件/);
  const batch = await clients.hoken1.get(`/bulk/${order.form_id}`);
  assert.match(batch.text, /まだ送っていないSMSは、まとめて取り消せます/);
  assert.equal((await clients.hoken1.post(`/bulk/${order.form_id}/undo`, { form_id: value(batch.text, "form_id") })).status, 303);
  assert.deepEqual(queued(mobile), []);
  // Sent meanwhile, it stays.
  await clients.hoken1.get("/bulk");
  const again = await clients.hoken1.post("/bulk/preview", { action: "message", message: "call", ids: mobile.plain });
  assert.match(again.text, /保健所にお電話ください/);
  const second = { action: "message", message: "call", ids: mobile.plain, digest: value(again.text, "digest"), form_id: value(again.text, "form_id") };
  assert.equal((await clients.hoken1.post("/bulk", second)).status, 303);
  // As the jobs leave it behind; at night they would hold it.
  sql(`UPDATE app.outbox SET sent_at = now(), tries = 1 WHERE outbox_id IN (SELECT (before ->> 'outbox')::bigint FROM app.bulk_patient WHERE patient_id = ${mobile.id} AND undone_at IS NULL)`);
  const late = await clients.hoken1.get(`/bulk/${second.form_id}`);
  await clients.hoken1.post(`/bulk/${second.form_id}/undo`, { form_id: value(late.text, "form_id") });
  assert.match((await clients.hoken1.get(`/bulk/${second.form_id}`)).text, /1人には、すでに送ったか/);
  assert.equal(queued(mobile).length, 1);
  for (const login of ["sakura", "aichi", "follow"]) assert.notEqual((await clients[login].post("/bulk/preview", fields)).status, 200, login);
});

test("SMS to many go to everybody in their own language, also when the observation is over", async () => {
  const value = (text, name) => text.match(new RegExp(`name="${name}" value="([^"]*)"`))?.[1];
  const [plain, korean, chosen] = [await atHome(), await atHome(), await atHome()], ids = [plain, korean, chosen].map(({ plain: id }) => id).join("\n");
  sql(`INSERT INTO app.entry (patient_id, tab, entry_no, items, organisation_id, entered_by, entered_at) SELECT id, 'notice', 99, '{"notice_language": "ko"}', -1, -1, now() FROM unnest(ARRAY[${korean.id}, ${chosen.id}]) id;
       INSERT INTO app.my_language VALUES (${chosen.id}, 0, 'ne', now());
       DELETE FROM app.follow WHERE patient_id = ${korean.id}`);
  const words = () => sql(`SELECT o.template FROM app.bulk_patient x JOIN app.outbox o ON o.outbox_id = (x.before ->> 'outbox')::bigint WHERE x.patient_id IN (${plain.id}, ${korean.id}, ${chosen.id}) ORDER BY o.outbox_id`).flat();
  let expected = [];
  for (const [fields, base] of [[{ action: "release_notice" }, "tell_release"], [{ action: "message", message: "entry" }, "tell_entry"], [{ action: "message", message: "call" }, "tell_call"]]) {
    await clients.hoken1.get("/bulk");
    const { text } = await clients.hoken1.post("/bulk/preview", { ...fields, ids });
    assert.equal((await clients.hoken1.post("/bulk", { ...fields, ids, digest: value(text, "digest"), form_id: value(text, "form_id") })).status, 303);
    expected = [...expected, `${base}_ja`, `${base}_ko`, `${base}_ne`].sort();
    assert.deepEqual(words().sort(), expected);
  }
});

test("an SMS that waits for the morning is taken back; one that the jobs have begun to send meanwhile is not, and is not counted", async () => {
  const value = (text, name) => text.match(new RegExp(`name="${name}" value="([^"]*)"`))?.[1];
  const batch = async () => {
    const patient = await atHome(), fields = { action: "message", message: "call", ids: patient.plain };
    await clients.hoken1.get("/bulk");
    const preview = (await clients.hoken1.post("/bulk/preview", fields)).text, form_id = value(preview, "form_id");
    assert.equal((await clients.hoken1.post("/bulk", { ...fields, digest: value(preview, "digest"), form_id })).status, 303);
    const [[message]] = sql(`SELECT before ->> 'outbox' FROM app.bulk_patient WHERE patient_id = ${patient.id}`);
    const undo = value((await clients.hoken1.get(`/bulk/${form_id}`)).text, "form_id");
    return { message, undo: () => clients.hoken1.post(`/bulk/${form_id}/undo`, { form_id: undo }), undone: () => sql(`SELECT undone_patients FROM app.bulk WHERE bulk_id = '${form_id}'`)[0][0] };
  };
  const left = ({ message }) => sql(`SELECT count(*) FROM app.outbox WHERE outbox_id = ${message}`)[0][0];
  const held = await batch();
  sql(`UPDATE app.outbox SET held = 'night', next_at = now() - interval '1 hour' WHERE outbox_id = ${held.message}`);
  assert.equal((await held.undo()).status, 303);
  assert.deepEqual([left(held), held.undone()], ["0", "1"]);
  const begun = await batch();
  sql(`UPDATE app.outbox SET next_at = now() + interval '1 hour' WHERE outbox_id = ${begun.message}`);
  const sending = await sqlHolding(2, `UPDATE app.outbox SET tries = 1, trying_at = now() WHERE outbox_id = ${begun.message}`);
  assert.equal((await begun.undo()).status, 303);
  await sending.over;
  assert.deepEqual([left(begun), begun.undone()], ["1", "0"]);
  sql(`DELETE FROM app.outbox WHERE outbox_id = ${begun.message}`);
});
