// database.js - the stand's database from a test: as its superuser, or as a worker's role with a session's token.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";

// Rows as arrays of texts; as superuser, past both walls: for preparing and for looking behind the curtain.
export function sql(text) {
  const out = execFileSync("deploy/stand.sh", ["psql", "-At", "-F", "\t", "-c", text], { encoding: "utf8", maxBuffer: 1 << 28 }).replace(/\n$/, "");
  return out === "" ? [] : out.split("\n").map((line) => line.split("\t"));
}

// Runs `text` in a transaction that goes on for `seconds` afterwards, and `last` at its end; resolves when it is over. What it has
// locked is locked when this returns.
export async function sqlHolding(seconds, text, last = "SELECT 1") {
  const mark = `held ${crypto.randomUUID()}`;
  const child = spawn("deploy/stand.sh", ["psql", "-At", "-v", "ON_ERROR_STOP=1", "-c", `BEGIN; ${text}; SELECT '${mark}'`, "-c", `SELECT pg_sleep(${seconds})`, "-c", `${last}; COMMIT`]);
  const over = new Promise((resolve, reject) => child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`psql: ${code}`)))));
  await new Promise((resolve, reject) => {
    child.stdout.on("data", (data) => String(data).includes(mark) && resolve());
    over.catch(reject);
  });
  return { over };
}

// What `press` answers when the database ends its connection while it waits for a table, to write there, or in another mode.
export async function losing(table, press, mode = "EXCLUSIVE") {
  const { over } = await sqlHolding(2, `LOCK TABLE ${table} IN ${mode} MODE`);
  const answer = press();
  for (let ended = []; ended.length === 0; await new Promise((resolve) => setTimeout(resolve, 50)))
    ended = sql(`SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.relation = '${table}'::regclass AND NOT l.granted AND a.usename = 'hersys_staff'`);
  await over;
  return answer;
}

// Runs statements one by one as a role that runs the product, within a session or without. Each gives its rows, or the
// SQLSTATE that refused it; changes are rolled back.
export function asRole(role, token, statements) {
  const script = statements.map((statement, i) => [
    `\\echo @@${i}`, "BEGIN;", `SELECT 1 FROM set_config('app.session', '${token ?? ""}', true) \\g /dev/null`,
    `${statement.replace(/\s+/g, " ")};`, "ROLLBACK;"].join("\n")).join("\n");
  const out = spawnSync("deploy/stand.sh", ["psql", "-At", "-U", `hersys_${role}`, "-v", "ON_ERROR_STOP=0", "-v", "VERBOSITY=sqlstate", "-f", "-"],
    { input: script, encoding: "utf8" });
  const parts = (out.stdout + "").split(/@@\d+\n/).slice(1).map((part) => part.trim());
  const errors = new Map();
  for (const [, line, state] of out.stderr.matchAll(/:(\d+): ERROR:\s+(\S+)/g)) errors.set(Math.floor((Number(line) - 1) / 5), state);
  return parts.map((part, i) => (errors.has(i) ? { state: errors.get(i) } : { rows: part === "" ? [] : part.split("\n") }));
}

// What a statement of the product lets through by its own text alone: it runs within the session, but past the second wall.
export function pastTheWall(token, file, name, ...parameters) {
  const [, text] = fs.readFileSync(file, "utf8").match(new RegExp(`-- name: ${name}\\n(?:--.*\\n)*([^;]*);`));
  const value = (parameter) => (parameter === null ? "NULL" : `'${String(parameter).replaceAll("'", "''")}'`);
  return sql(`SELECT set_config('app.session', '${token}', true); ${text.replace(/\$(\d)/g, (_, i) => value(parameters[i - 1]))}`).slice(1);
}

export function hersys(...args) {
  return execFileSync("deploy/stand.sh", ["hersys", ...args], { encoding: "utf8" });
}
