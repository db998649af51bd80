// closing.test.js - 療養期間が過ぎた方 over HTTP and behind the curtain: who is proposed and why, ended together by a press, put back
// within seven days, and who may do so.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { before, test } from "node:test";
import { signIn } from "./client.js";
import { asRole, hersys, sql, sqlHolding } from "./database.js";
import { notification, receipt, stranger } from "./notify.js";
import { freshJobs } from "./processes.js";

const clients = {};
const organisation = (login) => sql(`SELECT organisation_id FROM app.account WHERE login = '${login}'`)[0][0];
let nagoya;

before(async () => {
  for (const login of ["sakura", "hoken1", "hoken2", "kasugai", "aichi", "kuni", "shukuhaku"]) clients[login] = await signIn(login);
  nagoya = organisation("hoken1");
});

async function press(patient, below, fields, from = below) {
  await clients.hoken1.get(`${patient.path}/${from}`);
  const answer = await clients.hoken1.post(`${patient.path}/${below}`, fields);
  assert.equal(answer.status, 303, `${below}: ${answer.text.slice(0, 500)}`);
}

// Somebody with these items and, from a day on, a status.
async function inCare(values, status = "home", since = values.onset_date || values.diagnosis_date || "2022-10-01") {
  const answer = await clients.sakura.post("/notification", notification({ ...stranger(), ...values }));
  const made = receipt(answer);
  assert.ok(made, answer.text.slice(0, 500));
  const patient = { number: made.id, path: `/patient/${made.id}`, id: hersys("id", made.id).split(" ")[0] };
  await press(patient, "status", { status, since });
  return patient;
}

const proposal = (patient) => sql(`SELECT basis, days, until FROM app.close_proposal WHERE organisation_id = ${nagoya} AND patient_id = ${patient.id}`)[0];
const todo = (patient) => sql(`SELECT organisation_id FROM app.todo WHERE patient_id = ${patient.id} AND kind = 'close_proposed'`).flat();
const status = (patient) => sql(`SELECT status, status_since FROM app.access WHERE organisation_id = ${nagoya} AND patient_id = ${patient.id}`)[0];

// The form with these people chosen, as the page shows it.
async function choose(login, people) {
  const page = await clients[login].get("/closing");
  const form_id = page.text.match(/action="\/closing">[\s\S]*?name="form_id" value="([^"]+)"/)?.[1] ?? crypto.randomUUID();
  const shown = ({ number }) => page.text.match(new RegExp(`name="patient" value="(${number}\\.[^"]+)"`))?.[1] ?? `${number}.1.2022-09-17`;
  return [["form_id", form_id], ...people.map((patient) => ["patient", shown(patient)])];
}
const undo = (login, batch) => send(login, "/closing/undo", [["form_id", crypto.randomUUID()], ["batch", batch]]);
const send = (login, path, fields) => clients[login].request("POST", path, new URLSearchParams([["csrf", clients[login].csrf], ...fields]), { origin: `https://localhost:${process.env.HERSYS_PORT ?? 8443}` });
const ticked = (page, patient) => new RegExp(`value="${patient.number}\\.[^"]*" checked`).test(page);
const batchOf = (patient) => sql(`SELECT batch_id FROM app.close_member WHERE patient_id = ${patient.id}`)[0][0];

test("the period follows the dated rules: symptoms, facility, none, and the day from which each holds", async () => {
  const cases = [
    [{ onset_date: "2022-08-20" }, "home", ["onset", "10", "2022-08-30"]],
    [{ onset_date: "2022-09-06" }, "hotel", ["onset", "10", "2022-09-16"]],
    [{ onset_date: "2022-09-07" }, "home", ["onset", "7", "2022-09-14"]],
    [{ onset_date: "2022-09-07" }, "hospital", ["onset", "10", "2022-09-17"]],
    [{ onset_date: "", diagnosis_date: "2022-10-03", category: "asymptomatic" }, "home", ["diagnosed", "7", "2022-10-10"]],
    [{ onset_date: "", diagnosis_date: "2022-10-03", category: "asymptomatic", test1_method: "naat", test1_result: "positive", test1_sampled_on: "2022-10-01" }, "home", ["sampled", "7", "2022-10-08"]],
  ];
  for (const [values, where, expected] of cases) {
    const patient = await inCare(values, where);
    assert.deepEqual(proposal(patient), expected, JSON.stringify(values));
    assert.deepEqual(todo(patient), [nagoya]);
  }
});

