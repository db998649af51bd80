// cases.js - the figures over many cases: every page of them with a hundred thousand and with 33 million (figures_growth), and counting all
// of them again against one plain grouped scan of the same rows at ten million (recount_vs_scan). The cases are slim: what each counts
// as (app.figure_case) and, for the prefecture that looks, its list; the figures' own tables are whole.
import { execFileSync } from "node:child_process";
import { freshStand, median, rounded, stand } from "./stand.js";

const SMALL = 100_000, LARGE = Number(process.env.HERSYS_BENCH_CASES ?? 33_000_000), MIDDLE = Math.min(10_000_000, LARGE);
const DAYS = 1142, AT_ONCE = 1_000_000;

const psql = (...commands) => stand("psql", "-qAt", ...commands.flatMap((command) => ["-c", command]));

// Cases up to `count`, spread over the centres of the country and the days of the epidemic, the later the more.
function fill(from, count) {
  console.log(`  ${count} cases`);
  const indexes = stand("psql", "-qAtc", "SELECT indexdef FROM pg_indexes WHERE tablename = 'figure_case' AND indexname <> 'figure_case_pkey'").trim().split("\n");
  psql(...indexes.map((definition) => `DROP INDEX app.${definition.match(/figure_case_[a-z]+/)[0]}`));
  for (let done = from; done < count; done += AT_ONCE)
    psql(`SET synchronous_commit = off; SET work_mem = '64MB';
      WITH centre AS (SELECT array_agg(organisation_id ORDER BY organisation_id) AS ids FROM app.organisation WHERE kind = 'centre' AND NOT laboratory),
      fresh AS MATERIALIZED (
        SELECT n, ids[1 + mod(hashint8(n)::bigint + 2147483648, cardinality(ids))] AS organisation_id,
               (ARRAY['m', 'f'])[1 + n % 2] || (n / 7 % 10) * 10 AS cell, (ARRAY['home', 'medical', 'elderly', 'workplace', 'unknown'])[1 + n % 5] AS place,
               date '2020-01-16' + (${DAYS} * sqrt(random()))::integer AS day, n % 500 = 0 AS dies, n % 200 = 0 AS worsens
          FROM centre, generate_series(${done + 1}::bigint, ${Math.min(count, done + AT_ONCE)}) n)
      INSERT INTO app.figure_case (patient_id, organisation_id, cell, place, new_on, dead_on, severe, care, released, confirming)
      SELECT n, organisation_id, cell, place, day, CASE WHEN dies THEN day + 14 END,
             CASE WHEN worsens THEN datemultirange(daterange(day + 3, day + 10)) END, datemultirange(daterange(day + 1, CASE WHEN dies THEN day + 14 ELSE day + 11 END)),
             CASE WHEN NOT dies THEN datemultirange(daterange(day + 11, NULL)) END, datemultirange(daterange(day, day + 1)) FROM fresh`);
  psql(...indexes, // built again at once
    `INSERT INTO app.access (organisation_id, patient_id, relations, listed_at, reporter_id, responsible_id, category)
     SELECT p.organisation_id, c.patient_id, 16, c.new_on, c.organisation_id, c.organisation_id, 'confirmed'
       FROM app.organisation o JOIN app.figure_case c USING (organisation_id) JOIN app.organisation p ON p.kind = 'prefecture' AND p.prefecture_code = '23'
      WHERE o.prefecture_code = '23' AND c.patient_id > ${from} ON CONFLICT DO NOTHING`);
  stand("hersys", "figures", "recount");
  psql("VACUUM (ANALYZE)", "CHECKPOINT");
}

function publish() {
  psql("TRUNCATE app.edition, app.published, app.published_now, app.edition_base, app.edition_count CASCADE"); // an edition is of one size
  stand("hersys", "publish");
  psql("VACUUM (ANALYZE)", "CHECKPOINT");
}

const seconds = (work) => { const began = process.hrtime.bigint(); work(); return Number(process.hrtime.bigint() - began) / 1e9; };
function measure() {
  stand("up"); // what the last measurement stopped
  return JSON.parse(execFileSync("node", ["bench/cases_size.js"], { encoding: "utf8" }));
}

export async function run() {
  freshStand();
  psql("DELETE FROM app.figure_delta; DELETE FROM app.figure_case; DELETE FROM app.figure_day; DELETE FROM app.figure_week");
  fill(0, SMALL);
  publish();
  const small = measure();
  fill(SMALL, MIDDLE);
  const recount = median([1, 2, 3].map(() => seconds(() => stand("hersys", "figures", "recount"))));
  const scan = median([1, 2, 3].map(() => seconds(() => psql("SET enable_indexonlyscan = off; SET enable_indexscan = off",
    "SELECT count(*) FROM (SELECT organisation_id, new_on, cell, count(*) FROM app.figure_case GROUP BY 1, 2, 3) x"))));
  if (LARGE > MIDDLE) fill(MIDDLE, LARGE);
  publish();
  const large = measure();
  const growth = Object.keys(large.times).map((page) => ({ page, ratio: large.times[page] / small.times[page] })).sort((a, b) => b.ratio - a.ratio);
  console.log(growth.map(({ page, ratio }) => `  ${page}: ${rounded(small.times[page])} ms, ${rounded(large.times[page])} ms, ${rounded(ratio)}`).join("\n"));
  return [
    { name: "figures_growth", value: rounded(growth[0].ratio), unit: "ratio", bar: 1.2, better: "lower", how: `time with ${LARGE} slim cases / with ${SMALL}, the worst of ${growth.length} pages (${growth[0].page}); ${large.how}` },
    { name: "recount_vs_scan", value: rounded(recount / scan), unit: "ratio", bar: 3, better: "lower", how: `hersys figures recount / one grouped scan of app.figure_case by centre, day and cell; ${MIDDLE} cases, medians of 3` },
  ];
}
