// handover.test.js - 引継ぎ: one centre asks, another accepts or refuses; until then nothing changes hands, and nobody is ever
// without a responsible centre.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { signIn } from "./client.js";
import { hersys, sql, sqlHolding } from "./database.js";
import { notification, receipt } from "./notify.js";

const clients = {};
let other, third;

before(async () => {
  for (const login of ["sakura", "hoken1", "hoken2", "kasugai", "aichi", "minato"]) clients[login] = await signIn(login);
  [[other]] = sql("SELECT organisation_id FROM app.account WHERE login = 'kasugai'");
  [[third]] = sql(`SELECT organisation_id FROM app.organisation WHERE kind = 'centre' AND NOT laboratory AND closed_at IS NULL AND organisation_id <> ${other}
    AND organisation_id <> (SELECT organisation_id FROM app.account WHERE login = 'hoken1') ORDER BY 1 LIMIT 1`);
});

// A fresh report of the clinic, whose centre is that of hoken1.
async function reported() {
  const made = receipt(await clients.sakura.post("/notification", notification()));
  return { path: `/patient/${made.id}`, id: hersys("id", made.id).split(" ")[0] };
}

// A press on the assignment page, as somebody who has just opened it.
async function press(login, patient, below, fields = {}) {
  await clients[login].get(`${patient.path}/assignment`);
  return clients[login].post(`${patient.path}/${below}`, fields);
}
const ask = (patient, fields = {}) => press("hoken1", patient, "handover", { to: other, reason: "転居のため", ...fields });
const one = (query) => sql(query)[0]?.[0];
const responsible = (patient) => one(`SELECT responsible_id FROM app.patient WHERE patient_id = ${patient.id}`);
const states = (patient) => sql(`SELECT state FROM app.handover WHERE patient_id = ${patient.id} ORDER BY handover_no`).flat();
const relations = (patient, organisation) => one(`SELECT relations FROM app.access WHERE patient_id = ${patient.id} AND organisation_id = ${organisation}`);
const todo = (patient) => sql(`SELECT organisation_id, kind FROM app.todo WHERE patient_id = ${patient.id} AND kind LIKE 'handover%'`);
const mails = (template) => Number(one(`SELECT count(*) FROM app.outbox WHERE template = '${template}' AND to_organisation IS NOT NULL`));

test("asked, the other centre may read and nothing else changes", async () => {
  const patient = await reported();
  const sender = responsible(patient);
  assert.equal((await clients.kasugai.get(patient.path)).status, 404);
  const before = mails("handover_asked");
  assert.equal((await ask(patient)).status, 303);
  assert.equal(mails("handover_asked"), before + 1);
  assert.equal(responsible(patient), sender);
  assert.deepEqual(todo(patient), [[other, "handover_asked"]]);
  assert.equal(relations(patient, other), "4");
  assert.match((await clients.kasugai.get("/todo/handover_asked")).text, /負荷/);
  assert.match((await clients.kasugai.get(`${patient.path}/assignment`)).text, /受け入れて担当になる[\s\S]*転居のため/);
  assert.match((await clients.hoken1.get(`${patient.path}/assignment`)).text, /返事を待っています[\s\S]*依頼を取り下げる/);
  // reading is all: the asked centre writes nothing yet
  assert.equal((await press("kasugai", patient, "status", { status: "home", since: "2022/10/1" })).status, 403);
});

