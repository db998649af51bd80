// bulk.test.js - 一括操作: one change for many patients, exactly for those who were shown and may be changed, as single changes
// leave it behind; and its undoing, which leaves alone whoever was changed since.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { signIn } from "./client.js";
import { asRole, hersys, sql } from "./database.js";
import { notification, receipt } from "./notify.js";

const clients = {};
let kasugai, mine;

before(async () => {
  for (const login of ["sakura", "hoken1", "kasugai", "shukuhaku", "aichi"]) clients[login] = await signIn(login);
  [[kasugai]] = sql("SELECT organisation_id FROM app.account WHERE login = 'kasugai'");
  [[mine]] = sql("SELECT organisation_id FROM app.account WHERE login = 'hoken1'");
});

const one = (query) => sql(query)[0]?.[0];
const value = (text, name) => text.match(new RegExp(`name="${name}" value="([^"]*)"`))?.[1];

// Fresh reports of the clinic, whose centre is that of hoken1.
async function reported(count) {
  const made = [];
  for (let i = 0; i < count; i++) {
    const { id } = receipt(await clients.sakura.post("/notification", notification()));
    made.push({ path: `/patient/${id}`, public: id, id: hersys("id", id).split(" ")[0] });
  }
  return made;
}
const ids = (patients) => patients.map((p) => p.public).join("\n");
const list = (patients) => patients.map((p) => p.id).join(",");

// The form, its preview, and the press; what the preview's hidden fields hold is posted back as a browser would.
const preview = (login, fields) => clients[login].post("/bulk/preview", fields);
async function press(login, fields, shown, changes = {}) {
  return clients[login].post("/bulk", { ...fields, digest: value(shown.text, "digest"), form_id: value(shown.text, "form_id"), ...changes });
}
async function bulk(login, fields) {
  const shown = await preview(login, fields);
  const answer = await press(login, fields, shown);
  assert.equal(answer.status, 303, answer.text);
  return { shown, path: answer.location.split("?")[0], id: answer.location.match(/bulk\/([0-9a-f-]+)/)[1] };
}
async function undo(login, batch) {
  const page = await clients[login].get(batch.path);
  return clients[login].post(`${batch.path}/undo`, { form_id: value(page.text, "form_id") });
}
async function single(patient, below, fields) {
  await clients.hoken1.get(`${patient.path}/${below}`);
  const answer = await clients.hoken1.post(`${patient.path}/${below}`, fields);
  assert.equal(answer.status, 303, answer.text);
}

// Everything that lists, history and things to do hold of a patient, without what differs from one to the next.
const traces = (patient) => JSON.stringify({
  access: sql(`SELECT organisation_id, relations, sealed, responsible_id, notification_no, category, diagnosis_date, confirmed, status, status_since, deemed, past,
    name IS NULL, kana IS NULL, birth_date FROM app.access WHERE patient_id = ${patient.id} ORDER BY 1`),
  todo: sql(`SELECT organisation_id, kind FROM app.todo WHERE patient_id = ${patient.id} ORDER BY 1, 2`),
  keys: sql(`SELECT organisation_id, left(key, 1), count(*) FROM app.search_key WHERE patient_id = ${patient.id} GROUP BY 1, 2 ORDER BY 1, 2`),
  revisions: sql(`SELECT version, subject, notification_no, account_id, organisation_id, before, after, reason FROM app.revision WHERE patient_id = ${patient.id} ORDER BY revision_no`),
  version: one(`SELECT version FROM app.patient WHERE patient_id = ${patient.id}`),
  statuses: sql(`SELECT status_no, status, since, note, entered_by, withdrawn_at IS NULL FROM app.patient_status WHERE patient_id = ${patient.id}`),
  entries: sql(`SELECT tab, entry_no, version, since, items, organisation_id, entered_by FROM app.entry WHERE patient_id = ${patient.id}`),
  related: sql(`SELECT organisation_id, until FROM app.patient_related WHERE patient_id = ${patient.id}`),
  handovers: sql(`SELECT handover_no, from_id, to_id, reason, brought_access, state FROM app.handover WHERE patient_id = ${patient.id}`),
  moves: sql(`SELECT organisation_id, outward, other_id, state FROM app.handover_list WHERE patient_id = ${patient.id} ORDER BY 1, 2`),
  confirmed: sql(`SELECT notification_no, confirmed_at IS NULL, confirmed_by FROM app.notification WHERE patient_id = ${patient.id}`),
  trail: sql(`SELECT DISTINCT action FROM app.audit WHERE (patient_id = ${patient.id} OR ${patient.id} = ANY (patient_ids)) AND action IN ('status_add', 'confirm', 'assign', 'handover_request', 'entry_add')`),
}, null, 1);