test("who is not over, or no longer in care, or has an entry behind the end, is not proposed", async () => {
  const today = sql("SELECT (now() AT TIME ZONE 'Asia/Tokyo')::date, (now() AT TIME ZONE 'Asia/Tokyo')::date - 7, (now() AT TIME ZONE 'Asia/Tokyo')::date - 8")[0];
  const lastDay = await inCare({ onset_date: today[1], diagnosis_date: today[1] });
  assert.equal(proposal(lastDay), undefined, "its last day is today");
  assert.deepEqual(proposal(await inCare({ onset_date: today[2], diagnosis_date: today[2] })), ["onset", "7", sql(`SELECT date '${today[2]}' + 7`)[0][0]]);
  assert.equal(proposal(await inCare({}, "released", "2022-10-05")), undefined, "released");
  assert.equal(proposal(await inCare({}, "hospital", "2022-10-20")), undefined, "in hospital since after the end");
  const patient = await inCare({});
  assert.ok(proposal(patient));
  await press(patient, "tab/residence/new", { items: "residence_kind residence_from", residence_kind: "hotel", residence_from: "2022/11/2" });
  assert.equal(proposal(patient), undefined, "stays somewhere after the end");
  assert.deepEqual(todo(patient), []);
  await press(patient, "tab/residence/1/withdraw", { entry_version: "1" }, "tab/residence/1");
  assert.ok(proposal(patient), "that was a mistake");
  await clients.sakura.get(`${patient.path}/notification/1/delete`);
  assert.equal((await clients.sakura.post(`${patient.path}/notification/1/delete`, { reason: "誤登録" })).status, 303);
  assert.equal(proposal(patient), undefined, "deleted");
});

test("the jobs propose as days pass, in steps through those in care", async () => {
  const patient = await inCare({});
  sql(`DELETE FROM app.close_proposal WHERE patient_id = ${patient.id}; DELETE FROM app.todo WHERE patient_id = ${patient.id} AND kind = 'close_proposed'`);
  await freshJobs();
  for (let i = 0; i < 100 && !proposal(patient); i++) await new Promise((resolve) => setTimeout(resolve, 200));
  assert.ok(proposal(patient));
  const plan = sql("SET enable_seqscan = off; EXPLAIN SELECT patient_id FROM app.access a WHERE patient_id > 5 AND relations & 2 <> 0 AND NOT sealed AND app.in_care(status) ORDER BY patient_id LIMIT 200").flat().join("\n");
  assert.match(plan, /access_in_care/);
});

