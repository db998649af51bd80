// my.test.js - My HER-SYS: the link with the birth date, the entry of the day and its receipt, languages, the survey, a family. What a
// guess is answered, and that nothing of it is written down, is in my_privacy.test.js.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { before, test } from "node:test";
import { Client, address, signIn } from "./client.js";
import { sql } from "./database.js";
import { answer, atHome, birthFields, linkOf, phoneOf, stored, tokyo } from "./my.js";

let clinic, centre;
before(async () => { clinic = await signIn("sakura"); centre = await signIn("hoken1"); });
const home = (days, overrides) => atHome(clinic, centre, days, overrides);

test("the link asks for the birth date and names nobody; in any way of writing it opens the entry of the day", async () => {
  const patient = await home(), [year, month, day] = patient.birth.split("-").map(Number);
  const phone = new Client(), page = await phone.get(`/my/${patient.link}`);
  assert.match(page.text, /生年月日/);
  assert.match(page.text, /ちがう方に届いたときは/);
  assert.doesNotMatch(page.text, new RegExp(`${patient.name}|負荷|コロナ|感染|陽性`));
  assert.match((await phone.post(`/my/${patient.link}`, { year, month: 13, day })).text, /数字で入力/);
  const full = (text) => String(text).replace(/\d/g, (d) => String.fromCharCode(d.charCodeAt(0) + 0xfee0));
  const opened = await phone.post(`/my/${patient.link}`, { year: year >= 1990 ? full(year) : year > 1926 ? `S${year - 1925}` : year, month: full(month), day });
  assert.equal(opened.location, "/my/entry/1");
  const cookie = opened.headers.get("set-cookie");
  assert.match(cookie, /^__Host-my=[0-9a-f]{64}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=/);
  assert.deepEqual(sql(`SELECT 1 FROM app.my_session WHERE token_hash = '${phone.cookies.get("__Host-my")}'`), [], "the hash alone is kept");
  const entry = (await phone.get("/my/entry/1")).text;
  assert.match(entry, new RegExp(patient.name));
  const order = ["体温", "酸素飽和度（SpO2）", "表情や顔色が悪い", "咳・鼻水", "息苦しさ", "全身のだるさ", "吐き気・嘔吐", "下痢", "意識がはっきりしない", "食事がとれない", "尿が出ない", "保健所に伝えたいこと"];
  const places = order.map((label) => entry.indexOf(label));
  assert.ok(places.every((place, i) => place > (places[i - 1] ?? 0)), "the order of the questions");
});

test("an entry is received with its time, the next one and the centre's telephone; staff see codes as Japanese words", async () => {
  const patient = await home(), phone = await phoneOf(patient);
  const done = await answer(phone, { observation_temperature: "３６．８", observation_spo2: "97", observation_cough: "yes", observation_breathless: "no", observation_eating: "unknown", observation_words: "よく眠れた" });
  assert.equal(done.location, "/my/done/1");
  const receipt = (await phone.get(done.location)).text;
  assert.match(receipt, /受け取りました/);
  assert.match(receipt, new RegExp(`受け取った時刻[^]*\\d:\\d\\d[^]*次の入力[^]*${tokyo(1).replace(/-0?/g, "/")} 8:30`));
  assert.match(receipt, /href="tel:0\d{9}"/);
  assert.doesNotMatch(receipt, /いますぐ電話/);
  assert.doesNotMatch(receipt, /36\.8|よく眠れた/, "no history, not even of this entry");
  const [[items, by]] = stored(patient, "items, entered_by");
  assert.deepEqual(JSON.parse(items), { observation_on: tokyo(0), observation_spo2: "97", observation_time: JSON.parse(items).observation_time, observation_cough: "yes", observation_words: "よく眠れた", observation_eating: "unknown", observation_source: "phone", observation_breathless: "no", observation_temperature: "36.8" });
  assert.equal(by, "-1");
  assert.match((await centre.get(`${patient.path}/tab/observation`)).text, /36\.8℃[^]*スマートフォン[^]*ご本人/);
  assert.match((await phone.get("/my/entry/1")).text, /きょうは受け取りました/);
});

