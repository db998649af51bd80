// import.test.js - `hersys import cases` and `hersys demo generate` against a running stand (HERSYS_STATE, HERSYS_PORT).
//
// The real files of shared/data/cases go in; what they hold is counted here once more, in another language and from
// the files alone. HERSYS_SHARED says where shared/ is, when it does not lie beside the project.
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { signIn } from "../http/client.js";
import { sql, hersys } from "../http/database.js";
import { notification, receipt } from "../http/notify.js";

const shared = path.resolve(process.env.HERSYS_SHARED ?? "../shared", "data/cases");
const skip = fs.existsSync(shared) ? false : `no real cases: ${shared} is not there`;
const files = [
  { name: "aichi_2020.csv", encoding: "utf-8", prefecture: "23", rows: 16574, source: "cases/23000" },
  { name: "osaka_2020_cp932.csv", encoding: "shift_jis", prefecture: "27", rows: 15421, source: "cases/27000" },
  { name: "hyogo_2020.csv", encoding: "utf-8", prefecture: "28", rows: 801, source: "cases/28000" },
];
const run = crypto.randomBytes(4).toString("hex"); // so that the tests may run again on the same stand
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "hersys-import-"));
fs.chmodSync(folder, 0o777); // the stand runs as another user

after(() => fs.rmSync(folder, { recursive: true }));

// ---- helpers ---------------------------------------------------------------------------------------------------------

// The output and exit status of `hersys import cases`.
function importCases(file, ...options) {
  const out = spawnSync("deploy/stand.sh", ["hersys", "import", "cases", file, ...options], { encoding: "utf8" });
  const [, rows, fresh, known, bad, errors, warnings] =
    out.stdout.match(/、(\d+)行：新しい行 (\d+)、取り込み済み (\d+)、取り込めない行 (\d+)（エラー (\d+)件、注意 (\d+)件）/)?.map(Number) ?? [];
  return { status: out.status, text: out.stdout, stderr: out.stderr, rows, fresh, known, bad, errors, warnings,
    lines: out.stdout.split("\n").filter((line) => /^\d+行目/.test(line)) };
}

const write = (name, content) => {
  const file = path.join(folder, name);
  fs.writeFileSync(file, content);
  fs.chmodSync(file, 0o644);
  return file;
};

const header = "No,全国地方公共団体コード,都道府県名,市区町村名,公表_年月日,発症_年月日,患者_居住地,患者_年代,患者_性別,患者_職業,患者_状態,患者_症状,患者_渡航歴の有無フラグ,患者_退院済フラグ,備考";
const columns = header.split(",");

// A row of the layout from a few cells; the rest are as in a plain case.
function row(no, cells = {}) {
  const plain = { No: no, 全国地方公共団体コード: "230006", 都道府県名: "愛知県", 公表_年月日: "2020-12-01",
    患者_居住地: "春日井市", 患者_年代: "40代", 患者_性別: "女性" };
  return columns.map((name) => ({ ...plain, ...cells })[name] ?? "").join(",");
}
const csv = (...rows) => [header, ...rows, ""].join("\r\n");

// Rows of every table that an import may write to.
const tables = ["patient", "notification", "notification_person", "test_record", "submission", "patient_status", "revision", "access", "todo", "search_key",
  "patient_link", "chain_edge", "import_key", "audit", "outbox", "organisation", "account"];
const sizes = () => Object.fromEntries(
  sql(tables.map((name) => `SELECT '${name}', count(*) FROM app.${name}`).join(" UNION ALL ")).map(([name, count]) => [name, Number(count)]));

// The files have no quotation marks, so splitting is parsing.
function readReal(file) {
  const text = new TextDecoder(file.encoding).decode(fs.readFileSync(path.join(shared, file.name)));
  const [names, ...rows] = text.replace(/^\ufeff/, "").trim().split(/\r?\n/).map((line) => line.split(","));
  return rows.map((cells) => Object.fromEntries(names.map((name, i) => [name, cells[i]])));
}

const bands = { "10歳未満": "0", "90歳以上": "90", 高齢者: "unknown", 就学児: "unknown", "": "" };
const bandOf = (text) => bands[text] ?? text.replace(/代$/, "");
const sexOf = (text) => ({ 男性: "male", 女性: "female", "": "" })[text];

const tally = (lines) => {
  const counts = {};
  for (const key of lines) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
};

// Where each row belongs, worked out from the reference files alone: names of centres by prefecture and publisher.
function centreRule() {
  const read = (name) => fs.readFileSync(`build-web/reference/${name}`, "utf8").trim().split("\n").map((line) => line.split("\t"));
  const centres = new Map(read("centre.tsv").map(([code, , , name]) => [code, name]));
  const competent = new Map(read("jurisdiction.tsv").map(([municipality, centre]) => [municipality, centres.get(centre)]));
  const towns = new Map();
  for (const [code, prefecture, , name] of read("municipality.tsv")) {
    const key = prefecture + name;
    towns.set(key, towns.has(key) ? null : code);
  }
  const hyogo = { 神戸: "神戸市保健所", 西宮: "西宮市保健所", 尼崎: "尼崎市保健所", 姫路: "姫路市保健所", 明石: "明石市保健所", 伊丹: "伊丹保健所",
    宝塚: "宝塚保健所", 加古川: "加古川保健所", 芦屋: "芦屋保健所", 加東: "加東保健所", 洲本: "洲本保健所", 丹波: "丹波保健所", 中播磨: "福崎保健所" };
  const areas = { 一宮保健所管内: "一宮市保健所" };
  return (prefecture, cells) => {
    if (cells.管轄保健所) return hyogo[cells.管轄保健所];
    const home = towns.get(prefecture + cells.患者_居住地);
    const publisher = towns.get(prefecture + cells.公表主体);
    return (home && competent.get(home)) ?? areas[cells.患者_居住地] ?? (publisher && competent.get(publisher)) ??
      competent.get(prefecture + "000");
  };
}