// Each action in bulk and as the single press that it stands for.
const actions = () => [
  { fields: { action: "status", to_status: "home", since: "2022/10/1", note: "一括" }, below: "status", alone: { status: "home", since: "2022/10/1", note: "一括" } },
  { fields: { action: "confirm" }, below: "notification/1/confirm", open: "notification/1", alone: {} },
  { fields: { action: "related", related_centre: kasugai }, below: "assignment", alone: { responsible: mine, related: kasugai } },
  { fields: { action: "handover", handover_centre: kasugai, reason: "転居" }, below: "handover", open: "assignment", alone: { to: kasugai, reason: "転居" } },
  { fields: { action: "release", release_on: "2022/10/11", release_by: "phone" }, below: "tab/release/new", alone: { items: "release_on release_by", entry_version: "0", release_on: "2022/10/11", release_by: "phone" } },
];

test("a batch leaves behind what the single press leaves, and undoing puts the lists back", async () => {
  for (const { fields, below, open, alone } of actions()) {
    const patients = await reported(3), [model] = patients, others = patients.slice(1);
    const before = others.map((p) => JSON.parse(traces(p)));
    await clients.hoken1.get(`${model.path}/${open ?? below}`);
    const answer = await clients.hoken1.post(`${model.path}/${below}`, alone);
    assert.equal(answer.status, 303, `${fields.action}: ${answer.text}`);
    const batch = await bulk("hoken1", { ...fields, ids: ids(others) });
    assert.match(batch.shown.text, />2人</);
    for (const p of others) assert.equal(traces(p), traces(model), fields.action);
    const done = await clients.hoken1.get(batch.path);
    assert.match(done.text, /この一括操作を取り消す/);
    for (const p of others) assert.ok(done.text.includes(p.path));
    assert.equal((await undo("hoken1", batch)).status, 303);
    others.forEach((p, i) => {
      const after = JSON.parse(traces(p));
      for (const part of ["access", "todo", "keys", "related"]) assert.deepEqual(after[part], before[i][part], `${fields.action}: ${part} after the undoing`);
      assert.equal(sql(`SELECT count(*) FROM app.bulk_patient WHERE patient_id = ${p.id} AND undone_at IS NOT NULL`)[0][0], "1");
    });
    assert.match((await clients.hoken1.get("/bulk/batches")).text, /2人を取消し/);
    assert.equal((await undo("hoken1", batch)).status, 409, "only once");
  }
});

test("whoever was changed since stays as they are, and is named", async () => {
  const patients = await reported(3), [first, , last] = patients;
  const batch = await bulk("hoken1", { action: "status", to_status: "hotel", since: "2022/10/2", ids: ids(patients) });
  await single(first, "status", { status: "hospital", since: "2022/10/3" });
  const sealed = await clients.sakura.get(`${last.path}/notification/1/delete`);
  assert.equal((await clients.sakura.post(`${last.path}/notification/1/delete`, { reason: "誤り", version: value(sealed.text, "version") })).status, 303);
  assert.equal((await undo("hoken1", batch)).status, 303);
  const page = (await clients.hoken1.get(batch.path)).text;
  assert.match(page, /1人　[\s\S]*2人は、一括操作のあとで別の変更があったか/);
  assert.ok(page.includes(first.path) && page.includes(last.path) && !page.includes(patients[1].path));
  assert.deepEqual(patients.map((p) => one(`SELECT status FROM app.access WHERE patient_id = ${p.id} AND organisation_id = ${mine}`) ?? ""), ["hospital", "", "hotel"]);
});

