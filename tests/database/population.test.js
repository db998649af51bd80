// population.test.js - `hersys population`: the people of prefectures, cities and centres, from a file; who may write them, and who not.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { asRole, hersys, sql } from "../http/database.js";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "hersys-people-"));
const head = "コード,基準日,人口,出典";
let kept;
const all = () => sql("SELECT p.* FROM app.population p ORDER BY 1, 2").map((row) => row.join(" "));
const of = (area) => sql(`SELECT since, people, source FROM app.population WHERE area = ${area} AND since > '2020-10-01' ORDER BY since`).map((row) => row.join(" "));
const place = (code) => `(SELECT 'o' || organisation_id FROM app.organisation WHERE code = '${code}')`;

before(() => {
  fs.chmodSync(folder, 0o755); // the operator of the stand may be somebody else
  kept = all();
});
after(() => {
  fs.rmSync(folder, { recursive: true });
  sql("DELETE FROM app.population WHERE source ~ '^test'");
  assert.deepEqual(all(), kept);
});

function load(content) {
  const file = path.join(folder, "people.csv");
  fs.writeFileSync(file, content);
  return spawnSync("deploy/stand.sh", ["hersys", "population", "load", file], { encoding: "utf8" });
}
function good(content, rows, fresh) {
  const { status, stdout } = load(content);
  assert.equal(stdout, `${rows}行を取り込みました。うち、新しい行と変わった行は${fresh}行です。\n`);
  assert.equal(status, 0);
}

test("a table is taken: prefectures, cities and centres by their codes, as people and spreadsheets write it", () => {
  good(`\ufeff${head}\r\n1,2031/10/1,5100000,test census\r\nP13,令和13年10月1日,"14,100,000",test census\r\nC23100,2031-10-01,２３１００００,"test ""city"", estimate"\r\n\r\nH23206-1,2031/10/01, 480000 ,test centre\r\n`, 4, 4);
  assert.deepEqual([of("'01'"), of("'13'"), of(place("C23100")), of(place("H23206-1"))],
    [["2031-10-01 5100000 test census"], ["2031-10-01 14100000 test census"], ['2031-10-01 2310000 test "city", estimate'], ["2031-10-01 480000 test centre"]]);
  // The country follows its prefectures; cities and centres are in them already.
  const [[people]] = sql("SELECT people FROM app.figure_population WHERE area = '00' AND since = '2031-10-01'");
  assert.equal(Number(people), 126146000 - 5225000 - 14048000 + 5100000 + 14100000);
});

test("the same again changes nothing; a number of the same day is put in place of the old one", () => {
  good("code,since,people,source\n01,2031-10-01,5100000,test census\nH23206-1,2031-10-01,480001,test centre\n", 2, 1);
  assert.deepEqual(of(place("H23206-1")), ["2031-10-01 480001 test centre"]);
});

test("a file of Windows is read, and what is printed can be loaded", () => {
  const heading = Buffer.from([0x83, 0x52, 0x81, 0x5b, 0x83, 0x68, 0x2c, 0x8a, 0xee, 0x8f, 0x80, 0x93, 0xfa, 0x2c, 0x90, 0x6c, 0x8c, 0xfb, 0x2c, 0x8f, 0x6f, 0x93, 0x54]); // the heading in CP932
  good(Buffer.concat([heading, Buffer.from("\r\n47,2031-10-01,1400000,test\r\n")]), 1, 1);
  const shown = hersys("population", "show"), lines = shown.trim().split("\r\n");
  assert.equal(lines[0], head);
  assert.ok(lines.includes("47,2031-10-01,1400000,test") && lines.includes("H23206-1,2031-10-01,480001,test centre"));
  good(shown, lines.length - 1, 0);
});

