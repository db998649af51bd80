// correction.test.js - what becomes of a report after it was made: a negative result, another 診断分類 (seed 0 Q3, Q7, Q8).
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { signIn } from "./client.js";
import { hersys, sql } from "./database.js";
import { notification, receipt } from "./notify.js";

let clinic, centre;

before(async () => {
  clinic = await signIn("sakura");
  centre = await signIn("hoken1");
});

const suspected = { form: "2021-02", diagnosis_date: "2021-06-10", onset_date: "2021-06-08", category: "suspected", test1_method: "naat", test1_specimen: "saliva", test1_sampled_on: "2021-06-10", test1_result: "pending" };

// Reports, then changes some items; gives the patient's number and path.
async function reportedAndChanged(first, then) {
  const { form, ...values } = { phone: "09087654321", ...first };
  const { id } = receipt(await clinic.post("/notification", { ...notification(values), form }));
  const page = await clinic.get(`/patient/${id}/notification/1/edit`);
  const hidden = (name) => page.text.match(new RegExp(`name="${name}" value="([^"]*)"`))[1];
  const answer = await clinic.post("/notification", { ...notification({ ...values, ...then }), form, draft_id: hidden("draft_id"), base_version: hidden("base_version"), kind: "edit", patient: id, no: "1" });
  assert.equal(answer.status, 303, answer.text.slice(0, 800));
  return { number: hersys("id", id).split(" ")[0], path: `/patient/${id}` };
}

test("what is missing is no wall, but a report about nobody is none", async () => {
  const nothing = Object.fromEntries(Object.keys(notification()).map((name) => [name, ""]));
  const blank = { ...nothing, action: "report", kind: "new", form: "2022-09", draft_id: notification().draft_id, diagnosis_date: "2022-10-01", items: "family_name category diagnosis_date phone" };
  const refused = await clinic.post("/notification", blank);
  assert.equal(refused.status, 200);
  assert.match(refused.text, /どなたの届出か分かる項目がありません/);
  const { id } = receipt(await clinic.post("/notification", { ...blank, phone: "09012345678" }));
  const number = hersys("id", id).split(" ")[0];
  assert.deepEqual(sql(`SELECT category, family_name, phone FROM app.notification JOIN app.patient USING (patient_id) WHERE patient_id = ${number}`), [["", "", "09012345678"]]);
  assert.deepEqual(sql(`SELECT count(*) FROM app.todo WHERE patient_id = ${number} AND kind = 'items_missing'`), [["2"]]);
  assert.equal((await centre.get(`/patient/${id}`)).status, 200);
});

test("a negative result corrects the test, and the history says what it was", async () => {
  const { number, path } = await reportedAndChanged(suspected, { test1_result: "negative" });
  assert.deepEqual(sql(`SELECT result FROM app.test_record WHERE patient_id = ${number}`), [["negative"]]);
  const history = (await centre.get(`${path}/history`)).text;
  assert.match(history, /検査中/);
  assert.match(history, /陰性/);
});

test("another 診断分類 gets a 提出日 of its own, and the first stays", async () => {
  const { number } = await reportedAndChanged(suspected, { category: "confirmed", test1_result: "positive" });
  assert.deepEqual(sql(`SELECT category FROM app.submission WHERE patient_id = ${number} ORDER BY submitted_at`).flat(), ["suspected", "confirmed"]);
  assert.equal(sql(`SELECT category FROM app.notification WHERE patient_id = ${number}`)[0][0], "confirmed");
});

test("a further report by a clinic, which sees no status, leaves it and its to-dos as they stand", async () => {
  const { number, path } = await reportedAndChanged(suspected, { test1_result: "positive" });
  await centre.get(`${path}/status`);
  assert.equal((await centre.post(`${path}/status`, { status: "home", since: "2021/6/11" })).status, 303);
  const status = () => sql(`SELECT DISTINCT o.kind, a.status, a.status_since FROM app.access a JOIN app.organisation o USING (organisation_id) WHERE a.patient_id = ${number} ORDER BY 1`);
  const todo = () => sql(`SELECT count(*) FROM app.todo WHERE patient_id = ${number} AND kind = 'status_missing'`)[0][0];
  const stood = status();
  assert.deepEqual(stood.find(([kind]) => kind === "centre"), ["centre", "home", "2021-06-11"]);
  assert.equal(todo(), "0");
  const form = await clinic.get(`${path}/notification/1/add`);
  const hidden = (name) => form.text.match(new RegExp(`name="${name}" value="([^"]*)"`))[1];
  const added = await clinic.post("/notification", { ...notification({ ...suspected, category: "confirmed", phone: "09087654321" }), form: "2021-02",
    draft_id: hidden("draft_id"), base_version: hidden("base_version"), kind: "add", patient: hidden("patient"), no: hidden("no") });
  assert.equal(added.status, 303, added.text.slice(0, 500));
  assert.deepEqual(status(), stood);
  assert.equal(todo(), "0");
});