test("a red flag says whom to ring now", async () => {
  const phone = await phoneOf(await home());
  const { location } = await answer(phone, { observation_breathless: "yes" });
  const receipt = (await phone.get(location)).text;
  assert.match(receipt, /いますぐ電話してください/);
  assert.match(receipt, /href="tel:119"/);
  await answer(phone, { observation_cough: "yes" });
  assert.doesNotMatch((await phone.get(location)).text, /いますぐ電話/);
});

test("what cannot be read is told with its place, and nothing typed is lost; nothing at all is not an entry", async () => {
  const patient = await home(), phone = await phoneOf(patient);
  const wrong = await answer(phone, { observation_temperature: "あつい", observation_spo2: "1000", observation_cough: "yes", observation_words: "だるい" });
  assert.equal(wrong.status, 200);
  assert.match(wrong.text, /href="#observation_temperature">体温: 30から45/);
  assert.match(wrong.text, /href="#observation_spo2">/);
  for (const kept of ['value="あつい"', 'value="1000"', ">だるい</textarea>", 'name="observation_cough" value="yes" checked']) assert.ok(wrong.text.includes(kept), kept);
  assert.match((await answer(phone, {})).text, /何も入力されていません/);
  assert.deepEqual(stored(patient), []);
  assert.equal((await answer(phone, { observation_spo2_why: "no_meter" })).status, 303, "SpO2 may stay blank with a reason");
});

test("an entry reads the rows of one person, however many others there are", async () => {
  const phone = await phoneOf(await home());
  await answer(phone, { observation_cough: "yes" });
  const session = crypto.createHash("sha256").update(phone.cookies.get("__Host-my")).digest("hex");
  const tables = ["entry", "follow", "organisation", "patient", "my_person", "follow_watch"];
  // A small table may well be read whole: here none is, and the planner knows all of them.
  const touched = sql(`ANALYZE ${tables.map((table) => `app.${table}`)}; SET enable_seqscan = off; BEGIN;
    SELECT count(*) FROM app.my_enter('${session}'); SELECT app.my_store('${session}', 1, '${crypto.randomUUID()}', NULL, '{"observation_cough": "no"}');
    SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relname IN (${tables.map((table) => `'${table}'`)}); ROLLBACK`)
    .filter((row) => row.length === 2);
  assert.equal(touched.length, tables.length);
  for (const [table, rows] of touched) assert.ok(Number(rows) < 30, `${rows} rows of ${table}`);
});

test("a form asks what the rule asks: other items are not taken", async () => {
  const patient = await home(), phone = await phoneOf(patient);
  await answer(phone, { items: "observation_source observation_of contact_name", observation_source: "staff", observation_of: "3", contact_name: "ほか", observation_cough: "no" });
  const [[items]] = stored(patient);
  assert.deepEqual(Object.keys(JSON.parse(items)).sort(), ["observation_cough", "observation_on", "observation_source", "observation_time"]);
  assert.equal(JSON.parse(items).observation_source, "phone");
});

test("sent many times at once, an entry is stored once; what waited on the telephone keeps its own time", async () => {
  const patient = await home(), phone = await phoneOf(patient), key = crypto.randomUUID();
  await phone.get(phone.entry);
  const at = Date.now() - 3 * 3600e3;
  const answers = await Promise.all(Array.from({ length: 12 }, () => phone.post(phone.entry, { key, observation_cough: "no", by: "script", at })));
  assert.deepEqual(new Set(answers.map(({ text }) => text)), new Set(['{"state":"stored","path":"/my/done/1","text":""}']));
  const rows = stored(patient, "items ->> 'observation_time', items ->> 'observation_on'");
  const then = new Date(at + 9 * 3600e3).toISOString();
  assert.deepEqual(rows, [[then.slice(11, 16).replace(/^0/, ""), then.slice(0, 10)]]);
  assert.match((await phone.post(phone.entry, { key: crypto.randomUUID(), by: "script", observation_spo2: "abc" })).text, /"state":"wrong"/);
  await phone.post(phone.entry, { key: crypto.randomUUID(), observation_cough: "no", by: "script", at: Date.now() + 1e9 });
  assert.equal(stored(patient, "since")[1][0], tokyo(0), "no entry of the future");
  assert.match((await phone.post(phone.entry, { key: crypto.randomUUID(), observation_cough: "no", by: "script", at: Date.now() - 4 * 86400e3 })).text, /"state":"refused"/);
  assert.equal(stored(patient).length, 2, "nor one that lay on the telephone for days");
});

