// growth.js - worklist, search, patient page and time line with ten thousand and with a million patients in the country: p95 of the one
// against p95 of the other.
import { execFileSync } from "node:child_process";
import { freshStand, rounded, stand } from "./stand.js";

const SMALL = 10_000, LARGE = 1_000_000;
const BARS = { worklist: 1.5, search: 1.5, patient: 1.5, timeline: 1.3 };

function measure(patients) {
  console.log(`  generating ${patients} patients`);
  stand("hersys", "demo", "generate", `--patients=${patients}`);
  stand("psql", "-q", "-c", "VACUUM (ANALYZE)", "-c", "CHECKPOINT");
  const measured = JSON.parse(execFileSync("node", ["bench/growth_size.js"], { encoding: "utf8" }));
  console.log(`  p95 at ${patients}: ${JSON.stringify(measured.p95)} ms`);
  return measured;
}

export async function run() {
  freshStand();
  const small = measure(SMALL), large = measure(LARGE);
  return Object.entries(BARS).map(([kind, bar]) => ({ name: `${kind}_growth`, value: rounded(large.p95[kind] / small.p95[kind]), unit: "ratio",
    bar, better: "lower", how: `p95 with ${LARGE} patients / with ${SMALL}; ${large.how}` }));
}
