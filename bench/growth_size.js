// growth_size.js - p95 of worklist, search, patient page and time line at the size that the stand has now, as JSON. A process of its own,
// because no connection outlives the making of a million patients.
import { signIn } from "../tests/http/client.js";
import { sql } from "../tests/http/database.js";
import { load, median, requestLine, stand } from "./stand.js";

const CLIENTS = 2, SECONDS = 8, ROUNDS = 5, SAMPLE = 1000;
const offices = ["hoken1", "aichi"];

// What the time lines show: twelve entries for each patient, of four tabs.
function enter(patients) {
  sql(`INSERT INTO app.entry (patient_id, tab, entry_no, since, items, organisation_id, entered_by, entered_at)
    SELECT p, t.tab, n, date '2022-10-01' + n, t.items::jsonb, 0, 0, now()
      FROM unnest('{${patients.join(",")}}'::bigint[]) p, generate_series(1, 3) n,
           (VALUES ('residence', '{"residence_kind":"home"}'), ('grade', '{"grade_severity":"mild"}'), ('laboratory', '{"lab_result":"positive"}'),
                   ('care', '{"care_hospital":"病院"}')) t (tab, items)
    ON CONFLICT DO NOTHING`);
}

// The requests of each kind, over patients that the office sees, drawn anew at each size.
async function requests() {
  const lines = { worklist: [], search: [], patient: [], timeline: [] };
  for (const login of offices) {
    const client = await signIn(login);
    const [[office]] = sql(`SELECT organisation_id FROM app.account WHERE login = '${login}'`);
    const patients = sql(`SELECT p.patient_id, p.family_name || p.given_name, p.family_kana || p.given_kana, p.phone, p.birth_date
      FROM (SELECT patient_id FROM app.access WHERE organisation_id = ${office} ORDER BY hashint8(patient_id) LIMIT ${SAMPLE}) a
      JOIN app.patient p USING (patient_id)`);
    const ids = stand("hersys", "id", ...patients.map(([id]) => id)).trim().split("\n").map((line) => line.split(" ")[1]);
    enter(patients.map(([id]) => id));
    for (const page of ["/patients", "/todo/unconfirmed", "/"]) lines.worklist.push(requestLine(client, "GET", page));
    patients.forEach(([, name, kana, phone, birth], i) => {
      const search = [{ key: name }, { key: kana }, { key: phone }, { birth }][i % 4];
      lines.search.push(requestLine(client, "POST", "/search", { key: "", birth: "", ...search }));
      lines.patient.push(requestLine(client, "GET", `/patient/${ids[i]}`));
      lines.timeline.push(requestLine(client, "GET", `/patient/${ids[i]}/timeline`));
    });
  }
  return lines;
}

const p95 = {};
for (const [kind, lines] of Object.entries(await requests())) {
  load(lines, CLIENTS, SECONDS / 2); // warm
  p95[kind] = median(Array.from({ length: ROUNDS }, () => load(lines, CLIENTS, SECONDS).p95));
}
console.log(JSON.stringify({ p95, how: `${CLIENTS} clients over TLS and nginx; medians of ${ROUNDS} runs of ${SECONDS} s` }));
