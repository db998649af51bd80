// grants.test.js - access granted by name: agencies that the responsible centre links with a patient, each of which sees what
// its relation shows and no more, until it ends; and 緊急閲覧, for a time, with a reason, reviewed.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { signIn } from "./client.js";
import { hersys, sql } from "./database.js";
import { notification, receipt } from "./notify.js";

const clients = {}, codes = {};

before(async () => {
  for (const login of ["sakura", "hoken1", "kasugai", "minato", "minato-jimu", "follow", "shukuhaku", "aichi"].filter((name) => sql(`SELECT 1 FROM app.account WHERE login = '${name}'`).length))
    clients[login] = await signIn(login);
  for (const login of Object.keys(clients)) codes[login] = sql(`SELECT o.code FROM app.account a JOIN app.organisation o USING (organisation_id) WHERE a.login = '${login}'`)[0][0];
});

async function reported() {
  const made = receipt(await clients.sakura.post("/notification", notification({ home_address: "愛知県名古屋市中区錦1-1" })));
  return { path: `/patient/${made.id}`, hersysId: made.id, id: hersys("id", made.id).split(" ")[0] };
}
async function press(login, patient, below, fields = {}) {
  await clients[login].get(`${patient.path}/assignment`);
  return clients[login].post(`${patient.path}/${below}`, fields);
}
const link = (patient, kind, code, until = "") => press("hoken1", patient, "grant", { kind, code, until });
const todo = (patient) => sql(`SELECT kind FROM app.todo WHERE patient_id = ${patient.id} AND kind = 'emergency_review'`).flat();

test("a hospital that is linked sees the patient as the admitting one, and writes its own tabs", async () => {
  const patient = await reported();
  assert.equal((await clients.minato.get(patient.path)).status, 404);
  assert.equal((await link(patient, "admitting", codes.minato)).status, 303);
  const page = await clients.minato.get(patient.path);
  assert.equal(page.status, 200);
  assert.match(page.text, /負荷/);
  for (const [tab, status] of [["care", 200], ["laboratory", 200], ["contact", 403], ["residence", 403]])
    assert.equal((await clients.minato.get(`${patient.path}/tab/${tab}`)).status, status, tab);
  const entry = await clients.minato.get(`${patient.path}/tab/care/new`);
  assert.equal(entry.status, 200);
  assert.equal((await clients.minato.get(`${patient.path}/assignment`)).status, 403);
  // it finds the patient, and stops finding it when the link ends
  assert.equal((await clients.minato.post("/search", { key: patient.hersysId })).location, patient.path);
  assert.equal((await press("hoken1", patient, "grant/1/end")).status, 303);
  assert.equal((await clients.minato.get(patient.path)).status, 404);
  assert.deepEqual(sql(`SELECT count(*) FROM app.search_key k JOIN app.organisation o USING (organisation_id) WHERE k.patient_id = ${patient.id} AND o.code = '${codes.minato}'`), [["0"]]);
});

test("a follow-up agency sees name and telephone, an accommodation the status; neither the illness", async () => {
  const patient = await reported();
  assert.equal((await link(patient, "followup", codes.follow)).status, 303);
  assert.equal((await link(patient, "accommodation", codes.shukuhaku)).status, 303);
  assert.match((await clients.follow.get("/patients")).text, /負荷/);
  assert.match((await clients.shukuhaku.get("/patients")).text, /負荷/);
  assert.deepEqual(sql(`SELECT o.kind, a.name IS NOT NULL, a.category IS NOT NULL FROM app.access a JOIN app.organisation o USING (organisation_id) WHERE a.patient_id = ${patient.id} AND o.kind IN ('followup', 'accommodation') ORDER BY 1`),
    [["accommodation", "t", "f"], ["followup", "t", "f"]]);
  await clients.shukuhaku.get(`${patient.path}/status`);
  assert.equal((await clients.shukuhaku.post(`${patient.path}/status`, { status: "hotel", since: "2022/10/2" })).status, 303);
  await clients.follow.get(`${patient.path}/status`);
  assert.equal((await clients.follow.post(`${patient.path}/status`, { status: "home", since: "2022/10/3" })).status, 403);
});

test("a clinic may hold the follow-up right too, but gets another clinic's patient only when the centre links them", async () => {
  const patient = await reported();
  assert.equal((await press("minato", patient, "grant", { kind: "followup", code: codes.minato })).status, 404);
  assert.equal((await link(patient, "followup", codes.minato)).status, 303);
  assert.match((await clients.minato.get("/patients")).text, new RegExp(patient.hersysId));
  assert.equal((await clients.minato.get(`${patient.path}/tab/care`)).status, 403);
});