test("the preview says whom it leaves out and why, and changes nothing", async () => {
  const [already, gone, fresh] = await reported(3);
  await single(already, "status", { status: "home", since: "2022/10/1" });
  const page = await clients.sakura.get(`${gone.path}/notification/1/delete`);
  await clients.sakura.post(`${gone.path}/notification/1/delete`, { reason: "誤り", version: value(page.text, "version") });
  const [[elsewhere]] = sql(`SELECT p.patient_id FROM app.patient p WHERE NOT EXISTS (SELECT FROM app.access a WHERE a.patient_id = p.patient_id AND a.organisation_id = ${mine}) ORDER BY p.patient_id DESC LIMIT 1`);
  const [[related]] = sql(`SELECT p.patient_id FROM app.patient p JOIN app.access a ON a.patient_id = p.patient_id AND a.organisation_id = ${kasugai} WHERE p.responsible_id = ${kasugai} AND NOT a.sealed AND p.patient_id <> ${elsewhere} ORDER BY p.patient_id LIMIT 1`);
  sql(`INSERT INTO app.access SELECT (jsonb_populate_record(a, '{"organisation_id": ${mine}, "relations": 4}')).* FROM app.access a WHERE a.patient_id = ${related} AND a.organisation_id = ${kasugai} ON CONFLICT DO NOTHING`);
  const number = (id) => hersys("id", String(id)).trim().split(" ")[1];
  const typed = [already.public, gone.public, fresh.public, number(elsewhere), number(related)].join("、");
  const before = one("SELECT count(*) FROM app.revision");
  const fields = { action: "status", to_status: "home", since: "2022/10/5", ids: typed };
  const shown = await preview("hoken1", fields);
  for (const line of [/変更する方<\/dt><dd><strong>1人/, /すでにそうなっている方<\/dt><dd>1件/, /権限がない方<\/dt><dd>1件/, /削除されている方<\/dt><dd>1件/, /見つからない番号<\/dt><dd>1件/])
    assert.match(shown.text, line);
  assert.ok(shown.text.includes(fresh.path) && !shown.text.includes(already.path));
  assert.equal(one("SELECT count(*) FROM app.revision"), before);
  assert.equal(one(`SELECT outcome || ' ' || detail FROM app.audit WHERE action = 'bulk_look' AND ${fresh.id} = ANY (patient_ids)`), "allowed status");
  assert.equal(one(`SELECT count(*) FROM app.audit WHERE action = 'bulk_look' AND ${already.id} = ANY (patient_ids)`), "0");
  assert.equal((await press("hoken1", fields, shown)).status, 303);
  assert.deepEqual([already, gone, fresh, { id: related }].map((p) => one(`SELECT count(*) FROM app.bulk_patient WHERE patient_id = ${p.id}`)), ["0", "0", "1", "0"]);
  sql(`DELETE FROM app.access WHERE patient_id = ${related} AND organisation_id = ${mine}`);
});

test("pressed twice it is one batch; with other patients than were shown it is none", async () => {
  const patients = await reported(2);
  const fields = { action: "confirm", ids: ids(patients) };
  const shown = await preview("hoken1", fields);
  const form_id = value(shown.text, "form_id");
  const answers = await Promise.all([1, 2].map(() => press("hoken1", fields, shown)));
  assert.deepEqual(answers.map((a) => [a.status, a.location]), answers.map(() => [303, `/bulk/${form_id}?notice=bulk_done`]));
  assert.equal(one(`SELECT count(*) FROM app.revision WHERE subject = 'confirm' AND patient_id IN (${list(patients)})`), "2");
  const [third, fourth] = await reported(2);
  const wider = { action: "confirm", ids: ids([third, fourth]) }, seen = await preview("hoken1", wider);
  await clients.hoken1.get(`${fourth.path}/notification/1`);
  assert.equal((await clients.hoken1.post(`${fourth.path}/notification/1/confirm`)).status, 303);
  const stale = await press("hoken1", wider, seen);
  assert.equal(stale.status, 200);
  assert.match(stale.text, /対象の方が変わりました/);
  assert.equal(one(`SELECT count(*) FROM app.revision WHERE subject = 'confirm' AND patient_id = ${third.id}`), "0");
  // The same patients, but one stands otherwise than it was shown.
  const [fifth, sixth] = await reported(2);
  for (const change of [() => single(sixth, "status", { status: "home", since: "2022/10/1" }), () => single(sixth, "status", { status: "home", since: "2022/10/3" })]) {
    const both = { action: "confirm", ids: ids([fifth, sixth]) }, looked = await preview("hoken1", both);
    await change();
    const voided = await press("hoken1", both, looked);
    assert.equal(voided.status, 200);
    assert.match(voided.text, /対象の方が変わりました/);
    assert.equal(one(`SELECT count(*) FROM app.revision WHERE subject = 'confirm' AND patient_id IN (${list([fifth, sixth])})`), "0");
  }
  const again = await preview("hoken1", wider);
  assert.match(again.text, /1人を変更する/);
  assert.equal((await press("hoken1", wider, again)).status, 303);
});

