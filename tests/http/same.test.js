// same.test.js - the same person (同一人物) over HTTP and behind the curtain: candidates while a report is typed and when it is
// saved, the queue, linking, 別の方, merging and its undoing, and who may do which of them.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { before, test } from "node:test";
import { Client, signIn } from "./client.js";
import { asRole, hersys, sql } from "./database.js";
import { answer, linkOf, phoneOf, tokyo } from "./my.js";
import { notification, receipt } from "./notify.js";
import { freshJobs } from "./processes.js";

const clients = {};
const organisation = (login) => sql(`SELECT organisation_id FROM app.account WHERE login = '${login}'`)[0][0];

before(async () => {
  for (const login of ["sakura", "hoken1", "hoken2", "kasugai", "kodomo", "aichi", "kuni", "follow", "minato"]) clients[login] = await signIn(login);
});

// Somebody whom no other test and no earlier run knows: names, birth date, address and telephone by chance. The day is a
// month's number too, so that both can be mistaken for each other.
const KANA = "アイウエオカキクケコサシスセソタチツテト";
const letters = (count) => Array.from(crypto.randomBytes(count), (byte) => KANA[byte % KANA.length]).join("");
const two = (number) => String(number).padStart(2, "0");
function someone(overrides = {}) {
  const family = letters(6), given = letters(4), month = crypto.randomInt(1, 12);
  return { family_name: `類${family}`, given_name: `似${given}`, family_kana: family, given_kana: given, birth_date: `${crypto.randomInt(1920, 2000)}-${two(month)}-${two(month + 1)}`,
    home_address: `愛知県名古屋市中区栄${crypto.randomInt(1e6)}-2`, stay_address: "愛知県名古屋市中区栄1-1", phone: `070${String(crypto.randomInt(1e8)).padStart(8, "0")}`, ...overrides };
}

async function reported(values, login = "sakura", form = {}) {
  const answer = await clients[login].post("/notification", { ...notification(values), ...form });
  assert.equal(answer.status, 303, answer.text.slice(0, 500));
  const { id } = receipt(answer);
  return { number: id, path: `/patient/${id}`, id: hersys("id", id).split(" ")[0] };
}

const pairs = (login, a) => sql(`SELECT score, reasons FROM app.same_pair WHERE organisation_id = ${organisation(login)} AND different_at IS NULL AND ${a.id} IN (patient_id, other_id)`);

// The form of a pair in the queue, as the page shows it.
async function formOf(login, a, b) {
  let path = "/same";
  while (path) {
    const { text } = await clients[login].get(path);
    const form = text.split("<article class=\"card pair\"").slice(1).find((part) => part.includes(a.number) && part.includes(b.number));
    const value = (name) => form.match(new RegExp(`name="${name}" value="([^"]*)"`))[1];
    if (form) return { html: form, may_merge: form.includes('value="merge"'), fields: Object.fromEntries(["form_id", "a", "b", "version_a", "version_b"].map((name) => [name, value(name)])) };
    path = text.match(/href="(\/same\?[^"]*)"/)?.[1].replaceAll("&amp;", "&");
  }
  return null;
}

const decide = async (login, a, b, action) => clients[login].post("/same", { ...(await formOf(login, a, b)).fields, action });

// Every row of every table that belongs to these patients, but for versions, history, the trail and the merge itself.
function everything(...people) {
  const ids = people.map(({ id }) => id).join(",");
  const tables = sql(`SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'patient_id' AND NOT a.attisdropped
    WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r' AND c.relname NOT IN ('revision', 'audit', 'same_merge', 'receipt', 'draft') ORDER BY 1`).flat();
  assert.ok(tables.length >= 12, `${tables}`);
  const other = new Set(["same_pair", "same_link"]);
  return Object.fromEntries(tables.map((table) => [table, sql(`SELECT to_jsonb(t) - 'version' - 'found_at' - 'checked_at' FROM app.${table} t WHERE patient_id IN (${ids})
    ${other.has(table) ? `OR other_id IN (${ids})` : ""} ORDER BY (to_jsonb(t) - 'version' - 'found_at' - 'checked_at')::text`).flat()]));
}

test("each likeness alone and together: what is asked about and what is not", async () => {
  const base = someone();
  const first = await reported(base);
  const cases = [
    [{ phone: "09077770001", home_address: "" }, 60, "同じ名前と生年月日"],
    [{ family_kana: `${base.family_kana}ー`, family_name: "別", phone: "09077770002" }, 60, "1文字違い"],
    [{ birth_date: base.birth_date.replace(/-(..)-(..)$/, "-$2-$1"), phone: "09077770003" }, 60, "月と日が逆"],
    [{ family_name: "新", family_kana: "シン", phone: base.phone }, 60, "姓が変わった"],
    [{ given_name: "双子", given_kana: "フタゴ" }, null, "twins: all but the given name"],
    [{ birth_date: "1911-01-01", phone: "09077770004", home_address: "" }, 60, "the name alone, kana and kanji"],
    [{ family_name: "別", birth_date: "1911-01-01", phone: "09077770005" }, null, "the kana and the address: fathers and sons have others"],
    [{ family_name: "全", given_name: "違", family_kana: "ゼン", given_kana: "チガイ" }, null, "a family: address, telephone, birth date"],
  ];
  for (const [overrides, least, what] of cases) {
    const other = await reported({ ...base, ...overrides });
    const found = sql(`SELECT score FROM app.same_pair WHERE organisation_id = ${organisation("hoken1")} AND ${first.id} IN (patient_id, other_id) AND ${other.id} IN (patient_id, other_id)`);
    assert.equal(found.length, least === null ? 0 : 1, `${what}: ${found}`);
    if (least !== null) assert.ok(Number(found[0][0]) >= least, what);
    sql(`DELETE FROM app.search_key WHERE patient_id = ${other.id}`); // the next one is compared with the first alone
  }
});