// ---- the real files --------------------------------------------------------------------------------------------------

const imported = `SELECT k.patient_id FROM app.import_key k WHERE k.source IN (${files.map((f) => `'${f.source}'`).join(",")})
                  AND k.external_no ~ '^2[378]-[0-9]+$'`;

before(() => {
  if (skip) return;
  for (const file of files) {
    const result = importCases(path.join(shared, file.name));
    assert.equal(result.status, 0, result.text.slice(-500) + result.stderr);
    assert.equal(result.rows, file.rows);
    assert.equal(result.fresh + result.known, file.rows);
    assert.equal(result.errors, 0);
    assert.match(result.text, file.encoding === "utf-8" ? /文字コード UTF-8/ : /文字コード Shift_JIS/);
  }
  sql("ANALYZE"); // what autovacuum does a minute later; the questions below are large
});

test("all 32,796 cases are there: by prefecture, day, age and sex as in the files", { skip }, () => {
  const expected = tally(files.flatMap((file) => readReal(file).map((cells) =>
    [file.prefecture, cells.公表_年月日, bandOf(cells.患者_年代), sexOf(cells.患者_性別)].join(" "))));
  assert.equal(Object.values(expected).reduce((a, b) => a + b), 32796);

  // As the record has it, and as the lists of the prefecture and of the country have it.
  const record = sql(`SELECT o.prefecture_code, n.diagnosis_date, p.age_band, p.sex, count(*)
    FROM app.patient p JOIN app.notification n USING (patient_id) JOIN app.organisation o ON o.organisation_id = p.responsible_id
   WHERE p.patient_id IN (${imported}) GROUP BY 1, 2, 3, 4`);
  const list = (above) => sql(`SELECT o.prefecture_code, a.diagnosis_date, a.age_band, a.sex, count(*)
    FROM app.access a JOIN app.organisation w ON w.organisation_id = a.organisation_id AND w.kind = '${above}'
    JOIN app.organisation o ON o.organisation_id = a.responsible_id
   WHERE a.patient_id IN (${imported}) GROUP BY 1, 2, 3, 4`);
  for (const rows of [record, list("prefecture"), list("ministry")])
    assert.deepEqual(Object.fromEntries(rows.map((cells) => [cells.slice(0, 4).join(" "), Number(cells[4])])), expected);
});

test("every row became what it says: onset, category, discharge, occupation, form, reporter", { skip }, () => {
  const real = files.flatMap((file) => readReal(file));
  const one = (text) => Number(sql(text)[0][0]);
  const onset = new Map(sql(`SELECT k.external_no, n.onset_date FROM app.import_key k JOIN app.notification n USING (patient_id)
    WHERE k.patient_id IN (${imported})`).map(([no, day]) => [no, day]));
  for (const cells of real)
    assert.equal(onset.get(cells.No), cells.患者_状態 === "無症状" ? "" : cells.発症_年月日, cells.No);
  assert.equal(one(`SELECT count(*) FROM app.notification WHERE patient_id IN (${imported}) AND category = 'asymptomatic'`),
    real.filter((cells) => cells.患者_状態 === "無症状").length);
  assert.equal(one(`SELECT count(*) FROM app.patient_status WHERE patient_id IN (${imported}) AND status = 'discharged'
      AND entered_by = 0 AND since = (SELECT diagnosis_date FROM app.notification n WHERE n.patient_id = patient_status.patient_id)`),
    real.filter((cells) => cells.患者_退院済フラグ === "1").length);
  assert.equal(one(`SELECT count(*) FROM app.notification n JOIN app.patient p USING (patient_id)
      WHERE patient_id IN (${imported}) AND form_version = '2020-05' AND reporter_id = responsible_id AND confirmed_at IS NULL
        AND reported_at = diagnosis_date::timestamp AT TIME ZONE 'Asia/Tokyo' AND entered_by = 0`), 32796);
  assert.equal(one(`SELECT count(*) FROM app.revision r WHERE patient_id IN (${imported}) AND reason = '取り込み' AND version = 1`), 32796);
  assert.equal(one(`SELECT count(*) FROM app.submission s JOIN app.notification n USING (patient_id, category)
      WHERE patient_id IN (${imported}) AND submitted_at = reported_at`), 32796);
});

