// cases.js - the figures over many cases: every page of them with a hundred thousand and with 33 million (figures_growth), and counting all
// of them again against one plain grouped scan of the same rows at ten million (recount_vs_scan). The cases are slim: what each counts
// as (app.figure_case) and, for the prefecture that looks, its list; the figures' own tables are whole. The two sizes stand side by side and
// are asked for a page in turn, so that whatever else the machine does slows both. HERSYS_CASES_KEPT compares stands that are there already.
import { fork } from "node:child_process";
import { once } from "node:events";
import { median, quartile, rounded, standWith, state, stopJobs } from "./stand.js";

const SMALL = 100_000, LARGE = Number(process.env.HERSYS_BENCH_CASES ?? 33_000_000), MIDDLE = Math.min(10_000_000, LARGE);
const DAYS = 1142, AT_ONCE = 1_000_000, ROUNDS = 15, AGAIN = 61, LATE = 20;

const before = (days) => new Date(Date.now() + 9 * 3600e3 - days * 86400e3).toISOString().slice(0, 10); // days before today, in Japan
const from = before(120), to = before(30), last = before(1);
const wednesday = 42 - (10 - new Date(before(42)).getUTCDay()) % 7; // so many days ago a week of the tables began
const begin = before(DAYS + 1); // the epidemic goes on: what a page shows unasked is full

const environments = {
  small: { HERSYS_STATE: `${state}-small`, HERSYS_PORT: String(Number(process.env.HERSYS_PORT) + 500) },
  large: { HERSYS_STATE: state, HERSYS_PORT: process.env.HERSYS_PORT },
};
const place = (environment) => {
  const stand = standWith(environment);
  return { environment, stand, psql: (...commands) => stand("psql", "-qAt", ...commands.flatMap((command) => ["-c", command])) };
};

// ---- the cases ---------------------------------------------------------------------------------------------------------

