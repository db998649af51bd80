// conflict.test.js - two people, or one who presses twice: nothing is lost, doubled, or confirmed that nobody has seen.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { signIn } from "./client.js";
import { hersys, sql } from "./database.js";
import { notification, receipt } from "./notify.js";

const clients = {};

before(async () => {
  for (const login of ["sakura", "sakura-jimu", "hoken1", "hoken2", "aichi"]) clients[login] = await signIn(login);
});

// A fresh report of the clinic; `id` is the internal number.
async function reported() {
  const made = receipt(await clients.sakura.post("/notification", notification()));
  return { path: `/patient/${made.id}`, hersysId: made.id, id: hersys("id", made.id).split(" ")[0] };
}

// A form of the notification `no`, as its page gives it.
async function form(client, patient, no, what) {
  const page = await client.get(`${patient.path}/notification/${no}/${what}`);
  assert.equal(page.status, 200, `${what} of ${no}`);
  const draft_id = page.text.match(/name="draft_id" value="([^"]+)"/)[1], base_version = page.text.match(/name="base_version" value="([^"]+)"/)[1];
  return (changes) => ({ ...notification({ phone: "09012345678", ...changes }), draft_id, base_version, kind: what, patient: patient.hersysId, no: String(no) });
}

const add = async (patient, no, changes = {}) => clients.sakura.post("/notification", (await form(clients.sakura, patient, no, "add"))(changes));
const remove = async (client, patient, no) => {
  await client.get(`${patient.path}/notification/${no}/delete`);
  return client.post(`${patient.path}/notification/${no}/delete`, { reason: "試験" });
};
const count = (query) => Number(sql(query)[0][0]);

test("a report that is frozen by now cannot be confirmed, and nothing else happens", async () => {
  const patient = await reported();
  await clients.hoken1.get(patient.path);
  const guard = { ...clients.hoken1.guard };
  assert.equal((await add(patient, 1)).status, 303);
  const [[version]] = sql(`SELECT version FROM app.patient WHERE patient_id = ${patient.id}`);
  for (const fields of [guard, { version }]) // from the old page, and forged with the new version
    assert.equal((await clients.hoken1.post(`${patient.path}/notification/1/confirm`, fields)).status, 409);
  assert.equal(count(`SELECT count(*) FROM app.access WHERE patient_id = ${patient.id} AND confirmed`), 0);
  assert.equal(count(`SELECT count(*) FROM app.todo WHERE patient_id = ${patient.id} AND kind = 'unconfirmed'`), 1);
  assert.equal(count(`SELECT count(*) FROM app.revision WHERE patient_id = ${patient.id} AND subject = 'confirm'`), 0);
});

test("a form of a report that is frozen by now changes nobody", async () => {
  const patient = await reported();
  const edit = await form(clients["sakura-jimu"], patient, 1, "edit");
  assert.equal((await add(patient, 1)).status, 303);
  const [[version, name]] = sql(`SELECT version, family_name FROM app.patient WHERE patient_id = ${patient.id}`);
  for (const fields of [edit({ family_name: "凍結" }), { ...edit({ family_name: "凍結" }), base_version: version }])
    assert.equal((await clients["sakura-jimu"].post("/notification", fields)).status, 409);
  assert.deepEqual(sql(`SELECT version, family_name FROM app.patient WHERE patient_id = ${patient.id}`), [[version, name]]);
});

test("after a further report was deleted, another one can be added", async () => {
  const patient = await reported();
  assert.equal((await add(patient, 1)).status, 303);
  assert.equal((await remove(clients.sakura, patient, 2)).status, 303);
  const again = await add(patient, 1);
  assert.equal(receipt(again)?.no, 3, again.text.slice(0, 500));
});

test("what is restored below a newer report comes back frozen", async () => {
  const patient = await reported();
  assert.equal((await add(patient, 1, { family_name: "新姓" })).status, 303);
  for (const no of [2, 1]) assert.equal((await remove(clients.hoken1, patient, no)).status, 303);
  for (const no of [2, 1]) {
    await clients.hoken1.get(`${patient.path}/notification/${no}`);
    assert.equal((await clients.hoken1.post(`${patient.path}/notification/${no}/restore`)).status, 303);
  }
  assert.deepEqual(sql(`SELECT notification_no, frozen_at IS NOT NULL FROM app.notification WHERE patient_id = ${patient.id} AND deleted_at IS NULL ORDER BY 1`), [["1", "t"], ["2", "f"]]);
  assert.deepEqual(sql(`SELECT DISTINCT notification_no FROM app.access WHERE patient_id = ${patient.id} AND notification_no IS NOT NULL`), [["2"]]);
});

test("what the clinic changed after the page was opened is not confirmed unseen", async () => {
  const patient = await reported();
  await clients.hoken1.get(patient.path);
  const guard = { ...clients.hoken1.guard };
  const edit = await form(clients.sakura, patient, 1, "edit");
  assert.equal((await clients.sakura.post("/notification", edit({ severity: "severe" }))).status, 303);
  assert.equal((await clients.hoken1.post(`${patient.path}/notification/1/confirm`, guard)).status, 409);
  assert.equal(count(`SELECT count(*) FROM app.notification WHERE patient_id = ${patient.id} AND confirmed_at IS NOT NULL`), 0);
  await clients.hoken1.get(patient.path);
  assert.equal((await clients.hoken1.post(`${patient.path}/notification/1/confirm`)).status, 303);
});

