// walls.test.js - what must not come out by a side door: deleted reports in the history, half-filled forms in the database,
// forms of a session that somebody ended, lists in the trail, and a trail whose anchors are gone.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { before, test } from "node:test";
import { Client, signIn } from "./client.js";
import { asRole, hersys, sql } from "./database.js";
import { notification, receipt } from "./notify.js";
import { freshJobs } from "./processes.js";

const clients = {};
const token = (login) => clients[login].cookies.get("__Host-sid");
const organisationOf = (login) => sql(`SELECT organisation_id FROM app.account WHERE login = '${login}'`)[0][0];
const patientOf = (id) => hersys("id", id).split(" ")[0];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const state = process.env.HERSYS_STATE ?? "var";

async function report(login, fields = {}) {
  const made = receipt(await clients[login].post("/notification", notification(fields)));
  assert.ok(made);
  return made.id;
}

// A further report, as the form posts it.
async function add(login, id, fields) {
  const page = await clients[login].get(`/patient/${id}/notification/1/add`);
  const base = page.text.match(/name="base_version" value="(\d+)"/)[1];
  const made = receipt(await clients[login].post("/notification", { ...notification(fields), kind: "add", patient: id, no: "1", base_version: base }));
  assert.equal(made?.no, 2);
}

before(async () => {
  for (const login of ["minato", "kodomo", "hoken1", "kasugai", "aichi"]) clients[login] = await signIn(login);
});

// ---- deleted reports ---------------------------------------------------------------------------------------------------

test("the history of a deleted report is hidden with it, and purged with it", async () => {
  const id = await report("minato"), patient = patientOf(id), remark = `封印備考${patient}`;
  await add("minato", id, { remarks: "はじめ" });
  const edit = await clients.minato.get(`/patient/${id}/notification/2/edit`);
  const base = edit.text.match(/name="base_version" value="(\d+)"/)[1];
  const edited = await clients.minato.post("/notification", { ...notification({ remarks: remark }), kind: "edit", patient: id, no: "2", base_version: base });
  assert.equal(receipt(edited)?.no, 2);
  const seen = async (login) => (await clients[login].get(`/patient/${id}/history`)).text.includes(remark);
  assert.ok(await seen("aichi"));
  await clients.minato.get(`/patient/${id}/notification/2/delete`);
  assert.equal((await clients.minato.post(`/patient/${id}/notification/2/delete`, { reason: "誤り" })).status, 303);
  assert.equal((await clients.aichi.get(`/patient/${id}/notification/2`)).status, 404);
  assert.ok(!await seen("aichi"));
  const inSql = (login) => asRole("staff", token(login), [`SELECT count(*) FROM app.revision WHERE patient_id = ${patient} AND notification_no = 2`])[0].rows[0];
  assert.equal(inSql("aichi"), "0");
  assert.ok(await seen("hoken1"), "who may restore it sees it");
  assert.notEqual(inSql("hoken1"), "0");

  sql(`UPDATE app.notification SET purge_after = now() - interval '1 hour' WHERE patient_id = ${patient} AND notification_no = 2`);
  const left = () => sql(`SELECT (SELECT count(*) FROM app.notification WHERE patient_id = ${patient}), (SELECT count(*) FROM app.notification_person WHERE patient_id = ${patient}),
    (SELECT count(*) FROM app.revision WHERE patient_id = ${patient} AND notification_no = 2), (SELECT count(*) FROM app.revision WHERE patient_id = ${patient} AND notification_no = 1) > 0`)[0];
  await freshJobs();
  for (let i = 0; i < 300 && left()[0] !== "1"; i++) await sleep(100);
  assert.deepEqual(left(), ["1", "1", "0", "t"]);
});

// ---- half-filled forms -------------------------------------------------------------------------------------------------

const draft = (fields = {}) => ({ ...notification({ passport_number: "TK1234567", nationality: "JP", ...fields }), action: "save" });
const bodyOf = (id) => sql(`SELECT body FROM app.draft WHERE draft_id = '${id}'`).flat()[0];

test("a draft is sealed in the database and opens only in its own place", async () => {
  const one = draft(), two = draft();
  for (const fields of [one, two]) assert.equal((await clients.minato.post("/notification", fields)).status, 200);
  assert.match(bodyOf(one.draft_id), /^v1:[\w-]+$/);
  assert.match((await clients.minato.get(`/draft/${one.draft_id}`)).text, /TK1234567/);
  sql(`UPDATE app.draft SET body = '${bodyOf(one.draft_id)}' WHERE draft_id = '${two.draft_id}'`);
  assert.equal((await clients.minato.get(`/draft/${two.draft_id}`)).status, 404);
});

test("a template holds no person and no passport", async () => {
  const name = `試験${crypto.randomUUID().slice(0, 8)}`, fields = draft({ remarks: "いつもの備考" });
  assert.equal((await clients.minato.post("/notification", { ...fields, action: "template", template_name: name })).status, 200);
  const body = new URLSearchParams(sql(`SELECT body FROM app.form_template WHERE name = '${name}'`)[0][0]);
  assert.equal(body.get("remarks"), "いつもの備考");
  for (const item of ["passport_number", "nationality", "family_name", "given_name", "birth_date", "phone", "stay_address"]) assert.equal(body.get(item), null, item);
  assert.ok(![...body.values()].some((value) => value.includes("TK1234567")));
});