test("an entry is the person's whose mark it bears, whatever number the path gives; of a stranger's mark nothing is stored", async () => {
  const mother = await home(), child = await home(), markOf = async (phone, path) => (await phone.get(path)).text.match(/name="mark" value="([^"]+)"/)[1];
  const first = await phoneOf(mother), mark = await markOf(first, "/my/entry/1");
  const later = await phoneOf(child), key = crypto.randomUUID();
  await later.get(later.entry);
  const waited = { key, mark, observation_temperature: "38.4" };
  for (const wrong of [mark, "", "0", crypto.randomUUID()]) {
    const refused = await later.post("/my/entry/1", { ...waited, mark: wrong, by: "script" });
    assert.deepEqual([refused.status, JSON.parse(refused.text).state], [403, "kept"], wrong);
    assert.equal((await later.post("/my/entry/1", { ...waited, mark: wrong })).status, 403, wrong);
  }
  assert.deepEqual([stored(mother), stored(child)], [[], []]);
  await later.get("/my/add");
  assert.equal((await later.post("/my/add", { link: mother.link, ...birthFields(mother.birth) })).location, "/my/entry/2");
  assert.equal(await markOf(later, "/my/entry/2"), mark, "the same in every session");
  const sent = await later.post("/my/entry/1", { ...waited, by: "script" });
  assert.deepEqual(JSON.parse(sent.text), { state: "stored", path: "/my/done/2", text: "" });
  assert.deepEqual([stored(mother).length, stored(child).length], [1, 0]);
  assert.doesNotMatch((await later.get("/my/shell")).text, new RegExp(mark));
});

test("a page's script is told in JSON what came of an entry, and why one is not taken", async () => {
  const patient = await home(), phone = await phoneOf(patient), key = crypto.randomUUID();
  await phone.get(phone.entry);
  const send = async (fields = {}) => {
    const { status, headers, text } = await phone.post(phone.entry, { key: crypto.randomUUID(), observation_cough: "no", by: "script", ...fields });
    assert.match(headers.get("content-type"), /^application\/json/);
    return [status, JSON.parse(text).state, JSON.parse(text).text];
  };
  assert.deepEqual(await send({ key }), [200, "stored", ""]);
  assert.deepEqual((await send({ observation_cough: "" })).slice(0, 2), [200, "wrong"]);
  const [status, state, text] = await send({ csrf: "0" });
  assert.deepEqual([status, state], [403, "kept"]);
  assert.notEqual(text, "");
  sql("UPDATE app.setting SET value = '1' WHERE name = 'my_most'");
  try {
    assert.match((await send()).join(), /^200,refused,きょう受け取れる回数を超えました/);
    assert.deepEqual(await send({ key }), [200, "stored", ""], "what is stored is not too many");
    assert.deepEqual(await send({ key, at: Date.now() - 4 * 86400e3 }), [200, "stored", ""], "nor too old");
  } finally {
    sql("UPDATE app.setting SET value = '50' WHERE name = 'my_most'");
  }
  await centre.get(`${patient.path}/status`);
  await centre.post(`${patient.path}/status`, { status: "released", since: tokyo(0) });
  assert.match((await send()).join(), /^200,refused,健康観察は終わっています/);
  const token = phone.cookies.get("__Host-my");
  await phone.post("/my/leave");
  phone.cookies.set("__Host-my", token);
  assert.deepEqual((await send()).slice(0, 2), [403, "kept"]);
  assert.equal(stored(patient).length, 1);
});