test("a correction makes a pair, and another one takes it away again", async () => {
  const base = someone();
  const a = await reported(base), b = await reported({ ...base, birth_date: "1931-05-05", family_kana: "ベツ", family_name: "別", phone: "09066660001", home_address: "" });
  assert.deepEqual(pairs("hoken1", b), []);
  const edit = async (values) => {
    const form = (await clients.hoken1.get(`${b.path}/notification/1/edit`)).text;
    const value = (name) => form.match(new RegExp(`name="${name}" value="([^"]*)"`))[1];
    const fields = { ...notification({ ...base, ...values }), kind: "edit", patient: b.number, no: "1", base_version: value("base_version"), draft_id: value("draft_id"), form: value("form") };
    assert.equal((await clients.hoken1.post("/notification", fields)).status, 303);
  };
  await edit({});
  assert.equal(pairs("hoken1", b).length, 1);
  await edit({ birth_date: "1931-05-05", family_kana: "ベツ", family_name: "別", phone: "09066660002", home_address: "" });
  assert.deepEqual(pairs("hoken1", b), []);
  assert.ok(a.id);
});

test("the page of the day counts the pairs and leads to them; the words say why", async () => {
  const base = someone();
  const a = await reported(base), b = await reported({ ...base, given_name: "似多", home_address: "" });
  const today = (await clients.hoken1.get("/")).text;
  assert.match(today, /href="\/same"[^>]*><span>似た方（同一人物の確認）<\/span><strong>[1-9]/);
  const form = await formOf("hoken1", a, b);
  assert.match(form.html, /フリガナと生年月日と電話番号が同じ/);
  assert.match(form.html, /<mark>類[^<]*　似多<\/mark>/);
  assert.equal((await clients.hoken1.get("/todo/same")).status, 404);
  const seen = sql(`SELECT count(*) FROM app.audit WHERE action = 'list' AND detail = 'same' AND patient_ids @> ARRAY[${a.id}::bigint, ${b.id}::bigint]`);
  assert.notEqual(seen[0][0], "0", "who is shown stands in the trail");
});

test("while a report is typed, and on its confirmation without JavaScript, similar patients are shown: never a wall", async () => {
  const base = someone();
  const a = await reported(base);
  const typed = { ...notification(base), action: "confirm" };
  const live = JSON.parse((await clients.sakura.post("/notification/live", typed)).text);
  assert.deepEqual(live.same.map(({ path, further, different }) => ({ path, further, different })), [{ path: a.path, further: `${a.path}/notification/1/add`, different: false }]);
  assert.match(live.same[0].words, /^フリガナと氏名と生年月日と電話番号.*が同じ（100点）$/);
  const page = (await clients.sakura.post("/notification", typed)).text;
  assert.match(page, /似た方がいます（1人）/);
  assert.match(page, new RegExp(`href="/patient/${a.number}"`));
  assert.match(page, new RegExp(`href="${a.path}/notification/1/add"`));
  assert.match(page, /value="report"/, "the report can still be sent");
  const looked = sql(`SELECT count(*) FROM app.audit WHERE action = 'same_look' AND patient_ids @> ARRAY[${a.id}::bigint]`);
  assert.notEqual(looked[0][0], "0");
  // To an office that does not see the patient, nothing.
  const stranger = JSON.parse((await clients.minato.post("/notification/live", { ...typed, draft_id: notification().draft_id })).text);
  assert.deepEqual(stranger.same, []);
  for (const missing of [{ birth_date: "", phone: "", home_address: "" }, { given_name: "", given_kana: "" }])
    assert.deepEqual(JSON.parse((await clients.sakura.post("/notification/live", { ...notification({ ...base, ...missing }), action: "" })).text).same, [], "too little is known");
  // Told that it is another person, the clinic is not asked again; the centre still is.
  const b = receipt(await clients.sakura.post("/notification", { ...notification(base), different: a.number }));
  const other = { number: b.id, id: hersys("id", b.id).split(" ")[0] };
  assert.deepEqual(pairs("sakura", other), []);
  assert.equal(pairs("hoken1", other).length, 1);
});

test("別の方 is never asked again by this office, whatever is saved later", async () => {
  const base = someone();
  const a = await reported(base), b = await reported(base);
  assert.equal((await decide("hoken1", a, b, "different")).status, 303);
  assert.equal(await formOf("hoken1", a, b), null);
  await clients.hoken1.get(`${b.path}/notification/1`);
  assert.equal((await clients.hoken1.post(`${b.path}/notification/1/confirm`)).status, 303);
  assert.equal(await formOf("hoken1", a, b), null);
  assert.equal(sql(`SELECT count(*) FROM app.revision WHERE subject = 'same_different' AND patient_id IN (${a.id}, ${b.id})`)[0][0], "2");
});

