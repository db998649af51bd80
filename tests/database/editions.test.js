// editions.test.js - 公表 and 秘匿: editions of tables built to be nasty, made by `hersys publish`, and attacked; what holds an edition back;
// who reads what. The numbers are of 2019, when nothing else was counted, and are taken out again at the end.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { asRole, hersys, sql, sqlHolding } from "../http/database.js";
import { holdEditions, letEditions } from "../http/published.js";
import { until } from "../gateway/world.js";
import { Edition, attack, cells, dayAfter, prefectures } from "./attack.js";

const first = "2019-01-02"; // a Wednesday
const week = (w) => dayAfter(first, 7 * w);
const through = (weeks) => dayAfter(first, 7 * weeks - 1);
const entered = []; // [prefecture, series, day, cell, change]

function wipe() {
  sql("DELETE FROM app.published; DELETE FROM app.published_now; DELETE FROM app.edition_base; DELETE FROM app.edition_count; DELETE FROM app.edition");
}

// Counts what `rows` say, as if it had been reported to a centre of the prefecture, and waits until the jobs have folded it: so many
// at once, not folded yet, are read slowly.
function count(rows) {
  entered.push(...rows);
  write(rows, 1);
  for (let i = 0; i < 100 && sql("SELECT count(*) FROM app.figure_delta")[0][0] !== "0"; i++)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
}
function write(rows, factor) {
  if (rows.length === 0) return;
  sql(`INSERT INTO app.figure_delta (organisation_id, series, day, cell, change)
       SELECT o.organisation_id, x.series, x.day, x.cell, x.change
         FROM (VALUES ${rows.map(([p, s, d, c, n]) => `('${p}', '${s}', '${d}'::date, '${c}', ${n * factor})`).join(",")}) x (prefecture, series, day, cell, change)
         JOIN (SELECT prefecture_code, min(organisation_id) AS organisation_id FROM app.organisation WHERE kind = 'centre' GROUP BY 1) o
           ON o.prefecture_code = x.prefecture`);
}

// What has been entered, by sex and age: of a week (new), or until its end (severe, death).
function truth(series, area, w, cell, sum) {
  return entered.filter(([p, s, d, c]) => s === series && c === cell && (area === "00" || p === area) && d < week(w + 1) && (sum || d >= week(w)))
    .reduce((total, row) => total + row[4], 0);
}

let seed = 11;
const below = (n) => Math.floor(((seed = (seed * 48271) % 2147483647) / 2147483647) * n);

// Busy, quiet and silent prefectures. 31 has a single case; 32 few of everything; 14 one few among many; 46 a column of its own.
function weekOf(w) {
  const size = { "01": 12, "07": 6, 13: 60, 14: 40, 22: 9, 23: 30, 27: 45, 32: 3, 46: 4, 47: 7 };
  const rows = [];
  for (const [prefecture, n] of Object.entries(size))
    cells.forEach((cell, i) => {
      const day = dayAfter(week(w), i % 7);
      rows.push([prefecture, "new", day, cell, (prefecture === "14" ? 20 : 0) + below(n + 1)]);
      rows.push([prefecture, "death", day, cell, below(20) === 0 ? 1 + below(n / 6) : 0]);
      if (w === 0) rows.push([prefecture, "severe", day, cell, below(n / 2)]);
      else if (w % 2 === 1) rows.push([prefecture, "severe", day, cell, below(2)]);
    });
  if (w === 2) rows.push(["31", "new", week(w), "f40", 1]);
  if (w === 3) rows.push(["14", "new", week(w), "m90", -rows.find(([p, s, , c]) => p === "14" && s === "new" && c === "m90")[4] + 3]);
  return rows.filter((row) => row[4] !== 0);
}

// An edition as everybody sees it; of the newest also what is behind it.
function published(name, number) {
  const rows = sql(`SELECT DISTINCT ON (indicator, area, day, cell) indicator, area, day, cell, coalesce(value::text, '*') FROM app.published
                     WHERE edition_id <= ${number} ORDER BY indicator, area, day, cell, edition_id DESC`);
  const edition = new Edition(rows.map(([i, a, d, c, v]) => [Number(i), a, d, c, v === "*" ? null : Number(v)]), name);
  if (number === newest()) edition.behind = behind(edition.weeks);
  return edition;
}

const newest = () => Number(sql("SELECT max(edition_id) FROM app.edition WHERE released_at IS NOT NULL")[0][0]);