test("the receipt is of what was stored last, for whatever day: with its day, whom to ring, and that today's is awaited", async () => {
  const patient = await home(-3), phone = await phoneOf(patient), done = async () => (await phone.get("/my/done/1")).text;
  assert.match(await done(), /<h1>きょうの入力をお待ちしています/);
  const yesterday = Date.now() - 86400e3, day = tokyo(-1).replace(/-0?/g, "/");
  await answer(phone, { observation_spo2: "88", by: "script", at: yesterday });
  assert.equal(stored(patient, "since")[0][0], tokyo(-1));
  const late = await done();
  assert.match(late, /<h1>受け取りました/);
  assert.match(late, /いますぐ電話してください/);
  assert.match(late, new RegExp(`入力した日時[^]*${day} \\d+:\\d\\d[^]*受け取った時刻[^]*\\d:\\d\\d`));
  assert.match(late, /きょうの入力をお待ちしています/);
  assert.doesNotMatch((await phone.get("/my/entry/1")).text, /きょうは受け取りました/);
  await answer(phone, { observation_cough: "no" });
  const today = await done();
  assert.match(today, /<h1>受け取りました/);
  assert.doesNotMatch(today, /いますぐ電話|入力した日時|お待ちしています/);
  await answer(phone, { observation_breathless: "yes", by: "script", at: yesterday });
  assert.match(await done(), /いますぐ電話[^]*入力した日時/, "though today's was harmless");
  sql(`UPDATE app.entry SET entered_at = entered_at - interval '2 days' WHERE patient_id = ${patient.id} AND tab = 'observation' AND since < app.today()`);
  sql(`UPDATE app.entry SET withdrawn_at = now() WHERE patient_id = ${patient.id} AND tab = 'observation' AND since = app.today()`);
  assert.match(await done(), /<h1>きょうの入力をお待ちしています/, "an older one is no receipt any more");
});

test("the page for the time without a network asks what anybody of the family is asked, while one of them is", async () => {
  const mother = await home(), child = await home(), phone = await phoneOf(mother);
  await phone.get("/my/add");
  await phone.post("/my/add", { link: child.link, ...birthFields(child.birth) });
  const [[owner]] = sql(`SELECT owner_id FROM app.follow WHERE patient_id = ${child.id}`), other = Number(owner) + 1e6;
  const shell = async () => (await phone.get("/my/shell")).text;
  sql(`INSERT INTO app.follow_rule SELECT ${other}, '2020-06-01', ask_at, due_at, false, '{observation_urination,observation_temperature}', alarms, 0, now() FROM app.follow_rule WHERE owner_id = 0 ORDER BY valid_from LIMIT 1;
       UPDATE app.follow SET owner_id = ${other} WHERE patient_id = ${mother.id}`);
  try {
    assert.doesNotMatch((await phone.get("/my/entry/1")).text, /observation_cough/);
    const both = await shell();
    assert.equal(both.match(/id="observation_temperature"/g).length, 1);
    assert.match(both, /action="\/my\/entry\/1"[^]*id="observation_urination"[^]*id="observation_cough"/);
  } finally {
    sql(`UPDATE app.follow SET owner_id = ${owner} WHERE patient_id = ${mother.id}; DELETE FROM app.follow_rule WHERE owner_id = ${other}`);
  }
  await centre.get(`${mother.path}/status`);
  await centre.post(`${mother.path}/status`, { status: "released", since: tokyo(0) });
  assert.match(await shell(), /action="\/my\/entry\/2"[^]*id="observation_cough"/);
  await centre.get(`${child.path}/status`);
  await centre.post(`${child.path}/status`, { status: "released", since: tokyo(0) });
  assert.equal((await phone.get("/my/shell")).status, 404);
});

test("earlier answers are seen where the rule says so, and nowhere else", async () => {
  const patient = await home(), phone = await phoneOf(patient);
  await answer(phone, { observation_temperature: "37.2", observation_cough: "yes" });
  assert.equal((await phone.get("/my/history/1")).status, 404);
  assert.doesNotMatch((await phone.get("/my/entry/1")).text, /これまでの入力/);
  const [[owner]] = sql(`SELECT owner_id FROM app.follow WHERE patient_id = ${patient.id}`);
  sql(`INSERT INTO app.follow_rule SELECT ${owner}, '2020-06-01', ask_at, due_at, true, questions, alarms, 0, now() FROM app.follow_rule WHERE owner_id = 0 ORDER BY valid_from LIMIT 1`);
  try {
    assert.match((await phone.get("/my/entry/1")).text, /これまでの入力/);
    assert.match((await phone.get("/my/history/1")).text, /37\.2℃[^]*咳・鼻水[^]*はい/);
    assert.match((await phone.get("/my/history/1?lang=en")).text, /Body temperature[^]*37\.2℃[^]*Cough[^]*Yes/);
  } finally {
    sql(`DELETE FROM app.follow_rule WHERE owner_id = ${owner} AND valid_from = '2020-06-01'`);
  }
});

