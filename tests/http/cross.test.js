// cross.test.js - クロス集計 over plain HTTPS: counts are those of the cases that an office sees, by items that its class shows; small
// numbers do not leave it.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { signIn } from "./client.js";
import { asRole, sql } from "./database.js";

const clients = {};
const one = (query) => sql(query)[0]?.[0];
const token = (login) => clients[login].cookies.get("__Host-sid");
const office = (login) => one(`SELECT organisation_id FROM app.account WHERE login = '${login}'`);
const ages = { from: "2019/1/1", to: "R12.12.31", row: "age", column: "sex" };

before(async () => {
  for (const login of ["sakura", "hoken1", "kasugai", "nagoya", "aichi", "kuni", "follow"]) clients[login] = await signIn(login);
});

// What an office counts: of its own centre, or of those below it, the cases whose reports it may read; related ones are others'.
const counted = (login) => `a.organisation_id = ${office(login)} AND NOT a.sealed AND (c.organisation_id = ${office(login)}
  OR c.organisation_id IN (SELECT u.organisation_id FROM app.organisation_above u WHERE u.above_id = ${office(login)}))`;

// The table of a page as arrays of texts.
const table = (html) => [...html.match(/<table>.*?<\/table>/s)[0].matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) => [...row.matchAll(/<t[hd][^>]*>(?:<a [^>]*>)?([^<]*)</g)].map(([, cell]) => cell));
const ask = (login, fields = {}) => clients[login].post("/cross", { ...ages, ...fields });
const file = (login, fields = {}) => clients[login].post("/cross/table.csv", { ...ages, format: "csv", ...fields });

test("a table counts the cases that the office sees, with its totals", async () => {
  for (const login of ["hoken1", "kasugai", "nagoya", "aichi", "kuni"]) {
    const rows = table((await ask(login)).text);
    const mine = `FROM app.figure_case c JOIN app.access a USING (patient_id) WHERE ${counted(login)}`;
    assert.equal(rows.at(-1).at(-1), one(`SELECT count(*) ${mine}`), login);
    const [head, ...lines] = rows;
    const cell = (row, column) => lines.find((line) => line[0] === row)?.[head.indexOf(column)] ?? "0";
    assert.equal(cell("30代", "女"), one(`SELECT count(*) ${mine} AND substr(c.cell, 2) = '30' AND a.sex = 'female'`), login);
    for (const line of lines) assert.equal(line.slice(1, -1).reduce((sum, number) => sum + Number(number), 0), Number(line.at(-1)));
  }
});

test("by week, centre, status, and an item of the report", async () => {
  const rows = table((await ask("nagoya", { row: "week", column: "centre" })).text);
  assert.match(rows[1][0], /^\d{4}\/\d+\/\d+$/);
  assert.equal(new Date(rows[1][0]).getDay(), 1, "a Monday");
  assert.ok(rows[0].includes("名古屋市保健所"));
  const items = table((await ask("hoken1", { row: "severity", column: "status" })).text);
  const mine = `FROM app.figure_case c JOIN app.access a USING (patient_id) JOIN app.notification n ON n.patient_id = a.patient_id AND n.notification_no = a.notification_no
    WHERE ${counted("hoken1")} AND n.severity = 'mild'`;
  assert.equal(items.find((line) => line[0] === "軽症").at(-1), one(`SELECT count(*) ${mine}`));
});

test("what is asked wrongly is said, and kept", async () => {
  for (const fields of [{ column: "age" }, { row: "x" }, { from: "いつか" }, { to: "2018/1/1" }, { from: "2019/1/1", to: "2019/1/2" }]) {
    const answer = await ask("hoken1", fields);
    assert.doesNotMatch(answer.text, /超えて/);
    assert.match(answer.text, /<div class="errors" role="alert"><p>(違う項目|届出の期間|この期間に届出はありません)/);
    assert.ok(answer.text.includes(`value="${fields.from ?? ages.from}"`));
    assert.doesNotMatch(answer.text, /<table>/);
  }
});

test("nobody counts by what their class does not show", async () => {
  const centre = (await clients.hoken1.get("/cross")).text, ministry = (await clients.kuni.get("/cross")).text;
  assert.match(centre, /value="route"/);
  assert.doesNotMatch(centre, /value="(family_name|birth_date|remarks|occupation|patient_id)"/);
  assert.match(ministry, /value="severity"/);
  assert.match((await ask("hoken1", { row: "doctor_name" })).text, /違う項目を2つ選んでください/);
  for (const login of ["sakura", "follow"]) {
    assert.equal((await clients[login].get("/cross")).status, 404);
    assert.equal((await ask(login)).status, 404);
    assert.equal((await file(login)).status, 404);
  }
  const call = (most) => `SELECT coalesce(sum(count), 0) FROM app.cross_counts('age', 'sex', '2019-01-01', '2030-12-31', ${most})`;
  const [all, few, told, none] = asRole("staff", token("hoken1"), [call(100000), call(1), call(1).replace("coalesce(sum(count), 0)", "row_value IS NULL, count IS NULL"),
    call(1).replace("2030-12-31", "2019-01-01")]);
  assert.ok(Number(all.rows[0]) > 1);
  assert.deepEqual(few.rows, ["0"], "more than may be waited for");
  assert.deepEqual(told.rows, ["t|t"], "which is said, and is not the same as nobody");
  assert.deepEqual(none.rows, ["0"]);
  assert.deepEqual(asRole("staff", null, [call(100000)])[0].rows, ["0"], "without a session");
  for (const role of ["door", "public"]) assert.equal(asRole(role, token("hoken1"), [call(1)])[0].state, "42501");
});

test("the file hides one to four, and enough besides", async () => {
  const answer = await file("hoken1", { row: "age", column: "status" });
  assert.equal(answer.headers.get("content-type"), "text/csv; charset=utf-8");
  const lines = answer.text.replace(/^\ufeff/, "").trimEnd().split("\r\n").map((line) => line.split(","));
  const body = lines.slice(1, -1).map((line) => line.slice(1));
  assert.ok(body.flat().includes("*"));
  for (const cell of body.flat()) assert.doesNotMatch(cell, /^[1-4]$/);
  for (const line of body.slice(0, -1)) assert.ok(line.at(-1) === "*" || !line.includes("*"), "no total over a hidden one");
  assert.match(lines.at(-1)[0], /\* は、1人から4人までの数/);
  assert.equal(one("SELECT detail FROM app.audit WHERE action = 'cross_file' ORDER BY at DESC LIMIT 1"), "age status 2019-01-01 2030-12-31");
  const xlsx = await clients.hoken1.post("/cross/table.xlsx", { ...ages, format: "xlsx" });
  assert.equal(xlsx.bytes.subarray(0, 2).toString(), "PK");
  assert.equal((await file("hoken1", { format: "x" })).status, 400);
});