test("a link keeps both IDs, shows each on the other's page, and can be taken back", async () => {
  const base = someone();
  const a = await reported(base), b = await reported(base);
  const { fields } = await formOf("hoken1", a, b);
  for (let i = 0; i < 2; i++) assert.equal((await clients.hoken1.post("/same", { ...fields, action: "link" })).status, 303, "pressed twice it is one link");
  assert.equal(sql(`SELECT count(*) FROM app.same_link WHERE ${a.id} IN (patient_id, other_id)`)[0][0], "2");
  for (const [one, other] of [[a, b], [b, a]])
    for (const login of ["hoken1", "sakura", "aichi"]) {
      const page = (await clients[login].get(one.path)).text;
      assert.match(page, new RegExp(`同一人物.*href="/patient/${other.number}"`), login);
      assert.equal(page.includes("結び付きを取り消す"), login !== "aichi", login);
    }
  assert.deepEqual(pairs("hoken1", a), []);
  assert.deepEqual(pairs("sakura", a), [], "nobody is asked any more");
  const history = (await clients.hoken1.get(`${a.path}/history`)).text;
  assert.match(history, /同一人物として結び付け/);
  const form_id = (await clients.hoken1.get(a.path)).text.split(`action="${a.path}/same/unlink"`)[1].match(/name="form_id" value="([^"]+)"/)[1];
  for (let i = 0; i < 2; i++) assert.equal((await clients.hoken1.post(`${a.path}/same/unlink`, { form_id, a: a.number, b: b.number })).status, 303, "pressed twice it is taken back once");
  assert.equal(sql(`SELECT count(*) FROM app.revision WHERE subject = 'same_unlink' AND patient_id = ${a.id}`)[0][0], "1");
  assert.equal(sql(`SELECT count(*) FROM app.same_link WHERE ${a.id} IN (patient_id, other_id)`)[0][0], "0");
});

// Withdraws an entry of a tab, as its form shows it.
async function withdraw(patient, tab, no) {
  const page = (await clients.hoken1.get(`${patient.path}/tab/${tab}/${no}`)).text;
  const entry_version = page.match(/name="entry_version" value="(\d+)"/)[1];
  assert.equal((await clients.hoken1.post(`${patient.path}/tab/${tab}/${no}/withdraw`, { entry_version })).status, 303, tab);
}

// A press on 担当・関係保健所, as somebody who has just opened it.
async function press(login, patient, below, fields = {}) {
  await clients[login].get(`${patient.path}/assignment`);
  const answer = await clients[login].post(`${patient.path}/${below}`, fields);
  assert.equal(answer.status, 303, `${below}: ${answer.text.slice(0, 300)}`);
}

// Two records of one person, with everything that a merge must carry over and bring back.
async function richPair() {
  const form = { form: "2021-02" };
  const base = someone({ diagnosis_date: "2021-06-10", onset_date: "2021-06-08", severity: "", risk: "", test1_method: "naat", test1_result: "positive" });
  const passport = { given_name: "似田", home_address: "", passport_number: "TK1234567", nationality: "JP", entry_date: "2021-06-01" };
  const a = await reported(base, "sakura", form);
  const b = await reported({ ...base, ...passport, remarks: "二重" }, "sakura", form);
  const status = async (p, value, since) => {
    await clients.hoken1.get(`${p.path}/status`);
    assert.equal((await clients.hoken1.post(`${p.path}/status`, { status: value, since })).status, 303);
  };
  const enter = async (p, tab, values) => {
    await clients.hoken1.get(`${p.path}/tab/${tab}/new`);
    assert.equal((await clients.hoken1.post(`${p.path}/tab/${tab}/new`, { items: Object.keys(values).join(" "), ...values })).status, 303, tab);
  };
  await status(a, "home", "2022/10/1");
  await status(b, "hotel", "2022/10/2");
  await status(b, "home", "2022/10/4");
  await enter(a, "profile", { profile_work_name: "職場甲" });
  await enter(b, "profile", { profile_work_name: "職場乙" });
  await enter(b, "residence", { residence_kind: "hotel", residence_from: "2022/10/2" });
  for (const [p, related] of [[a, "kasugai"], [b, "kasugai"]]) {
    await clients.hoken1.get(`${p.path}/assignment`);
    assert.equal((await clients.hoken1.post(`${p.path}/assignment`, { responsible: organisation("hoken1"), related: organisation(related) })).status, 303);
  }
  await enter(b, "contact", { contact_name: "接触 者", contact_last_on: "2022/10/1" });
  // What others have said: who infected whom, an agency.
  const source = await reported(someone()), infected = await reported(someone());
  await enter(a, "link", { link_source_case: source.number, link_certainty: "unknown" });
  await withdraw(a, "link", 1);
  await enter(b, "link", { link_source_case: source.number, link_certainty: "confirmed" });
  await enter(infected, "link", { link_source_case: b.number, link_certainty: "presumed" });
  await clients.hoken1.get(`${b.path}/assignment`);
  assert.equal((await clients.hoken1.post(`${b.path}/grant`, { kind: "admitting", code: "K2310002" })).status, 303);
  // A further report freezes the first with the person, passport and all.
  const page = (await clients.hoken1.get(`${b.path}/notification/1/add`)).text;
  const value = (name) => page.match(new RegExp(`name="${name}" value="([^"]*)"`))[1];
  const further = notification({ ...base, ...passport, category: "asymptomatic" });
  const added = await clients.hoken1.post("/notification", { ...further, ...form, kind: "add", patient: b.number, no: "1", base_version: value("base_version"), draft_id: value("draft_id") });
  assert.equal(added.status, 303, added.text.slice(0, 300));
  return { a, b, source, infected, c: await reported({ ...base, phone: "09055550000" }, "sakura", form) };
}

