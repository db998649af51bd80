// figures.js - what the figures cost a report: the same reports with and without them (the database's function for it does nothing), over
// TLS and nginx; and whether sixteen workers that write for one prefecture and day wait for each other because of them.
// HERSYS_FIGURES_SECONDS and HERSYS_FIGURES_ROUNDS make a small run.
import fs from "node:fs";
import path from "node:path";
import { notification, stranger } from "../tests/http/notify.js";
import { signIn } from "../tests/http/client.js";
import { sql } from "../tests/http/database.js";
import { freshStand, load, median, requestLine, rounded, stand, state } from "./stand.js";

const CLIENTS = 4, WRITERS = 16, PEOPLE = 4_000;
const SECONDS = Number(process.env.HERSYS_FIGURES_SECONDS ?? 8), ROUNDS = Number(process.env.HERSYS_FIGURES_ROUNDS ?? 8);
const SIGNATURE = "app.figure_follow(bigint[])";
const logins = ["sakura", "sakura-jimu", "minato", "kodomo"]; // all report to one prefecture

const psql = (...commands) => stand("psql", "-q", ...commands.flatMap((command) => ["-c", command]));
const figuresOfToday = () => Number(sql("SELECT count FROM app.figure_daily('23', '{new}', app.today(), app.today())")[0][0]);

// Reports of people who look like nobody else, each with a telephone of their own.
const reports = (clients) => Array.from({ length: PEOPLE }, (_, i) =>
  requestLine(clients[i % clients.length], "POST", "/notification", { ...notification({ ...stranger(), phone: "080%NUMBER%" }), draft_id: "%UUID%" }));

function writeCost(lines) {
  const whole = stand("psql", "-At", "-c", `SELECT pg_get_functiondef('${SIGNATURE}'::regprocedure)`);
  const idle = whole.replace(/AS \$function\$[^]*\$function\$/, () => "AS $function$ BEGIN END $function$");
  const rates = { idle: [], whole: [] };
  load(lines, CLIENTS, SECONDS / 2); // warm
  for (let i = 0; i < ROUNDS; i++)
    for (const [name, definition] of i % 2 ? [["whole", whole], ["idle", idle]] : [["idle", idle], ["whole", whole]]) { // neither always comes later
      psql(definition, "SELECT app.figure_fold(1000000)", "VACUUM app.figure_delta", "CHECKPOINT");
      rates[name].push(load(lines, CLIENTS, SECONDS).rate);
      console.log(`  ${name === "idle" ? "without" : "with"} the figures: ${rates[name].at(-1)} reports/s`);
    }
  psql(whole, "SELECT app.figure_follow(VARIADIC array_agg(patient_id)) FROM app.patient"); // whoever was reported without
  return { name: "figures_write_cost", value: rounded(median(rates.idle) / median(rates.whole)), unit: "ratio", bar: 1.15, better: "lower",
    how: `time of a report with the figures / without them; ${CLIENTS} clients over TLS and nginx; medians of ${ROUNDS} runs of ${SECONDS} s in turn` };
}

// The waits of more than a millisecond for what another transaction has locked, each with what was being done, as the server logs them.
// To enlarge a file is no such wait: nobody holds that lock to the end of a transaction.
const waitsIn = (text) => text.split(/^(?=\d{4}-\d\d-\d\d )/m).reduce((waits, entry) => {
  if (/still waiting for \w+ on (transaction|tuple|advisory|relation)/.test(entry)) waits.push(entry);
  else if (/ (CONTEXT|STATEMENT): /.test(entry) && waits.length > 0) waits.push(waits.pop() + entry);
  return waits;
}, []);

function lockWaits(lines) {
  const log = path.join(state, "postgresql.log");
  psql("ALTER SYSTEM SET deadlock_timeout = '1ms'", "ALTER SYSTEM SET log_lock_waits = on", "ALTER SYSTEM SET log_error_verbosity = 'default'", "SELECT pg_reload_conf()");
  const from = fs.statSync(log).size, old = figuresOfToday();
  const { requests } = load(lines, WRITERS, 2 * SECONDS);
  const counted = figuresOfToday() - old;
  psql("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()");
  if (counted !== requests) throw new Error(`${requests} reports, but ${counted} counted`);
  const waits = waitsIn(fs.readFileSync(log).subarray(from).toString("utf8"));
  const ours = waits.filter((entry) => /figure_/.test(entry));
  for (const entry of ours.slice(0, 3)) console.log(entry);
  return { name: "figures_lock_waits", value: ours.length, unit: "waits", bar: 0, better: "lower",
    how: `waits of over 1 ms for a lock of another transaction in what the figures do, as PostgreSQL logs them, while ${WRITERS} clients and workers made ${requests} reports for one prefecture and day, all of them counted exactly; elsewhere in a report ${waits.length - ours.length}` };
}

export async function run() {
  process.env.HERSYS_WORKERS = String(WRITERS);
  freshStand();
  const lines = reports(await Promise.all(logins.map((login) => signIn(login))));
  return [writeCost(lines), lockWaits(lines)];
}