test("every centre sees its own, those above see theirs, nobody else sees anything", { skip }, () => {
  const rule = centreRule();
  const expected = {}, got = {};
  for (const file of files)
    for (const cells of readReal(file)) (expected[rule(file.prefecture, cells)] ??= []).push(cells.No);
  for (const [name, no] of sql(`SELECT o.name, k.external_no FROM app.access a JOIN app.organisation o USING (organisation_id)
      JOIN app.import_key k USING (patient_id) WHERE k.patient_id IN (${imported}) AND o.kind = 'centre'`))
    (got[name] ??= []).push(no);
  for (const list of [...Object.values(expected), ...Object.values(got)]) list.sort();
  assert.deepEqual(Object.keys(got).sort(), Object.keys(expected).sort());
  for (const name of Object.keys(expected)) assert.deepEqual(got[name], expected[name], name);

  // What stands above a centre, and with which relation, is table organisation_above; here in words of its own.
  const wrong = sql(`
    WITH own AS MATERIALIZED (SELECT p.patient_id, p.responsible_id FROM (${imported}) k JOIN app.patient p USING (patient_id)),
    want AS (SELECT patient_id, responsible_id AS organisation_id, 3 AS relations FROM own
             UNION ALL SELECT patient_id, c.organisation_id, 8 FROM own JOIN app.organisation h ON h.organisation_id = responsible_id
               JOIN app.organisation c ON c.organisation_id = h.parent_id AND c.kind = 'city'
             UNION ALL SELECT patient_id, p.organisation_id, 16 FROM own JOIN app.organisation h ON h.organisation_id = responsible_id
               JOIN app.organisation p ON p.kind = 'prefecture' AND p.prefecture_code = h.prefecture_code
             UNION ALL SELECT patient_id, m.organisation_id, 32 FROM own JOIN app.organisation m ON m.kind = 'ministry'),
    got AS (SELECT a.patient_id, a.organisation_id, a.relations FROM own JOIN app.access a USING (patient_id))
    (SELECT * FROM want EXCEPT SELECT * FROM got) UNION ALL (SELECT * FROM got EXCEPT SELECT * FROM want) LIMIT 5`);
  assert.deepEqual(wrong, []);
});

test("the same files a second time add nothing", { skip }, () => {
  const before = sizes();
  for (const file of files) {
    const result = importCases(path.join(shared, file.name));
    assert.equal(result.status, 0);
    assert.deepEqual([result.fresh, result.known, result.bad], [0, file.rows, 0]);
  }
  assert.deepEqual(sizes(), before);
});

test("places that are none are told, each with its row, and are no errors", { skip }, () => {
  const result = importCases(path.join(shared, "hyogo_2020.csv"), "--dry-run");
  const real = readReal(files[2]);
  const strange = real.map((cells, i) => [cells.患者_居住地, i + 1])
    .filter(([home]) => !/^(神戸|西宮|尼崎|姫路|宝塚|芦屋|伊丹|明石|加古川|川西|三田|高砂|淡路|丹波|加西|三木)市$|^(稲美|福崎|播磨|猪名川)町$/.test(home));
  for (const [home, number] of strange)
    assert.ok(result.lines.some((line) => line.startsWith(`${number}行目（ファイルの${number + 1}行目） 注意 患者_居住地「${home}」：`)), `${number} ${home}`);
  assert.equal(result.warnings, strange.length + 1); // and one onset after its announcement
  assert.ok(result.lines.some((line) => line.includes("発症_年月日「2020-04-14」：")));
});

test("who infected whom in Aichi: every number of 接触先No is a link or is told, as counted from the file", { skip }, () => {
  const result = importCases(path.join(shared, files[0].name), "--dry-run");
  const rows = readReal(files[0]), place = new Map(rows.map((cells, i) => [cells.No, i]));
  const kind = (no, i) => (!place.has(no) ? "unfound" : place.get(no) === i ? "self" : place.get(no) > i ? "forward" : "");
  const counts = { links: 0, self: 0, forward: 0, unfound: 0, several: 0 };
  const held = []; // what each row says in the end, "No of the patient <- No of the source"
  rows.forEach((cells, i) => {
    if (cells.接触先No === "") return;
    const numbers = cells.接触先No.split(";"), best = numbers.find((no) => kind(no, i) === "") ?? numbers[0], mark = kind(best, i);
    for (const no of numbers) {
      const told = result.lines.some((line) => line.startsWith(`${i + 1}行目（ファイルの${i + 2}行目） 注意 接触先No「${no}」：`));
      assert.equal(told, kind(no, i) !== "", `${cells.No} ${no}`);
    }
    counts.several += numbers.length > 1;
    if (mark !== "") counts[mark]++;
    counts.links += place.has(best) && mark !== "self";
    held.push(`${cells.No}|${best}|${mark}`);
  });
  const [, links, forward, self, unfound, several] = result.text.match(/感染のつながり（接触先No）：(\d+)件、うち感染源があとの行 (\d+)件。つながらないもの：ご自身の番号 (\d+)件、行がない番号 (\d+)件。感染源が2つ以上ある行 (\d+)件/).map(Number);
  assert.deepEqual({ links, self, forward, unfound, several }, counts);
  assert.ok(counts.self > 0 && counts.forward > 0 && counts.several > 0 && counts.links > 8000);
  const written = sql(`SELECT k.external_no || '|' || l.source_text || '|' || l.mark, coalesce(s.external_no, '') = CASE WHEN l.mark = 'unfound' THEN '' ELSE l.source_text END
    FROM app.patient_link l JOIN app.import_key k USING (patient_id) LEFT JOIN app.import_key s ON s.patient_id = l.source_id
    WHERE l.holds AND l.origin = 'import' AND k.patient_id IN (${imported}) AND k.source LIKE 'cases/23%'`);
  assert.deepEqual(written.map(([words]) => words).sort(), held.sort());
  assert.ok(written.every(([, same]) => same === "t"), "the source is the patient of that number");
  assert.equal(Number(sql(`SELECT count(*) FROM app.chain_edge e JOIN app.account a USING (organisation_id)
    WHERE a.login = 'aichi' AND e.patient_id IN (${imported})`)[0][0]), counts.links, "the prefecture may walk all of them");
});

