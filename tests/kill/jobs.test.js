// jobs.test.js - the jobs end while their work apart, here the comparison of the figures, still runs: that work ends with them, and the
// next process leads at once, though the work was held up. Work that fails is an alarm, and what the jobs do for the figures they do unasked.
import assert from "node:assert/strict";
import { once } from "node:events";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { end, leaders, sleep, startJobs, stopStandJobs, until } from "../gateway/world.js";
import { sql, sqlHolding } from "../http/database.js";
import { lives } from "../http/processes.js";

const HELD_SECONDS = 61; // at most: each test lets go when it is over
const state = path.resolve(process.env.HERSYS_STATE ?? "var");
const log = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "hersys-jobs-")), "jobs.log");
const children = (pid) => fs.readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
const comparing = () => sql("SELECT pid FROM pg_stat_activity WHERE query ~ 'app[.]figure_verify' AND wait_event_type = 'Lock' AND usename = 'hersys_jobs'").flat();
let jobs;

before(() => stopStandJobs());
after(() => execFileSync("deploy/stand.sh", ["up"]));

// Jobs that lead, and whose child waits for what this holds; `act` with the child's number.
async function held(act) {
  const hold = await sqlHolding(HELD_SECONDS, "LOCK TABLE app.figure_case IN ACCESS EXCLUSIVE MODE");
  hold.over.catch(() => {}); // it is ended below
  try {
    jobs = startJobs(`${state}/hersys.conf`, log);
    await until("the comparison to be held up", () => comparing().length === 1);
    const [child] = children(jobs.pid);
    await act(child);
  } finally {
    sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(${HELD_SECONDS})'`);
    await end(jobs);
  }
  await until("nobody to lead", () => leaders() === 0);
}

test("kill -9: the child goes too, and a new process leads at once", { timeout: 60000 }, () => held(async (child) => {
  jobs.kill("SIGKILL");
  await once(jobs, "exit");
  await until("the child to end", () => !lives(child), 20);
  await until("the lock to be free", () => leaders() === 0, 20);
  jobs = startJobs(`${state}/hersys.conf`, log);
  await until("the new process to lead", () => leaders() === 1, 20);
}));

test("a normal stop waits for nothing, and leaves nothing behind", { timeout: 60000 }, () => held(async (child) => {
  jobs.kill("SIGTERM");
  const [status] = await once(jobs, "exit");
  assert.equal(status, 0);
  assert.ok(!lives(child));
  await until("the lock to be free", () => leaders() === 0, 20);
}));

// The comparison has not come to its end: one alarm for that, and no other try within the next seconds.
async function notCompared(alarms) {
  const count = () => (fs.readFileSync(log, "utf8").match(/"level":"error".*"event":"figures_not_compared"/g) ?? []).length;
  await until("the alarm", () => count() === alarms, 50);
  await sleep(1500);
  assert.equal(count(), alarms);
  assert.deepEqual(comparing(), []);
  assert.equal(jobs.exitCode, null);
  assert.equal(leaders(), 1);
}

test("a comparison that loses its database is an alarm", { timeout: 60000 }, () => held(async (child) => {
  sql(`SELECT pg_terminate_backend(${comparing()[0]})`);
  await until("the child to end", () => !lives(child), 20);
  await notCompared(1);
}));

test("so is one that is ended from outside", { timeout: 60000 }, () => held(async (child) => {
  const [backend] = comparing();
  process.kill(child, "SIGTERM");
  await until("the child to end", () => !lives(child), 20);
  sql(`SELECT pg_terminate_backend(${backend})`); // it waits still, for nobody
  await notCompared(2);
}));

test("by themselves they keep the day that is over and the days missed, find signals, and compare: a wrong figure is an alarm", { timeout: 120000 }, async () => {
  const missed = sql("SELECT app.today() - n FROM generate_series(1, 3) n").flat();
  const asideFrom = sql("SELECT app.today() - 4")[0][0];
  sql(`CREATE TABLE app.kept_aside AS SELECT * FROM app.figure_first WHERE day >= '${asideFrom}'; DELETE FROM app.figure_first WHERE day >= '${asideFrom}';
    INSERT INTO app.figure_first VALUES ('00', 'new', '${asideFrom}', 0, 0, now())`);
  const found = "(SELECT * FROM app.signal WHERE week >= app.today() - 21 AND NOT EXISTS (SELECT FROM app.signal_seen n WHERE (n.area, n.week, n.kind, n.cell) = (signal.area, signal.week, signal.kind, signal.cell)))";
  sql(`SELECT app.figure_fold(1000000); SELECT sum(app.signal_find(app.figure_week_of(app.today(), 3) - 7 * n)) FROM generate_series(1, 2) n`);
  const signals = sql(`SELECT area, week, kind, cell FROM ${found} f ORDER BY 1, 2, 3, 4`);
  assert.ok(signals.length > 0, "the demonstration's weeks are enough for signals");
  sql(`DELETE FROM app.signal s WHERE EXISTS (SELECT FROM ${found} f WHERE (f.area, f.week, f.kind, f.cell) = (s.area, s.week, s.kind, s.cell));
    INSERT INTO app.figure_day VALUES ('47', 'death', '2019-12-30', 2)`);
  try {
    jobs = startJobs(`${state}/hersys.conf`, log);
    await until("the alarm", () => /"event":"figure_differs".*"47".*"2019-12-30"/.test(fs.readFileSync(log, "utf8")), 600);
    assert.deepEqual(sql(`SELECT DISTINCT day FROM app.figure_first WHERE day >= '${missed.at(-1)}' AND area = '00' AND series = 'new' ORDER BY day DESC`).flat(), missed);
    assert.deepEqual(sql(`SELECT area, week, kind, cell FROM ${found} f ORDER BY 1, 2, 3, 4`), signals);
  } finally {
    await end(jobs);
    sql(`DELETE FROM app.figure_day WHERE area = '47' AND series = 'death' AND day = '2019-12-30';
      DELETE FROM app.figure_first WHERE day >= '${asideFrom}'; INSERT INTO app.figure_first SELECT * FROM app.kept_aside; DROP TABLE app.kept_aside`);
  }
});
