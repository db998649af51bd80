// peak.js - the morning: a million people answer within an hour (7:30 to 8:30) while the offices work. A minute at that rate, by the clock,
// everybody another person; what is refused is counted, and what the offices' pages take against the same pages with no answer coming in.
import { signIn } from "../tests/http/client.js";
import { sql } from "../tests/http/database.js";
import { entriesOf, makePeople, stored } from "./people.js";
import { freshStand, loadByClock, requestLine, rounded, stand } from "./stand.js";

const RATE = Number(process.env.PEAK_RATE ?? 1_000_000 / 3600), SECONDS = Number(process.env.PEAK_SECONDS ?? 60);
const PEOPLE = Math.ceil(RATE * SECONDS) + 1, TELEPHONES = 64, OFFICES = 4, PAGES_RATE = 10, PATIENTS = 100;

// What an office asks for in turn: the pages of the day, its lists, a patient.
async function pages() {
  const lines = [];
  for (const login of ["hoken1", "aichi"]) {
    const client = await signIn(login);
    const ids = sql(`SELECT patient_id FROM app.access WHERE NOT sealed AND organisation_id = (SELECT organisation_id FROM app.account WHERE login = '${login}')
      ORDER BY hashint8(patient_id) LIMIT ${PATIENTS}`).flat();
    for (const line of stand("hersys", "id", ...ids).trim().split("\n")) {
      const patient = `/patient/${line.split(" ")[1]}`;
      for (const page of ["/", "/patients", patient, `${patient}/tab/observation`, "/todo/unconfirmed", "/follow"]) lines.push(requestLine(client, "GET", page));
    }
  }
  return lines;
}

export async function run() {
  freshStand();
  makePeople(PEOPLE);
  const entries = await entriesOf(PEOPLE), asked = await pages();
  const look = () => loadByClock("pages", asked, OFFICES, SECONDS, PAGES_RATE);
  if ((await look()).failures > 0) throw new Error("a page is not there"); // and the pages are warm
  const idle = await look(), before = stored();
  const [peak, answered] = await Promise.all([look(), loadByClock("entries", entries, TELEPHONES, SECONDS, RATE)]);
  console.log(`  pages: idle p95 ${idle.p95} ms, peak p95 ${peak.p95} ms; entries ${answered.rate}/s, p95 ${answered.p95} ms`);
  if (stored() - before !== answered.requests - answered.failures) throw new Error("not every entry that was received is stored");
  if (answered.rate < RATE * 0.98) throw new Error(`only ${answered.rate} entries per second`);
  const how = `${answered.requests} people answer (one POST each, their sessions are open) in ${SECONDS} s over TLS, nginx and the public pool, ${RATE.toFixed(0)}/s by the clock; offices ask for ${PAGES_RATE} pages/s`;
  return [
    { name: "peak_refused", value: answered.failures + peak.failures, unit: "requests", bar: 0, better: "lower", how },
    { name: "office_p95_ratio", value: rounded(peak.p95 / idle.p95), unit: "ratio", bar: 2, better: "lower", how: `p95 of offices' pages at the peak / without it; ${how}` },
  ];
}
