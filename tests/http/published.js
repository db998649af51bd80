// published.js - the published editions of the stand, put aside while a test publishes what it needs.
import { execFileSync } from "node:child_process";

const tables = ["edition", "published", "published_now"], kept = {};
export const psql = (input) => execFileSync("deploy/stand.sh", ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-"], { input, encoding: "utf8", maxBuffer: 1 << 28 });
export const copy = (table, rows) => `COPY app.${table} FROM STDIN;\n${rows}\\.\n`;
export const clear = () => psql(tables.map((table) => `DELETE FROM app.${table};`).join("\n"));

export function putAside() {
  for (const table of tables) kept[table] = execFileSync("deploy/stand.sh", ["psql", "-Atc", `COPY app.${table} TO STDOUT`], { encoding: "utf8", maxBuffer: 1 << 28 });
  clear();
}
export const putBack = () => psql(tables.map((table) => `DELETE FROM app.${table};\n${copy(table, kept[table])}`).join(""));