test("together they are ended by one press, each with its history and trail, and put back as they were", async () => {
  const people = [await inCare({ onset_date: "2022-09-10" }), await inCare({ onset_date: "2022-09-11" }, "hospital"), await inCare({ onset_date: "2022-09-12" })];
  const [a, b, left] = people, old = people.map(status);
  const page = await clients.hoken1.get("/closing");
  assert.match(page.text.slice(page.text.indexOf(`value="${a.number}.`)), /自宅療養中[\s\S]*?2022\/9\/17[\s\S]*?発症日（2022\/9\/10）から7日/);
  assert.match((await clients.hoken1.get("/")).text, /href="\/closing"><span>療養期間が過ぎた方/);
  const fields = await choose("hoken1", [a, b]);
  for (let i = 0; i < 2; i++) assert.equal((await send("hoken1", "/closing", fields)).status, 303, "pressed twice it is one");
  assert.deepEqual(people.map(status), [["released", "2022-09-18"], ["released", "2022-09-22"], old[2]]);
  assert.deepEqual(people.map((patient) => proposal(patient) !== undefined), [false, false, true]);
  for (const patient of [a, b]) {
    assert.deepEqual(sql(`SELECT count(*) FROM app.patient_status WHERE patient_id = ${patient.id} AND status = 'released'`), [["1"]]);
    assert.deepEqual(sql(`SELECT count(*) FROM app.revision WHERE patient_id = ${patient.id} AND reason = 'まとめて療養解除'`), [["1"]]);
    assert.deepEqual(sql(`SELECT count(*) FROM app.audit WHERE patient_id = ${patient.id} AND action = 'status_add' AND detail = '2'`), [["1"]]);
    assert.match((await clients.hoken1.get(`${patient.path}/status`)).text, /療養解除/);
  }
  const batch = batchOf(a);
  assert.match((await clients.hoken1.get("/closing")).text, new RegExp(`value="${batch}"`));
  await clients.kasugai.get("/closing");
  assert.equal((await undo("kasugai", batch)).status, 409, "another centre's press");
  const form = [["form_id", crypto.randomUUID()], ["batch", batch]];
  for (let i = 0; i < 2; i++) assert.match((await send("hoken1", "/closing/undo", form)).location, /closing_undone/, "pressed twice it is one");
  assert.deepEqual(people.map(status), old);
  assert.ok(people.every(proposal));
  assert.deepEqual(sql(`SELECT count(*) FROM app.audit WHERE patient_id = ${a.id} AND action = 'status_withdraw'`), [["1"]]);
  assert.match((await undo("hoken2", batch)).location, /closing_undone/, "a colleague who presses it too is told that it is undone");
  assert.deepEqual(sql(`SELECT count(*) FROM app.audit WHERE patient_id = ${a.id} AND action = 'status_withdraw'`), [["1"]]);
});

test("all or none: a record that changed meanwhile stops the press, nothing is written, and the others stay chosen", async () => {
  const [a, b, other] = [await inCare({}), await inCare({}), await inCare({})];
  const fields = await choose("hoken1", [a, b, other]);
  await press(b, "status", { status: "hospital", since: "2022/11/5" });
  await press(other, "status", { status: "hotel", since: "2022/10/2" });
  const before = status(a);
  const answer = await send("hoken1", "/closing", fields);
  assert.equal(answer.status, 409);
  assert.match(answer.text, /何も登録されていません/);
  const link = (patient) => new RegExp(`href="${patient.path}">[\\d-]+</a>：([^<]*)<`).exec(answer.text)?.[1];
  assert.match(link(b), /療養期間が過ぎた方ではありません/);
  assert.match(link(other), /記録が変わりました/, "it is still proposed, to the same day, but not as it was shown");
  assert.equal(link(a), undefined);
  assert.deepEqual([a, b, other].map((patient) => ticked(answer.text, patient)), [true, false, false]);
  assert.deepEqual([a, other].map((patient) => status(patient)[0]), [before[0], "hotel"]);
  assert.ok(proposal(a));
});

test("a proposal that does not hold any more ends nobody, and goes", async () => {
  const patient = await inCare({}), fields = await choose("hoken1", [patient]);
  // behind the functions, as nothing should
  sql(`INSERT INTO app.entry (patient_id, tab, entry_no, since, items, organisation_id, entered_by, entered_at) SELECT ${patient.id}, 'residence', 1, '2022-11-01', '{}', ${nagoya}, account_id, now() FROM app.account WHERE login = 'hoken1'`);
  assert.ok(proposal(patient));
  const answer = await send("hoken1", "/closing", fields);
  assert.equal(answer.status, 409);
  assert.equal(proposal(patient), undefined);
  assert.equal(status(patient)[0], "home");
});