// Cases up to `count`, spread over the centres of the country and the days of the epidemic, the later the more.
function fill({ psql, stand }, from, count) {
  console.log(`  ${count} cases`);
  const indexes = psql("SELECT indexdef FROM pg_indexes WHERE tablename = 'figure_case' AND indexname <> 'figure_case_pkey'").trim().split("\n");
  psql(...indexes.map((definition) => `DROP INDEX app.${definition.match(/figure_case_[a-z]+/)[0]}`));
  for (let done = from; done < count; done += AT_ONCE)
    psql(`SET synchronous_commit = off; SET work_mem = '64MB';
      WITH centre AS (SELECT array_agg(organisation_id ORDER BY organisation_id) AS ids FROM app.organisation WHERE kind = 'centre' AND NOT laboratory),
      fresh AS MATERIALIZED (
        SELECT n, ids[1 + mod(hashint8(n)::bigint + 2147483648, cardinality(ids))] AS organisation_id,
               (ARRAY['m', 'f'])[1 + n % 2] || (n / 7 % 10) * 10 AS cell, (ARRAY['home', 'medical', 'elderly', 'workplace', 'unknown'])[1 + n % 5] AS place,
               date '${begin}' + (${DAYS} * sqrt(random()))::integer AS day, n % 500 = 0 AS dies, n % 200 = 0 AS worsens
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

// What the pages compare the figures with, as much of it in either size: how they stood at first, what every area has published, and signals.
function surround({ psql }) {
  psql("TRUNCATE app.figure_first, app.published_figure, app.signal",
    `CREATE TEMP TABLE told AS SELECT area, series, day::date, coalesce(sum(d.count), 0) AS count
       FROM (SELECT DISTINCT area FROM app.figure_area) a CROSS JOIN app.figure_series s CROSS JOIN generate_series(date '${from}', '${last}', '1 day') x (day)
       LEFT JOIN app.figure_day d USING (area, series, day) GROUP BY 1, 2, 3`,
    "INSERT INTO app.figure_first SELECT area, series, day, greatest(0, count - 1), count, now() FROM told",
    "INSERT INTO app.published_figure SELECT area, series, day, 1, greatest(0, count) + 1, 0, 0, day FROM told WHERE series IN ('new', 'severe', 'death') AND area <> '00'",
    `INSERT INTO app.signal (area, week, kind, cell, count, mean, threshold, weeks)
     SELECT area, day, 'age', age, count + 10, 1, 2, '{1,1,1,1,1,1,1,1,1}' FROM told CROSS JOIN generate_series(0, 90, 10) age
      WHERE series = 'new' AND extract(isodow FROM day) = 3`,
    "VACUUM (ANALYZE)");
}

// Two editions: between them some cases came late.
function publish({ psql, stand }) {
  psql("TRUNCATE app.edition, app.published, app.published_now, app.edition_base, app.edition_count RESTART IDENTITY CASCADE"); // an edition is of one size
  stand("hersys", "publish");
  psql(`WITH late AS (
      INSERT INTO app.figure_case (patient_id, organisation_id, cell, place, new_on, care)
      SELECT -n, o.organisation_id, 'm30', 'home', date '${to}' - n, datemultirange(daterange(date '${to}' - n, NULL)) FROM generate_series(1, ${LATE}) n
       CROSS JOIN LATERAL (SELECT organisation_id FROM app.organisation WHERE prefecture_code = '23' AND kind = 'centre' AND NOT laboratory ORDER BY 1 LIMIT 1) o
      RETURNING *)
    INSERT INTO app.figure_delta (organisation_id, series, day, cell, change)
    SELECT organisation_id, series, new_on, CASE series WHEN 'place' THEN place ELSE cell END, 1 FROM late, unnest(ARRAY['new', 'place', 'care']) series`);
  stand("hersys", "publish");
  psql("VACUUM (ANALYZE)", "CHECKPOINT");
}

function fresh(name) {
  const there = place(environments[name]);
  there.stand("wipe");
  there.stand("up");
  stopJobs(environments[name].HERSYS_STATE);
  there.psql("DELETE FROM app.figure_delta; DELETE FROM app.figure_case; DELETE FROM app.figure_day; DELETE FROM app.figure_week");
  return there;
}

// ---- the pages ---------------------------------------------------------------------------------------------------------

const indicators = Array.from({ length: 11 }, (_, i) => i + 1);
const figures = (area) => indicators.flatMap((n) => ["/figures", "/figures/table.csv"].map((page) => `${page}?indicator=${n}&area=${area}&from=${from}&to=${to}`));
const difference = (area) => ["/figures/difference", "/figures/difference/table.csv"].map((page) => `${page}?area=${area}&from=${from}&to=${to}`);
// Not here: what reads whole records (報道発表, クロス集計, 総数報告), as the cases of this stand are slim and have none.
const office = (area) => ["/figures", ...figures(area), ...difference(area), "/figures/inquiries", "/signals", `/signals?all=1&of=${area}`];
const LOGINS = ["nagoya", "hoken1", "aichi", "kuni"];
const staff = ({ psql }) => ({
  ...Object.fromEntries(["nagoya", "hoken1"].map((login) => [login, office(psql(`SELECT 'o' || organisation_id FROM app.account WHERE login = '${login}'`).trim())])),
  aichi: office("23"),
  kuni: [...office("00"), "/figures/editions", `/figures/editions/${psql("SELECT max(edition_id) FROM app.edition").trim()}`],
});
// The lists behind a figure, of a prefecture and of a centre, each of a day (a week) in which the small stand has somebody too: a list of
// nobody is another page. Of series, what stands in the address before the day, and the column that says when somebody counts.
const NUMBERS = [["new", "indicator=1", "new_on"], ["new", "indicator=2&days=7", "new_on"], ["new", "indicator=5", "new_on"], ["death", "indicator=8", "dead_on"],
  ["severe", "indicator=6", "lower(severe)"], ["care", "indicator=10", "lower(care)"], ["released", "indicator=10", "lower(released)"], ["confirming", "indicator=10", "lower(confirming)"],
  ["new", "indicator=3&cell=m30", "new_on", "m30"], ["new", "indicator=4&cell=m30", "new_on", "m30"], ["severe", "indicator=7&cell=f20", "lower(severe)", "f20"], ["death", "indicator=9&cell=m0", "dead_on", "m0"],
  ["new", "published=1", "new_on"], ["severe", "published=1", "lower(severe)"], ["death", "published=1", "dead_on"]];
const lists = ({ psql }) => [["23", "o.prefecture_code = '23'"], ...[psql("SELECT organisation_id FROM app.account WHERE login = 'hoken1'").trim()].map((id) => [`o${id}`, `o.organisation_id = ${id}`])]
  .flatMap(([area, within]) => [...NUMBERS.map(([series, asks, column, cell]) => {
    const on = psql(`SELECT ${cell ? `app.figure_week_of(${column}, 3)` : column} FROM app.figure_case c JOIN app.organisation o USING (organisation_id)
      WHERE ${within} AND ${column} BETWEEN '${from}' AND '${to}' AND ${cell ? `c.cell = '${cell}'` : "true"} GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1`).trim();
    return on === "" ? null : `/figures/list?area=${area}&series=${series}&day=${on}&${asks}&from=${from}&to=${to}`;
  }).filter((path) => path !== null), ...["series=new", "series=new&cell=30", "series=place&cell=home"].map((signal) => `/figures/list?area=${area}&${signal}&from=${before(wednesday)}&to=${before(wednesday - 6)}`)]);
const period = `area=23&from=${from}&to=${to}`;
const open = (front) => ["/data", "/data/corrections.atom", "/data/edition/2", "/data/edition/2/corrections.csv", `/data/difference?from=${from}&to=${to}`, `/data/difference?${period}`,
  ...indicators.flatMap((n) => [`/data/indicator/${n}?${period}`, `/data/api/${n}?${period}`]),
  ...new Set([...front.matchAll(/href="(\/data\/(?:file|long)\/[^"]+)"/g)].map(([, path]) => path))];

async function pager({ stand, environment }) {
  stand("up");
  const child = fork("bench/cases_page.js", LOGINS, { env: { ...process.env, ...environment } });
  await once(child, "message");
  let asked; // what the child is at, for the message of its failure
  const ended = once(child, "exit").then(() => { throw new Error(`${asked} of ${environment.HERSYS_STATE}`); });
  ended.catch(() => {}); // its end after the last question is no failure
  const ask = async (login, path) => {
    child.send({ login, path: asked = path });
    const [answer] = await Promise.race([once(child, "message"), ended]);
    return answer;
  };
  return { ask, end: () => child.kill() };
}

// What a page takes with either size, asked for in turn: the lower quartile of each, as what else the machine does only ever adds.
async function race({ few, many }, { login, path }, rounds) {
  const took = { few: [], many: [] };
  for (let round = 0; round <= rounds; round++) {
    took.few.push((await few.ask(login, path)).took);
    took.many.push((await many.ask(login, path)).took);
  }
  const [less, more] = [took.few, took.many].map((times) => quartile(times.slice(1))); // the first is for warming
  return { login, path, less, more, ratio: more / less };
}

// All pages, the worst first. The largest of so many figures is mostly chance: what looks worst is measured anew, much longer, until it is worst then too.
async function compare(small, large) {
  const pair = { few: await pager(small), many: await pager(large) }, worstFirst = (a, b) => b.ratio - a.ratio, offices = staff(small), found = [];
  const { text } = await pair.many.ask("public", "/data");
  const pages = Object.entries({ ...offices, aichi: [...offices.aichi, ...lists(small)], public: open(text) });
  for (const [login, paths] of pages) for (const path of paths) found.push(await race(pair, { login, path }, ROUNDS));
  found.sort(worstFirst);
  for (; !found[0].anew; found.sort(worstFirst)) {
    console.log(`  ${found[0].path}: ${rounded(found[0].ratio)} at first`);
    found[0] = { ...await race(pair, found[0], AGAIN), anew: true };
  }
  pair.few.end();
  pair.many.end();
  return found;
}

const seconds = (work) => { const began = process.hrtime.bigint(); work(); return Number(process.hrtime.bigint() - began) / 1e9; };

// Both stands, filled and with two editions each; and on the way, what counting again takes.
function make() {
  const small = fresh("small");
  fill(small, 0, SMALL);
  publish(small);
  small.stand("down");

  const large = fresh("large");
  fill(large, 0, MIDDLE);
  const recount = median([1, 2, 3].map(() => seconds(() => large.stand("hersys", "figures", "recount"))));
  const scan = median([1, 2, 3].map(() => seconds(() => large.psql("SET enable_indexonlyscan = off; SET enable_indexscan = off",
    "SELECT count(*) FROM (SELECT organisation_id, new_on, cell, count(*) FROM app.figure_case GROUP BY 1, 2, 3) x"))));
  console.log(`  recount ${rounded(recount)} s, scan ${rounded(scan)} s`);
  if (LARGE > MIDDLE) fill(large, MIDDLE, LARGE);
  publish(large);
  return { name: "recount_vs_scan", value: rounded(recount / scan), unit: "ratio", bar: 3, better: "lower",
    how: `hersys figures recount / one grouped scan of app.figure_case by centre, day and cell; ${MIDDLE} cases, medians of 3` };
}

export async function run() {
  const counted = process.env.HERSYS_CASES_KEPT ? [] : [make()], small = place(environments.small), large = place(environments.large);
  for (const size of [small, large]) {
    size.stand("up");
    stopJobs(size.environment.HERSYS_STATE);
    surround(size);
  }
  const growth = await compare(small, large);
  small.stand("down");
  console.log(growth.map(({ login, path, less, more, ratio }) => `  ${login} ${path}: ${rounded(less)} ms, ${rounded(more)} ms, ${rounded(ratio)}`).join("\n"));
  return [
    { name: "figures_growth", value: rounded(growth[0].ratio), unit: "ratio", bar: 1.2, better: "lower",
      how: `time with ${LARGE} slim cases / with ${SMALL}, the worst of ${growth.length} pages (${growth[0].path}); two stands asked in turn over TLS and nginx, the public pages past the cache; lower quartiles of ${ROUNDS}, and anew of ${AGAIN} for ${growth.filter(({ anew }) => anew).length} that looked worst` },
    ...counted,
  ];
}