// The numbers by sex and age behind the newest edition, the country reckoned from its prefectures.
const tables = [[3, "new", false], [4, "new", true], [7, "severe", false], [9, "death", true]]; // indicator, series, a sum?
function behind(weeks) {
  const base = new Map(sql("SELECT series, area, week, cell, value FROM app.edition_base").map(([s, a, w, c, v]) => [`${s} ${a} ${w} ${c}`, Number(v)]));
  const numbers = new Map();
  for (const [indicator, series, sum] of tables)
    for (const cell of cells) {
      const country = weeks.map(() => 0);
      for (const area of prefectures) {
        let before = 0;
        weeks.forEach((day, w) => {
          before = (sum ? before : 0) + (base.get(`${series} ${area} ${day} ${cell}`) ?? 0);
          country[w] += before;
          numbers.set(`${indicator} ${area} ${day} ${cell}`, before);
        });
      }
      weeks.forEach((day, w) => numbers.set(`${indicator} 00 ${day} ${cell}`, country[w]));
    }
  return numbers;
}

// The numbers from 1 to 4 behind an edition, with what the rule has owed them since the first edition that had them as few; owed: of all
// editions until this one.
const owed = new Map();
function hiddenFew(edition) {
  const wanted = [];
  for (const [indicator, , sum] of tables)
    for (const day of edition.weeks)
      for (const area of ["00", ...prefectures]) {
        const people = cells.reduce((total, cell) => total + edition.behind.get(`${indicator} ${area} ${day} ${cell}`), 0);
        for (const cell of cells) {
          const key = `${indicator} ${area} ${day} ${cell}`, real = edition.behind.get(key);
          if (real < 1 || real > 4) continue;
          assert.equal(edition.get(indicator, area, day, cell), null, `${key} is ${real} and shown`);
          // sums are as uncertain as the widest of their weeks, which may have had one person: at least two numbers
          if (!owed.has(key)) owed.set(key, sum ? 1 : Math.min(3, people));
          wanted.push({ edition, indicator, area, day, cell, real, width: owed.get(key) });
        }
      }
  return wanted;
}

// Everything that was ever few, as it is in the newest edition.
function everFew(editions) {
  const edition = editions.at(-1);
  for (const earlier of editions) hiddenFew(earlier);
  return [...owed].map(([key, width]) => {
    const [indicator, area, day, cell] = key.split(" ");
    return { edition, indicator: Number(indicator), area, day, cell, real: edition.behind.get(key), width };
  });
}

function attacked(editions, wanted, knowing) {
  const found = attack(editions, wanted, knowing).filter((t) => !(Math.floor(t.most + 1e-6) - Math.ceil(t.least - 1e-6) >= t.width));
  assert.deepEqual(found.map(({ edition, indicator, area, day, cell, real, least, most }) => ({ edition: edition.name, indicator, area, day, cell, real, least, most })), []);
}

before(async () => {
  await holdEditions();
  wipe();
});
after(() => {
  write(entered, -1);
  wipe();
  letEditions();
});

const editions = [];

test("an edition is made, and nothing of it on trial", () => {
  for (let w = 0; w < 6; w++) count(weekOf(w));
  assert.match(hersys("publish", `--through=${through(6)}`, "--dry-run"), /^would release through 2019-02-12/);
  assert.deepEqual(sql("SELECT 1 FROM app.edition"), []);
  assert.match(hersys("publish", `--through=${through(6)}`), /^released through 2019-02-12/);
  editions.push(published("first", newest()));
});

test("what waits is looked up by its key, also with statistics of when the tables were empty", () => {
  const waiting = `app.edition_waiting('${through(6)}', '{new,new}', '{13,14}', '{2019-01-02,2019-01-09}')`;
  const [calls] = sql(`SET track_functions = 'all'; BEGIN; DELETE FROM pg_statistic WHERE starelid = 'app.published_now'::regclass;
    UPDATE pg_class SET reltuples = 8 WHERE oid IN ('app.published_now'::regclass, 'app.published_now_pkey'::regclass, 'app.published_now_day'::regclass);
    SELECT count(*) FROM ${waiting}; SELECT calls FROM pg_stat_xact_user_functions WHERE funcname = 'figure_daily'; ROLLBACK`).at(-1);
  assert.equal(calls, "2", "once for each row");
});

