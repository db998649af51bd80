// export.js - 持ち出し: a file of a centre's patients as a person downloads it, against COPY TO of the same columns from the same
// tables by psql, past all walls; and what the process that makes it takes in memory for ten times as many patients.
import fs from "node:fs";
import { spawn } from "node:child_process";
import { address, signIn } from "../tests/http/client.js";
import { sql } from "../tests/http/database.js";
import { freshStand, median, rounded, stand, state, stopJobs } from "./stand.js";

// FEW are three times as many as are read at once (EXPORT_STEP): all that is held at a time is full then.
const COUNTRY = 200_000, FEW = 6_000, MANY = 60_000, ROUNDS = 5;
const copy = (centre) => `COPY (SELECT a.patient_id, a.listed_at, r.name, c.name, a.sex, a.age_years, a.age_band, a.status, a.status_since, a.confirmed, a.deemed, p.*, n.*, h.*
  FROM app.access a JOIN app.patient p USING (patient_id) JOIN app.notification n ON n.patient_id = a.patient_id AND n.notification_no = a.notification_no
  JOIN app.notification_person h ON h.patient_id = n.patient_id AND h.notification_no = n.notification_no
  JOIN app.organisation r ON r.organisation_id = a.reporter_id JOIN app.organisation c ON c.organisation_id = a.responsible_id
  WHERE a.organisation_id = ${centre} AND NOT a.sealed ORDER BY a.patient_id) TO STDOUT (FORMAT csv)`;
let columns; // all that a centre may choose but the tests

// Seconds until psql has written all rows; they are thrown away.
function plain(centre) {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn("deploy/stand.sh", ["psql", "-q", "-c", copy(centre)], { stdio: ["ignore", "ignore", "inherit"] });
    child.on("exit", (code) => (code === 0 ? resolve((performance.now() - start) / 1000) : reject(new Error(`psql: ${code}`))));
  });
}

// Seconds until the last byte of the file is there.
async function file(client, patients, format = "csv") {
  const start = performance.now();
  const body = new URLSearchParams([["csrf", client.csrf], ["format", format], ["purpose", "bench"], ...columns.map((name) => ["column", name])]);
  const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const answer = await fetch(`${address}/exports/patients.csv`, { method: "POST", body, headers: { cookie, origin: address } });
  const bytes = Buffer.from(await answer.arrayBuffer()), seconds = (performance.now() - start) / 1000;
  if (format === "xlsx") return seconds;
  const lines = bytes.toString().split("\r\n").length - 3; // headings, foot, the end
  if (lines !== patients) throw new Error(`${lines} rows, not ${patients}`);
  return seconds;
}

// The most memory (MB) that a process of the heavy pool ever had.
function peak() {
  const parent = fs.readFileSync(`${state}/run/heavy.pid`, "utf8").trim();
  const workers = fs.readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim().split(" ");
  return Math.max(...workers.map((pid) => Number(fs.readFileSync(`/proc/${pid}/status`, "utf8").match(/VmHWM:\s+(\d+)/)[1]) / 1024));
}

function give(centre, wanted) {
  stand("psql", "-q", "-v", `centre=${centre}`, "-v", `wanted=${wanted}`, "-f", "bench/bulk.sql");
  stand("psql", "-q", "-c", "VACUUM (ANALYZE)");
  return Number(sql(`SELECT count(*) FROM app.access WHERE organisation_id = ${centre} AND NOT sealed`)[0][0]);
}

export async function run() {
  freshStand();
  stand("hersys", "demo", "generate", `--patients=${COUNTRY}`);
  const [[centre]] = sql("SELECT organisation_id FROM app.account WHERE login = 'hoken1'");
  const client = await signIn("hoken1");
  stopJobs(state); // they would go on with what was generated
  client.cookies.set("__Host-past", "1");
  columns = [...(await client.get("/exports")).text.matchAll(/name="column" value="([a-z0-9_]+)"/g)].map(([, name]) => name).filter((name) => !name.startsWith("test"));
  const few = give(centre, FEW);
  for (let round = 0; round < 8; round++) await file(client, few, round % 2 ? "xlsx" : "csv"); // both workers have had a turn
  const before = peak();
  const many = give(centre, MANY);
  const seconds = { plain: [], file: [] };
  for (let round = 0; round < ROUNDS; round++) {
    seconds.plain.push(await plain(centre));
    seconds.file.push(await file(client, many));
    await file(client, many, "xlsx");
    console.log(`  COPY ${seconds.plain.at(-1).toFixed(3)} s, file ${seconds.file.at(-1).toFixed(3)} s, ${peak().toFixed(1)} MB`);
  }
  return [
    { name: "export_vs_copy", value: rounded(median(seconds.plain) / median(seconds.file)), unit: "ratio", bar: 0.5, better: "higher",
      how: `COPY TO of the same columns by psql past all walls / the file over TLS and nginx with both walls and the trail; ${many} patients and ${columns.length} columns; medians of ${ROUNDS} in turn` },
    { name: "export_memory", value: rounded(peak() / before), unit: "growth", bar: 1.2, better: "lower",
      how: `peak memory of the process that makes the files, CSV and xlsx: ${many} patients / ${few} patients` },
  ];
}
