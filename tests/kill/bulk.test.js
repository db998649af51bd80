// bulk.test.js - kill -9 of workers and database backends during 一括操作 and its undoing: each is there whole or not at all, and
// pressing again until it is answered makes one of it.
import assert from "node:assert/strict";
import fs from "node:fs";
import { test } from "node:test";
import { signIn } from "../http/client.js";
import { hersys, sql } from "../http/database.js";
import { notification, receipt } from "../http/notify.js";

const PATIENTS = 6, ROUNDS = 10;
const state = process.env.HERSYS_STATE ?? "var";
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const any = (list) => list[Math.floor(Math.random() * list.length)];
const pool = () => Number(fs.readFileSync(`${state}/run/staff.pid`, "utf8").split(/\s/)[0]);
const workers = () => fs.readFileSync(`/proc/${pool()}/task/${pool()}/children`, "utf8").trim().split(" ").map(Number);
const value = (text, name) => text.match(new RegExp(`name="${name}" value="([^"]*)"`))[1];

// Asks until there is an answer that is not the sign of a broken database.
async function until(ask) {
  for (let i = 0; i < 200; i++) {
    const answer = await ask().catch(() => null);
    if (answer && answer.status < 500) return answer;
    await sleep(100);
  }
  throw new Error("no answer");
}

// A press while one of those who do it is killed.
async function pressed(round, press) {
  const kill = async () => {
    await sleep(Math.random() * 20);
    const victim = round % 2 === 0 ? any(workers()) : Number(any(sql("SELECT pid FROM pg_stat_activity WHERE usename = 'hersys_staff'"))[0]);
    try { process.kill(victim, "SIGKILL"); } catch { /* it had gone by itself */ }
  };
  await Promise.all([press().catch(() => null), kill()]);
}

test("batches and their undoing survive kill -9 whole", { timeout: 300000 }, async () => {
  const clinic = await signIn("sakura"), centre = await signIn("hoken1");
  const patients = [];
  for (let i = 0; i < PATIENTS; i++) patients.push(receipt(await until(() => clinic.post("/notification", notification()))).id);
  const numbers = patients.map((id) => hersys("id", id).split(" ")[0]).join(",");
  const count = async (query) => (await until(async () => ({ status: 200, number: Number(sql(query.replace("$", numbers))[0][0]) }))).number;
  const hotels = () => count("SELECT count(*) FROM app.patient_status WHERE status = 'hotel' AND withdrawn_at IS NULL AND patient_id IN ($)");
  for (let round = 0; round < ROUNDS; round++) {
    const fields = { action: "status", to_status: "hotel", since: "2022/10/1", ids: patients.join(" ") };
    const { text } = await until(() => centre.post("/bulk/preview", fields));
    const form = { ...fields, digest: value(text, "digest"), form_id: value(text, "form_id") };
    const press = () => centre.post("/bulk", form);
    await pressed(round, press);
    assert.ok([0, PATIENTS].includes(await hotels()), "all or nothing");
    assert.equal((await until(press)).status, 303);
    assert.equal(await hotels(), PATIENTS);
    const path = `/bulk/${form.form_id}`, form_id = value((await until(() => centre.get(path))).text, "form_id");
    const undo = () => centre.post(`${path}/undo`, { form_id });
    await pressed(round, undo);
    assert.ok([0, PATIENTS].includes(await hotels()), "all or nothing is undone");
    assert.ok([303, 409].includes((await until(undo)).status));
    assert.equal(await hotels(), 0);
  }
  assert.equal(await count("SELECT count(*) FROM app.revision WHERE subject = 'status' AND patient_id IN ($)"), 2 * ROUNDS * PATIENTS);
  assert.match(hersys("audit", "verify"), / 0 problems/);
});