test("numbers that name nobody, oneself, or somebody further down stop nothing", () => {
  const contact = (no, cells, other) => `${row(`${run}link-${no}`, cells)},${other}`;
  const file = `${header},接触先No\r\n${[contact(1, {}, `${run}link-1`), contact(2, {}, `${run}link-3`), contact(3, {}, `${run}link-99; ${run}link-1`), contact(4, {}, "???")].join("\r\n")}\r\n`;
  const result = importCases(write("contacts.csv", file));
  assert.equal(result.status, 0, result.text);
  assert.deepEqual([result.fresh, result.errors], [4, 0]);
  assert.match(result.text, /：2件、うち感染源があとの行 1件。つながらないもの：ご自身の番号 1件、行がない番号 1件。感染源が2つ以上ある行 1件/);
  const found = sql(`SELECT right(k.external_no, 1), l.link_no, l.mark, l.holds, coalesce(right(s.external_no, 1), '') FROM app.patient_link l JOIN app.import_key k USING (patient_id)
    LEFT JOIN app.import_key s ON s.patient_id = l.source_id WHERE k.external_no LIKE '${run}link-%' ORDER BY 1, 2`);
  assert.deepEqual(found, [["1", "1", "self", "t", "1"], ["2", "1", "forward", "t", "3"], ["3", "1", "unfound", "f", ""], ["3", "2", "", "t", "1"], ["4", "1", "unfound", "t", ""]]);
});

// ---- what is wrong with files ----------------------------------------------------------------------------------------

const spoilt = (no) => csv(
  row(`${no}-1`),
  row(`${no}-2`, { 発症_年月日: "尼崎市" }),
  row(`${no}-3`, { 公表_年月日: "2020-02-30" }),
  row(`${no}-4`, { 公表_年月日: "" }),
  row("", {}),
  row(`${no}-1`),
  row(`${no}-7`, { 患者_性別: "おとこ" }),
  row(`${no}-8`, { 公表_年月日: "2100-01-01" }),
  row(`${no}-9`, { 患者_退院済フラグ: "済" }),
  row(`${no}-10`, { 全国地方公共団体コード: "990000", 都道府県名: "" }),
  row(`${no}-11`, { 都道府県名: "大阪府" }),
  row(`${no}-12`) + ",余分",
  row(`${no}-13`, { 患者_年代: "就学児", 患者_居住地: "調査中" }),
  row(`${no}-14`, { 患者_居住地: "=HYPERLINK(\"http://example.jp\")".replace(/.*/, (cell) => `"${cell.replaceAll('"', '""')}"`) }),
);

const errorsOf = [
  [2, "発症_年月日「尼崎市」", "日付として読み取れません"],
  [3, "公表_年月日「2020-02-30」", "カレンダーにない日付"],
  [4, "公表_年月日「」", "空欄"],
  [5, "No「」", "空欄"],
  [6, "No「", "1行目と同じ番号"],
  [7, "患者_性別「おとこ」", "性別として読み取れません"],
  [8, "公表_年月日「2100-01-01」", "今日より後"],
  [9, "患者_退院済フラグ「済」", "1か0"],
  [10, "全国地方公共団体コード「990000」", "全国地方公共団体コードではありません"],
  [11, "都道府県名「大阪府」", "全国地方公共団体コードの都道府県と違います"],
  [12, "", "列の数が16です"],
];

test("a dry run lists every problem with row, column and reason, and writes nothing", () => {
  const before = sizes();
  const result = importCases(write("spoilt.csv", spoilt(`${run}a`)), "--dry-run");
  assert.equal(result.status, 1);
  assert.deepEqual([result.rows, result.fresh, result.bad, result.errors], [14, 3, 11, 11]);
  for (const [number, column, reason] of errorsOf) {
    const line = result.lines.find((text) => text.startsWith(`${number}行目（ファイルの${number + 1}行目） エラー`));
    assert.ok(line?.includes(column) && line.includes(reason), `${number}: ${line}`);
  }
  assert.equal(result.lines.filter((line) => line.includes("エラー")).length, errorsOf.length);
  assert.ok(result.lines.some((line) => line.startsWith("13行目") && line.includes("患者_年代「就学児」")));
  assert.ok(result.lines.some((line) => line.startsWith("13行目") && line.includes("患者_居住地「調査中」")));
  // A value is shown as far as its row can be found by it, and no further.
  assert.ok(result.lines.some((line) => line.startsWith("14行目") && line.includes("「=HYPERLINK(\"http://e…」")));
  assert.deepEqual(sizes(), before);
});