test("accepted, it is the responsible centre, and the sender goes on reading for a set time", async () => {
  const patient = await reported();
  const sender = responsible(patient);
  await ask(patient);
  const answer = await press("kasugai", patient, "handover/1/accept");
  assert.equal(answer.status, 303, answer.text);
  assert.equal(responsible(patient), other);
  assert.equal(relations(patient, other), "2");
  assert.equal(relations(patient, sender), "4");
  assert.deepEqual(todo(patient), []);
  assert.deepEqual(sql(`SELECT until - (now() AT TIME ZONE 'Asia/Tokyo')::date FROM app.patient_related WHERE patient_id = ${patient.id} AND organisation_id = ${sender}`), [["30"]]);
  assert.deepEqual(sql(`SELECT DISTINCT responsible_id FROM app.access WHERE patient_id = ${patient.id}`), [[other]]);
  assert.equal(one(`SELECT count(*) FROM app.todo WHERE patient_id = ${patient.id} AND organisation_id = ${sender}`), "0");
  assert.notEqual(one(`SELECT count(*) FROM app.todo WHERE patient_id = ${patient.id} AND organisation_id = ${other}`), "0");
  assert.equal((await clients.hoken1.get(patient.path)).status, 200);
  assert.equal((await press("hoken1", patient, "status", { status: "home", since: "2022/10/1" })).status, 403);
  assert.match((await clients.kasugai.get(`${patient.path}/history`)).text, /春日井保健所/);
  assert.match((await clients.hoken1.get("/handovers?way=out")).text, /負荷[\s\S]*受入れ/);
  assert.match((await clients.kasugai.get("/handovers")).text, /負荷[\s\S]*受入れ/);
  // who has taken over hands on by asking only
  assert.equal((await press("kasugai", patient, "assignment", { responsible: third, agreed: "1" })).status, 409);
  assert.equal(responsible(patient), other);
  // the time is over, whether or not a job has noticed
  sql(`UPDATE app.patient_related SET until = current_date - 1 WHERE patient_id = ${patient.id}`);
  assert.equal(one(`SELECT count(*) FROM app.access_wanted(${patient.id}) w WHERE w.organisation_id = ${sender}`), "0");
  sql("SELECT app.access_expire(500)");
  assert.equal(relations(patient, sender), undefined);
  assert.equal(one(`SELECT count(*) FROM app.search_key WHERE patient_id = ${patient.id} AND organisation_id = ${sender}`), "0");
  assert.equal((await clients.hoken1.get(patient.path)).status, 404);
  assert.match((await clients.hoken1.get("/handovers?way=out")).text, /閲覧できなくなった方/);
});

test("a day of reading ends with the day in Japan, wherever the server's clock is", async () => {
  const today = "(now() AT TIME ZONE 'Asia/Tokyo')::date";
  // At any moment one of the two is on another day than Japan.
  for (const [zone, days, reads] of [["Pacific/Pago_Pago", 1, false], ["Pacific/Kiritimati", 0, true]]) {
    const patient = await reported();
    const sender = responsible(patient);
    await ask(patient);
    assert.equal((await press("kasugai", patient, "handover/1/accept")).status, 303);
    sql(`UPDATE app.patient_related SET until = ${today} - ${days} WHERE patient_id = ${patient.id}`);
    sql(`SET timezone = '${zone}'; SELECT app.access_expire(500)`);
    assert.equal(relations(patient, sender), reads ? "4" : undefined, zone);
  }
});

test("refused with a reason, it sees the patient no more, and the sender is told", async () => {
  const patient = await reported();
  const sender = responsible(patient);
  await ask(patient);
  const silent = await press("kasugai", patient, "handover/1/refuse", { answer: " " });
  assert.match(silent.text, /お断りする理由を入力してください/);
  assert.equal((await press("kasugai", patient, "handover/1/refuse", { answer: "住所は管轄外です" })).status, 303);
  assert.equal(responsible(patient), sender);
  assert.deepEqual(todo(patient), [[sender, "handover_refused"]]);
  assert.equal((await clients.kasugai.get(patient.path)).status, 404);
  assert.equal(one(`SELECT count(*) FROM app.search_key WHERE patient_id = ${patient.id} AND organisation_id = ${other}`), "0");
  assert.match((await clients.hoken1.get(`${patient.path}/assignment`)).text, /確かめました[\s\S]*住所は管轄外です/);
  assert.equal((await press("hoken1", patient, "handover/seen")).status, 303);
  assert.deepEqual(todo(patient), []);
  assert.equal((await ask(patient, { to: third })).status, 303);
  assert.deepEqual(states(patient), ["refused", "requested"]);
});