test("two who change entries of one proposed patient at the same moment lose nothing", async () => {
  const patient = await inCare({});
  const stay = { items: "residence_kind residence_from residence_to", residence_kind: "hotel", residence_from: "2022/9/30", residence_to: "2022/10/2" };
  const ward = { items: "care_admitted_on care_outcome care_left_on care_hospital", care_admitted_on: "2022/10/2", care_outcome: "discharged", care_left_on: "2022/10/4", care_hospital: "" };
  await press(patient, "tab/residence/new", stay);
  await press(patient, "tab/care/new", ward);
  assert.ok(proposal(patient));
  for (const [login, tab] of [["hoken1", "residence"], ["hoken2", "care"]]) await clients[login].get(`${patient.path}/tab/${tab}/1`);
  const held = await sqlHolding(2, `SELECT 1 FROM app.close_proposal WHERE patient_id = ${patient.id} FOR UPDATE`); // where both arrive
  const answers = await Promise.all([
    clients.hoken1.post(`${patient.path}/tab/residence/1`, { entry_version: "1", ...stay, residence_to: "2022/10/3" }),
    clients.hoken2.post(`${patient.path}/tab/care/1`, { entry_version: "1", ...ward, care_hospital: "名古屋みなと病院" })]);
  await held.over;
  assert.deepEqual(answers.map((answer) => answer.status), [303, 303]);
  assert.deepEqual(sql(`SELECT tab, version FROM app.entry WHERE patient_id = ${patient.id} ORDER BY tab`), [["care", "2"], ["residence", "2"]]);
  assert.ok(proposal(patient));
  assert.deepEqual(todo(patient), [nagoya]);
});

test("the jobs wait for who is changing a record, and propose nothing against it", async () => {
  const patient = await inCare({});
  sql(`DELETE FROM app.close_proposal WHERE patient_id = ${patient.id}; DELETE FROM app.todo WHERE patient_id = ${patient.id} AND kind = 'close_proposed'`);
  const held = await sqlHolding(2, `UPDATE app.patient SET version = version + 1 WHERE patient_id = ${patient.id};
    INSERT INTO app.entry (patient_id, tab, entry_no, since, items, organisation_id, entered_by, entered_at) SELECT ${patient.id}, 'residence', 1, '2022-11-01', '{}', ${nagoya}, account_id, now() FROM app.account WHERE login = 'hoken1';
    SELECT app.close_refresh(${patient.id})`);
  assert.deepEqual(sql(`SELECT app.close_step(${patient.id} - 1, 1)`), [[patient.id]]);
  await held.over;
  assert.equal(proposal(patient), undefined);
});

test("another key than the receipt's is a conflict, never a success", async () => {
  const patient = await inCare({});
  await clients.hoken1.get(`${patient.path}/status`);
  const [[taken]] = sql(`SELECT max(status_no) + 1 FROM app.patient_status WHERE patient_id = ${patient.id}`);
  const held = await sqlHolding(2, `INSERT INTO app.patient_status (patient_id, status_no, status, since, note, entered_by, entered_at) SELECT ${patient.id}, ${taken}, 'hotel', '2022-10-01', '', account_id, now() FROM app.account WHERE login = 'hoken2'`);
  const answer = await clients.hoken1.post(`${patient.path}/status`, { status: "hospital", since: "2022/10/2" });
  await held.over;
  assert.notEqual(answer.status, 303);
  assert.match(answer.text, /記録が変わりました/);
  assert.deepEqual(sql(`SELECT status FROM app.patient_status WHERE patient_id = ${patient.id} ORDER BY status_no`).flat(), ["home", "hotel"]);
});