test("what does not fit is told, and nothing typed is lost", async () => {
  const patient = await reported();
  for (const [kind, code, until, words] of [["admitting", codes.shukuhaku, "", /種類が合いません/], ["accommodation", "X999", "", /種類が合いません/], ["", codes.minato, "", /どの機関として/],
    ["admitting", "", "", /機関コードを入力/], ["admitting", codes.minato, "2020/1/1", /今日からあとの日/], ["admitting", codes.minato, "abc", /読み取れません/]]) {
    const answer = await link(patient, kind, code, until);
    assert.equal(answer.status, 200);
    assert.match(answer.text, words);
    if (code) assert.match(answer.text, new RegExp(`value="${code}"`));
  }
  assert.equal((await link(patient, "admitting", codes.minato)).status, 303);
  assert.match((await link(patient, "admitting", codes.minato)).text, /すでに結び付けられています/);
});

test("only the responsible centre links and ends", async () => {
  const patient = await reported();
  for (const [login, status] of [["sakura", 403], ["aichi", 403], ["kasugai", 404]]) {
    assert.equal((await press(login, patient, "grant", { kind: "admitting", code: codes.minato })).status, status, login);
    assert.equal((await press(login, patient, "grant/1/end")).status, status, login);
  }
  assert.deepEqual(sql(`SELECT count(*) FROM app.patient_grant WHERE patient_id = ${patient.id}`), [["0"]]);
});

test("a link ends with its last day", async () => {
  const patient = await reported();
  assert.equal((await link(patient, "admitting", codes.minato, "2099/1/1")).status, 303);
  assert.equal((await clients.minato.get(patient.path)).status, 200);
  sql(`UPDATE app.patient_grant SET until = now() - interval '1 minute' WHERE patient_id = ${patient.id}`);
  assert.equal(sql(`SELECT count(*) FROM app.access_wanted(${patient.id}) w JOIN app.organisation o USING (organisation_id) WHERE o.code = '${codes.minato}'`)[0][0], "0", "whether or not a job has noticed");
  sql("SELECT app.access_expire(500)");
  assert.equal((await clients.minato.get(patient.path)).status, 404);
});

test("in an emergency a doctor opens a patient for a day, says why, and the centre reviews it", async () => {
  const patient = await reported();
  const open = (login, fields) => clients[login].get("/emergency").then(() => clients[login].post("/emergency", { id: patient.hersysId, reason: "救急搬送、意識なし", ...fields }));
  assert.match((await open("minato", { reason: "" })).text, /理由を入力してください/);
  assert.match((await open("minato", { id: "12345" })).text, /数字や文字を確かめて/);
  assert.match((await clients.minato.post("/emergency", { id: hersys("id", "8888888888").split(" ")[1], reason: "試験" })).text, /見つかりません/);
  const answer = await open("minato");
  assert.equal(answer.status, 303, answer.text);
  assert.match((await clients.minato.get(answer.location)).text, /負荷[\s\S]*緊急閲覧|緊急閲覧[\s\S]*負荷/);
  assert.deepEqual(todo(patient), ["emergency_review"]);
  // it reads and writes nothing; the proper link may stand beside it, and is not ended with it
  for (const below of ["tab/care", "tab/laboratory"]) assert.equal((await clients.minato.get(`${patient.path}/${below}`)).status, 200, below);
  for (const below of ["tab/care/new", "tab/laboratory/new", "notification/1/edit"]) assert.equal((await clients.minato.get(`${patient.path}/${below}`)).status, 403, below);
  const values = { care_admitted_on: "2022/10/1" };
  assert.equal((await press("minato", patient, "tab/care/new", { items: Object.keys(values).join(" "), ...values })).status, 403);
  const tab = (await clients.hoken1.get(`${patient.path}/assignment`)).text;
  assert.match(tab, /緊急閲覧[\s\S]*救急搬送、意識なし[\s\S]*確認した/);
  assert.match((await clients.hoken1.get(`${patient.path}/viewers`)).text, /緊急閲覧を開始/);
  assert.equal((await press("hoken1", patient, "grant/1/review")).status, 303);
  assert.deepEqual(todo(patient), []);
  assert.equal((await clients.minato.get(patient.path)).status, 200);
  assert.match((await open("minato")).location, /seen_anyway/);
  assert.equal((await link(patient, "admitting", codes.minato)).status, 303);
  assert.equal((await press("hoken1", patient, "grant/1/end")).status, 303);
  assert.equal((await clients.minato.get(`${patient.path}/tab/care/new`)).status, 200, "linked, it writes its own tabs");
  assert.equal((await press("hoken1", patient, "grant/2/end")).status, 303);
  assert.equal((await clients.minato.get(patient.path)).status, 404);
});