test("a former sender that is asked back reads until it has answered, whatever its days", async () => {
  const patient = await reported();
  const sender = responsible(patient);
  await ask(patient);
  assert.equal((await press("kasugai", patient, "handover/1/accept")).status, 303);
  assert.equal((await press("kasugai", patient, "handover", { to: sender, reason: "戻ったため" })).status, 303);
  sql(`UPDATE app.patient_related SET until = current_date - 1 WHERE patient_id = ${patient.id}`);
  sql("SELECT app.access_expire(500)");
  assert.equal((await clients.hoken1.get(`${patient.path}/assignment`)).status, 200);
  assert.equal((await press("hoken1", patient, "handover/2/refuse", { answer: "転居していません" })).status, 303);
  assert.equal((await clients.hoken1.get(patient.path)).status, 404, "its days are over");
  sql("SELECT app.access_expire(500)");
  assert.equal(one(`SELECT count(*) FROM app.patient_related WHERE patient_id = ${patient.id} AND organisation_id = ${sender}`), "0");
});

test("chosen again a former sender is related for good, alone or in bulk; ticked it keeps its last day", async () => {
  const until = (patient) => sql(`SELECT until IS NULL FROM app.patient_related WHERE patient_id = ${patient.id} AND organisation_id = ${sender}`).flat();
  const patients = [await reported(), await reported()], [patient, many] = patients;
  const sender = responsible(patient);
  for (const one of patients) {
    await ask(one);
    assert.equal((await press("kasugai", one, "handover/1/accept")).status, 303);
  }
  assert.equal((await press("kasugai", patient, "assignment", { responsible: other, related: sender })).status, 303);
  assert.deepEqual(until(patient), ["f"]);
  assert.equal((await press("kasugai", patient, "assignment", { responsible: other, related: sender, related_new: sender })).status, 303);
  assert.deepEqual(until(patient), ["t"]);
  const value = (text, name) => text.match(new RegExp(`name="${name}" value="([^"]*)"`))?.[1];
  const fields = { action: "related", related_centre: sender, ids: patients.map((p) => p.path.slice("/patient/".length)).join(" ") };
  const shown = (await clients.kasugai.post("/bulk/preview", fields)).text;
  assert.match(shown, /1人を変更する/);
  const batch = (await clients.kasugai.post("/bulk", { ...fields, digest: value(shown, "digest"), form_id: value(shown, "form_id") })).location.split("?")[0];
  assert.deepEqual(until(many), ["t"]);
  const page = (await clients.kasugai.get(batch)).text;
  assert.equal((await clients.kasugai.post(`${batch}/undo`, { form_id: value(page, "form_id") })).status, 303);
  assert.deepEqual(until(many), ["f"], "taken back it has its last day again");
  assert.equal((await clients.hoken1.get(many.path)).status, 200);
});