test("what a file holds does not steer the operator's terminal", () => {
  const result = importCases(write("control.csv", csv(row(`${run}t-1`, { 患者_性別: "\u001b[2J\u009b2J\u0007?" }))), "--dry-run");
  assert.equal(result.lines.length, 1);
  assert.match(result.lines[0], /患者_性別「 \[2J 2J \?」：/);
});

test("one bad row, and nothing is taken", () => {
  const before = sizes();
  const result = importCases(write("one-bad.csv", csv(row(`${run}b-1`), row(`${run}b-2`), row(`${run}b-3`, { 患者_性別: "?" }))));
  assert.equal(result.status, 1);
  assert.match(result.text, /1件も取り込みません/);
  assert.deepEqual(sizes(), before);
});

test("the good rows are taken, the rest comes back with its reasons, and goes in when it is corrected", () => {
  const before = sizes();
  const file = write("skip.csv", spoilt(`${run}c`));
  const rest = path.join(folder, "rest.csv");
  const result = importCases(file, "--skip-bad", `--rest=${rest}`);
  assert.equal(result.status, 0);
  assert.deepEqual([result.fresh, result.bad], [3, 11]);
  assert.equal(sizes().patient, before.patient + 3);
  // Each of them is in the trail, under the centre in charge of it.
  const trail = sql(`SELECT p.patient_id, u.action, u.detail, u.account_id, u.owner_id = p.responsible_id FROM app.import_key k
    JOIN app.patient p USING (patient_id) JOIN app.audit u ON u.patient_ids @> ARRAY[p.patient_id] WHERE k.external_no ~ '^${run}c-'`);
  assert.equal(new Set(trail.map(([patient]) => patient)).size, 3);
  for (const [, ...entry] of trail) assert.deepEqual(entry, ["import", "取り込み", "0", "t"]);

  const bytes = fs.readFileSync(rest);
  assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
  const lines = bytes.toString("utf8").slice(1).split("\r\n");
  assert.equal(lines[0], `${header},取り込めない理由`);
  assert.equal(lines.length, 13); // header, 11 rows, nothing behind the last line end
  assert.match(lines[1], /尼崎市.*発症_年月日：日付として読み取れません/);

  // A person corrects what is wrong with each, and leaves the column of reasons as it is.
  const fixes = [["尼崎市", "2020-11-30"], ["2020-02-30", "2020-02-29"], ["愛知県,,,,", "愛知県,,2020-12-02,,"], [/^,/, `${run}c-5,`],
    [/^[^,]*/, `${run}c-6`], ["おとこ", "男"], ["2100-01-01", "2021-01-01"], ["済,", "1,"], ["990000,,", "230006,愛知県,"], ["大阪府", "愛知県"],
    [",余分", ""]];
  const corrected = [lines[0], ...lines.slice(1, 12).map((line, i) => line.replace(...fixes[i])), ""].join("\r\n");
  const again = importCases(write("corrected.csv", "\ufeff" + corrected));
  assert.equal(again.status, 0, again.text);
  assert.deepEqual([again.fresh, again.known, again.bad], [11, 0, 0]);
  assert.equal(sizes().patient, before.patient + 14);
  // The file as it was has nothing new any more; its bad rows are as bad as before, but for the one number used twice.
  const whole = importCases(file, "--dry-run");
  assert.deepEqual([whole.fresh, whole.known, whole.bad], [0, 3 + 1, 10]);
});

test("a cell that a spreadsheet would take for a formula is guarded on the way out and comes back as it was", () => {
  const evil = ["=1+1", "+81", "-1", "@SUM(A1)", "＝cmd"];
  const rest = path.join(folder, "formula-rest.csv");
  const bad = evil.map((cell, i) => row(`${run}d-${i}`, { 備考: cell, 患者_性別: "?" }));
  assert.equal(importCases(write("formula.csv", csv(...bad)), "--skip-bad", `--rest=${rest}`).status, 0);
  const text = fs.readFileSync(rest, "utf8");
  for (const cell of evil) assert.ok(text.includes(`"'${cell}"`), cell);
  const again = importCases(write("formula-corrected.csv", text.replaceAll(",?,", ",男,")));
  assert.deepEqual([again.status, again.fresh], [0, evil.length]);
  const stored = sql(`SELECT n.remarks FROM app.import_key k JOIN app.notification n USING (patient_id)
    WHERE k.external_no ~ '^${run}d-' ORDER BY k.external_no`);
  assert.deepEqual(stored.map(([remarks]) => remarks), evil);
});

test("files that cannot be read are refused whole, with the reason", () => {
  const good = csv(row(`${run}e-1`));
  const cases = [
    ["missing.csv", good.replace("患者_性別", "性"), /列「患者_性別」がありません/],
    ["twice.csv", good.replace("備考", "No"), /列「No」が2つあります/],
    ["nowhere.csv", good.replace("全国地方公共団体コード", "x").replace("都道府県名", "y"), /どちらもありません/],
    ["quote.csv", good + `${run}e-2,230006,"愛知`, /ファイルの3行目の引用符/],
    ["empty.csv", "", /ファイルが空です/],
    ["utf16.csv", Buffer.from("\ufeff" + good, "utf16le"), /文字を読み取れません/],
    ["broken.csv", Buffer.concat([Buffer.from(good), Buffer.from([0x81, 0x0a])]), /文字を読み取れません/],
  ];
  const before = sizes();
  for (const [name, content, reason] of cases) {
    const result = importCases(write(name, content));
    assert.equal(result.status, 1, name);
    assert.match(result.text, reason, name);
  }
  assert.equal(importCases(path.join(folder, "not-there.csv")).status, 1);
  assert.equal(importCases(write("rest-alone.csv", good), `--rest=${folder}/x.csv`).status, 2);
  assert.deepEqual(sizes(), before);
});

test("encodings, line ends, order of columns, further columns and ways of writing make no difference", () => {
  const content = (no) => csv(row(`${no}-1`, { 公表_年月日: "2020/12/1", 患者_年代: "１０代", 患者_職業: "髙校生①" }));
  const shuffled = (no) => {
    const order = [...columns.keys()].reverse();
    return content(no).trim().split("\r\n").map((line) => [...order.map((i) => line.split(",")[i]), "余分"].join(",")).join("\n");
  };
  const variants = [
    content(`${run}f0`),
    "\ufeff" + content(`${run}f1`).replaceAll("\r\n", "\n"),
    execFileSync("iconv", ["-f", "UTF-8", "-t", "CP932"], { input: content(`${run}f2`) }),
    shuffled(`${run}f3`),
    content(`${run}f4`).replace("2020/12/1", "令和2年12月1日").replace("１０代", "10歳代") + ",,,,,,,,,,,,,,\r\n\r\n",
  ];
  variants.forEach((content, i) => assert.equal(importCases(write(`variant${i}.csv`, content)).status, 0, String(i)));
  const stored = sql(`SELECT DISTINCT n.diagnosis_date, p.age_band, p.occupation, p.sex, p.home_municipality, o.name
    FROM app.import_key k JOIN app.notification n USING (patient_id) JOIN app.patient p USING (patient_id)
    JOIN app.organisation o ON o.organisation_id = p.responsible_id WHERE k.external_no ~ '^${run}f'`);
  assert.deepEqual(stored, [["2020-12-01", "10", "髙校生①", "female", "23206", "春日井保健所"]]);
});

test("states, symptoms and flags become items; what a form does not have is told", () => {
  const file = write("items.csv", csv(
    row(`${run}g-1`, { 患者_状態: "無症状", 発症_年月日: "2020-11-30" }),
    row(`${run}g-2`, { 患者_症状: "発熱、味覚障害・寒気", 患者_渡航歴の有無フラグ: "1", 備考: "再陽性" }),
    row(`${run}g-3`, { 患者_状態: "死亡", 患者_退院済フラグ: "1" }),
    row(`${run}g-4`, { 患者_状態: "軽症", 公表_年月日: "2021-03-01" }),
    row(`${run}g-5`, { 患者_状態: "隔離", 患者_年代: "100歳以上", 患者_性別: "調査中" })));
  const result = importCases(file);
  assert.equal(result.status, 0, result.text);
  assert.ok(result.lines.some((line) => line.startsWith("1行目") && line.includes("を入力しないため、取り込みません")));
  const stored = sql(`SELECT n.category, n.onset_date, n.symptoms, n.symptom_other, n.severity, n.remarks, s.status, p.age_band, p.sex
    FROM app.import_key k JOIN app.notification n USING (patient_id) JOIN app.patient p USING (patient_id)
    LEFT JOIN app.patient_status s USING (patient_id) WHERE k.external_no ~ '^${run}g' ORDER BY k.external_no`);
  assert.deepEqual(stored, [
    ["asymptomatic", "", "", "", "", "", "", "40", "female"],
    ["confirmed", "", "{fever,smell_taste,other}", "寒気", "", "渡航歴あり／再陽性", "", "40", "female"],
    ["confirmed", "", "", "", "", "", "dead", "40", "female"],
    ["confirmed", "", "", "", "mild", "", "", "40", "female"],
    ["confirmed", "", "", "", "", "患者の状態: 隔離", "", "90", "unknown"]]);
});

// ---- lists and record agree ------------------------------------------------------------------------------------------

// Everything that the lists hold of each patient, in one line each.
function lists() {
  return new Map(sql(`SELECT patient_id, md5(string_agg(line, '|' ORDER BY line)) FROM (
      SELECT patient_id, 'a' || a::text AS line FROM app.access a
      UNION ALL SELECT patient_id, 't' || t::text FROM app.todo t
      UNION ALL SELECT patient_id, 's' || s::text FROM app.search_key s) every GROUP BY 1`));
}

// A further person at a centre, with the demonstration's password.
function addAccount(login, centre, phone) {
  sql(`INSERT INTO app.account (login, organisation_id, holder, personal, role, password_hash, password_initial, terms_version, terms_agreed_at)
    SELECT '${login}', o.organisation_id, '検査 花子', true, 'staff', a.password_hash, false, a.terms_version, now()
      FROM app.account a, app.organisation o WHERE a.login = 'hoken1' AND o.name = '${centre}' AND o.kind = 'centre' ON CONFLICT DO NOTHING`);
  sql(`INSERT INTO app.account_phone SELECT account_id, '${phone}', now() FROM app.account WHERE login = '${login}' ON CONFLICT DO NOTHING`);
}

// Enters a status by hand and takes it back: the lists are then made anew by the normal path, out of the same record.
async function touch(client, start, count) {
  const today = new Date(Date.now() + 9 * 3600e3).toISOString().slice(0, 10);
  const patients = new Set();
  for (let address = start; address && patients.size < count;) {
    const page = await client.get(address);
    for (const [, id] of page.text.matchAll(/href="\/patient\/(\d{11})"/g)) if (patients.size < count) patients.add(id);
    address = page.text.match(/class="pager"><a[^>]*href="([^"]+)"/)?.[1].replaceAll("&amp;", "&");
  }
  assert.equal(patients.size, count, `${start} has patients enough`);
  for (const id of patients) {
    await client.get(`/patient/${id}/status`); // the form says from which version it was made
    let answer = await client.post(`/patient/${id}/status`, { status: "home", since: today });
    assert.equal(answer.status, 303);
    const page = await client.get(`/patient/${id}/status`);
    const number = page.text.match(/<strong>自宅療養中<\/strong>[\s\S]*?name="number" value="(\d+)"/)[1];
    answer = await client.post(`/patient/${id}/status/withdraw`, { number });
    assert.equal(answer.status, 303);
  }
}