test("every language: of the browser, of the office's setting, or chosen on the page, where nothing typed is lost", async () => {
  const codes = { ja: "ja", ja_easy: "ja", en: "en", zh_hans: "zh-Hans", zh_hant: "zh-Hant", ko: "ko", vi: "vi", pt: "pt", es: "es", tl: "tl", ne: "ne" };
  const patient = await home(), kana = /[\u3041-\u30fe]/;
  for (const [code, tag] of Object.entries(codes)) {
    const phone = await phoneOf(patient);
    for (const path of [`/my/${patient.link}?lang=${code}`, "/my/entry/1", "/my/people", "/my/add", "/my/survey/1"]) {
      const { text } = await phone.get(path), body = text.replace(/<aside[^]*?<\/aside>|<details[^]*?<\/details>|<(\w+)[^>]* lang="ja"[^>]*>[^<]*<\/\1>/g, "").replace(/負荷\s?\S*/g, "");
      assert.match(text, new RegExp(`<html lang="${tag}">`), `${code} ${path}`);
      if (tag !== "ja") assert.doesNotMatch(body.replace(new RegExp(patient.name, "g"), ""), kana, `${code} ${path}`);
    }
  }
  const abroad = await new Client().request("GET", `/my/${patient.link}`, undefined, { "accept-language": "fr;q=0.9, pt-BR, ja" });
  assert.match(abroad.text, /<html lang="pt">/);
  await centre.get(`${patient.path}/tab/notice/new`);
  await centre.post(`${patient.path}/tab/notice/new`, { items: "notice_language", notice_language: "vi" });
  const phone = await phoneOf(patient);
  assert.match((await phone.get("/my/entry/1")).text, /<html lang="vi">[^]*Khó thở/);
  const turned = await answer(phone, { lang: "ko", observation_temperature: "37.5", observation_words: "열" });
  assert.match(turned.text, /<html lang="ko">[^]*value="37\.5"[^]*>열<\/textarea>/);
  assert.deepEqual(stored(patient), []);
  assert.match((await phone.get("/my/entry/1")).text, /<html lang="ko">/);
});

test("the survey is answered once, and shown as received", async () => {
  const patient = await home(), phone = await phoneOf(patient);
  assert.match((await phone.get("/my/entry/1")).text, /健康調査に答える/);
  await phone.get("/my/survey/1");
  assert.match((await phone.post("/my/survey/1", { survey_height: "9" })).text, /30から250/);
  const sent = await phone.request("POST", "/my/survey/1", new URLSearchParams([["csrf", phone.csrf], ["survey_height", "160"], ["survey_weight", "55.5"], ["survey_risks", "diabetes"], ["survey_risks", "smoking"]]), { origin: address });
  assert.equal(sent.location, "/my/survey/1");
  assert.match((await phone.get("/my/survey/1")).text, /回答は受け取りました/);
  assert.match((await phone.post("/my/survey/1", { survey_height: "170" })).text, /回答は受け取りました/);
  assert.doesNotMatch((await phone.get("/my/entry/1")).text, /健康調査に答える/);
  assert.deepEqual(sql(`SELECT items ->> 'survey_height', items ->> 'survey_risks' FROM app.entry WHERE patient_id = ${patient.id} AND tab = 'survey'`), [["160", '["smoking", "diabetes"]']]);
  assert.match((await centre.get(`${patient.path}/tab/survey`)).text, /55\.5kg/);
});