test("what is wrong with the form is said, and nothing typed is lost", async () => {
  const cases = [
    [{ ids: "12345-67890-1" }, /なにをするかを選んでください/],
    [{ action: "confirm" }, /条件を一つ以上入れてください/],
    [{ action: "confirm", ids: "あ い" }, /読み取れないものが2件あります：「あ」「い」/],
    [{ action: "confirm", listed_from: "きのう" }, /「届出日（から）」を日付として読み取れません/],
    [{ action: "status", to_status: "home", confirmed: "true" }, /「いつから」を入力してください/],
    [{ action: "status", to_status: "home", since: "2199/1/1", confirmed: "true" }, /今日より後の日付は入力できません/],
    [{ action: "status", to_status: "dead", since: "2022/10/1", confirmed: "true" }, /「新しいステータス」を選び直してください/],
    [{ action: "handover", handover_centre: kasugai, confirmed: "true" }, /「引き継ぐ理由」を入力してください/],
    [{ action: "related", confirmed: "true" }, /「加える保健所」を選んでください/],
  ];
  for (const [fields, problem] of cases) {
    const page = await preview("hoken1", { ...fields, note: "打ったもの" });
    assert.equal(page.status, 200);
    assert.match(page.text, problem);
    assert.match(page.text, /value="打ったもの"/);
  }
  const [patient] = await reported(1);
  const fields = { action: "handover", handover_centre: mine, reason: "x", ids: patient.public };
  assert.match((await press("hoken1", fields, await preview("hoken1", fields))).text, /変更できませんでした/);
  const back = await press("hoken1", { ...fields, back: "1" }, await preview("hoken1", fields));
  assert.match(back.text, new RegExp(`>${patient.public}</textarea>`));
});

test("filters find by labels, dates, place and what is to be done", async () => {
  const [patient, other] = await reported(2);
  await single(patient, "status", { status: "hotel", since: "2022/10/1" });
  const found = async (filter) => {
    const page = (await preview("hoken1", { action: "release", release_on: "2022/10/12", ids: ids([patient, other]), ...filter })).text;
    return [patient, other].map((p) => page.includes(p.path));
  };
  const town = one(`SELECT coalesce(h.stay_municipality, p.home_municipality) FROM app.patient p JOIN app.notification_person h USING (patient_id) WHERE p.patient_id = ${patient.id}`);
  const city = one(`SELECT parent_code FROM app.municipality WHERE code = '${town}'`);
  assert.deepEqual(await found({}), [true, true]);
  assert.deepEqual(await found({ filter_status: "hotel" }), [true, false]);
  assert.deepEqual(await found({ filter_status: "none" }), [false, true]);
  assert.deepEqual(await found({ todo: "status_missing" }), [false, true]);
  assert.deepEqual(await found({ confirmed: "true" }), [false, false]);
  assert.deepEqual(await found({ confirmed: "false", category: "confirmed" }), [true, true]);
  assert.deepEqual(await found({ diagnosed_from: "2022/10/1", diagnosed_to: "2022/10/1" }), [true, true]);
  assert.deepEqual(await found({ diagnosed_from: "2022/10/2" }), [false, false]);
  assert.deepEqual(await found({ listed_to: "2021/1/1" }), [false, false]);
  assert.deepEqual(await found({ listed_from: "2021/1/1" }), [true, true]);
  for (const code of [town, city]) assert.deepEqual(await found({ municipality: code }), [true, true], code);
  assert.deepEqual(await found({ municipality: "23206" }), [false, false]);
});