test("a centre that is set directly stands in both lists too, and the former one reads for the same time", async () => {
  for (const [choice, days] of [[{}, ["30"]], [{ related_new: "mine" }, ["for good"]]]) {
    const patient = await reported();
    const sender = responsible(patient);
    const fields = { responsible: other, ...(choice.related_new && { related_new: sender }) };
    const asked = (await press("hoken1", patient, "assignment", fields)).text;
    assert.match(asked, /春日井保健所に変更する/);
    const hidden = Object.fromEntries([...asked.matchAll(/<input type="hidden" name="(responsible|related|related_new|agreed)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]));
    assert.equal((await clients.hoken1.post(`${patient.path}/assignment`, hidden)).status, 303);
    assert.equal(responsible(patient), other);
    assert.deepEqual(states(patient), ["accepted"]);
    assert.deepEqual(sql(`SELECT organisation_id, outward, other_id, state FROM app.handover_list WHERE patient_id = ${patient.id} ORDER BY outward`), [[other, "f", sender, "accepted"], [sender, "t", other, "accepted"]]);
    assert.deepEqual(sql(`SELECT coalesce((until - (now() AT TIME ZONE 'Asia/Tokyo')::date)::text, 'for good') FROM app.patient_related WHERE patient_id = ${patient.id} AND organisation_id = ${sender}`).flat(), days);
    assert.match((await clients.hoken1.get("/handovers?way=out")).text, new RegExp(`${patient.path}/assignment`));
    assert.match((await clients.kasugai.get("/handovers")).text, new RegExp(`${patient.path}/assignment`));
    assert.equal((await clients.hoken1.get(patient.path)).status, 200);
  }
});

test("what is still to be read or reviewed follows the responsible centre when it is set directly", async () => {
  const patient = await reported();
  const sender = responsible(patient);
  await ask(patient);
  assert.equal((await press("kasugai", patient, "handover/1/refuse", { answer: "管轄外" })).status, 303);
  assert.equal((await clients.minato.post("/emergency", { id: patient.path.slice("/patient/".length), reason: "救急搬送" })).status, 303);
  const open = () => sql(`SELECT organisation_id, kind FROM app.todo WHERE patient_id = ${patient.id} AND (kind LIKE 'handover%' OR kind = 'emergency_review') ORDER BY 2`);
  assert.deepEqual(open(), [[sender, "emergency_review"], [sender, "handover_refused"]]);
  assert.equal((await press("hoken1", patient, "assignment", { responsible: other, agreed: "1" })).status, 303);
  assert.deepEqual(open(), [[other, "emergency_review"]]);
  assert.equal((await press("kasugai", patient, "grant/1/end")).status, 303);
  assert.deepEqual(open(), []);
});

test("a centre that was related before stays so after it has refused", async () => {
  const patient = await reported();
  const sender = responsible(patient);
  assert.equal((await press("hoken1", patient, "assignment", { responsible: sender, related: other })).status, 303);
  await ask(patient);
  await press("kasugai", patient, "handover/1/refuse", { answer: "管轄外" });
  assert.equal(relations(patient, other), "4");
});

test("only the asked centre answers, only the asking one withdraws, and each once", async () => {
  const patient = await reported();
  await ask(patient);
  for (const [login, step] of [["hoken1", "accept"], ["hoken1", "refuse"], ["kasugai", "withdraw"], ["aichi", "accept"]]) {
    const answer = await press(login, patient, `handover/1/${step}`, { answer: "試験" });
    assert.equal(answer.status, 403, `${login} ${step}`);
    assert.match(answer.text, /依頼された保健所、取り下げるのは依頼した保健所/);
    assert.equal(one(`SELECT outcome FROM app.audit WHERE action = 'handover_end' AND patient_id = ${patient.id} ORDER BY at DESC LIMIT 1`), "denied");
  }
  assert.equal((await press("kasugai", patient, "handover/2/accept")).status, 404);
  for (const login of ["minato"]) assert.equal((await press(login, patient, "handover/1/accept")).status, 404, login);
  assert.equal((await press("sakura", patient, "handover/1/accept")).status, 403);
  assert.deepEqual(states(patient), ["requested"]);
  assert.equal((await press("hoken2", patient, "handover/1/withdraw")).status, 303); // a colleague of the asking one
  assert.equal((await clients.kasugai.get(patient.path)).status, 404);
  assert.deepEqual(states(patient), ["withdrawn"]);
  assert.deepEqual(todo(patient), []);
});

test("while one is asked nobody else is, nor is the responsible centre set", async () => {
  const patient = await reported();
  const sender = responsible(patient);
  await ask(patient);
  const second = await ask(patient, { to: third });
  assert.equal(second.status, 200);
  assert.deepEqual(states(patient), ["requested"]);
  assert.equal((await press("hoken1", patient, "assignment", { responsible: third, agreed: "1" })).status, 409);
  // taking all related centres off leaves the asked one
  assert.equal((await press("hoken1", patient, "assignment", { responsible: sender })).status, 303);
  assert.equal(relations(patient, other), "4");
});

test("two answers from the same page: the second is told", async () => {
  const patient = await reported();
  await ask(patient);
  await clients.kasugai.get(`${patient.path}/assignment`);
  await press("hoken1", patient, "handover/1/withdraw");
  assert.equal((await clients.kasugai.post(`${patient.path}/handover/1/accept`)).status, 404);
  assert.notEqual(responsible(patient), other);
});

test("an answer waits for whoever is changing the patient, and then sees what stands", async () => {
  const patient = await reported();
  await ask(patient);
  await clients.kasugai.get(`${patient.path}/assignment`);
  const { over } = await sqlHolding(1, `SELECT 1 FROM app.patient WHERE patient_id = ${patient.id} FOR UPDATE; UPDATE app.handover SET state = 'withdrawn' WHERE patient_id = ${patient.id}`);
  const answer = await clients.kasugai.post(`${patient.path}/handover/1/accept`);
  await over;
  assert.equal(answer.status, 200, "told, on the same page");
  assert.match(answer.text, /記録が変わりました/);
  assert.notEqual(responsible(patient), other);
});

test("of a bulk undoing and an answer at the same moment one holds, and nobody is left between", async () => {
  const patients = [];
  for (let i = 0; i < 4; i++) patients.push(await reported());
  const sender = responsible(patients[0]);
  const value = (text, name) => text.match(new RegExp(`name="${name}" value="([^"]*)"`))[1];
  const fields = { action: "handover", handover_centre: other, reason: "転居", ids: patients.map((p) => p.path.slice("/patient/".length)).join(" ") };
  const shown = (await clients.hoken1.post("/bulk/preview", fields)).text;
  const batch = (await clients.hoken1.post("/bulk", { ...fields, digest: value(shown, "digest"), form_id: value(shown, "form_id") })).location.split("?")[0];
  const page = (await clients.hoken1.get(batch)).text;
  await clients.kasugai.get(`${patients[2].path}/assignment`);
  const accepted = clients.kasugai.post(`${patients[2].path}/handover/1/accept`);
  assert.equal((await clients.hoken1.post(`${batch}/undo`, { form_id: value(page, "form_id") })).status, 303);
  await accepted;
  for (const patient of patients) {
    const took = states(patient)[0] === "accepted";
    assert.deepEqual(states(patient), [took ? "accepted" : "withdrawn"]);
    assert.equal(responsible(patient), took ? other : sender);
    assert.equal(relations(patient, other), took ? "2" : undefined);
    assert.deepEqual(sql(`SELECT DISTINCT state FROM app.handover_list WHERE patient_id = ${patient.id}`).flat(), states(patient));
    assert.equal(one(`SELECT undone_at IS NULL FROM app.bulk_patient WHERE patient_id = ${patient.id}`), took ? "t" : "f");
  }
});

test("those who were asked in one batch stand all in the lists, page after page", async () => {
  const [[sample]] = sql("SELECT min(patient_id) FROM app.patient");
  sql(`INSERT INTO app.handover_list (organisation_id, outward, requested_at, patient_id, handover_no, other_id, state)
    SELECT ${other}, false, '2022-10-01', ${sample} + n, 1, ${third}, 'requested' FROM generate_series(0, 119) n`);
  try {
    let path = "/handovers", shown = 0;
    for (let pages = 0; path && pages < 100; pages++) {
      const { text } = await clients.kasugai.get(path);
      shown += text.split("<article").length - 1;
      path = text.match(/href="(\/handovers\?[^"]*at=[^"]*)"/)?.[1].replaceAll("&amp;", "&");
    }
    assert.equal(String(shown), one(`SELECT count(*) FROM app.handover_list WHERE organisation_id = ${other} AND NOT outward`));
  } finally {
    sql(`DELETE FROM app.handover_list WHERE organisation_id = ${other} AND requested_at = '2022-10-01'`);
  }
});

test("a request says whom and why, or is shown again with everything typed", async () => {
  const patient = await reported();
  const nowhere = await ask(patient, { to: "", reason: "転居のため、よろしくお願いします" });
  assert.match(nowhere.text, /引き継ぐ先の保健所を選んでください[\s\S]*よろしくお願いします/);
  assert.match((await ask(patient, { reason: "" })).text, /引き継ぐ理由を入力してください/);
  assert.match((await ask(patient, { reason: "あ".repeat(501) })).text, /500文字以内/);
  assert.equal((await ask(patient, { to: "999999999" })).status, 409);
  assert.deepEqual(states(patient), []);
});