test("whoever sees only a part of a record may open it; an emptied ID opens what it leads to", async () => {
  // An agency's view of name and telephone is not the record.
  const patient = await reported();
  assert.equal((await link(patient, "followup", codes.minato)).status, 303);
  assert.equal((await clients.minato.get(patient.path)).status, 403);
  assert.doesNotMatch(String((await clients.minato.post("/emergency", { id: patient.hersysId, reason: "救急搬送" })).location), /seen_anyway/);
  assert.equal((await clients.minato.get(patient.path)).status, 200);
  assert.equal((await clients.minato.get(`${patient.path}/tab/care`)).status, 200);
  // Two numbers of one person: the paper at hand has the emptied one.
  const [stays, gone] = [await reported(), await reported()];
  const form = async (p) => sql(`SELECT version FROM app.patient WHERE patient_id = ${p.id}`)[0][0];
  const merged = await clients.hoken1.post("/same", { a: stays.hersysId, b: gone.hersysId, version_a: await form(stays), version_b: await form(gone), action: "merge" });
  assert.match(merged.location, /same_merged/);
  assert.equal((await clients.minato.get(gone.path)).status, 404);
  const opened = await clients.minato.post("/emergency", { id: gone.hersysId, reason: "救急搬送" });
  assert.equal(opened.status, 303, opened.text);
  assert.equal((await clients.minato.get(opened.location)).location.split("?")[0], stays.path, "the number leads on");
  assert.equal((await clients.minato.get(stays.path)).status, 200);
  assert.deepEqual(todo(stays), ["emergency_review"]);
  assert.equal(sql(`SELECT count(*) FROM app.audit WHERE action = 'emergency_open' AND outcome = 'allowed' AND patient_id = ${stays.id}`)[0][0], "1");
});

test("ended at once it is reviewed too; a centre opens what a related one reads; above it nobody sees more", async () => {
  const patient = await reported();
  const answer = await clients.kasugai.post("/emergency", { id: patient.hersysId, reason: "管内で倒れているのを発見" });
  assert.equal(answer.status, 303, answer.text);
  assert.equal((await clients.kasugai.get(`${patient.path}/status`)).status, 200);
  assert.equal((await press("kasugai", patient, "status", { status: "home", since: "2022/10/1" })).status, 403);
  assert.equal((await press("hoken1", patient, "grant/1/end")).status, 303);
  assert.deepEqual(todo(patient), []);
  assert.equal((await clients.kasugai.get(patient.path)).status, 404);
});

test("it is not for clerks, agencies or those above, and not without end", async () => {
  const patient = await reported();
  for (const login of ["minato-jimu", "follow", "shukuhaku", "aichi"].filter((name) => clients[name]))
    assert.equal((await clients[login].post("/emergency", { id: patient.hersysId, reason: "試験" })).status, 403, login);
  const [[account]] = sql("SELECT account_id FROM app.account WHERE login = 'minato'");
  const used = Number(sql(`SELECT count(*) FROM app.patient_grant WHERE emergency AND granted_by = ${account} AND granted_at > now() - interval '1 day'`)[0][0]);
  sql(`INSERT INTO app.patient_grant SELECT ${patient.id}, 100 + n, organisation_id, 512, true, 'x', ${account}, now(), now(), now(), ${account} FROM app.account, generate_series(1, ${10 - used}) n WHERE account_id = ${account}`);
  assert.match((await clients.minato.post("/emergency", { id: patient.hersysId, reason: "試験" })).text, /回数を超えました/);
  // Of several at the same moment only as many as are left.
  sql(`DELETE FROM app.patient_grant WHERE patient_id = ${patient.id} AND grant_no = 101`);
  const patients = [await reported(), await reported(), await reported()];
  const answers = await Promise.all(patients.map((p) => clients.minato.post("/emergency", { id: p.hersysId, reason: "試験" })));
  assert.equal(answers.filter((answer) => answer.status === 303).length, used < 10 ? 1 : 0);
  sql(`DELETE FROM app.patient_grant WHERE patient_id IN (${[patient, ...patients].map((p) => p.id)})`);
});