test("a merge carries everything over, the emptied ID leads on, and undoing it restores every row", async () => {
  const { a, b, c, source, infected } = await richPair();
  assert.equal((await decide("hoken1", b, c, "link")).status, 303);
  const [[cluster]] = sql("SELECT cluster_id FROM app.cluster_member ORDER BY 1 LIMIT 1");
  sql(`INSERT INTO app.cluster_member (organisation_id, cluster_id, member_no, patient_id, role, added_by, added_at)
    SELECT organisation_id, cluster_id, max(member_no) + 1, ${b.id}, '', 0, now() FROM app.cluster_member WHERE cluster_id = ${cluster} GROUP BY 1, 2`);
  const before = everything(a, b, c, source, infected);
  const { fields, may_merge } = await formOf("hoken1", a, b);
  assert.ok(may_merge);
  for (let i = 0; i < 2; i++) assert.equal((await clients.hoken1.post("/same", { ...fields, action: "merge" })).status, 303, "pressed twice it is one merge");
  // The older report's ID stays; nothing is left under the other.
  for (const table of ["notification", "notification_person", "test_record", "entry", "patient_status", "submission", "patient_related", "access", "todo", "search_key", "patient_link", "chain_edge", "cluster_member", "patient_grant", "contact_watch"])
    assert.equal(sql(`SELECT count(*) FROM app.${table} WHERE patient_id = ${b.id}`)[0][0], "0", table);
  assert.deepEqual(sql(`SELECT notification_no, frozen_at IS NOT NULL FROM app.notification WHERE patient_id = ${a.id} ORDER BY 1`), [["1", "t"], ["2", "t"], ["3", "f"]]);
  assert.deepEqual(sql(`SELECT tab, entry_no FROM app.entry WHERE patient_id = ${a.id} ORDER BY 1, 2`), [["contact", "1"], ["link", "1"], ["link", "2"], ["profile", "1"], ["profile", "2"], ["residence", "1"]]);
  assert.deepEqual(sql(`SELECT l.link_no, l.entry_no, l.holds, e.items ->> 'link_certainty' = l.certainty FROM app.patient_link l JOIN app.entry e USING (patient_id, entry_no) WHERE l.patient_id = ${a.id} AND e.tab = 'link' ORDER BY 1`),
    [["1", "1", "f", "t"], ["2", "2", "t", "t"]], "a link says what its own entry says");
  assert.deepEqual(sql(`SELECT status_no, status FROM app.patient_status WHERE patient_id = ${a.id} ORDER BY 1`), [["1", "home"], ["2", "hotel"], ["3", "home"]]);
  const [office] = [organisation("hoken1")];
  assert.deepEqual(sql(`SELECT patient_id, source_id FROM app.chain_edge WHERE organisation_id = ${office} AND ${a.id} IN (patient_id, source_id) ORDER BY patient_id <> ${a.id}`),
    [[a.id, source.id], [infected.id, a.id]]);
  assert.equal((await clients.minato.get(a.path)).status, 200, "the linked hospital goes along");
  for (const login of ["hoken1", "sakura", "aichi", "kasugai"]) {
    const led = await clients[login].get(b.path);
    assert.equal(led.location?.split("?")[0], a.path, login);
  }
  assert.equal((await clients.kodomo.get(b.path)).status, 404, "a stranger is led nowhere");
  const page = (await clients.hoken1.get(a.path)).text;
  assert.match(page, /似田/);
  assert.match(page, /統合を取り消す/);
  assert.ok(!(await clients.kasugai.get(a.path)).text.includes("統合を取り消す"));
  assert.match((await clients.hoken1.get(`${a.path}/notification/2`)).text, /TK1234567/, "a frozen passport can be read under its new ID");
  const history = (await clients.hoken1.get(`${a.path}/history`)).text;
  for (const word of ["を統合", "職場甲", "職場乙"]) assert.ok(history.includes(word), word);
  assert.match((await clients.hoken1.get(`${c.path}`)).text, new RegExp(`同一人物.*${a.number}`), "the link goes along");
  await undo(a, b);
  assert.deepEqual(everything(a, b, c, source, infected), before);
  assert.equal((await clients.hoken1.get(b.path)).status, 200);
  assert.match((await clients.hoken1.get(`${b.path}/notification/1`)).text, /TK1234567/);
  assert.match(hersys("audit", "verify"), / 0 problems/);
});

async function undo(a, b, login = "hoken1", overrides = {}) {
  const { text } = await clients[login].get(a.path);
  const form = text.split(`action="${a.path}/same/undo"`)[1];
  const value = (name) => form.match(new RegExp(`name="${name}" value="([^"]*)"`))[1];
  const fields = Object.fromEntries(["form_id", "version", "gone", "stays", "returns"].map((name) => [name, value(name)]));
  assert.equal(fields.gone, b.number);
  const answer = await clients[login].post(`${a.path}/same/undo`, { ...fields, ...overrides });
  if (Object.keys(overrides).length === 0) assert.equal(answer.status, 303, answer.text.slice(0, 400));
  return answer;
}

test("while a hand-over waits for its answer nothing is merged, and the page says why; it names the ID that stays", async () => {
  const base = someone();
  const a = await reported(base), b = await reported(base);
  await press("hoken1", b, "handover", { to: organisation("kasugai"), reason: "転居" });
  const { fields } = await formOf("hoken1", a, b);
  const refused = await clients.hoken1.post("/same", { ...fields, action: "merge" });
  assert.equal(refused.status, 409);
  assert.match(refused.text, /引継ぎの返事を待っています。返事があるか、依頼を取り下げてから統合してください/);
  await press("hoken1", b, "handover/1/withdraw");
  // A further report makes the first record the newer one: the other's ID stays.
  const page = (await clients.hoken1.get(`${a.path}/notification/1/add`)).text;
  const value = (name) => page.match(new RegExp(`name="${name}" value="([^"]*)"`))[1];
  const added = await clients.hoken1.post("/notification", { ...notification({ ...base, category: "asymptomatic" }), kind: "add", patient: a.number, no: "1", base_version: value("base_version"), draft_id: value("draft_id") });
  assert.equal(added.status, 303, added.text.slice(0, 300));
  const { html } = await formOf("hoken1", a, b);
  const named = html.match(/統合すると、<strong[^>]*>([^<]*)<\/strong>/)[1].replaceAll("-", "");
  assert.equal(named, b.number);
  assert.equal((await decide("hoken1", a, b, "merge")).status, 303);
  assert.equal((await clients.hoken1.get(a.path)).location?.split("?")[0], b.path);
});

