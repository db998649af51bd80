// due.js - the lists of 健康観察 with thirty thousand and with three million people under observation in the country: p95 of the one
// against p95 of the other. What the pages show is kept as answers come, never computed on the page.
import { execFileSync } from "node:child_process";
import { freshStand, rounded, stand } from "./stand.js";

const SMALL = Number(process.env.HERSYS_DUE_SMALL ?? 30_000), LARGE = Number(process.env.HERSYS_DUE_LARGE ?? 3_000_000);

function measure(people) {
  console.log(`  observing ${people} people`);
  stand("psql", "-q", "-v", `people=${people}`, "-f", "bench/due.sql");
  stand("psql", "-q", "-c", "VACUUM (ANALYZE) app.follow, app.follow_watch", "-c", "CHECKPOINT");
  const measured = JSON.parse(execFileSync("node", ["bench/due_size.js"], { encoding: "utf8" }));
  console.log(`  p95 at ${people}: ${measured.p95} ms`);
  return measured;
}

export async function run() {
  freshStand();
  const small = measure(SMALL), large = measure(LARGE);
  return [{ name: "due_growth", value: rounded(large.p95 / small.p95), unit: "ratio", bar: 1.5, better: "lower",
    how: `p95 of the lists of 健康観察 with ${LARGE} people observed / with ${SMALL}; ${large.how}` }];
}
