// published.js - the published editions of the stand, put aside while a test publishes what it needs.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { sql } from "./database.js";

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

// An edition that says what `rows` of [indicator, area, day, cell, value] say; and what nginx has kept is forgotten.
export function publish(...edition) {
  psql(written(...edition));
  forget();
}
export function written(number, released, rows) {
  const through = rows.map(([, , day]) => day).sort().at(-1);
  return `INSERT INTO app.edition OVERRIDING SYSTEM VALUE VALUES (${number}, '${released}', '${through}', '${released}', NULL);\n` +
    copy("published (indicator, area, day, cell, edition_id, value)", rows.map(([i, a, d, c, v]) => `${i}\t${a}\t${d}\t${c}\t${number}\t${v ?? "\\N"}\n`).join("")) +
    `INSERT INTO app.published_now AS n SELECT indicator, area, day, cell, edition_id, edition_id, value FROM app.published WHERE edition_id = ${number}
     ON CONFLICT (indicator, area, day, cell) DO UPDATE SET edition_id = EXCLUDED.edition_id, value = EXCLUDED.value;
     INSERT INTO app.edition_count SELECT edition_id, indicator, area, count(*) FILTER (WHERE first_edition_id = edition_id),
       count(*) FILTER (WHERE first_edition_id <> edition_id), count(*) FILTER (WHERE value IS NULL) FROM app.published_now WHERE edition_id = ${number} GROUP BY 1, 2, 3;`;
}

// No edition is made by itself from here on, and none that began before is still being made: its turn is a lock, which it has within seconds.
const TURN = 20210409;
let time = "";
export async function holdEditions() {
  [[time]] = sql("SELECT coalesce(nullif(value, ''), 'never') FROM app.setting WHERE name = 'publish_at'");
  sql("UPDATE app.setting SET value = '' WHERE name = 'publish_at'");
  do await new Promise((resolve) => setTimeout(resolve, 2000));
  while (sql(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = ${TURN}`)[0][0] !== "0");
}
export const letEditions = () => sql(`UPDATE app.setting SET value = '${time === "never" ? "" : time}' WHERE name = 'publish_at'`);

export async function putAside() {
  await holdEditions();
  for (const table of tables) kept[table] = execFileSync("deploy/stand.sh", ["psql", "-Atc", `COPY app.${table} TO STDOUT`], { encoding: "utf8", maxBuffer: 1 << 28 });
  clear();
}
export function putBack() {
  psql(tables.map((table) => `DELETE FROM app.${table};\n${copy(table, kept[table])}`).join(""));
  forget();
  letEditions();
}