test("totals are what is counted, and a shown number is the real one", () => {
  const [edition] = editions;
  let shown = 0, hidden = 0;
  edition.weeks.forEach((day, w) => {
    for (const area of ["00", "13", "14", "31", "32"])
      for (const cell of cells) {
        const value = edition.get(3, area, day, cell);
        if (value === null) hidden++;
        else shown++;
        assert.ok(value === null || value === truth("new", area, w, cell, false));
        assert.ok([null, truth("new", area, w, cell, true)].includes(edition.get(4, area, day, cell)));
        assert.ok([null, truth("severe", area, w, cell, true)].includes(edition.get(7, area, day, cell)));
        assert.ok([null, truth("death", area, w, cell, true)].includes(edition.get(9, area, day, cell)));
      }
    assert.equal(edition.total("00", day), cells.reduce((sum, cell) => sum + truth("new", "00", w, cell, false), 0));
  });
  assert.ok(hidden > 50 && shown > 300, `${hidden} hidden, ${shown} shown`);
});

test("whoever attacks one edition finds nothing", () => attacked([editions[0]], hiddenFew(editions[0])));

test("the attack finds what hides badly: alone in its row, or behind a cumulative number", () => {
  const [edition] = editions;
  const target = hiddenFew(edition).find((t) => t.indicator === 3 && t.area !== "00" && t.width === 3);
  const w = edition.weeks.indexOf(target.day), series = "new";
  for (const tell of [
    (weak) => cells.filter((c) => c !== target.cell).forEach((c) => weak.values.set(`3 ${target.area} ${target.day} ${c}`, truth(series, target.area, w, c, false))),
    (weak) => [w - 1, w].filter((i) => i >= 0).forEach((i) => weak.values.set(`4 ${target.area} ${week(i)} ${target.cell}`, truth(series, target.area, i, target.cell, true))),
  ]) {
    const weak = new Edition([], "weak");
    weak.values = new Map(edition.values);
    weak.weeks = edition.weeks;
    tell(weak);
    const [found] = attack([weak], [{ ...target, edition: weak }]);
    assert.deepEqual([found.least, found.most], [target.real, target.real]);
  }
});

test("corrections, a withdrawn case and another week: neither the new edition nor both together tell", () => {
  const few = hiddenFew(editions[0]).filter((t) => t.indicator === 3 && t.area !== "00");
  const late = few[Math.floor(few.length / 2)], gone = few.find((t) => t.real >= 2 && t.area !== late.area);
  count([[late.area, "new", late.day, late.cell, 1], ["13", "new", week(1), "f30", 2], ["27", "new", week(4), "m20", -1],
    [gone.area, "new", gone.day, gone.cell, -1], ...weekOf(6), ...weekOf(7)]);
  assert.match(hersys("publish", `--through=${through(8)}`), /^released/);
  editions.push(published("second", newest()));
  for (const [key, value] of editions[0].values)
    if (value === null) assert.equal(editions[1].values.get(key), null, `${key} was hidden and is shown`);
  attacked([editions[1]], hiddenFew(editions[1]));
  attacked(editions, hiddenFew(editions[1]));
  attacked(editions, everFew(editions), true);
});

// In one row of each week, whose only number from 1 to 4 hides behind others: first it is few no longer, then the others are gone.
function oneBehindOthers() {
  const [edition] = editions.slice(-1), rows = [];
  for (const day of edition.weeks)
    for (const area of prefectures) {
      const hidden = cells.filter((cell) => edition.get(3, area, day, cell) === null), number = (cell) => edition.behind.get(`3 ${area} ${day} ${cell}`);
      const few = hidden.filter((cell) => number(cell) >= 1 && number(cell) <= 4), others = hidden.filter((cell) => number(cell) >= 5);
      if (few.length === 1 && others.length > 0 && !rows.some((row) => row.day === day)) rows.push({ area, day, few: few[0], others: others.map((cell) => [cell, number(cell)]) });
    }
  return rows;
}
const risen = (rows) => rows.map(({ area, day, few }) => [area, "new", day, few, 6]);
const alone = (rows) => rows.flatMap(({ area, day, others }) => others.map(([cell, number]) => [area, "new", day, cell, -number]));