test("what was entered after a merge stays where it was entered when the merge is undone", async () => {
  const base = someone();
  const a = await reported(base), b = await reported({ ...base, given_name: "似田" });
  assert.equal((await decide("hoken1", a, b, "merge")).status, 303);
  await clients.hoken1.get(`${a.path}/tab/residence/new`);
  assert.equal((await clients.hoken1.post(`${a.path}/tab/residence/new`, { items: "residence_kind residence_from", residence_kind: "home", residence_from: "2022/10/9" })).status, 303);
  await clients.hoken1.get(`${a.path}/status`);
  assert.equal((await clients.hoken1.post(`${a.path}/status`, { status: "home", since: "2022/10/9" })).status, 303);
  // A stale form of the undoing, and one that names other reports, change nothing.
  assert.equal((await undo(a, b, "hoken1", { version: "1" })).status, 409);
  assert.equal((await undo(a, b, "hoken1", { stays: "2", returns: "1" })).status, 409);
  await undo(a, b);
  assert.deepEqual(sql(`SELECT patient_id FROM app.entry WHERE patient_id IN (${a.id}, ${b.id})`), [[a.id]]);
  assert.deepEqual(sql(`SELECT patient_id FROM app.patient_status WHERE patient_id IN (${a.id}, ${b.id})`), [[a.id]]);
  assert.deepEqual(sql(`SELECT patient_id, given_name FROM app.patient WHERE patient_id IN (${a.id}, ${b.id}) ORDER BY patient_id = ${b.id}`), [[a.id, base.given_name], [b.id, "似田"]]);
  assert.deepEqual(sql(`SELECT patient_id, status FROM app.access WHERE patient_id IN (${a.id}, ${b.id}) AND organisation_id = ${organisation("hoken1")} ORDER BY patient_id = ${b.id}`), [[a.id, "home"], [b.id, ""]]);
});

const linkedBy = (patient, contact = 0) => sql(`SELECT token_hash FROM app.follow_link WHERE patient_id = ${patient.id} AND contact_no = ${contact}`)[0]?.[0];

test("whoever answers by telephone goes on answering after a merge and after its undoing; contacts keep their own answers, nothing urgent is lost", async () => {
  const base = { ...someone(), birth_date: "1970-07-08", diagnosis_date: tokyo(0), onset_date: tokyo(-1) };
  const a = await reported(base), b = await reported({ ...base, given_name: "似田" });
  const enter = async (patient, tab, values) => {
    await clients.hoken1.get(`${patient.path}/tab/${tab}/new`);
    assert.equal((await clients.hoken1.post(`${patient.path}/tab/${tab}/new`, { items: Object.keys(values).join(" "), ...values })).status, 303);
  };
  const contact = { contact_phone: "090-7777-0001", contact_birth_date: "1975-01-02", contact_close: "yes", contact_last_on: tokyo(-1), contact_follow: "web" };
  await enter(a, "contact", { ...contact, contact_name: "接触 一子" });
  await enter(b, "contact", { ...contact, contact_name: "接触 二子" });
  await clients.hoken1.get(`${b.path}/status`);
  assert.equal((await clients.hoken1.post(`${b.path}/status`, { status: "home", since: tokyo(0) })).status, 303);
  const phone = await phoneOf({ link: linkOf(b), birth: base.birth_date });
  await phoneOf({ link: linkOf(b, 1), birth: "1975-01-02" }, phone);
  const [patients, contacts] = ["/my/entry/1", "/my/entry/2"];
  assert.equal((await answer(phone, { observation_breathless: "yes" }, patients)).status, 303);
  assert.equal((await answer(phone, { observation_cough: "no" }, contacts)).status, 303);
  sql(`INSERT INTO app.call (token, patient_id, contact_no, day, key, inbound, phone, state, next_at) VALUES ('${crypto.randomUUID()}', ${b.id}, 1, app.today(), gen_random_uuid(), false, '09077770001', 'waiting', now() + interval '1 hour')`);
  const before = everything(a, b), answers = (patient) => sql(`SELECT coalesce(items ->> 'observation_of', '0') FROM app.entry WHERE patient_id = ${patient.id} AND tab = 'observation' ORDER BY entry_no`).flat();
  const observed = (patient) => sql(`SELECT contact_no, name, urgency FROM app.follow WHERE patient_id = ${patient.id} ORDER BY 1`).map((row) => row.join(" "));
  const name = sql(`SELECT name FROM app.follow WHERE patient_id = ${b.id} AND contact_no = 0`)[0][0], links = [linkedBy(b), linkedBy(b, 1)];
  assert.equal((await decide("hoken1", a, b, "merge")).status, 303);
  assert.deepEqual(observed(a).map((row) => row.replace(/^0 .*(?= \d)/, `0 ${name}`)), [`0 ${name} 3`, "1 接触 一子 0", "2 接触 二子 0"]);
  assert.deepEqual([linkedBy(a), linkedBy(a, 2)], links, "the links that they have lead on");
  assert.deepEqual(sql(`SELECT contact_no FROM app.call WHERE patient_id = ${a.id}`), [["2"]]);
  for (const table of ["follow", "follow_watch", "follow_link", "follow_action", "observation_key", "my_person", "call"]) assert.equal(sql(`SELECT count(*) FROM app.${table} WHERE patient_id = ${b.id}`)[0][0], "0", table);
  await undo(a, b);
  assert.deepEqual(everything(a, b), before);
  assert.equal((await decide("hoken1", a, b, "merge")).status, 303);
  for (const path of [patients, contacts]) {
    assert.doesNotMatch((await phone.get(path)).text, /健康観察は終わっています/);
    assert.equal((await answer(phone, { observation_cough: "yes" }, path)).status, 303);
  }
  assert.deepEqual(answers(a), ["0", "2", "0", "2"]);
  await undo(a, b);
  assert.deepEqual([answers(a), answers(b)], [["0"], ["0", "1", "1"]], "a contact's answers are where the contact is");
  assert.equal((await answer(phone, { observation_cough: "no" }, patients)).status, 303);
  assert.deepEqual(observed(b).map((row) => row.slice(-1)), ["3", "0"]);
});