test("what the bulk writer put into the lists is what the normal path puts there: 200 patients", { skip }, async () => {
  addAccount("test-osaka", "大阪市保健所", "09000000901");
  addAccount("test-itami", "伊丹保健所", "09000000902");
  addAccount("test-hachioji", "八王子市保健所", "09000000903");
  hersys("demo", "generate", "--patients=3000", "--seed=5");
  const before = lists(), versions = Number(sql("SELECT sum(version) FROM app.patient")[0][0]);
  await touch(await signIn("hoken1"), "/todo/unconfirmed", 50); // Aichi's file
  await touch(await signIn("hoken1"), "/patients", 40); // the demonstration's own fortnight
  await touch(await signIn("test-osaka"), "/todo/unconfirmed", 60);
  await touch(await signIn("test-itami"), "/todo/items_missing", 40);
  await touch(await signIn("test-hachioji"), "/patients", 10); // generated
  assert.equal(Number(sql("SELECT sum(version) FROM app.patient")[0][0]), versions + 2 * 200);
  const later = lists();
  assert.equal(later.size, before.size);
  for (const [patient, line] of before) assert.equal(later.get(patient), line, `patient ${patient}`);
});

// A patient in every table as JSON, without its number, the moments and the words that say how it came in.
const whole = (patient) => {
  const rows = (table, without) => `(SELECT coalesce(jsonb_agg(line ORDER BY line::text), '[]') FROM
    (SELECT to_jsonb(t) - string_to_array('patient_id,${without}', ',') AS line FROM app.${table} t WHERE patient_id = ${patient}) every)`;
  return JSON.parse(sql(`SELECT jsonb_build_object('patient', ${rows("patient", "created_at")},
    'notification', ${rows("notification", "reported_at")}, 'notification_person', ${rows("notification_person", "")}, 'test_record', ${rows("test_record", "")},
    'submission', ${rows("submission", "submitted_at")}, 'patient_status', ${rows("patient_status", "")},
    'revision', ${rows("revision", "revision_no,at,reason")}, 'access', ${rows("access", "listed_at")},
    'todo', ${rows("todo", "since")}, 'search_key', ${rows("search_key", "")})`)[0][0]);
};