test("a family on one telephone: each by their own link and birth date, each with their own entries; leaving ends all of them", async () => {
  const mother = await home(), child = await home(), phone = await phoneOf(mother);
  await phone.get("/my/add");
  assert.match((await phone.post("/my/add", { link: "そんなの", ...birthFields(child.birth) })).text, /リンクか生年月日がちがいます/);
  const typed = `https://localhost/my/${child.link}?lang=en`;
  const wrong = await phone.post("/my/add", { link: typed, year: "1999", month: "9", day: "9" });
  assert.match(wrong.text, /リンクか生年月日がちがいます/);
  assert.ok(wrong.text.includes('value="1999"'));
  assert.equal((await phone.post("/my/add", { link: typed, ...birthFields(child.birth) })).location, "/my/entry/2");
  assert.equal((await phone.post("/my/add", { link: typed, ...birthFields(child.birth) })).location, "/my/entry/2", "added once");
  await answer(phone, { observation_temperature: "38.1" }, "/my/entry/2");
  assert.deepEqual([stored(mother).length, stored(child).length], [0, 1]);
  const people = (await phone.get("/my")).text;
  assert.match(people, new RegExp(`${mother.name}[^]*お待ちしています[^]*${child.name}[^]*きょうは受け取りました`));
  assert.equal((await phone.get("/my/entry/3")).status, 404);
  const token = phone.cookies.get("__Host-my");
  await phone.post("/my/leave");
  phone.cookies.set("__Host-my", token);
  assert.equal((await phone.get("/my/entry/1")).status, 403);
});

test("a contact answers for themselves, and is asked no survey", async () => {
  const patient = await home();
  await centre.get(`${patient.path}/tab/contact/new`);
  const contact = { contact_name: "接触 三子", contact_birth_date: "2001-02-03", contact_phone: "09077770009", contact_close: "yes", contact_last_on: tokyo(-1), contact_follow: "web" };
  await centre.post(`${patient.path}/tab/contact/new`, { items: Object.keys(contact).join(" "), ...contact });
  const phone = await phoneOf({ link: linkOf(patient, 1), birth: "2001-02-03" });
  await answer(phone, { observation_cough: "yes" });
  assert.deepEqual(stored(patient, "items ->> 'observation_of'"), [["1"]]);
  assert.equal((await phone.get("/my/survey/1")).status, 404);
  await centre.get(`${patient.path}/tab/contact/new`);
  const { contact_birth_date, ...ageless } = { ...contact, contact_name: "接触 四子" };
  await centre.post(`${patient.path}/tab/contact/new`, { items: Object.keys(ageless).join(" "), ...ageless });
  const asked = sql(`SELECT contact_no, next_ask IS NOT NULL FROM app.follow WHERE patient_id = ${patient.id} AND contact_no > 0 ORDER BY 1`);
  assert.deepEqual(asked, [["1", "t"], ["2", "f"]], "whose birth date is not known cannot open a page, and is sent none");
});

test("when the observation is over the page says so, and no more", async () => {
  const patient = await home(), phone = await phoneOf(patient);
  await centre.get(`${patient.path}/status`);
  await centre.post(`${patient.path}/status`, { status: "released", since: tokyo(0) });
  const page = await phone.get("/my/entry/1");
  assert.match(page.text, /健康観察は終わっています/);
  assert.doesNotMatch(page.text, new RegExp(patient.name));
  assert.match((await phone.get("/my/people")).text, /健康観察は終わっています/);
});

test("there is a limit to a day", async () => {
  const patient = await home(), phone = await phoneOf(patient);
  sql("UPDATE app.setting SET value = '2' WHERE name = 'my_most'");
  try {
    for (let i = 0; i < 2; i++) assert.equal((await answer(phone, { observation_cough: "no" })).status, 303);
    assert.match((await answer(phone, { observation_cough: "no" })).text, /受け取れる回数を超えました/);
  } finally {
    sql("UPDATE app.setting SET value = '50' WHERE name = 'my_most'");
  }
});

test("the last entry of the course awaits no other", async () => {
  const patient = await home(), phone = await phoneOf(patient);
  sql(`UPDATE app.follow SET ends_on = '${tokyo(0)}' WHERE patient_id = ${patient.id}`);
  const { location } = await answer(phone, { observation_cough: "no" });
  assert.match((await phone.get(location)).text, /これで最後です/);
});