test("an urgent answer is not settled by a merge with a record where somebody was done", async () => {
  const base = { ...someone(), diagnosis_date: tokyo(0), onset_date: tokyo(-1) };
  const a = await reported(base), b = await reported({ ...base, given_name: "似田" });
  for (const { path } of [a, b]) {
    await clients.hoken1.get(`${path}/status`);
    assert.equal((await clients.hoken1.post(`${path}/status`, { status: "home", since: tokyo(0) })).status, 303);
  }
  sql(`SELECT app.observation_store(${b.id}, 0, gen_random_uuid(), 'phone', now(), '{"observation_breathless": "yes"}')`);
  sql(`SELECT set_config('app.session', '${clients.hoken1.cookies.get("__Host-sid")}', true), app.follow_press(${a.id}, 0, 'settled', '電話で確認',
    app.follow_seen(f.answered_at, f.settled_at, f.claimed_by, f.claimed_at)) FROM app.follow f WHERE f.patient_id = ${a.id} AND f.contact_no = 0`);
  const before = everything(a, b), urgency = (patient) => sql(`SELECT urgency FROM app.follow WHERE patient_id = ${patient.id}`).flat();
  assert.equal((await decide("hoken1", a, b, "merge")).status, 303);
  assert.deepEqual([urgency(a), urgency(b)], [["3"], []]);
  await undo(a, b);
  assert.deepEqual(everything(a, b), before);
  assert.deepEqual([urgency(a), urgency(b)], [["0"], ["3"]]);
});

test("what was ended while two were one stays ended when the merge is undone, and goes back as it is by then", async () => {
  const { a, b, source, infected } = await richPair();
  const other = await reported(someone());
  const sees = async (login) => (await clients[login].get(b.path)).status === 200;
  assert.equal((await decide("hoken1", a, b, "merge")).status, 303);
  // The hospital is ended, the related centre taken off, the link of somebody else withdrawn, and one's own said anew.
  const [[grant]] = sql(`SELECT grant_no FROM app.patient_grant WHERE patient_id = ${a.id} AND ended_at IS NULL`);
  await press("hoken1", a, `grant/${grant}/end`);
  await press("hoken1", a, "assignment", { responsible: organisation("hoken1") });
  await withdraw(infected, "link", 1);
  const page = (await clients.hoken1.get(`${a.path}/tab/link/2`)).text;
  const entry_version = page.match(/name="entry_version" value="(\d+)"/)[1];
  const said = { link_source_case: other.number, link_certainty: "presumed" };
  assert.equal((await clients.hoken1.post(`${a.path}/tab/link/2`, { items: Object.keys(said).join(" "), entry_version, ...said })).status, 303);
  await undo(a, b);
  assert.ok(await sees("hoken1"));
  for (const login of ["minato", "kasugai"]) assert.ok(!(await sees(login)), `${login} was ended`);
  assert.deepEqual(sql(`SELECT ended_at IS NOT NULL, ended_by IS NOT NULL FROM app.patient_grant WHERE patient_id = ${b.id}`), [["t", "t"]]);
  assert.deepEqual(sql(`SELECT source_id, holds, withdrawn_at IS NOT NULL FROM app.patient_link WHERE patient_id = ${infected.id}`), [[b.id, "f", "t"]]);
  assert.deepEqual(sql(`SELECT link_no, entry_no, source_id, certainty, holds FROM app.patient_link WHERE patient_id = ${b.id} ORDER BY 1`), [["1", "1", source.id, "confirmed", "f"], ["2", "1", other.id, "presumed", "t"]]);
  assert.deepEqual(sql(`SELECT holds FROM app.patient_link WHERE patient_id = ${a.id}`), [["f"]]);
});

test("an emergency view and a refusal that wait for the centre go along with a merge, and back", async () => {
  const base = someone();
  const a = await reported(base), b = await reported(base);
  const open = () => sql(`SELECT patient_id, kind FROM app.todo WHERE patient_id IN (${a.id}, ${b.id}) AND kind IN ('emergency_review', 'handover_refused') AND organisation_id = ${organisation("hoken1")} ORDER BY 2`);
  await press("hoken1", b, "handover", { to: organisation("kasugai"), reason: "転居" });
  await press("kasugai", b, "handover/1/refuse", { answer: "管轄外" });
  assert.equal((await clients.minato.post("/emergency", { id: b.number, reason: "救急搬送" })).status, 303);
  assert.deepEqual(open(), [[b.id, "emergency_review"], [b.id, "handover_refused"]]);
  assert.equal((await decide("hoken1", a, b, "merge")).status, 303);
  assert.deepEqual(open(), [[a.id, "emergency_review"]]);
  assert.equal((await clients.minato.get(a.path)).status, 200);
  await undo(a, b);
  assert.deepEqual(open(), [[b.id, "emergency_review"], [b.id, "handover_refused"]]);
  assert.equal((await clients.minato.get(a.path)).status, 404);
  await press("hoken1", b, "grant/1/end");
  assert.deepEqual(open(), [[b.id, "handover_refused"]]);
});

