// published.js - the published editions of the stand, put aside while a test publishes what it needs.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const tables = ["edition", "edition_count", "published", "published_now"], kept = {};
export const psql = (input) => execFileSync("deploy/stand.sh", ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-"], { input, encoding: "utf8", maxBuffer: 1 << 28 });
export const copy = (table, rows) => `COPY app.${table} FROM STDIN;\n${rows}\\.\n`;
export function clear() {
  psql(tables.map((table) => `DELETE FROM app.${table};`).join("\n"));
  forget();
}

// Takes away what nginx has kept of an edition before. No address gets past its minute: that is what it is for.
const cache = path.join(execFileSync("deploy/stand.sh", ["state"], { encoding: "utf8" }).trim(), "nginx/data");
export function forget() {
  for (const folder of fs.readdirSync(cache)) fs.rmSync(path.join(cache, folder), { recursive: true, force: true });
}

export function putAside() {
  for (const table of tables) kept[table] = execFileSync("deploy/stand.sh", ["psql", "-Atc", `COPY app.${table} TO STDOUT`], { encoding: "utf8", maxBuffer: 1 << 28 });
  clear();
}
export function putBack() {
  psql(tables.map((table) => `DELETE FROM app.${table};\n${copy(table, kept[table])}`).join(""));
  forget();
}
