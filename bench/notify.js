// notify.js - 報告 over TLS through nginx against pgbench, which sends the very statements that one report sent, with as many
// clients, prepared, in pipelines, to the same cluster.
import fs from "node:fs";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { signIn } from "../tests/http/client.js";
import { notification, receipt } from "../tests/http/notify.js";
import { freshStand, load, median, requestLine, rounded, stand, state } from "./stand.js";

const CLIENTS = 8, SECONDS = 15, ROUNDS = 3;
const logins = ["sakura", "sakura-jimu", "minato", "kodomo"];
const log = path.join(state, "postgresql.log");
const psql = (...commands) => stand("psql", "-q", ...commands.flatMap((command) => ["-c", command]));

// The statements of one report with their parameters, in the order of the log.
async function statementsOf(client) {
  psql("ALTER SYSTEM SET log_statement = 'all'", "ALTER SYSTEM SET log_parameter_max_length = -1",
    "ALTER SYSTEM SET log_error_verbosity = 'default'", "SELECT pg_reload_conf()");
  await new Promise((resolve) => setTimeout(resolve, 500));
  await client.post("/notification", notification()); // every worker has its statements prepared, or the next one does it
  const from = fs.statSync(log).size;
  const { id } = receipt(await client.post("/notification", notification()));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const text = fs.readFileSync(log).subarray(from).toString("utf8");
  psql("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()");
  const entries = text.split(/^(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ UTC \[\d+\] )/m).map((entry) => entry.match(/^\S+ \S+ UTC \[(\d+)\] ([A-Z]+):\s+([^]*)$/));
  const worker = entries.find((entry) => entry?.[3].startsWith("execute receipt_add"))[1];
  const statements = [];
  for (const [, pid, kind, rest] of entries.filter(Boolean)) {
    if (pid !== worker) continue;
    const execute = kind === "LOG" && rest.match(/^execute (\w+): ([^]*)$/);
    if (execute) statements.push({ name: execute[1], sql: execute[2].replace(/\s*\n\s*/g, " ").trim(), parameters: [] });
    else if (kind === "DETAIL") statements.at(-1).parameters = parametersOf(rest);
  }
  return { id: stand("hersys", "id", id).split(" ")[0], statements };
}

// "parameters: $1 = 'it''s', $2 = NULL" as a list.
const parametersOf = (detail) =>
  [...detail.matchAll(/\$\d+ = (?:'((?:[^']|'')*)'|(NULL))/g)].map(([, value, missing]) => (missing ? null : value.replaceAll("''", "'")));

// What tells the session at the start of the request and in the transaction.
const sessionOf = ({ statements }) => ["session_enter", "context_set"].map((name) => statements.find((one) => one.name === name).parameters[0]);

// A pgbench script of those statements. The patient's number and the draft's are new each time; every other parameter is
// a variable with the value that it had, so that it travels as a parameter there too.
function scriptOf(captured) {
  const { id, statements } = captured, session = sessionOf(captured);
  const variables = [], lines = ["\\set n :n + 1", "\\set id :base + :client_id * 300000000 + :n"];
  let inPipeline = false;
  const reference = (value) => {
    if (value === null) return "NULL";
    if (value === "") return "''"; // pgbench has no empty variables
    if (value === id) return ":id";
    if (value.includes(id)) throw new Error("the patient's number stands inside another value");
    if (/^[0-9a-f]{8}-[0-9a-f]{4}-4/.test(value)) return "('00000000-0000-4000-8000-' || lpad(to_hex((:id)::bigint), 12, '0'))";
    variables.push(value);
    return `:p${variables.length}`;
  };
  const heads = new Set(["session_enter", "context_set", "patient_numbers", "form_version"]); // each begins a round trip
  for (const { name, sql, parameters } of statements) {
    if (name === "patient_numbers") continue; // every sixteenth time
    if (heads.has(name)) {
      if (inPipeline) lines.push("\\endpipeline");
      lines.push("\\startpipeline");
      inPipeline = true;
    }
    const references = parameters.map((value) => (session.includes(value) ? `:session${session.indexOf(value)}` : reference(value)));
    lines.push(sql.replace(/\$(\d+)/g, (_, number) => references[number - 1]).replace(/;?$/, ";"));
  }
  lines.push("\\endpipeline");
  return { script: lines.join("\n") + "\n", variables };
}

// Where the stand's database listens.
const socket = () => fs.readFileSync(path.join(state, "hersys.conf"), "utf8").match(/host=(\S+)/)[1];

// One script for each session.
function pgbench({ script, variables }, sessions, round) {
  const files = sessions.flatMap((session, i) => {
    const file = path.join(state, `report-${i}.sql`);
    fs.writeFileSync(file, script.replace(/:session(\d)/g, `:session$1of${i}`));
    return ["-f", file];
  });
  const define = ["n=0", `base=${(round + 1) * 10_000_000}`, ...variables.map((value, i) => `p${i + 1}=${value}`),
    ...sessions.flatMap((session, i) => session.map((token, which) => `session${which}of${i}=${token}`))].flatMap((one) => ["-D", one]);
  const out = execFileSync("pgbench", ["-n", "-M", "prepared", "-c", String(CLIENTS), "-j", "2", "-T", String(SECONDS), ...files, ...define,
    "-h", socket(), "-U", "hersys_staff", "hersys"], { encoding: "utf8" });
  if (!/number of failed transactions: 0 /.test(out)) throw new Error(out);
  return Number(out.match(/tps = ([\d.]+)/)[1]);
}

export async function run() {
  freshStand();
  const clients = await Promise.all(logins.map((login) => signIn(login)));
  const captured = [];
  for (const client of clients) captured.push(await statementsOf(client));
  const script = scriptOf(captured[0]), sessions = captured.map(sessionOf);
  const lines = clients.flatMap((client) => {
    const fields = notification({ phone: "08099999999", given_name: "花" });
    return [1, 2].map(() => requestLine(client, "POST", "/notification", { ...fields, draft_id: "%UUID%" }));
  });
  psql("SELECT setval('app.patient_number', 5000000000)"); // pgbench takes the numbers below
  const ours = [], theirs = [];
  for (let i = 0; i < ROUNDS; i++) {
    psql("CHECKPOINT");
    const pressed = load(lines, CLIENTS, SECONDS);
    ours.push(pressed.rate);
    psql("CHECKPOINT");
    theirs.push(pgbench(script, sessions, i));
    console.log(`  HTTPS ${pressed.rate}/s (p95 ${pressed.p95} ms), pgbench ${theirs.at(-1)}/s`);
  }
  return [{ name: "notify_vs_pgbench", value: rounded(median(ours) / median(theirs)), unit: "ratio", bar: 0.7, better: "higher",
    how: `reports per second over TLS and nginx / pgbench with the same ${captured[0].statements.length} statements in the same pipelines; ${CLIENTS} clients each; medians of ${ROUNDS}` }];
}
