// bulk.js - 一括操作: the current status of 10,000 patients changed by a press on the page, with history, revisions, trail, to-dos
// and undoing, against one plain UPDATE of the same rows of the lists and nothing else.
import { signIn } from "../tests/http/client.js";
import { sql } from "../tests/http/database.js";
import { freshStand, median, rounded, stand } from "./stand.js";

const COUNTRY = 100_000, PATIENTS = 10_000, ROUNDS = 5;
const STATUSES = ["hotel", "home"]; // in turn, so that each round changes everybody
const value = (text, name) => text.match(new RegExp(`name="${name}" value="([^"]*)"`))[1];

// Seconds of the press, without the preview before it.
async function press(client, round) {
  const fields = { action: "status", to_status: STATUSES[round % 2], since: "2022/10/1", listed_from: "2019/1/1" };
  const { text } = await client.post("/bulk/preview", fields);
  if (!text.includes(`<strong>${PATIENTS}人</strong>`)) throw new Error(`not ${PATIENTS} patients`);
  const start = performance.now();
  const answer = await client.post("/bulk", { ...fields, digest: value(text, "digest"), form_id: value(text, "form_id") });
  if (answer.status !== 303) throw new Error(`answered ${answer.status}`);
  return (performance.now() - start) / 1000;
}

// Seconds of the plain statement, as the server measures it.
function plain(centre, round) {
  const out = stand("psql", "-q", "-c", "\\timing on", "-c", `UPDATE app.access a SET status = '${STATUSES[(round + 1) % 2]}', status_since = '2022-10-02'
    FROM app.organisation o JOIN app.label_right r ON r.kind = o.kind
    WHERE a.patient_id IN (SELECT m.patient_id FROM app.access m WHERE m.organisation_id = ${centre} AND m.relations & 2 <> 0)
      AND o.organisation_id = a.organisation_id AND a.relations & r.status <> 0`);
  return Number(out.match(/Time: ([\d.]+) ms/)[1]) / 1000;
}

export async function run() {
  freshStand();
  stand("hersys", "demo", "generate", `--patients=${COUNTRY}`);
  const [[centre]] = sql("SELECT organisation_id FROM app.account WHERE login = 'hoken1'");
  stand("psql", "-q", "-v", `centre=${centre}`, "-v", `wanted=${PATIENTS}`, "-f", "bench/bulk.sql");
  const client = await signIn("hoken1");
  client.cookies.set("__Host-past", "1");
  const seconds = { bulk: [], plain: [] };
  for (let round = 0; round < ROUNDS; round++) {
    stand("psql", "-q", "-c", "VACUUM (ANALYZE)", "-c", "CHECKPOINT");
    seconds.plain.push(plain(centre, round));
    stand("psql", "-q", "-c", "VACUUM (ANALYZE)", "-c", "CHECKPOINT");
    seconds.bulk.push(await press(client, round));
    console.log(`  plain ${seconds.plain.at(-1).toFixed(3)} s, bulk ${seconds.bulk.at(-1).toFixed(3)} s`);
  }
  return [{ name: "bulk_vs_update", value: rounded(median(seconds.plain) / median(seconds.bulk)), unit: "ratio", bar: 0.3, better: "higher",
    how: `one UPDATE of the labels in all lists / the press over TLS and nginx, with status history, revisions, trail and to-dos; ${PATIENTS} patients of one centre; medians of ${ROUNDS} in turn` }];
}
