// kill.test.js - kill -9 of workers, pools, jobs, database backends and the postmaster under load, twenty times. Every report
// for which a receipt was shown is there exactly once, with its revision, trail, access and mail; none is there twice.
import assert from "node:assert/strict";
import fs from "node:fs";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { signIn } from "../http/client.js";
import { hersys, sql } from "../http/database.js";
import { notification, receipt } from "../http/notify.js";
import { end, pidOf } from "../http/processes.js";

const KILLS = 20;
const state = process.env.HERSYS_STATE ?? "var";
const logins = ["sakura", "sakura-jimu", "minato", "kodomo"];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const childrenOf = (pid) => fs.readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
const any = (list) => list[Math.floor(Math.random() * list.length)];
const backends = () => sql("SELECT pid FROM pg_stat_activity WHERE usename = 'hersys_staff'").map(([pid]) => Number(pid));
const postmaster = () => Number(fs.readFileSync(`${state}/postgresql/postmaster.pid`, "utf8").split("\n")[0]);

// What is killed, and whether somebody must start it again (in production that is systemd's work).
const victims = [
  { name: "a worker", pid: () => any(childrenOf(pidOf("staff"))) },
  { name: "a database backend", pid: () => any(backends()) },
  { name: "the jobs", pid: () => pidOf("jobs"), restart: true },
  { name: "the pool", pid: () => pidOf("staff"), restart: true },
  { name: "the postmaster", pid: postmaster, restart: true },
];

test(`${KILLS} kills under load lose and double nothing`, { timeout: 600000 }, async () => {
  const clients = await Promise.all(logins.map((login) => signIn(login)));
  const receipts = new Map(); // draft -> receipt
  let running = true, retries = 0;

  // A person who presses again until the receipt is there; a dropped connection counts as no answer.
  async function reportUntilReceipt(client) {
    const fields = notification();
    while (!receipts.has(fields.draft_id)) {
      const answer = await client.post("/notification", fields).catch(() => null);
      const shown = answer && receipt(answer);
      if (shown) receipts.set(fields.draft_id, shown);
      else retries++, await sleep(50);
    }
  }
  const load = clients.flatMap((client) => [client, client]).map(async (client) => {
    while (running) await reportUntilReceipt(client);
  });

  try {
    for (let i = 0; i < KILLS; i++) {
      const victim = victims[i % victims.length];
      await sleep(300 + Math.random() * 500);
      await end(victim.pid(), "SIGKILL");
      if (victim.restart) execFileSync("deploy/stand.sh", ["up"]);
    }
  } finally {
    running = false;
    await Promise.all(load);
  }

  assert.ok(receipts.size > KILLS, `only ${receipts.size} reports got through`);
  const drafts = [...receipts.keys()];
  const stored = new Map(sql(`SELECT draft_id, patient_id, notification_no FROM app.receipt WHERE draft_id IN ('${drafts.join("','")}')`).map(([draft, patient, no]) => [draft, { patient, no: Number(no) }]));
  assert.equal(stored.size, drafts.length, "every receipt shown is stored");
  const [sample] = drafts;
  assert.equal(hersys("id", receipts.get(sample).id).split(" ")[0], stored.get(sample).patient);
  const patients = [...stored.values()].map(({ patient }) => patient);
  assert.equal(new Set(patients).size, patients.length, "no two drafts share a patient");

  // Each of these must hold for every patient; the query names those for which it does not.
  const list = `(VALUES (${patients.join("),(")})) p (id)`;
  const rules = {
    "one notification": `(SELECT count(*) FROM app.notification n WHERE n.patient_id = p.id) <> 1`,
    "one revision": `(SELECT count(*) FROM app.revision r WHERE r.patient_id = p.id) <> 1`,
    "one entry in the trail": `(SELECT count(*) FROM app.audit a WHERE a.patient_id = p.id AND a.action = 'notification_report') <> 1`,
    "access for clinic, centre and those above": `(SELECT count(*) FROM app.access a WHERE a.patient_id = p.id) < 4`,
    "提出日": `(SELECT count(*) FROM app.submission s WHERE s.patient_id = p.id) <> 1`,
    "something to do for the centre": `NOT EXISTS (SELECT FROM app.todo t WHERE t.patient_id = p.id AND t.kind = 'unconfirmed')`,
  };
  for (const [name, broken] of Object.entries(rules))
    assert.deepEqual(sql(`SELECT p.id FROM ${list} WHERE ${broken}`), [], name);
  // The mail to the centre names the patient by the phone entry ID alone: as many first rows as reports.
  const phones = new Set(sql(`SELECT phone_id FROM app.outbox WHERE template = 'notification_received' AND to_organisation IS NOT NULL`).map(([id]) => id));
  const ids = hersys("id", ...patients).trim().split("\n").map((line) => line.split(" "));
  const missing = ids.filter(([, , phone]) => !phones.has(phone));
  assert.deepEqual(missing, [], "a mail for every report");
  // Reports whose answer was lost and that nobody repeated do not exist: every draft was pressed until its receipt.
  const [[doubled]] = sql(`SELECT count(*) FROM app.patient p JOIN app.patient q ON q.phone = p.phone AND q.patient_id <> p.patient_id WHERE p.patient_id IN (${patients.join(",")})`);
  assert.equal(doubled, "0", "no person was reported twice");
  console.log(`# ${receipts.size} reports, ${retries} repeated presses`);
});

test("what was sent was sent in the end, and the chains are whole", { timeout: 120000 }, async () => {
  for (let i = 0; i < 600; i++) {
    const [[waiting]] = sql("SELECT count(*) FROM app.outbox WHERE sent_at IS NULL AND failed_at IS NULL AND held IS NULL AND next_at <= now()");
    if (waiting === "0") break;
    await sleep(100);
  }
  const [[left]] = sql("SELECT count(*) FROM app.outbox WHERE sent_at IS NULL AND failed_at IS NULL AND held IS NULL AND next_at <= now()");
  assert.equal(left, "0");
  assert.match(hersys("audit", "verify"), / 0 problems/);
});