// Hidden numbers and shown ones, up and down: what was few is none, what was none is few, what hid something is gone and comes back.
function corrected(turn) {
  const edition = editions.at(-1), rows = [];
  for (const [area, size] of [["07", 8], ["13", 30], ["22", 9], ["23", 20], ["27", 20], ["32", 4], ["47", 9]])
    for (const day of edition.weeks)
      for (const cell of cells) {
        const real = truth("new", area, edition.weeks.indexOf(day), cell, false), hidden = edition.get(3, area, day, cell) === null;
        if (below(hidden ? 6 : 60) > 0) continue;
        const wanted = !hidden ? Math.max(5, real + below(5) - 2) : turn === 1 ? below(size) : below(2) === 0 ? 0 : 5 + below(size);
        if (hidden || real >= 5) rows.push([area, "new", day, cell, wanted - real]);
      }
  return rows.filter((row) => row[4] !== 0);
}

function another(name, rows) {
  count(rows);
  const [, waiting] = hersys("publish", `--through=${through(8)}`).match(/^released .*; ([0-9]+) rows not corrected/);
  editions.push(published(name, newest()));
  const [then, now] = editions.slice(-2);
  for (const [key, value] of then.values)
    if (value === null) assert.equal(now.values.get(key), null, `${key} was hidden and is shown`);
  const taken = [...now.behind].filter(([key, value]) => key.startsWith("3") && then.values.get(key) === null && then.behind.get(key) !== value).length;
  return { waiting: Number(waiting), taken };
}

test("what was few and is more, and stands alone then, is not told by the editions together", () => {
  const rows = oneBehindOthers();
  assert.ok(rows.length > 2);
  assert.ok(another("third", risen(rows)).taken >= rows.length);
  another("fourth", alone(rows));
  attacked(editions, everFew(editions), true);
});

test("two editions more, with corrections up and down: all together do not tell, not even whoever knows the corrections", () => {
  const turns = [another("fifth", corrected(1)), another("sixth", corrected(2))];
  attacked(editions, everFew(editions), true);
  attacked(editions.slice(-3), editions.slice(-3).flatMap((edition) => hiddenFew(edition)));
  assert.ok(turns.every(({ waiting, taken }) => waiting > 0 && taken > 10), JSON.stringify(turns));
});

test("a row that waits waits with its totals, and so does the country", () => {
  const edition = editions.at(-1);
  for (const [indicator, , sum] of tables)
    for (const day of edition.weeks)
      for (const area of ["00", ...prefectures]) {
        const people = cells.reduce((total, cell) => total + edition.behind.get(`${indicator} ${area} ${day} ${cell}`), 0);
        const total = { 3: () => edition.total(area, day), 4: () => edition.get(5, area, dayAfter(day, 6), ""), 7: () => edition.get(6, area, dayAfter(day, 6), ""), 9: () => edition.get(8, area, dayAfter(day, 6), "") };
        assert.equal(total[indicator](), people, `${indicator} ${area} ${day} ${sum ? "until then" : ""}`);
      }
  for (let day = first; day <= through(8); day = dayAfter(day, 1))
    for (const [indicator, cell] of [[1, ""], [5, ""], [6, ""], [8, ""], [10, "care"], [10, "released"], [10, "confirming"]])
      assert.equal(prefectures.reduce((total, area) => total + edition.get(indicator, area, day, cell), 0), edition.get(indicator, "00", day, cell), `${indicator} ${day} ${cell}`);
});

test("a shown number that has become few is not corrected, and the edition before is not changed", () => {
  const edition = editions.at(-1), cell = cells.find((c) => edition.get(3, "13", week(5), c) >= 8), shown = edition.get(3, "13", week(5), cell);
  const day = dayAfter(week(5), cells.indexOf(cell) % 7), real = truth("new", "13", 5, cell, false), confirming = edition.get(10, "13", through(8), "confirming"), sixth = newest();
  count([["13", "new", week(5), cell, 3 - real]]);
  assert.match(hersys("publish", `--through=${through(8)}`), /; [1-9][0-9]* rows not corrected/);
  const waits = published("seventh", newest());
  assert.equal(waits.get(3, "13", week(5), cell), shown);
  assert.equal(waits.total("13", week(5)), edition.total("13", week(5)));
  assert.equal(waits.total("00", week(5)), edition.total("00", week(5)));
  assert.ok(waits.get(10, "13", through(8), "confirming") > confirming, "who is published and no longer counted is given as 確認中");
  assert.equal(published("sixth", sixth).get(1, "13", day, ""), edition.get(1, "13", day, ""));
  editions.push(waits);
  attacked(editions, everFew(editions), true);
  count([["13", "new", week(5), cell, real - 3]]);
});