test("of two assignments from the same page the second is asked again", async () => {
  const patient = await reported();
  const centres = sql("SELECT organisation_id FROM app.organisation WHERE kind = 'centre' AND NOT laboratory AND closed_at IS NULL ORDER BY 1 LIMIT 2").flat();
  const [[responsible]] = sql(`SELECT responsible_id FROM app.patient WHERE patient_id = ${patient.id}`);
  for (const login of ["hoken1", "hoken2"]) await clients[login].get(`${patient.path}/assignment`);
  assert.equal((await clients.hoken1.post(`${patient.path}/assignment`, { responsible, related: centres[0] })).status, 303);
  const second = await clients.hoken2.post(`${patient.path}/assignment`, { responsible, related: centres[1] });
  assert.match(second.text, /記録が変わりました/);
  assert.deepEqual(sql(`SELECT organisation_id FROM app.patient_related WHERE patient_id = ${patient.id}`), [[centres[0]]]);
});

test("who has the record open too is shown, to each office as far as it may know", async () => {
  const patient = await reported();
  const name = (login) => sql(`SELECT holder FROM app.account WHERE login = '${login}'`)[0][0];
  await clients.hoken2.get(`${patient.path}/status`);
  const also = (text) => text.match(/ほかに、5分以内に開いた方：(.*?)<\/p>/s)?.[1] ?? "";
  assert.ok(also((await clients.hoken1.get(patient.path)).text).includes(name("hoken2")));
  assert.ok(!also((await clients.hoken1.get(patient.path)).text).includes(name("hoken1")), "not oneself");
  await clients.sakura.get(patient.path);
  assert.ok(also((await clients.hoken1.get(patient.path)).text).includes(name("sakura")), "who may see the viewers sees all");
  const clinic = also((await clients["sakura-jimu"].get(patient.path)).text);
  assert.ok(clinic.includes(name("sakura")) && !clinic.includes(name("hoken1")), "a clinic sees its own people");
  // also where two clash most: while the report is changed, or added to
  for (const below of ["edit", "add"]) assert.ok(also((await clients.hoken1.get(`${patient.path}/notification/1/${below}`)).text).includes(name("sakura")), below);
  // whoever has gone is not there; whoever types is, since what they type is saved. The trail is put back as it was.
  const links = () => sql(`SELECT shard, seq FROM app.audit WHERE patient_id = ${patient.id}`);
  const age = (some, minutes) => sql(`UPDATE app.audit SET at = at - interval '${minutes} minutes' WHERE (shard, seq) IN (${some.map((link) => `(${link.join()})`)})`);
  const aged = [];
  const leave = () => { const fresh = links().filter((link) => !aged.some((old) => old.join() === link.join())); age(fresh, 6); aged.push(...fresh); };
  try {
    leave();
    assert.equal(also((await clients.hoken1.get(patient.path)).text), "");
    const typing = await form(clients.sakura, patient, 1, "edit");
    leave();
    assert.equal((await clients.sakura.post("/notification/live", typing({ given_name: "途中" }))).status, 200);
    assert.ok(also((await clients.hoken1.get(patient.path)).text).includes(name("sakura")));
  } finally {
    age(aged, -6);
  }
});

test("a centre that is none is asked for again", async () => {
  const { path } = await reported();
  for (const responsible of ["999999999", "1", ""]) {
    await clients.hoken1.get(`${path}/assignment`);
    const answer = await clients.hoken1.post(`${path}/assignment`, { responsible });
    assert.equal(answer.status, 200);
    assert.match(answer.text, /保健所を選んでください/);
  }
});

test("a status pressed twice is entered once, and one from an old page loses nothing typed", async () => {
  const patient = await reported();
  for (const login of ["hoken1", "hoken2"]) await clients[login].get(`${patient.path}/status`);
  const guard = { ...clients.hoken1.guard }, fields = { status: "home", since: "2022/10/1", note: "二度押し" };
  for (let i = 0; i < 2; i++) assert.equal((await clients.hoken1.post(`${patient.path}/status`, { ...guard, ...fields })).status, 303);
  assert.equal(count(`SELECT count(*) FROM app.patient_status WHERE patient_id = ${patient.id}`), 1);
  const late = await clients.hoken2.post(`${patient.path}/status`, { status: "hospital", since: "2022/10/2", note: "入院しました" });
  assert.match(late.text, /記録が変わりました/);
  assert.match(late.text, /value="入院しました"/);
  assert.equal((await clients.hoken2.post(`${patient.path}/status`, { status: "hospital", since: "2022/10/2", note: "入院しました" })).status, 303);
});

test("an edit pressed twice gets its first answer, and a late keystroke makes no draft", async () => {
  const patient = await reported();
  const edit = (await form(clients.sakura, patient, 1, "edit"))({ severity: "severe" });
  const answers = [];
  for (let i = 0; i < 2; i++) answers.push(await clients.sakura.post("/notification", edit));
  assert.deepEqual(answers.map(({ status }) => status), [303, 303]);
  assert.deepEqual(answers.map((answer) => receipt(answer)?.no), [1, 1]);
  await clients.sakura.post("/notification/live", edit);
  assert.equal(count(`SELECT count(*) FROM app.draft WHERE draft_id = '${edit.draft_id}'`), 0);
  assert.equal(count(`SELECT count(*) FROM app.revision WHERE patient_id = ${patient.id} AND subject = 'notification' AND version > 1`), 1);
});

test("a former 担当保健所 stands in the history as related afterwards", async () => {
  const patient = await reported();
  const [[other]] = sql("SELECT organisation_id FROM app.organisation WHERE name = '春日井保健所'");
  await clients.hoken1.get(`${patient.path}/assignment`);
  assert.equal((await clients.hoken1.post(`${patient.path}/assignment`, { responsible: other, agreed: "1" })).status, 303);
  assert.deepEqual(sql(`SELECT after->>'responsible', after->>'related' FROM app.revision WHERE patient_id = ${patient.id} AND subject = 'assignment'`), [["春日井保健所", "名古屋市保健所"]]);
});