test("an agency that both have is one while they are merged; ended by hand it is ended for both", async () => {
  for (const ended of [false, true]) {
    const base = someone();
    const a = await reported(base), b = await reported(base);
    for (const patient of [a, b]) await press("hoken1", patient, "grant", { kind: "admitting", code: "K2310002" });
    assert.equal((await decide("hoken1", a, b, "merge")).status, 303);
    assert.equal(sql(`SELECT count(*) FROM app.patient_grant WHERE patient_id = ${a.id} AND ended_at IS NULL`)[0][0], "1");
    if (ended) await press("hoken1", a, "grant/1/end");
    await undo(a, b);
    for (const patient of [a, b]) assert.equal((await clients.minato.get(patient.path)).status, ended ? 404 : 200);
  }
});

test("after its days a merge stands, and a changed record is not merged by an old form", async () => {
  const base = someone();
  const a = await reported(base), b = await reported(base);
  const { fields } = await formOf("hoken2", a, b);
  await clients.hoken1.get(`${b.path}/status`);
  await clients.hoken1.post(`${b.path}/status`, { status: "home", since: "2022/10/1" });
  assert.equal((await clients.hoken2.post("/same", { ...fields, action: "merge" })).status, 409);
  assert.equal(sql(`SELECT count(*) FROM app.same_merge WHERE patient_id = ${b.id}`)[0][0], "0");
  assert.equal((await decide("hoken2", a, b, "merge")).status, 303);
  sql(`UPDATE app.same_merge SET undo_until = now() - interval '1 minute' WHERE patient_id = ${b.id}`);
  const page = await clients.hoken1.get(a.path);
  assert.ok(!page.text.includes("統合を取り消す"));
  const [[version]] = sql(`SELECT version FROM app.patient WHERE patient_id = ${a.id}`);
  assert.equal((await clients.hoken1.post(`${a.path}/same/undo`, { version, gone: b.number, stays: "1", returns: "2" })).status, 409);
});

test("who may decide: identity to edit for one of the two, responsible for both to merge; others learn nothing", async () => {
  const base = someone();
  const a = await reported(base), b = await reported(base, "sakura");
  const [[va], [vb]] = [a, b].map(({ id }) => sql(`SELECT version FROM app.patient WHERE patient_id = ${id}`)[0]);
  const fields = { a: a.number, b: b.number, version_a: va, version_b: vb };
  const may = { sakura: { link: true, different: true, merge: false }, hoken1: { link: true, different: true, merge: true }, aichi: {}, kuni: {}, follow: {}, minato: {}, kasugai: {} };
  for (const [login, actions] of Object.entries(may)) {
    const page = await clients[login].get("/same");
    assert.equal(page.status, ["sakura", "hoken1", "minato", "kasugai"].includes(login) ? 200 : 403, login);
    const form = page.status === 200 ? await formOf(login, a, b) : null;
    assert.equal(form !== null, login === "sakura" || login === "hoken1", login);
    if (form) assert.equal(form.may_merge, actions.merge, login);
    for (const action of ["link", "different", "merge"])
      if (!actions[action]) assert.ok([403, 404].includes((await clients[login].post("/same", { ...fields, action })).status), `${login} ${action}`);
    // The same in SQL, past all C code.
    const token = clients[login].cookies.get("__Host-sid");
    const persons = `'{"into":{},"gone":{}}', '{}', '{}', '{}', ''`;
    const tried = asRole("staff", token, [`SELECT app.same_decide(${a.id}, ${b.id}, 'same_link')`, `SELECT app.same_decide(${a.id}, ${b.id}, 'same_different')`, `SELECT app.same_merge_do(${b.id}, ${vb}, ${a.id}, ${va}, ${persons})`,
      `SELECT count(*) FROM app.same_pair WHERE ${a.id} IN (patient_id, other_id)`]);
    ["link", "different", "merge"].forEach((action, i) => assert.equal(tried[i].state === undefined, Boolean(actions[action]), `${login} ${action}: ${JSON.stringify(tried[i])}`));
    assert.equal(tried[3].rows[0], login === "sakura" || login === "hoken1" ? "1" : "0", login);
    for (const write of [`DELETE FROM app.same_pair`, `INSERT INTO app.same_link VALUES (${a.id}, ${b.id}, now(), 1, 1)`, `UPDATE app.same_merge SET undone_at = now()`, `SELECT * FROM app.same_match(1, 0, '{}', '{}', 0)`])
      assert.equal(asRole("staff", token, [write])[0].state, "42501", write);
  }
  assert.equal((await new Client().get("/same")).location, "/sign-in");
});

test("after a merge the record shows who looked under either number", async () => {
  const base = someone();
  const a = await reported(base), b = await reported(base);
  const [[holder]] = sql("SELECT holder FROM app.account WHERE login = 'aichi'");
  assert.equal((await clients.aichi.get(b.path)).status, 200);
  assert.ok(!(await clients.hoken1.get(`${a.path}/viewers`)).text.includes(holder));
  assert.equal((await decide("hoken1", a, b, "merge")).status, 303);
  assert.ok((await clients.hoken1.get(`${a.path}/viewers`)).text.includes(holder));
  await undo(a, b);
  assert.ok(!(await clients.hoken1.get(`${a.path}/viewers`)).text.includes(holder));
});