test("a form is kept after its session ran out, and not after it was ended", async () => {
  for (const [how, kept] of [["idle", true], ["signed out", false]]) {
    const client = await signIn("minato"), cookies = new Map(client.cookies), fields = draft();
    const hash = crypto.createHash("sha256").update(client.cookies.get("__Host-sid")).digest("hex");
    if (kept) sql(`UPDATE app.session SET idle_until = now() - interval '1 hour' WHERE token_hash = '${hash}'`);
    else assert.equal((await client.post("/sign-out")).status, 303);
    client.cookies = cookies;
    await client.post("/notification", fields);
    assert.equal(bodyOf(fields.draft_id) !== undefined, kept, how);
    if (kept) assert.match((await clients.minato.get(`/draft/${fields.draft_id}`)).text, /TK1234567/);
  }
});

// ---- the trail ---------------------------------------------------------------------------------------------------------

test("a stranger's look is one refusal in the trail, and no permission", async () => {
  const id = await report("minato");
  assert.equal((await clients.kodomo.get(`/patient/${id}`)).status, 404);
  assert.equal((await clients.minato.get(`/patient/${id}/notification/2`)).status, 404);
  const trail = sql(`SELECT organisation_id, action, outcome FROM app.audit WHERE patient_id = ${patientOf(id)} AND action = 'notification_view' ORDER BY at`);
  assert.deepEqual(trail, [[organisationOf("kodomo"), "notification_view", "denied"], [organisationOf("minato"), "notification_view", "denied"]]);
});

test("a list of patients of several centres is filed for each of them, with its own alone", async () => {
  const ids = [await report("minato"), await report("kodomo")].map(patientOf);
  sql(`UPDATE app.patient SET responsible_id = ${organisationOf("kasugai")} WHERE patient_id = ${ids[1]}`);
  const [[since]] = sql("SELECT clock_timestamp()");
  assert.equal((await clients.aichi.get("/patients")).status, 200);
  const links = sql(`SELECT owner_id, unnest(patient_ids) FROM app.audit WHERE action = 'list' AND organisation_id = ${organisationOf("aichi")} AND at > '${since}'`);
  for (const [i, owner] of ["hoken1", "kasugai"].entries()) {
    assert.deepEqual(links.filter(([, patient]) => patient === ids[i]), [[organisationOf(owner), ids[i]]]);
    const own = links.filter(([ownerId]) => ownerId === organisationOf(owner)).length;
    const page = await clients[owner].get("/viewers?others=1");
    const first = page.text.split("<tr>").find((row) => row.includes("愛知県") && row.includes("一覧に表示"));
    assert.match(first ?? "", new RegExp(`${own}人`), owner);
  }
  const wrong = sql(`SELECT count(*) FROM app.audit a, unnest(a.patient_ids) i (patient_id) JOIN app.patient p USING (patient_id) WHERE a.at > '${since}' AND a.owner_id <> p.responsible_id`);
  assert.deepEqual(wrong, [["0"]]);
});

test("a trail whose anchors are gone does not pass", async () => {
  // A link of an hour ago, chained as app.audit_link does.
  sql(`DO $$ DECLARE h app.audit_head; t timestamptz := now() - interval '1 hour'; l bytea; BEGIN
    SELECT * INTO h FROM app.audit_head WHERE shard = 7 FOR UPDATE;
    l := sha256(h.hash || convert_to(concat_ws('|', 7, h.seq + 1, (extract(epoch FROM t) * 1000000)::bigint, 0, 0, 'test', 'test', 'allowed', 0, '', 0, ''), 'UTF8'));
    INSERT INTO app.audit (shard, seq, at, session_tag, action, outcome, detail, hash) VALUES (7, h.seq + 1, t, 'test', 'test', 'allowed', '', l);
    UPDATE app.audit_head SET seq = h.seq + 1, hash = l WHERE shard = 7; END $$`);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "hersys-anchors-"));
  fs.writeFileSync(path.join(folder, "hersys.conf"), fs.readFileSync(`${state}/hersys.conf`, "utf8").replace(/^anchor_directory = .*$/m, `anchor_directory = ${folder}`));
  const without = spawnSync(`${state}/app/hersys`, ["audit", "verify"], { encoding: "utf8", env: { ...process.env, HERSYS_CONF: path.join(folder, "hersys.conf") } });
  fs.rmSync(folder, { recursive: true });
  assert.match(without.stdout, /chain 7, link \d+: is older than ten minutes and in no anchor/);
  assert.equal(without.status, 1);
  // With the next anchor all is well.
  let whole = "";
  for (let i = 0; i < 80 && !/ 0 problems/.test(whole); i++) {
    whole = spawnSync("deploy/stand.sh", ["hersys", "audit", "verify"], { encoding: "utf8" }).stdout;
    if (!/ 0 problems/.test(whole)) await sleep(1000);
  }
  assert.match(whole, / 0 problems/);
});