test("history: a row for what has changed, and the newest with the edition that had it first", () => {
  const [[same]] = sql(`SELECT count(*) FROM (SELECT value, lag(value) OVER w AS earlier, row_number() OVER w AS n FROM app.published
                         WINDOW w AS (PARTITION BY indicator, area, day, cell ORDER BY edition_id)) x WHERE n > 1 AND value IS NOT DISTINCT FROM earlier`);
  assert.equal(same, "0");
  const [[wrong]] = sql(`SELECT count(*) FROM app.published_now n FULL JOIN (
                           SELECT DISTINCT ON (indicator, area, day, cell) p.*, min(edition_id) OVER (PARTITION BY indicator, area, day, cell) AS first_id
                             FROM app.published p ORDER BY indicator, area, day, cell, edition_id DESC) p USING (indicator, area, day, cell)
                          WHERE n.value IS DISTINCT FROM p.value OR n.edition_id IS DISTINCT FROM p.edition_id OR n.first_edition_id IS DISTINCT FROM p.first_id`);
  assert.equal(wrong, "0");
});

test("an edition that would tell is held back, says why, and publishes nothing", () => {
  // somebody shows a hidden number behind the product's back, and its week is corrected
  const [area, day, cell] = sql(`SELECT n.area, n.day, n.cell FROM app.published_now n JOIN app.edition_base b
                                    ON b.series = 'new' AND b.area = n.area AND b.week = n.day AND b.cell = n.cell
                                 WHERE n.indicator = 3 AND n.value IS NULL AND b.value = 2 ORDER BY n.day, n.area LIMIT 1`)[0];
  sql(`UPDATE app.published_now SET value = 2 WHERE indicator = 3 AND (area, day, cell) = ('${area}', '${day}', '${cell}')`);
  count([["13", "new", day, "f30", 1]]);
  const [[before]] = sql("SELECT count(*) FROM app.published");
  const tried = spawnSync("deploy/stand.sh", ["hersys", "publish", `--through=${through(8)}`], { encoding: "utf8" });
  assert.equal(tried.status, 1);
  assert.match(tried.stdout, /^held back: 陽性者数の性別・年代別の表で、隠した人数が[0-9]+件、ほかの数字から.*最初は.*からの週、[^0-9]+[都道府県国]、/);
  assert.deepEqual(sql("SELECT released_at IS NULL, reason LIKE '陽性者数%' FROM app.edition ORDER BY edition_id DESC LIMIT 1"), [["t", "t"]]);
  assert.equal(sql("SELECT count(*) FROM app.published")[0][0], before);
  sql(`UPDATE app.published_now SET value = NULL WHERE indicator = 3 AND (area, day, cell) = ('${area}', '${day}', '${cell}')`);
  assert.match(hersys("publish", `--through=${through(8)}`), /^released/);
});

test("an edition is held back when its weeks would begin on another day than those that are published", () => {
  const [[begins]] = sql("SELECT week_begins FROM app.figure_series WHERE series = 'death'");
  const tried = () => spawnSync("deploy/stand.sh", ["hersys", "publish", `--through=${through(8)}`, "--dry-run"], { encoding: "utf8" });
  sql(`UPDATE app.figure_series SET week_begins = ${(Number(begins) % 7) + 1} WHERE series = 'death'`);
  try {
    const { status, stdout } = tried();
    assert.equal(status, 1);
    assert.match(stdout, /^held back: 死亡者数の公表した表の週は水曜日から始まります。/);
  } finally {
    sql(`UPDATE app.figure_series SET week_begins = ${begins} WHERE series = 'death'`);
  }
  assert.match(tried().stdout, /^would release/);
});