test("who is in hospital still, or 重症 at last, is not proposed, whatever the days", async () => {
  const care = (fields) => ({ items: Object.keys(fields).join(" "), ...fields });
  const patient = await inCare({});
  await press(patient, "tab/care/new", care({ care_admitted_on: "2022/10/2" }));
  assert.equal(proposal(patient), undefined, "no 退院");
  await press(patient, "tab/care/1", { entry_version: "1", ...care({ care_admitted_on: "2022/10/2", care_outcome: "transferred", care_left_on: "2022/10/4" }) });
  assert.equal(proposal(patient), undefined, "in another hospital");
  await press(patient, "tab/care/new", care({ care_admitted_on: "2022/10/4", care_outcome: "discharged", care_left_on: "2022/10/6" }));
  assert.ok(proposal(patient), "left the other one");
  await press(patient, "tab/grade/new", care({ grade_on: "2022/10/5", grade_severity: "severe" }));
  assert.equal(proposal(patient), undefined, "重症");
  await press(patient, "tab/grade/new", care({ grade_on: "2022/10/6", grade_severity: "mild" }));
  assert.ok(proposal(patient), "better since");
});

test("what was entered since a press stays when it is undone, and after seven days it stands", async () => {
  const [a, b] = [await inCare({}), await inCare({})];
  assert.equal((await send("hoken1", "/closing", await choose("hoken1", [a, b]))).status, 303);
  const batch = batchOf(a);
  await press(a, "status", { status: "hospital", since: "2022/11/5" });
  sql(`UPDATE app.close_batch SET closed_at = closed_at - interval '8 days' WHERE batch_id = '${batch}'`);
  assert.doesNotMatch((await clients.hoken1.get("/closing")).text, new RegExp(batch));
  const late = await undo("hoken1", batch);
  assert.equal(late.status, 409);
  assert.match(late.text, /7日間です/);
  sql(`UPDATE app.close_batch SET closed_at = closed_at + interval '2 days' WHERE batch_id = '${batch}'`);
  assert.equal((await undo("hoken1", batch)).status, 303);
  assert.equal(status(a)[0], "hospital");
  assert.equal(status(b)[0], "home");
});

test("nothing chosen, too many, or no number is said, and changes nothing", async () => {
  const patient = await inCare({});
  assert.match((await send("hoken1", "/closing", await choose("hoken1", []))).text, /療養が終わった方を選んでください/);
  assert.equal((await send("hoken1", "/closing", await choose("hoken1", Array(201).fill(patient)))).status, 400);
  assert.equal((await send("hoken1", "/closing", await choose("hoken1", [{ number: "12345" }]))).status, 400);
  assert.equal(status(patient)[0], "home");
});

test("only the responsible centre sees and ends; others neither over HTTP nor in the database", async () => {
  const patient = await inCare({}, "hotel");
  const fields = await choose("hoken1", [patient]), [, version, until] = fields[1][1].split(".");
  for (const login of ["sakura", "aichi", "kuni", "shukuhaku"]) {
    assert.equal((await clients[login].get("/closing")).status, 404, login);
    assert.equal((await send(login, "/closing", fields)).status, 404, login);
    assert.equal((await undo(login, crypto.randomUUID())).status, 404, login);
  }
  assert.doesNotMatch((await clients.kasugai.get("/closing")).text, new RegExp(patient.number));
  await clients.kasugai.get("/me");
  assert.equal((await send("kasugai", "/closing", fields)).status, 409);
  for (const [login, may] of [["hoken1", true], ["kasugai", false], ["sakura", false], ["aichi", false], ["kuni", false], ["shukuhaku", false]]) {
    const [seen, ended] = asRole("staff", clients[login].cookies.get("__Host-sid"), [`SELECT count(*) FROM app.close_proposal WHERE patient_id = ${patient.id}`, `SELECT 1 FROM (SELECT app.close_do('${crypto.randomUUID()}', ARRAY[${patient.id}], ARRAY[${version}], ARRAY[date '${until}'])) x`]);
    assert.deepEqual(seen.rows, [may ? "1" : "0"], login);
    assert.equal(ended.rows?.at(-1) === "1", may, `${login}: ${JSON.stringify(ended)}`);
  }
  assert.equal(status(patient)[0], "hotel");
});