// What a person would have typed to get this record; what the system works out itself is left to it.
function typed(record) {
  const derived = /^(age_years|age_band|.*_municipality)$/;
  const state = /^(version|responsible_id|received_by_id|notification_no|form_version|short_form|deemed|reporter_id|entered_by|.*_at|.*_no)$/;
  const tests = record.test_record.flatMap((test) => Object.entries(test).map(([name, value]) => [`test${test.test_no}_${name}`, value]));
  const items = Object.entries({ ...record.patient[0], ...record.notification[0], ...record.notification_person[0], ...Object.fromEntries(tests) })
    .filter(([name, value]) => value !== null && !derived.test(name) && !state.test(name))
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(" ") : value]);
  return { ...notification(), ...Object.fromEntries(items), items: items.map(([name]) => name).join(" "), form: record.notification[0].form_version };
}

test("a bulk-written patient is column by column what the same report over HTTP becomes", async () => {
  const logins = { K2310001: "sakura", K2310002: "minato" };
  const candidates = sql(`SELECT n.patient_id, o.code FROM app.import_key k JOIN app.notification n USING (patient_id)
    JOIN app.patient p USING (patient_id) JOIN app.organisation o ON o.organisation_id = n.reporter_id
   WHERE k.source = 'demo/recent' AND p.version = 1 AND n.confirmed_at IS NULL AND o.code IN ('K2310001', 'K2310002')
     AND NOT EXISTS (SELECT FROM app.patient_status s WHERE s.patient_id = p.patient_id) ORDER BY 1`);
  assert.ok(candidates.length >= 2, "patients whom nobody has touched");
  for (const [patient, code] of candidates) {
    const bulk = whole(patient);
    const answer = await (await signIn(logins[code])).post("/notification", typed(bulk));
    assert.ok(receipt(answer), answer.text);
    const [[reported]] = sql("SELECT patient_id FROM app.audit WHERE action = 'notification_report' ORDER BY at DESC LIMIT 1");
    const byHand = whole(reported);
    assert.ok(Object.keys(bulk).every((table) => table === "patient_status" || bulk[table].length > 0), "nothing is compared with nothing");
    for (const table of Object.keys(bulk)) assert.deepEqual(bulk[table], byHand[table], table);
    const owners = (which) => sql(`SELECT count(*) > 0, bool_and(owner_id = ${bulk.patient[0].responsible_id}) FROM app.audit WHERE ${which}`);
    assert.deepEqual(owners(`action = 'import' AND patient_ids @> ARRAY[${patient}::bigint]`), [["t", "t"]]);
    assert.deepEqual(owners(`action = 'notification_report' AND patient_id = ${reported}`), [["t", "t"]]);
  }
});

// ---- killed in the middle --------------------------------------------------------------------------------------------

const childrenOf = (pid) => fs.readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// The process of this name at or below `pid`.
function descendant(pid, name) {
  if (fs.readFileSync(`/proc/${pid}/comm`, "utf8").trim() === name) return pid;
  return childrenOf(pid).map((child) => descendant(child, name)).find(Boolean);
}

