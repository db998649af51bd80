// lists.test.js - worklist and search where many patients share a name or lie in the past (過去情報), and which offices may
// be in charge. The patients are rows of an office that nobody else works in; all is removed again.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";
import { signIn } from "./client.js";
import { asRole, sql } from "./database.js";

const FIRST = 7_000_000_000, NAMESAKES = 600, PAST = 100_000;
const office = () => sql("SELECT organisation_id FROM app.account WHERE login = 'kasugai'")[0][0];
const until = "2021-09-30";
let client;

const clear = () => sql(`DELETE FROM app.search_key WHERE patient_id >= ${FIRST}; DELETE FROM app.access WHERE patient_id >= ${FIRST}`);

before(async () => {
  clear();
  client = await signIn("kasugai");
});
after(clear);

// `count` patients from number `from` on, of this name and birth date each (SQL over n), diagnosed and listed then.
function add(from, count, name, birth, diagnosed, listed) {
  sql(`INSERT INTO app.access (organisation_id, patient_id, relations, listed_at, reporter_id, responsible_id, name, kana, birth_date, diagnosis_date, past)
       SELECT ${office()}, ${FIRST + from} + n, 2, ${listed}, ${office()}, ${office()}, ${name}, ${name}, ${birth}, '${diagnosed}', '${diagnosed}' <= '${until}'
         FROM generate_series(1, ${count}) n;
       INSERT INTO app.search_key (organisation_id, key, patient_id)
       SELECT organisation_id, key, patient_id FROM app.access CROSS JOIN LATERAL (VALUES ('n' || name), ('b' || birth_date)) k (key)
        WHERE patient_id > ${FIRST + from} AND patient_id <= ${FIRST + from + count}`);
}

test("a name with a birth date finds the one among many of that name", async () => {
  add(0, NAMESAKES, "'甲乙太郎'", "date '1950-01-01' + n::integer", "2022-08-01", "now() - n * interval '1 minute'");
  add(NAMESAKES, 1, "'甲乙花子'", "date '1999-12-31'", "2022-08-01", "now()");
  for (const [key, birth, found] of [["甲乙", "1951/8/23", 1], ["甲乙", "1999/12/31", 1], ["甲乙花", "1951/8/23", 0], ["", "1999/12/31", 1], ["甲乙", "2001/1/1", 0]]) {
    const { text } = await client.post("/search", { key, birth });
    if (found === 0) assert.match(text, /見つかりませんでした/, `${key} ${birth}`);
    else assert.match(text, /<td[^>]*>[\s\S]*甲乙/, `${key} ${birth}`);
  }
});

test("namesakes in the past do not hide the one of today", async () => {
  add(1000, NAMESAKES, "'丙丁'", "date '1950-01-01' + n::integer", "2021-01-01", "'2021-01-02'");
  add(1000 + NAMESAKES, 1, "'丙丁戊'", "date '1999-12-31'", "2022-08-01", "now()");
  assert.match((await client.post("/search", { key: "丙丁", birth: "" })).text, /丙丁戊/);
});

// How many pages of the database the first page of the worklist reads, as the workers' role under row-level security.
function pagesRead(past) {
  const text = fs.readFileSync("src/core/worklist.sql", "utf8").match(/-- name: worklist\n(?:--.*\n)*([^;]*);/)[1]
    .replaceAll("$1", office()).replaceAll("$2", "NULL").replaceAll("$3", "9223372036854775807").replaceAll("$4", past).replaceAll("$5", 51);
  const [{ rows }] = asRole("staff", client.cookies.get("__Host-sid"), [`EXPLAIN (ANALYZE, BUFFERS) ${text}`]);
  const [, hit, read] = rows.join("\n").match(/Buffers: shared(?: hit=(\d+))?(?: read=(\d+))?/);
  return Number(hit ?? 0) + Number(read ?? 0);
}

test("a list without 過去情報 reads nothing of it, and one with it shows the newest of both", async () => {
  add(10_000, PAST, "'昔田'", "date '1950-01-01'", "2021-01-01", "timestamptz '2030-01-01' + n * interval '1 second'");
  add(200_000, 1, "'今田'", "date '1950-01-01'", "2022-08-01", `timestamptz '2030-01-01' + ${PAST - 10.5} * interval '1 second'`);
  sql("VACUUM ANALYZE app.access");
  assert.ok(pagesRead(false) < 400, `${pagesRead(false)} pages without`);
  assert.ok(pagesRead(true) < 400, `${pagesRead(true)} pages with`);
  const without = (await client.get("/patients")).text;
  assert.match(without, /今田/);
  assert.doesNotMatch(without, /昔田/);
  client.cookies.set("__Host-past", "1");
  const both = (await client.get("/patients")).text;
  assert.equal(both.split("今田")[0].match(/昔田/g).length % 11, 0, "the eleven that were reported later stand before it");
  assert.match(both.split("今田").at(-1), /昔田/);
  client.cookies.delete("__Host-past");
});

test("the jobs follow a change of the date", async () => {
  const marked = () => Number(sql(`SELECT count(*) FROM app.access WHERE patient_id = ${FIRST + 200_001} AND past`)[0][0]);
  const reach = async (wanted) => {
    for (let i = 0; i < 200 && marked() !== wanted; i++) await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(marked(), wanted);
  };
  try {
    sql("UPDATE app.setting SET value = '2022-12-31' WHERE name = 'past_until'");
    await reach(1);
  } finally {
    sql(`UPDATE app.setting SET value = '${until}' WHERE name = 'past_until'`);
  }
  await reach(0);
});

test("nobody is handed over to a laboratory, though it has the kind of a health centre", () => {
  const lab = sql("SELECT organisation_id FROM app.organisation WHERE code = 'L2300001'")[0][0];
  const centre = sql("SELECT organisation_id FROM app.organisation WHERE code = 'H23100-1'")[0][0];
  add(300_000, 1, "'受付'", "date '1950-01-01'", "2022-08-01", "now()");
  const patient = FIRST + 300_001;
  sql(`INSERT INTO app.patient (patient_id, responsible_id, received_by_id) VALUES (${patient}, ${office()}, ${office()})`);
  try {
    const results = asRole("staff", client.cookies.get("__Host-sid"), [lab, centre].map((to) => `SELECT app.patient_assign(${patient}, ${to}, '{}')`));
    assert.deepEqual(results.map((result) => result.state), ["HS422", undefined]);
  } finally {
    sql(`DELETE FROM app.patient WHERE patient_id = ${patient}`);
  }
});
