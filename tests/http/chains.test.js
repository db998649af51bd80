// chains.test.js - 感染リンク, the chains of infection that follow from it, and 集団感染: who enters, who sees how much, what
// is marked, and how the chains of every office follow a change of access.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { signIn } from "./client.js";
import { asRole, hersys, sql } from "./database.js";
import { notification, receipt } from "./notify.js";

const clients = {};
const token = (login) => clients[login].cookies.get("__Host-sid");

async function reported(values = {}) {
  const { id } = receipt(await clients.sakura.post("/notification", notification(values)));
  return { id, path: `/patient/${id}`, no: hersys("id", id).split(" ")[0] };
}

// An entry of the tab 感染経路; number 0 is a new one.
async function enter(login, patient, values, number = 0) {
  const path = `${patient.path}/tab/link/${number || "new"}`;
  const form = await clients[login].get(path);
  const entry_version = form.text.match(/name="entry_version" value="(\d+)"/)?.[1] ?? "0";
  return clients[login].post(path, { entry_version, items: "link_certainty link_source_case link_found_on", link_found_on: "2022/10/4", ...values });
}

const infectedBy = (patient, source, link_certainty = "confirmed") =>
  enter("hoken1", patient, { link_source_case: source.id, link_certainty }).then((answer) => assert.equal(answer.status, 303));
const statements = (patient) => sql(`SELECT coalesce(source_id::text, ''), source_text, certainty, mark, holds, withdrawn_at IS NOT NULL
  FROM app.patient_link WHERE patient_id = ${patient.no} ORDER BY link_no`);

before(async () => {
  for (const login of ["sakura", "hoken1", "hoken2", "kasugai", "aichi", "nagoya", "kuni", "minato"]) clients[login] = await signIn(login);
});

test("an entry of 感染経路 states the link; a later finding replaces it, and its withdrawal brings the earlier back", async () => {
  const [first, better, patient] = [await reported(), await reported(), await reported()];
  await infectedBy(patient, first, "presumed");
  assert.deepEqual(statements(patient), [[first.no, first.id, "presumed", "", "t", "f"]]);
  await infectedBy(patient, better);
  assert.deepEqual(statements(patient).map((row) => [row[0], row[4]]), [[first.no, "f"], [better.no, "t"]]);
  assert.equal((await enter("hoken1", patient, { link_source_case: better.id, link_certainty: "unknown" }, 2)).status, 303);
  assert.deepEqual(statements(patient).map((row) => [row[0], row[2], row[4], row[5]]),
    [[first.no, "presumed", "f", "f"], [better.no, "confirmed", "f", "t"], [better.no, "unknown", "t", "f"]]);
  const entry_version = (await clients.hoken1.get(`${patient.path}/tab/link/2`)).text.match(/name="entry_version" value="(\d+)"/)[1];
  assert.equal((await clients.hoken1.post(`${patient.path}/tab/link/2/withdraw`, { entry_version })).status, 303);
  assert.deepEqual(statements(patient).map((row) => row[4]), ["t", "f", "f"]);
  assert.equal((await enter("hoken1", patient, { link_source_case: "", link_certainty: "unknown" }, 1)).status, 303);
  assert.deepEqual(statements(patient).map((row) => row[5]), ["t", "t", "t"], "an entry without a source states none");
});

test("a source that is the patient, came later, does not exist or belongs to others is told in words, and saved", async () => {
  const [patient, later, theirs] = [await reported(), await reported(), await reported({ stay_address: "愛知県春日井市鳥居松町5-44" })];
  const foreign = sql(`SELECT count(*) FROM app.access a JOIN app.account c USING (organisation_id) WHERE c.login = 'hoken1' AND a.patient_id = ${theirs.no}`);
  assert.equal(foreign[0][0], "0", "the test needs a patient of another centre");
  for (const [source, no, mark, words] of [[patient.id, patient.no, "self", "ご本人の番号"], [later.id, later.no, "forward", "あとから届け出られて"],
    ["12345678901", "", "unfound", "見つからないか"], [theirs.id, "", "unfound", "見つからないか"], ["金糸雀さんの同僚", "", "unfound", "見つからないか"]]) {
    assert.equal((await enter("hoken1", patient, { link_source_case: source, link_certainty: "presumed" })).status, 303);
    assert.deepEqual(statements(patient).at(-1), [no, source, "presumed", mark, "t", "f"]);
    assert.ok((await clients.hoken1.get(`${patient.path}/tab/link`)).text.includes(words), words);
  }
});