test("who may not do it to one may not do it to many", async () => {
  const [patient] = await reported(1);
  for (const login of ["sakura", "aichi"]) { // a clinic and a prefecture have none of the actions
    assert.equal((await clients[login].get("/bulk")).status, 404);
    assert.equal((await preview(login, { action: "confirm", ids: patient.public })).status, 404);
    assert.equal((await clients[login].get("/bulk/batches")).status, 404);
    assert.doesNotMatch((await clients[login].get("/patients")).text, /href="\/bulk"/);
    assert.equal(one("SELECT outcome FROM app.audit WHERE action = 'bulk' ORDER BY at DESC LIMIT 1"), "denied");
  }
  assert.match((await clients.hoken1.get("/todo/unconfirmed")).text, /href="\/bulk\?todo=unconfirmed"/);
  // 宿泊療養施設 enters statuses, and nothing else
  const hotel = one("SELECT organisation_id FROM app.account WHERE login = 'shukuhaku'");
  sql(`INSERT INTO app.access SELECT (jsonb_populate_record(a, '{"organisation_id": ${hotel}, "relations": 256}')).* FROM app.access a WHERE a.patient_id = ${patient.id} AND a.organisation_id = ${mine}`);
  const form = (await clients.shukuhaku.get("/bulk")).text;
  assert.match(form, /value="status"/);
  assert.doesNotMatch(form, /value="confirm"|value="release"|name="category"/);
  assert.equal((await preview("shukuhaku", { action: "confirm", ids: patient.public })).status, 404);
  const batch = await bulk("shukuhaku", { action: "status", to_status: "hotel", since: "2022/10/1", ids: patient.public });
  // a batch is its office's own
  assert.equal((await clients.hoken1.get(batch.path)).status, 404);
  assert.equal((await clients.hoken1.post(`${batch.path}/undo`)).status, 404);
  assert.equal((await undo("shukuhaku", batch)).status, 303);
});

test("the second wall asks for itself, whatever the program says", async () => {
  const [patient] = await reported(1);
  const everything = -1, digest = one(`SELECT app.bulk_digest(ARRAY[(patient_id, status, status_since, confirmed, responsible_id)::text]) FROM app.access WHERE patient_id = ${patient.id} AND organisation_id = ${mine}`);
  const call = (action, choice, form = notification().draft_id) => `SELECT 1 FROM (SELECT app.bulk_apply('${form}', '${action}', '${choice}', '{"ids": [${patient.id}]}', ${everything}, '${digest}', 20000)) y`;
  const choices = { status: '{"status": "home", "since": "2022-10-01"}', confirm: "{}", related: `{"centre": "${kasugai}"}`, handover: `{"centre": "${kasugai}", "reason": "x"}`, release: '{"release_on": "2022-10-11"}' };
  const statements = Object.entries(choices).map(([action, choice]) => call(action, choice));
  const as = (login) => asRole("staff", clients[login].cookies.get("__Host-sid"), statements).map((r) => r.state ?? r.rows.at(-1));
  assert.deepEqual(as("hoken1"), ["1", "1", "1", "1", "1"]);
  assert.deepEqual(as("sakura"), Array(5).fill("HS403"));
  assert.deepEqual(as("aichi"), Array(5).fill("HS403"));
  assert.deepEqual(as("kasugai"), Array(5).fill("HS422"), "not its patient: nobody is found");
  assert.deepEqual(asRole("staff", null, statements).map((r) => r.state), Array(5).fill("HS403"));
  assert.equal(asRole("staff", clients.hoken1.cookies.get("__Host-sid"), [call("status", '{"status": "dead", "since": "2022-10-01"}')])[0].state, "HS422");
  const batch = await bulk("hoken1", { action: "confirm", ids: patient.public });
  const seen = (login) => asRole("staff", clients[login].cookies.get("__Host-sid"), [`SELECT count(*) FROM app.bulk WHERE bulk_id = '${batch.id}'`, `SELECT count(*) FROM app.bulk_patient WHERE bulk_id = '${batch.id}'`,
    `SELECT 1 FROM (SELECT app.bulk_undo('${batch.id}', ${everything})) y`, `UPDATE app.bulk SET undone_at = NULL WHERE bulk_id = '${batch.id}'`]).map((r) => r.state ?? r.rows.at(-1));
  assert.deepEqual(seen("hoken1"), ["1", "1", "1", "42501"]);
  assert.deepEqual(seen("kasugai"), ["0", "0", "HS409", "42501"]);
  // the days for undoing are over
  sql(`UPDATE app.bulk SET at = now() - interval '8 days' WHERE bulk_id = '${batch.id}'`);
  assert.equal(seen("hoken1")[2], "HS409");
  assert.doesNotMatch((await clients.hoken1.get(batch.path)).text, /この一括操作を取り消す/);
});