test("what is wrong is said by line and column, and then nothing is written", () => {
  const before = all();
  const bad = [
    [`${head}\n01,2032-10-01,100,test\n99,2032-10-01,100,test\n`, /^3行目 コード「99」：.*コードではありません/],
    [`${head}\n00,2032-10-01,100,test\n`, /^2行目 コード「00」：.*全国は都道府県の合計/],
    [`${head}\nK2310001,2032-10-01,100,test\n`, /^2行目 コード「K2310001」/], // a clinic
    [`${head}\nL2300001,2032-10-01,100,test\n`, /^2行目 コード「L2300001」/], // a laboratory
    [`${head}\n,2032-10-01,100,test\n`, /^2行目 コード「」/],
    [`${head}\n01,2032-02-30,100,test\n02,,100,test\n`, /^2行目 基準日「2032-02-30」：日付.*\n3行目 基準日「」/],
    ...["0", "-5", "1.5", "x", "", "200000001", "1,23"].map((people) => [`${head}\n01,2032-10-01,"${people}",test\n`, new RegExp(`^2行目 人口「${people.replace(".", "\\.")}」：1から2億まで`)]),
    [`${head}\n01,2032-10-01,100,\n`, /^2行目 出典「」：.*200文字まで/],
    [`${head}\n01,2032-10-01,100,test${"あ".repeat(197)}\n`, /^2行目 出典/],
    [`${head}\n01,2032-10-01,5,100,000,test\n`, /^2行目 5列目「000」：.*引用符/],
    [`${head}\n\n01,2032-10-01,100,test\nP01,2032/10/1,200,test\n`, /^4行目 コード「P01」：同じ地域と基準日の行が、3行目にもあります/],
    ["01,2032-10-01,100,test\n", /^1行目 見出し「01」：.*コード,基準日,人口,出典/],
    [`${head}\n`, /人口の行がありません/],
    ["", /人口の行がありません/],
    [`${head}\n01,2032-10-01,100,"test\n`, /引用符/],
    [Buffer.from([...Buffer.from("code,since,people,source\n"), 0xff, 0xff]), /2行目 文字「」：読み取れません/],
    [`${head}\n${"x,y,z,\n".repeat(30)}`, /120件の誤りがあるため、1行も取り込みません/],
  ];
  for (const [content, words] of bad) {
    const { status, stdout } = load(content);
    assert.match(stdout, words);
    assert.match(stdout, /\n\d+件の誤りがあるため、1行も取り込みません。\n$/);
    assert.ok(stdout.split("\n").length <= 22, "twenty are told");
    assert.equal(status, 1, String(words));
  }
  assert.deepEqual(all(), before);
});

test("without a file, or with a wrong one, it says how it is used", () => {
  const run = (...args) => spawnSync("deploy/stand.sh", ["hersys", "population", ...args], { encoding: "utf8" });
  for (const args of [[], ["load"], ["take", "x"], ["load", "a", "b"]]) {
    const { status, stderr } = run(...args);
    assert.equal(status, 2, args.join(" "));
    assert.match(stderr, /usage: hersys population load FILE\.csv/);
  }
  const { status, stderr } = run("load", path.join(folder, "none.csv"));
  assert.equal(status, 1);
  assert.match(stderr, /hersys population: .*none\.csv/);
});

test("no role that serves writes people, and all of them read", () => {
  const statements = ["SELECT count(*) > 90 FROM app.population", "INSERT INTO app.population VALUES ('01', '2033-01-01', 1, 'test')", "UPDATE app.population SET people = 1", "DELETE FROM app.population"];
  for (const role of ["staff", "public", "jobs"]) assert.deepEqual(asRole(role, null, statements).map((r) => r.state ?? r.rows[0]), ["t", "42501", "42501", "42501"], role);
  assert.deepEqual(asRole("door", null, statements).map((r) => r.state), Array(4).fill("42501"), "the door needs none of it");
  assert.deepEqual(sql("SELECT p FROM unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p WHERE has_table_privilege('hersys_guard', 'app.population', p)"), []);
});

test("the table takes no other area than those that there are", () => {
  for (const area of ["00", "1", "o", "x1", "o1 "])
    assert.throws(() => sql(`INSERT INTO app.population VALUES ('${area}', '2033-01-01', 1, 'test')`), undefined, area);
});
