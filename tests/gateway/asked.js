// asked.js - people at home who are asked by telephone, and a `hersys jobs` of the test's own, which orders their calls where the test says.
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { signIn } from "../http/client.js";
import { hersys, sql } from "../http/database.js";
import { notification, receipt, stranger } from "../http/notify.js";
import { stopStandJobs, until } from "./world.js";

const state = process.env.HERSYS_STATE ?? "var";
const posted = (values) => ({ items: Object.keys(values).join(" "), ...values });
export const clients = {};
export const tokyo = (days) => new Date(Date.now() + 9 * 3600e3 + days * 86400e3).toISOString().slice(0, 10);
let number = 0;

// ---- the jobs ------------------------------------------------------------------------------------------------------------

// Whatever the time is while this runs: calls know a night.
export const limits = (values = "quiet_from = NULL, quiet_until = NULL, daily_most = NULL, address_most = NULL") => sql(`UPDATE app.channel SET ${values} WHERE channel = 'call'`);

// In place of the stand's, with these settings of calls.
export class Jobs {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "hersys-calls-"));

  async begin(settings) {
    for (const login of ["sakura", "hoken1"]) clients[login] = await signIn(login);
    limits();
    this.conf = `${this.directory}/hersys.conf`;
    fs.writeFileSync(this.conf, fs.readFileSync(`${state}/hersys.conf`, "utf8").replace(/^call_.*\n/gm, "") + Object.entries(settings).map((pair) => `${pair.join(" = ")}\n`).join(""));
    await stopStandJobs();
    this.start();
  }

  start() {
    const log = fs.openSync(`${this.directory}/jobs.log`, "a");
    this.process = spawn(`${state}/app/hersys`, ["jobs"], { stdio: ["ignore", log, log], env: { ...process.env, HERSYS_CONF: this.conf } });
    fs.closeSync(log);
  }

  async end() {
    this.process.kill("SIGKILL");
    await once(this.process, "exit");
    limits("quiet_from = '21:00', quiet_until = '08:00', daily_most = 100000, address_most = 20");
    fs.rmSync(this.directory, { recursive: true });
    await once(spawn("deploy/stand.sh", ["up"], { stdio: "ignore" }), "exit");
  }
}

// ---- people --------------------------------------------------------------------------------------------------------------

// Somebody at home who is asked by telephone: born on 3 May.
export async function byTelephone() {
  const phone = `0${"367"[++number % 3]}${String(process.pid).padStart(6, "0").slice(-6)}${String(number).padStart(2, "0")}`;
  const answer = await clients.sakura.post("/notification", notification({ ...stranger(), birth_date: "1980-05-03", diagnosis_date: tokyo(0), onset_date: tokyo(-1), phone }));
  const { id } = receipt(answer), patient = { path: `/patient/${id}`, id: hersys("id", id).split(" ")[0], phone };
  await clients.hoken1.get(`${patient.path}/status`);
  await clients.hoken1.post(`${patient.path}/status`, { status: "home", since: tokyo(0) });
  await clients.hoken1.get(`${patient.path}/tab/notice/new`);
  const { status } = await clients.hoken1.post(`${patient.path}/tab/notice/new`, posted({ notice_channel: "call" }));
  if (status !== 303) throw new Error(`the notice settings were answered ${status}`);
  return patient;
}

// Their time has come, and stays so when the jobs bring the record into step before the time of day at which people are asked.
export const now = (patient) => sql(`UPDATE app.follow SET since = now() - interval '3 days', asked_on = NULL, next_ask = now() WHERE patient_id = ${patient.id}`);
export const again = (patient) => sql(`UPDATE app.call SET next_at = now() WHERE patient_id = ${patient.id}`);
export const entries = (patient) => sql(`SELECT items FROM app.entry WHERE patient_id = ${patient.id} AND tab = 'observation' ORDER BY entry_no`).map(([items]) => JSON.parse(items));
export const call = (patient) => sql(`SELECT state, tries, next_at > now() + interval '20 minutes' FROM app.call WHERE patient_id = ${patient.id}`)[0];
export const state_of = (patient, wanted, tries) => until(`the call to be ${wanted}`, () => call(patient)?.[0] === wanted && call(patient), tries);