test("an import that is killed in the middle has written nothing, and goes through when it is started again", async () => {
  const count = 12000; // three chunks
  const file = write("killed.csv", csv(...Array.from({ length: count }, (_, i) => row(`${run}k-${i}`))));
  // A sequence is not taken back: it tells that the second chunk has begun, and so the first has been sent.
  const number = () => Number(sql("SELECT last_value FROM app.patient_number")[0][0]);
  const before = sizes(), first = number();
  const child = spawn("deploy/stand.sh", ["hersys", "import", "cases", file], { stdio: "ignore" });
  const ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve(signal ?? code)));
  while (number() <= first + 5000) await sleep(5);
  process.kill(descendant(child.pid, "hersys"), "SIGKILL");
  assert.notEqual(await ended, 0);
  while (Number(sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'hersys_jobs' AND xact_start IS NOT NULL")[0][0]) > 0) await sleep(50);
  assert.deepEqual({ ...sizes(), outbox: before.outbox }, before); // mails of the tests before are still being made
  assert.match(hersys("audit", "verify"), / 0 problems$/m);

  const again = importCases(file);
  assert.deepEqual([again.status, again.fresh, again.known], [0, count, 0]);
  assert.equal(sizes().patient, before.patient + count);
  assert.deepEqual([importCases(file).known], [count]);
});

// ---- synthetic patients ----------------------------------------------------------------------------------------------

const newest = () => Number(sql("SELECT coalesce(max(patient_id), 0) FROM app.patient")[0][0]);

// All that was generated after patient `from`, without the numbers and moments that no seed decides.
const generated = (from) => sql(`SELECT md5(string_agg(concat_ws('|', to_jsonb(p) - 'patient_id', to_jsonb(n) - 'patient_id',
      (SELECT jsonb_agg(to_jsonb(t) - 'patient_id') FROM app.test_record t WHERE t.patient_id = p.patient_id),
      (SELECT jsonb_agg(to_jsonb(s) - 'patient_id') FROM app.patient_status s WHERE s.patient_id = p.patient_id),
      (SELECT jsonb_agg(to_jsonb(a) - 'patient_id' ORDER BY a.organisation_id) FROM app.access a WHERE a.patient_id = p.patient_id),
      (SELECT jsonb_agg(to_jsonb(d) - 'patient_id' ORDER BY d.organisation_id, d.kind) FROM app.todo d WHERE d.patient_id = p.patient_id),
      (SELECT jsonb_agg(to_jsonb(k) - 'patient_id' ORDER BY k.organisation_id, k.key) FROM app.search_key k WHERE k.patient_id = p.patient_id)),
      E'\\n' ORDER BY p.patient_id)), count(*)
  FROM app.patient p JOIN app.notification n USING (patient_id) WHERE p.patient_id > ${from}`)[0];

test("the same seed makes the same patients, another seed others", () => {
  const made = [7, 7, 8].map((seed) => {
    const from = newest();
    hersys("demo", "generate", "--patients=400", `--seed=${seed}`);
    return generated(from);
  });
  assert.equal(made[0][1], "400");
  assert.deepEqual(made[1], made[0]);
  assert.notEqual(made[2][0], made[0][0]);
});

test("synthetic patients are whole, spread over the country and the years, and say what they are", () => {
  const from = newest();
  hersys("demo", "generate", "--patients=4000", "--seed=11");
  const [row] = sql(`SELECT count(*) FILTER (WHERE family_name IS NULL OR family_kana IS NULL OR birth_date IS NULL OR home_municipality IS NULL),
      count(DISTINCT left(home_municipality, 2)), count(DISTINCT n.form_version), count(*) FILTER (WHERE n.remarks !~ '合成データ'),
      count(*) FILTER (WHERE p.phone !~ '^0900'), count(*) FILTER (WHERE n.confirmed_at IS NOT NULL) * 100 / count(*),
      count(*) FILTER (WHERE o.kind <> 'clinic' OR o.name !~ '合成'), min(n.diagnosis_date) < '2021-06-01', max(n.diagnosis_date) < '2023-03-01',
      count(*) FILTER (WHERE app.competent_centre(p.home_municipality) <> p.responsible_id), count(DISTINCT p.family_name) > 100
    FROM app.patient p JOIN app.notification n USING (patient_id) JOIN app.organisation o ON o.organisation_id = n.reporter_id
   WHERE p.patient_id > ${from}`);
  assert.ok(Number(row[5]) >= 90);
  row.splice(5, 1);
  assert.deepEqual(row, ["0", "47", "5", "0", "0", "0", "t", "t", "0", "t"]);
  // Impossible values are found by the same checks as typed ones: only what was left out on purpose is asked for.
  assert.deepEqual(sql(`SELECT kind FROM app.todo WHERE patient_id > ${from} AND kind = 'values_doubtful'`), []);
});

test("the demonstration has its recent patients, once", () => {
  hersys("demo", "seed");
  assert.deepEqual(sql(`SELECT count(*), count(*) FILTER (WHERE o.code ~ '^K23') FROM app.import_key k
      JOIN app.notification n USING (patient_id) JOIN app.organisation o ON o.organisation_id = n.reporter_id WHERE k.source = 'demo/recent'`),
    [["200", "200"]]);
});

test("nobody signs in as the account that stands for the system", async () => {
  await assert.rejects(signIn("import", { password: "" }), /password refused/);
  await assert.rejects(signIn("import"), /password refused/);
});

test("statements, tables and the trail are in order afterwards", () => {
  assert.match(hersys("check", "sql"), /^0 problems$/m);
  assert.match(hersys("check", "dictionary"), /^0 problems$/m);
  assert.match(hersys("audit", "verify"), / 0 problems$/m);
});