test("whoever has lost its turn with its connection gives up while another edition is being made", { timeout: 60000 }, async () => {
  const TURN = 20210409, hold = "SELECT pg_sleep(41)";
  const backends = (where) => sql(`SELECT pid FROM pg_stat_activity WHERE ${where} AND pid <> pg_backend_pid()`).flat();
  const end = (pids) => sql(`SELECT pg_terminate_backend(pid) FROM unnest('{${pids}}'::integer[]) pid`);
  // Another edition that has the turn.
  const another = async () => {
    const { over } = await sqlHolding(41, `SELECT pg_advisory_lock(${TURN})`);
    over.catch(() => {}); // it is ended below
  };
  await another();
  const waiting = spawn("deploy/stand.sh", ["hersys", "publish", `--through=${through(8)}`, "--dry-run"], { detached: true });
  let said = "", log = "";
  waiting.stdout.on("data", (data) => (said += data));
  waiting.stderr.on("data", (data) => (log += data));
  try {
    const ended = once(waiting, "exit");
    const asked = "usename = 'hersys_jobs' AND query ~ '^SELECT pg_advisory_lock'";
    await until("it to wait for its turn", () => backends(`${asked} AND wait_event_type = 'Lock'`).length === 1);
    process.kill(-waiting.pid, "SIGSTOP");
    end(backends(`query = '${hold}'`));
    await until("it to have the turn", () => backends(`${asked} AND state = 'idle'`).length === 1);
    end(backends(asked)); // its connection breaks before it goes on
    await until("the turn to be free", () => sql(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = ${TURN}`).length === 0);
    await another();
    process.kill(-waiting.pid, "SIGCONT");
    const [status] = await ended;
    assert.deepEqual([status, said], [1, ""]);
    assert.match(log, /"edition_turn_lost"[\s\S]*the database failed/);
  } finally {
    try { process.kill(-waiting.pid, "SIGKILL"); } catch {} // it has ended, if all went well
    end(backends(`query = '${hold}'`));
  }
});

test("one is due once a day, from the time of the setting on, and never without one", () => {
  const due = (time) => sql(`BEGIN; UPDATE app.setting SET value = '${time}' WHERE name = 'publish_at'; SELECT app.edition_due(); ROLLBACK`).flat().find((v) => v === "t" || v === "f");
  const now = sql("SELECT to_char((now() - interval '1 minute') AT TIME ZONE 'Asia/Tokyo', 'HH24:MI'), to_char((now() + interval '2 minutes') AT TIME ZONE 'Asia/Tokyo', 'HH24:MI')")[0];
  assert.equal(due(""), "f");
  assert.equal(due("00:00"), "f"); // those above were made today
  sql("UPDATE app.edition SET made_at = made_at - interval '1 day'");
  assert.equal(due("00:00"), "t");
  assert.equal(due("29:00"), "f"); // no time of the day
  if (now[0] < now[1]) assert.deepEqual(now.map(due), ["t", "f"]); // not around midnight
});

test("no edition goes back behind a later one, nor ahead of a day that is not over", () => {
  const [[today]] = sql("SELECT app.today()");
  for (const [day, words] of [[through(7), /a later day is published already/], [today, /that day is not over yet/], ["2099-12-31", /that day is not over yet/]]) {
    const tried = spawnSync("deploy/stand.sh", ["hersys", "publish", `--through=${day}`], { encoding: "utf8" });
    assert.equal(tried.status, 2);
    assert.match(tried.stderr, words);
  }
});

test("days before the first case that is left are corrected too, when they are published", () => {
  const firstOf = (change) => sql(`BEGIN; ${change}; SELECT app.edition_first(); ROLLBACK`).flat().find((v) => /^\d{4}-/.test(v));
  const withdrawn = `DELETE FROM app.figure_day WHERE area = '00' AND series = 'new' AND day < '${week(3)}'; DELETE FROM app.figure_delta`;
  assert.equal(firstOf(withdrawn), first);
  assert.equal(firstOf(`${withdrawn}; DELETE FROM app.published_now`) >= week(3), true);
});

test("everybody reads what is released; nobody reads what is hidden, or writes", () => {
  for (const role of ["public", "staff"]) {
    const results = asRole(role, null, ["SELECT count(*) > 0 FROM app.published", "SELECT count(*) > 0 FROM app.published_now",
      "SELECT count(*) FROM app.edition WHERE released_at IS NULL", "SELECT count(*) > 0 FROM app.edition",
      "SELECT 1 FROM app.edition_base", "DELETE FROM app.published", "UPDATE app.published_now SET value = 1",
      "INSERT INTO app.edition (made_at, through, released_at) VALUES (now(), now(), now())", "SELECT app.edition_first()"]);
    assert.deepEqual(results.slice(0, 4), [{ rows: ["t"] }, { rows: ["t"] }, { rows: ["0"] }, { rows: ["t"] }], role);
    assert.deepEqual(results.slice(4).map((r) => r.state), Array(5).fill("42501"), role);
  }
  assert.deepEqual(asRole("jobs", null, ["SELECT count(*) > 0 FROM app.edition_base", "DELETE FROM app.published"]).map((r) => r.state ?? r.rows[0]), ["t", "42501"]);
});
