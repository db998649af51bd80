// same.test.js - kill -9 of workers and database backends while records are merged and merges undone: each is there whole or not
// at all, and pressing again until it is answered makes one of it.
import assert from "node:assert/strict";
import fs from "node:fs";
import { test } from "node:test";
import { signIn } from "../http/client.js";
import { hersys, sql } from "../http/database.js";
import { notification, receipt } from "../http/notify.js";

const PAIRS = 8;
const state = process.env.HERSYS_STATE ?? "var";
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const any = (list) => list[Math.floor(Math.random() * list.length)];
const pool = () => Number(fs.readFileSync(`${state}/run/staff.pid`, "utf8").split(/\s/)[0]);
const workers = () => fs.readFileSync(`/proc/${pool()}/task/${pool()}/children`, "utf8").trim().split(" ").map(Number);

// Asks until there is an answer that is not the sign of a broken database.
async function until(ask) {
  for (let i = 0; i < 200; i++) {
    const answer = await ask().catch(() => null);
    if (answer && answer.status < 500) return answer;
    await sleep(100);
  }
  throw new Error("no answer");
}

// Where the rows of a pair lie: how many of each table under the one and under the other.
const layout = (a, b) => sql(`SELECT t, count(*) FILTER (WHERE patient_id = ${a}), count(*) FILTER (WHERE patient_id = ${b}) FROM (
  SELECT 'notification' AS t, patient_id FROM app.notification UNION ALL SELECT 'person', patient_id FROM app.notification_person
  UNION ALL SELECT 'status', patient_id FROM app.patient_status UNION ALL SELECT 'access', patient_id FROM app.access WHERE relations & 2 <> 0) x
  WHERE patient_id IN (${a}, ${b}) GROUP BY t ORDER BY t`).map((row) => row.join(" "));

const APART = ["access 1 1", "notification 1 1", "person 1 1", "status 1 1"], MERGED = ["access 1 0", "notification 2 0", "person 2 0", "status 2 0"];

test("merging and undoing survive kill -9 whole", { timeout: 300000 }, async () => {
  const clinic = await signIn("sakura"), centre = await signIn("hoken1");
  for (let i = 0; i < PAIRS; i++) {
    const made = [];
    for (const given_name of ["一", "二"]) {
      const { id } = receipt(await until(() => clinic.post("/notification", notification({ family_name: `刃${i}`, given_name, birth_date: `1950-01-${10 + i}` }))));
      await until(() => centre.get(`/patient/${id}/status`));
      await until(() => centre.post(`/patient/${id}/status`, { status: "home", since: "2022/10/1" }));
      made.push({ id, number: hersys("id", id).split(" ")[0] });
    }
    const [a, b] = made, versions = made.map(({ number }) => sql(`SELECT version FROM app.patient WHERE patient_id = ${number}`)[0][0]);
    const fields = { form_id: notification().draft_id, a: a.id, b: b.id, version_a: versions[0], version_b: versions[1], action: "merge" };
    const kill = async () => {
      await sleep(Math.random() * 15);
      const victim = i % 2 === 0 ? any(workers()) : Number(any(sql("SELECT pid FROM pg_stat_activity WHERE usename = 'hersys_staff'"))[0]);
      try { process.kill(victim, "SIGKILL"); } catch { /* it had gone by itself */ }
    };
    const [pressed] = await Promise.all([centre.post("/same", fields).catch(() => null), kill()]);
    assert.ok([APART.join(), MERGED.join()].includes(await until(async () => ({ status: 200, rows: layout(a.number, b.number).join() })).then(({ rows }) => rows)), "all or nothing");
    const merged = pressed?.status === 303 ? pressed : await until(() => centre.post("/same", fields));
    assert.equal(merged.status, 303);
    assert.deepEqual(layout(a.number, b.number), MERGED);
    const page = (await until(() => centre.get(`/patient/${a.id}`))).text.split("/same/undo")[1];
    const undo = Object.fromEntries(["form_id", "version", "gone", "stays", "returns"].map((name) => [name, page.match(new RegExp(`name="${name}" value="([^"]*)"`))[1]]));
    await Promise.all([centre.post(`/patient/${a.id}/same/undo`, undo).catch(() => null), kill()]);
    assert.equal((await until(() => centre.post(`/patient/${a.id}/same/undo`, undo))).status, 303);
    assert.deepEqual(layout(a.number, b.number), APART);
    assert.equal(sql(`SELECT count(*) FROM app.same_merge WHERE patient_id = ${b.number}`)[0][0], "1");
    assert.equal(sql(`SELECT count(*) FROM app.revision WHERE subject IN ('same_merge', 'same_undo') AND patient_id IN (${a.number}, ${b.number})`)[0][0], "4");
  }
  assert.match(hersys("audit", "verify"), / 0 problems/);
});