test("an office that loses sight of one of a pair keeps no pair; what it has decided it keeps", async () => {
  const base = someone();
  const a = await reported(base), b = await reported(base, "kodomo"); // 春日井
  await press("hoken1", a, "handover", { to: organisation("kasugai"), reason: "転居" });
  assert.equal(pairs("kasugai", b).length, 1);
  await press("kasugai", a, "handover/1/refuse", { answer: "管轄外" });
  assert.deepEqual(pairs("kasugai", b), []);
  // The same in bulk, which looks for nobody: what is saved next does.
  const fields = { action: "related", related_centre: organisation("kasugai"), ids: a.number };
  const value = (text, name) => text.match(new RegExp(`name="${name}" value="([^"]*)"`))[1];
  for (const decided of [false, true]) {
    const shown = (await clients.hoken1.post("/bulk/preview", fields)).text;
    const batch = (await clients.hoken1.post("/bulk", { ...fields, digest: value(shown, "digest"), form_id: value(shown, "form_id") })).location.split("?")[0];
    await clients.kasugai.get(`${b.path}/status`);
    assert.equal((await clients.kasugai.post(`${b.path}/assignment`, { responsible: organisation("kasugai") })).status, 303);
    assert.equal(pairs("kasugai", b).length, 1);
    if (decided) assert.equal((await decide("kasugai", a, b, "different")).status, 303);
    const form_id = value((await clients.hoken1.get(batch)).text, "form_id");
    assert.equal((await clients.hoken1.post(`${batch}/undo`, { form_id })).status, 303);
    assert.deepEqual(pairs("kasugai", b), []);
    assert.equal(sql(`SELECT count(*) FROM app.same_pair WHERE organisation_id = ${organisation("kasugai")} AND ${a.id} IN (patient_id, other_id)`)[0][0], decided ? "1" : "0");
  }
});

test("a merge keeps what its undoing needs until its days are over; purged, nothing of either person is left", async () => {
  const [stood, waits] = [someone(), someone()];
  const a = await reported(stood), b = await reported(stood), c = await reported(waits), d = await reported(waits);
  const office = organisation("hoken1");
  await press("hoken1", b, "handover", { to: organisation("kasugai"), reason: "転居" });
  await press("kasugai", b, "handover/1/refuse", { answer: "管轄外" });
  sql(`INSERT INTO app.paper_issued (patient_id, paper_id, organisation_id, issued_by, issued_at, issued_on, kind, number, recipient, sealed_text) VALUES (${b.id}, '${crypto.randomUUID()}', ${office}, 1, now(), current_date, 'stay', 'x', 'person', 'x')`);
  sql(`INSERT INTO app.cocoa_number (number_hash, patient_id, issued_by, issued_at, outbox_id) VALUES ('${crypto.randomUUID()}', ${b.id}, 1, now(), 0)`);
  assert.equal((await decide("hoken1", a, b, "merge")).status, 303);
  assert.equal((await decide("hoken1", c, d, "merge")).status, 303);
  sql(`UPDATE app.same_merge SET undo_until = now() - interval '1 minute' WHERE patient_id = ${d.id}`);
  for (const no of [2, 1]) {
    await clients.hoken1.get(`${a.path}/notification/${no}/delete`);
    assert.equal((await clients.hoken1.post(`${a.path}/notification/${no}/delete`, { reason: "試験" })).status, 303);
  }
  sql(`UPDATE app.notification SET purge_after = now() - interval '1 hour' WHERE patient_id = ${a.id}`);
  const kept = () => sql(`SELECT persons <> '{}' OR before <> '{}' FROM app.same_merge WHERE patient_id = ${d.id}`)[0][0];
  const there = () => sql(`SELECT count(*) FROM app.patient WHERE patient_id IN (${a.id}, ${b.id})`)[0][0];
  await freshJobs();
  for (let i = 0; i < 300 && (there() !== "0" || kept() !== "f"); i++) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(kept(), "f");
  const tables = sql(`SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname IN ('patient_id', 'other_id', 'into_id') AND NOT a.attisdropped
    WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r' AND c.relname NOT IN ('audit', 'receipt', 'draft') AND a.atttypid = 'bigint'::regtype AND NOT (c.relname = 'handover_list' AND a.attname = 'other_id')`);
  assert.ok(tables.length > 20);
  assert.deepEqual(tables.filter(([table, column]) => sql(`SELECT 1 FROM app.${table} WHERE ${column} IN (${a.id}, ${b.id}) LIMIT 1`).length), []);
  assert.equal((await clients.hoken1.get(d.path)).location?.split("?")[0], c.path, "the emptied ID still leads on");
});

test("over two centres a pair is linked, never merged, and only by who sees both", async () => {
  const base = someone();
  const a = await reported(base), b = await reported(base, "kodomo"); // 春日井
  assert.deepEqual(pairs("hoken1", a), [], "neither centre sees the other's patient");
  assert.deepEqual(pairs("kasugai", b), []);
  await clients.hoken1.get(`${a.path}/assignment`);
  assert.equal((await clients.hoken1.post(`${a.path}/assignment`, { responsible: organisation("hoken1"), related: organisation("kasugai") })).status, 303);
  assert.deepEqual(pairs("hoken1", a), []);
  assert.equal(pairs("kasugai", b).length, 1, "now one of them does");
  const { may_merge, fields } = await formOf("kasugai", a, b);
  assert.ok(!may_merge);
  assert.equal((await clients.kasugai.post("/same", { ...fields, action: "merge" })).status, 403);
  assert.equal((await decide("kasugai", a, b, "link")).status, 303);
  assert.match((await clients.kasugai.get(a.path)).text, new RegExp(`同一人物.*${b.number}`));
  assert.ok(!(await clients.hoken1.get(a.path)).text.includes(b.number), "who may not see the other learns of no link");
  await clients.kasugai.get(`${b.path}/assignment`);
  assert.equal((await clients.kasugai.post(`${b.path}/assignment`, { responsible: organisation("kasugai"), related: organisation("hoken1") })).status, 303);
  assert.match((await clients.hoken1.get(a.path)).text, new RegExp(`同一人物.*${b.number}`), "both see it once both may");
});
