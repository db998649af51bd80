// growth.js - worklist, search and patient page with ten thousand and with a million patients in the country: p95 of the one
// against p95 of the other.
import { signIn } from "../tests/http/client.js";
import { sql } from "../tests/http/database.js";
import { freshStand, load, median, requestLine, rounded, stand } from "./stand.js";

const SMALL = 10_000, LARGE = 1_000_000, CLIENTS = 2, SECONDS = 8, ROUNDS = 5, SAMPLE = 1000;
const offices = ["hoken1", "aichi"];

// The requests of each kind, over patients that the office sees, drawn anew at each size.
async function requests() {
  const lines = { worklist: [], search: [], patient: [] };
  for (const login of offices) {
    const client = await signIn(login);
    const [[office]] = sql(`SELECT organisation_id FROM app.account WHERE login = '${login}'`);
    const patients = sql(`SELECT p.patient_id, p.family_name || p.given_name, p.family_kana || p.given_kana, p.phone, p.birth_date
      FROM (SELECT patient_id FROM app.access WHERE organisation_id = ${office} ORDER BY hashint8(patient_id) LIMIT ${SAMPLE}) a
      JOIN app.patient p USING (patient_id)`);
    const ids = stand("hersys", "id", ...patients.map(([id]) => id)).trim().split("\n").map((line) => line.split(" ")[1]);
    for (const page of ["/patients", "/todo/unconfirmed", "/"]) lines.worklist.push(requestLine(client, "GET", page));
    patients.forEach(([, name, kana, phone, birth], i) => {
      const search = [{ key: name }, { key: kana }, { key: phone }, { birth }][i % 4];
      lines.search.push(requestLine(client, "POST", "/search", { key: "", birth: "", ...search }));
      lines.patient.push(requestLine(client, "GET", `/patient/${ids[i]}`));
    });
  }
  return lines;
}

async function measure(patients) {
  console.log(`  generating up to ${patients} patients`);
  stand("hersys", "demo", "generate", `--patients=${patients}`);
  stand("psql", "-q", "-c", "VACUUM (ANALYZE)", "-c", "CHECKPOINT");
  const lines = await requests(), p95 = {};
  for (const [kind, list] of Object.entries(lines)) {
    load(list, CLIENTS, SECONDS / 2); // warm
    p95[kind] = median(Array.from({ length: ROUNDS }, () => load(list, CLIENTS, SECONDS).p95));
    console.log(`  ${kind} at ${patients}: p95 ${p95[kind]} ms`);
  }
  return p95;
}

export async function run() {
  freshStand();
  const small = await measure(SMALL), large = await measure(LARGE);
  return ["worklist", "search", "patient"].map((kind) => ({ name: `${kind}_growth`, value: rounded(large[kind] / small[kind]), unit: "ratio", bar: 1.5,
    better: "lower", how: `p95 with ${LARGE} patients / with ${SMALL}; ${CLIENTS} clients over TLS and nginx; medians of ${ROUNDS} runs of ${SECONDS} s` }));
}
