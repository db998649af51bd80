// extracts.test.js - 研究用の資料 over plain HTTPS and behind the curtain: the report counts as a plain GROUP BY does, nobody approves what they
// asked for, the file holds no group below k and nothing that names anybody, two files cannot be joined, and the log says who took what.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { before, test } from "node:test";
import { signIn } from "./client.js";
import { colleague } from "./colleague.js";
import { asRole, losing, sql, sqlHolding } from "./database.js";
import { notification, receipt, stranger } from "./notify.js";
import { ask as scgi } from "./scgi.js";

const clients = {};
const mark = `資料${crypto.randomBytes(3).toString("hex")}`; // in every purpose of this run
const one = (query) => sql(query)[0]?.[0];
const token = (login) => clients[login].cookies.get("__Host-sid");
const office = (login) => one(`SELECT organisation_id FROM app.account WHERE login = '${login}'`);
const day = (back) => new Date(Date.now() + 9 * 3600e3 - back * 864e5).toISOString().slice(0, 10);

before(async () => {
  colleague("nagoya-2", "nagoya", "09000000092");
  for (const login of ["sakura", "hoken1", "nagoya", "nagoya-2", "aichi", "kuni", "follow"]) clients[login] = await signIn(login);
  await report(6, { sex: "female", birth_date: "1981-03-04", onset_date: "2022-09-30" }); // six alike, and one alone
  await report(1, { sex: "unknown", birth_date: "1925-01-01", onset_date: freeWeek() });
});

// Reports people who are alike, with what must not be in a file; their numbers.
async function report(count, fields) {
  const ids = [];
  for (let i = 0; i < count; i++) {
    const { id } = receipt(await clients.sakura.post("/notification", notification({ ...stranger(), given_name: "秘匿", remarks: "自由記載", ...fields })));
    ids.push(id);
  }
  return ids;
}

// The Monday of a week in which nobody fell ill, taken at random: whoever has it is like nobody else, however often this runs and on whatever stand.
const freeWeek = () => one(`SELECT w::date FROM generate_series('2020-02-03'::date, '2022-09-19', '1 week') w
  WHERE NOT EXISTS (SELECT FROM app.notification n JOIN app.figure_case c USING (patient_id) WHERE c.new_on >= '${day(28)}' AND n.onset_date BETWEEN w AND w::date + 6)
  ORDER BY random() LIMIT 1`);

const wish = (fields = {}) => ({ form_id: crypto.randomUUID(), purpose: `目的 ${mark}`, recipient: "疫学の大学", from: day(28), to: day(0), k: "5", small: "leave_out", times: "once",
  until: day(-14), key: "drop", column_age: "1", column_sex: "1", column_area: "2", column_reported: "2", column_onset: "1", column_category: "1", ...fields });
// Columns so fine, and days so few, that no stand has groups of hundreds.
const fine = { from: day(0), column_area: "1", column_reported: "1", column_diagnosis: "1", column_place_kind: "1" };
const ask = (login, fields) => clients[login].post("/extracts", wish(fields));
const decide = (login, id, decision, reason = "") => clients[login].post(`/extracts/${id}/decide`, { decision, reason });
const take = (login, id, format = "csv") => clients[login].post(`/extracts/${id}/table.${format === "xlsx" ? "xlsx" : "csv"}`, { format });

async function asked(login, fields) {
  const answer = await ask(login, fields);
  const id = answer.location?.match(/^\/extracts\/([-0-9a-f]{36})\?notice=extract_asked$/)?.[1];
  assert.ok(id, answer.text);
  return id;
}
async function approved(fields) {
  const id = await asked("nagoya", fields);
  assert.equal((await decide("nagoya-2", id, "approve")).location, `/extracts/${id}?notice=extract_approved`);
  return id;
}

// Who is in which group, by SQL alone: sex, decade, month and week of onset, as wish() asks for; of the centres below an office (who has moved away is in its lists still).
const groups = (login) => sql(`
  SELECT count(*), string_agg(c.patient_id::text, ',' ORDER BY c.patient_id) FROM app.figure_case c
    JOIN app.organisation_above u ON u.organisation_id = c.organisation_id AND u.above_id = ${office(login)}
    JOIN app.access a ON a.patient_id = c.patient_id AND a.organisation_id = ${office(login)} AND NOT a.sealed
    JOIN app.notification n ON n.patient_id = c.patient_id AND n.notification_no = a.notification_no AND n.deleted_at IS NULL
   WHERE c.new_on BETWEEN '${day(28)}' AND '${day(0)}'
   GROUP BY coalesce(a.sex, 'unknown'), substr(c.cell, 2), date_trunc('month', c.new_on), date_trunc('week', n.onset_date)`).map(([count, ids]) => ({ count: Number(count), ids: ids.split(",") }));
const total = (list) => list.reduce((sum, group) => sum + group.count, 0);

function table(answer, encoding = "utf-8") {
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.headers.get("content-disposition"), /^attachment/);
  if (encoding === "utf-8") assert.equal(answer.bytes.subarray(0, 3).toString("hex"), "efbbbf");
  const lines = new TextDecoder(encoding).decode(answer.bytes).trimEnd().split("\r\n");
  const foot = lines.pop();
  return { head: lines[0].split(","), rows: lines.slice(1).map((line) => line.split(",")), foot };
}

test("the report counts as a plain GROUP BY does, and says what each step more would change", async () => {
  const answer = await clients.nagoya.post("/extracts/new", wish());
  const list = groups("nagoya"), small = list.filter((group) => group.count < 5);
  assert.ok(small.length > 0 && small.length < list.length, "of both kinds");
  const fact = (name) => Number(answer.text.match(new RegExp(`<dt>${name}</dt><dd>(\\d+)`))[1]);
  assert.equal(fact("対象"), total(list));
  assert.equal(fact("組の数"), list.length);
  assert.equal(fact("いちばん小さい組"), Math.min(...list.map((group) => group.count)));
  assert.equal(fact("5人に満たない組の方"), total(small));
  const steps = [...answer.text.matchAll(/<th scope="row">(.*?)<\/th><td data-label="変更">(.*?)<\/td>.*?data-label="組の数">(\d+)<.*?組">(\d+)人<.*?>(\d+)人</g)].map((found) => found.slice(1));
  assert.deepEqual(steps.map(([column, change]) => [column, change]), [["年齢", "10歳ごと → 20歳ごと"], ["性別", "そのまま → 入れない"], ["地域", "都道府県 → 入れない"], ["届出日", "月ごと → 年ごと"], ["発症日", "週ごと → 月ごと"]]);
  for (const [, , count, smallest, below] of steps) assert.ok(Number(count) <= list.length && Number(smallest) >= fact("いちばん小さい組") && Number(below) <= total(small));
  const sexless = sql(`SELECT count(*) FROM app.figure_case c JOIN app.access a ON a.patient_id = c.patient_id AND a.organisation_id = ${office("nagoya")} AND NOT a.sealed
    JOIN app.organisation_above u ON u.organisation_id = c.organisation_id AND u.above_id = ${office("nagoya")}
    JOIN app.notification n ON n.patient_id = c.patient_id AND n.notification_no = a.notification_no AND n.deleted_at IS NULL
    WHERE c.new_on BETWEEN '${day(28)}' AND '${day(0)}' GROUP BY substr(c.cell, 2), date_trunc('month', c.new_on), date_trunc('week', n.onset_date)`).flat().map(Number);
  assert.deepEqual(steps[1].slice(2).map(Number), [sexless.length, Math.min(...sexless), sexless.filter((count) => count < 5).reduce((a, b) => a + b, 0)]);
  assert.match(answer.text, new RegExp(`value="目的 ${mark}"`), "nothing typed is lost");
  assert.equal(one(`SELECT outcome FROM app.audit WHERE action = 'extract_report' ORDER BY at DESC LIMIT 1`), "allowed");
});

test("asked by one, approved by another, taken once by the first: no small group, nothing that names anybody", async () => {
  const id = await asked("nagoya");
  assert.equal((await take("nagoya", id)).status, 403, "not yet approved");
  assert.equal((await decide("nagoya", id, "approve")).status, 403, "not by who asked");
  assert.match((await clients["nagoya-2"].get(`/extracts/${id}`)).text, /承認する/);
  assert.doesNotMatch((await clients.nagoya.get(`/extracts/${id}`)).text, /承認する/);
  assert.equal((await decide("nagoya-2", id, "approve")).status, 303);
  assert.equal((await decide("nagoya-2", id, "refuse", "やはり")).status, 409, "decided is decided");
  assert.equal((await take("nagoya-2", id)).status, 403, "by who asked alone");
  const list = groups("nagoya"), kept = list.filter((group) => group.count >= 5);
  const file = table(await take("nagoya", id));
  assert.deepEqual(file.head, ["仮名", "年齢", "性別", "地域", "届出日", "発症日", "診断分類"]);
  assert.equal(file.rows.length, total(kept));
  assert.ok(file.rows.every((row) => /^[0-9a-f]{20}$/.test(row[0])));
  assert.equal(new Set(file.rows.map((row) => row[0])).size, file.rows.length);
  assert.deepEqual(file.rows.map((row) => row[0]), file.rows.map((row) => row[0]).sort(), "the order tells nothing");
  const sizes = new Map();
  for (const row of file.rows) sizes.set(row.slice(1, 6).join(), (sizes.get(row.slice(1, 6).join()) ?? 0) + 1);
  assert.deepEqual([...sizes.values()].sort((a, b) => a - b), kept.map((group) => group.count).sort((a, b) => a - b));
  assert.doesNotMatch(file.rows.map((row) => row.slice(1)).join("\n"), /秘匿|自由記載|1981|\d{15}|名古屋市中区/);
  assert.match(file.foot, new RegExp(`^［以上${total(kept)}人］.*提供先：疫学の大学.*小さい組のため除いた方：${total(list) - total(kept)}人.*目的 ${mark}$`));
  const [[exportId, people, kind, finished]] = sql(`SELECT export_id, people, kind, finished_at IS NOT NULL FROM app.export WHERE purpose = '目的 ${mark}' ORDER BY at DESC LIMIT 1`);
  assert.deepEqual([Number(people), kind, finished], [total(kept), "extract", "t"]);
  const trail = sql(`SELECT unnest(patient_ids) FROM app.audit WHERE action = 'extract' AND detail = '${exportId}'`).flat();
  assert.deepEqual(trail.sort(), kept.flatMap((group) => group.ids).sort(), "those in the file, nobody else");
  assert.equal(one(`SELECT sealed_key IS NULL FROM app.extract WHERE extract_id = '${id}'`), "t", "the key is thrown away");
  assert.equal((await take("nagoya", id)).status, 403, "once");
  for (const login of ["nagoya", "nagoya-2", "kuni"]) assert.match((await clients[login].get("/exports/log")).text, new RegExp(`目的 ${mark} <span class="badge plain">研究用の資料</span>`), login);
  assert.match((await clients.nagoya.get("/exports/log")).text, /年齢（10歳ごと）、性別（そのまま）、地域（都道府県）、届出日（月ごと）、発症日（週ごと）、診断分類（そのまま）/);
  for (const login of ["hoken1", "aichi"]) assert.doesNotMatch((await clients[login].get("/exports/log")).text, new RegExp(mark), login);
  assert.deepEqual(sql(`SELECT action, outcome, count(*) FROM app.audit WHERE detail = '${id}' AND action <> 'extract_report' GROUP BY 1, 2 ORDER BY 1, 2`),
    [["extract", "denied", "3"], ["extract_approve", "allowed", "1"], ["extract_approve", "denied", "1"], ["extract_ask", "allowed", "1"]]);
});

const names = async (id, format) => table(await take("nagoya", id, format), format === "cp932" ? "shift_jis" : "utf-8").rows.map((row) => row[0]);

// What the jobs do from time to time, with their rights.
const runJob = (name) => sql(`SET ROLE hersys_jobs; ${fs.readFileSync("src/main/jobs.sql", "utf8").match(new RegExp(`-- name: ${name}\\n(?:--.*\\n)*([^;]*);`))[1]}`);

test("two extracts cannot be joined; one that goes on with another has its pseudonyms, until a day as often as needed", async () => {
  const alone = await names(await approved());
  const first = await approved({ key: "keep", times: "until" });
  const kept = await names(first);
  assert.equal(kept.filter((name) => alone.includes(name)).length, 0);
  assert.deepEqual(await names(first, "cp932"), kept, "taken again, the same");
  assert.equal(one(`SELECT sealed_key LIKE 'v1:%' FROM app.extract WHERE extract_id = '${first}'`), "t", "sealed, not plain");
  const continued = await approved({ key: first });
  assert.deepEqual(await names(continued), kept);
  assert.deepEqual(await names(await approved({ key: continued })), kept, "and so on");
  for (const fields of [{ column_age: "2" }, { column_onset: "2" }, { column_severity: "1" }, { k: "5", key: await approved({ k: "6", key: "keep" }) }])
    assert.match((await ask("nagoya", { key: first, ...fields })).text, /続きにするときは、前の資料と同じ項目（年齢（10歳ごと）、[^）]*/, "joined by pseudonym, they would say more");
  const dropped = await approved();
  assert.match((await ask("nagoya", { key: dropped })).text, /仮名を選び直してください/, "that one was not kept");
  sql(`UPDATE app.extract SET until = '${day(1)}' WHERE extract_id = '${first}'`);
  assert.equal((await take("nagoya", first)).status, 403, "its day is over");
  const lapsed = await asked("nagoya"), unanswered = await asked("nagoya", { key: "keep" });
  sql(`UPDATE app.extract SET until = '${day(1)}' WHERE extract_id IN ('${lapsed}', '${unanswered}')`);
  assert.equal((await decide("nagoya-2", lapsed, "approve")).status, 409, "too late");
  runJob("purge_extract_key");
  const purged = sql(`SELECT extract_id FROM app.extract WHERE sealed_key IS NULL AND extract_id IN ('${lapsed}', '${unanswered}', '${first}', '${dropped}')`).flat();
  assert.deepEqual(purged.sort(), [lapsed, unanswered].sort(), "the jobs throw away the key of what is over, and no other");
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "xlsx")), "a.xlsx");
  fs.writeFileSync(file, (await take("nagoya", dropped, "xlsx")).bytes);
  const xml = execFileSync("unzip", ["-p", file, "xl/worksheets/sheet1.xml"], { encoding: "utf8" });
  fs.rmSync(path.dirname(file), { recursive: true });
  assert.match(xml, /仮名[\s\S]*30代|40代/);
});

test("taken again, it holds nobody who came in between, nor who has left or become small since", async () => {
  const alike = { sex: "male", birth_date: "1935-05-05", onset_date: freeWeek() };
  const [gone] = await report(5, alike);
  const id = await approved({ times: "until" });
  const first = await names(id);
  await report(5, { ...alike, onset_date: freeWeek() });
  assert.deepEqual(await names(id), first, "five newcomers are as many as k, and not in it");
  assert.ok((await names(await approved())).length >= first.length + 5, "in another they are");
  assert.equal(asRole("staff", token("nagoya"), [`SELECT app.extract_take('${id}', gen_random_uuid(), 'csv', '', '{0}', 0)`])[0].state, "HS409", "nor does the database let anybody else in");
  await clients.sakura.get(`/patient/${gone}/notification/1/delete`);
  assert.equal((await clients.sakura.post(`/patient/${gone}/notification/1/delete`, { reason: "試験" })).status, 303);
  const later = await names(id);
  assert.equal(later.length, first.length - 5, "one has left, and four are a small group");
  assert.ok(later.every((name) => first.includes(name)));
  assert.match((await clients.nagoya.get(`/extracts/${id}`)).text, /2回目からは、1回目の資料に入っていた方だけです/);
  sql(`UPDATE app.extract SET until = '${day(1)}' WHERE extract_id = '${id}'`);
  const kept = () => one(`SELECT cardinality(patients) FROM app.extract WHERE extract_id = '${id}'`);
  assert.equal(kept(), String(first.length));
  runJob("purge_extract_patients");
  assert.equal(kept(), undefined, "then the jobs forget them");
  assert.deepEqual(sql(`SELECT 1 FROM app.extract WHERE once AND patients IS NOT NULL`), [], "of what is taken once nobody is kept");
});

test("what a 続き says of those who came in between is said to who approves", async () => {
  const words = /あいだに加わった方|あとで加わった方/, card = async (id) => (await clients["nagoya-2"].get(`/extracts/${id}`)).text;
  const first = await asked("nagoya", { key: "keep" });
  assert.match(await card(first), words);
  await decide("nagoya-2", first, "approve");
  assert.match(await card(await asked("nagoya", { key: first })), /期間が前の資料と重なると、前の資料のあとで加わった方がだれかを、仮名から知られます/);
  assert.doesNotMatch(await card(await asked("nagoya")), words);
});

test("taken twice at once, it is taken once", async () => {
  const id = await approved();
  const answers = await Promise.all([take("nagoya", id), take("nagoya", id), take("nagoya", id)]);
  assert.equal(answers.filter((answer) => answer.status === 200).length, 1);
  for (const answer of answers.filter((other) => other.status !== 200)) assert.match(answer.text, /いまは受け取れません/);
  const [[taken]] = sql(`SELECT count(*) FROM app.audit WHERE action = 'extract' AND outcome = 'allowed' AND detail IN (SELECT export_id::text FROM app.export WHERE at >= (SELECT taken_at FROM app.extract WHERE extract_id = '${id}'))`);
  assert.equal(taken, "1");
});

test("every request is found, a page behind the other", async () => {
  const id = await asked("nagoya");
  sql(`INSERT INTO app.extract (organisation_id, extract_id, asked_by, asked_at, purpose, recipient, from_day, to_day, columns, k, leave_out, once, until, key_id, keep_key, people, groups, smallest, below, steps)
       SELECT organisation_id, gen_random_uuid(), asked_by, asked_at + n * interval '1 microsecond', '頁 ${mark}', recipient, from_day, to_day, columns, k, leave_out, once, until, key_id, false, people, groups, smallest, below, steps
         FROM app.extract, generate_series(1, 60) n WHERE extract_id = '${id}'`);
  const found = [];
  for (let target = "/extracts"; target && !found.includes(id);) {
    const { text } = await clients.nagoya.get(target);
    const links = [...text.matchAll(/href="\/extracts\/([-0-9a-f]{36})"/g)].map((link) => link[1]);
    assert.ok(links.length > 0 && links.length <= 50);
    found.push(...links);
    target = text.match(/href="(\/extracts\?at=\d+)"/)?.[1];
  }
  assert.ok(found.includes(id));
  assert.equal(new Set(found).size, found.length);
  assert.equal(found.indexOf(id), 60);
  sql(`DELETE FROM app.extract WHERE purpose = '頁 ${mark}'`);
});

test("who would have no small group left out gets no file while there is one", async () => {
  assert.match((await ask("nagoya", { small: "stop" })).text, /下限より小さい組に\d+人います/);
  assert.match((await ask("nagoya", { ...fine, k: "1000" })).text, /どの組も下限より小さいため/);
  const coarse = { column_age: "0", column_sex: "0", column_area: "0", column_reported: "0", column_onset: "0", small: "stop" };
  const id = await approved(coarse);
  sql(`UPDATE app.extract SET columns = 'sex:1 onset:1 category:1' WHERE extract_id = '${id}'`);
  assert.equal((await take("nagoya", id)).status, 409, "as if the records had changed since");
  sql(`UPDATE app.extract SET columns = 'category:1' WHERE extract_id = '${id}'`);
  assert.deepEqual(table(await take("nagoya", id)).head, ["仮名", "診断分類"]);
});

test("what would be refused is not offered, and the page says why and how", async () => {
  const shown = async (fields) => (await clients.nagoya.post("/extracts/new", wish(fields))).text;
  const press = /<button[^>]*formaction="\/extracts"/, out = /人（資料に入りません）/, none = /人（この方がいるあいだは、資料を作れません）/;
  const fits = await shown();
  assert.match(fits, press);
  assert.match(fits, out);
  const stopped = await shown({ small: "stop" });
  assert.match(stopped, none);
  assert.doesNotMatch(stopped, out);
  assert.match(stopped, /id="report"[\s\S]*このままでは依頼できません。下限より小さい組に\d+人います/);
  assert.match(stopped, /role="alert"[\s\S]*href="#f-small"/);
  const tiny = await shown({ ...fine, k: "1000" });
  assert.match(tiny, /id="report"[\s\S]*このままでは依頼できません。どの組も下限より小さいため/);
  for (const text of [stopped, tiny]) assert.doesNotMatch(text, press);
});

test("what the database refuses is said beside its field, and nothing typed is lost", async () => {
  const first = await approved({ key: "keep" }), form_id = crypto.randomUUID();
  const shown = (answer, status, words) => {
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.text, words);
    for (const typed of [`value="目的 ${mark}"`, 'value="疫学の大学"', `value="${day(28)}"`, `name="form_id" value="${form_id}"`]) assert.ok(answer.text.includes(typed), typed);
    assert.match(answer.text, /id="report"/);
  };
  const key = await sqlHolding(2, `UPDATE app.extract SET keep_key = false WHERE extract_id = '${first}'`); // thrown away meanwhile
  shown(await ask("nagoya", { form_id, key: first }), 409, /href="#f-key">選んだ資料の続きは、作れなくなりました/);
  await key.over;
  const [[today]] = sql("SELECT replace(pg_get_functiondef('app.today()'::regprocedure), E'\\n', ' ')");
  sql(today.replace("RETURN (", "RETURN 1 + (")); // midnight passes behind the form
  try {
    shown(await ask("nagoya", { form_id, until: day(0) }), 409, /href="#f-until">日付が変わり、受け取りの期限が過ぎました/);
  } finally {
    sql(today);
  }
  shown(await losing("app.extract", () => ask("nagoya", { form_id })), 503, /同じ依頼が二重になることはありません/);
  assert.equal(await asked("nagoya", { form_id }), form_id, "and pressed again, it is asked");
});

test("who answers too late sees what was decided, and what was typed", async () => {
  const before = await approved(), id = await asked("nagoya"), late = async (id, words) => {
    const answer = await decide("nagoya-2", id, "refuse", "目的が広い");
    assert.equal(answer.status, 409);
    assert.match(answer.text, words);
    assert.doesNotMatch(answer.text, /value="approve"/);
  };
  await late(before, /role="alert"[\s\S]*記録していないひとこと：目的が広い[\s\S]*承認済み/);
  const { over } = await sqlHolding(2, `UPDATE app.extract SET approved = true, decided_at = now(), decided_by = (SELECT account_id FROM app.account WHERE login = 'nagoya-2') WHERE extract_id = '${id}'`);
  await late(id, /role="alert"[\s\S]*記録していないひとこと：目的が広い/);
  await over;
});

test("the state says whether it can still be taken, and when it was", async () => {
  const shown = async (id) => {
    const [, state, last] = (await clients.nagoya.get("/extracts")).text.match(new RegExp(`href="/extracts/${id}"[\\s\\S]*?data-label="状態">([^<]*)(<span class="sub">最後の受け取り [\\d/]+ [\\d:]+</span>)?</td>`));
    assert.match((await clients.nagoya.get(`/extracts/${id}`)).text, new RegExp(`<dt>状態</dt><dd>${state}</dd>`));
    return [state, last !== undefined];
  };
  const late = (id) => sql(`UPDATE app.extract SET until = '${day(1)}' WHERE extract_id = '${id}'`);
  const often = await approved({ times: "until" }), once = await approved(), refused = await asked("nagoya"), never = await asked("nagoya"), left = await approved();
  assert.deepEqual(await shown(often), ["承認済み", false]);
  assert.deepEqual(await shown(never), ["承認待ち", false]);
  await names(often);
  await names(once);
  await decide("nagoya-2", refused, "refuse", "目的が広い");
  assert.deepEqual(await shown(often), ["承認済み", true], "it can be taken again");
  for (const id of [often, once, refused, never, left]) late(id);
  const states = [["期限切れ", true], ["受け取り済み", true], ["却下", false], ["期限切れ", false], ["期限切れ", false]];
  for (const [i, id] of [often, once, refused, never, left].entries()) assert.deepEqual(await shown(id), states[i]);
});

test("a key that was kept is thrown away when nothing is to be made with it any more", async () => {
  const first = await approved({ key: "keep" }), press = "鍵を捨てる（続きを作れなくなります）";
  const page = async (id, login = "nagoya-2") => (await clients[login].get(`/extracts/${id}`)).text;
  const forget = (id, form_id = crypto.randomUUID(), login = "nagoya-2") => clients[login].post(`/extracts/${id}/forget`, { form_id });
  const sealed = () => one(`SELECT sealed_key IS NOT NULL FROM app.extract WHERE extract_id = '${first}'`);
  assert.match(await page(first), /受け取れるあいだは、捨てられません/);
  assert.equal((await forget(first)).status, 409, "it can still be taken");
  await names(first);
  assert.ok((await page(first)).includes(press));
  const next = await asked("nagoya", { key: first });
  assert.equal((await forget(first)).status, 409, "a 続き waits");
  await decide("nagoya-2", next, "refuse", "試験");
  const denied = () => Number(one(`SELECT count(*) FROM app.audit WHERE action = 'extract_forget' AND outcome = 'denied'`)), soFar = denied();
  for (const login of ["aichi", "kuni", "hoken1", "sakura"]) assert.equal((await forget(first, undefined, login)).status, 404, login);
  assert.equal(denied(), soFar + 4);
  assert.equal((await clients["nagoya-2"].post(`/extracts/${first}/forget`)).status, 400, "no form of ours");
  assert.equal(sealed(), "t");
  const form_id = (await page(first)).match(/name="form_id" value="([^"]+)"/)[1];
  for (const time of ["first", "second"]) assert.equal((await forget(first, form_id)).location, `/extracts/${first}?notice=extract_forgotten`, time);
  assert.equal(sealed(), "f");
  assert.ok(!(await page(first)).includes("仮名の鍵"));
  assert.equal((await forget(first)).status, 409, "it is gone already");
  assert.match((await ask("nagoya", { key: first })).text, /仮名を選び直してください/);
  assert.equal(one(`SELECT count(*) FROM app.audit WHERE action = 'extract_forget' AND outcome = 'allowed' AND detail = '${first}'`), "1");
});

test("what counts everybody is the heavy pool's; the pages that count nobody are not kept waiting by it", async () => {
  for (const path of ["/extracts", "/extracts/new"])
    for (const [method, pool, other] of [["POST", "heavy", "staff"], ["GET", "staff", "heavy"]]) {
      const headers = { REQUEST_METHOD: method, DOCUMENT_URI: path };
      assert.match(await scgi(pool, headers), /^Status: 303[\s\S]*\/sign-in/, `${method} ${path}`);
      assert.match(await scgi(other, headers), /^Status: 404/, `${method} ${path}`);
    }
});

test("what cannot be read is said, and asked twice is asked once", async () => {
  for (const [fields, words] of [[{ purpose: " " }, "目的を入力してください"], [{ recipient: "" }, "提供先を入力してください"], [{ k: "4" }, "5から1000までの数"], [{ from: "いつか" }, "届出日（から）を、"],
    [{ from: day(0), to: day(1) }, "同じ日か、後の日"], [{ until: day(1) }, "きょうから90日以内"], [{ until: day(-91) }, "きょうから90日以内"], [{ key: crypto.randomUUID() }, "仮名を選び直して"],
    [{ column_age: "9", column_sex: "0", column_area: "-1", column_reported: "", column_onset: "4", column_category: "x" }, "項目を一つ以上選んでください"], [{ from: "2001/1/1", to: "2001/1/2" }, "陽性者は、いません"]]) {
    const answer = await ask("nagoya", fields);
    assert.equal(answer.status, 200);
    assert.ok(answer.text.includes(words), words);
    assert.match(answer.text, /role="alert"/);
  }
  const fields = { form_id: crypto.randomUUID() };
  assert.equal(await asked("nagoya", fields), fields.form_id);
  assert.equal((await ask("nagoya", { ...fields, purpose: "変えた目的" })).location, `/extracts/${fields.form_id}?notice=extract_asked_before`);
  const report = (await clients.nagoya.post("/extracts/new", wish({ ...fields, k: "５" }))).text;
  assert.doesNotMatch(report, new RegExp(fields.form_id), "what is changed behind a request is a request of its own");
  assert.match(report, /<dt>5人に満たない組の方/, "read as people type it");
  assert.equal(one(`SELECT count(*) FROM app.extract WHERE extract_id = '${fields.form_id}'`), "1");
  assert.match((await decide("nagoya-2", fields.form_id, "refuse")).text, /却下するときは、理由を/);
  assert.match((await decide("nagoya-2", fields.form_id, "refuse", "あ".repeat(201))).text, /200文字以内で[\s\S]*あ{201}<\/textarea>/, "nothing typed is lost");
  assert.equal((await decide("nagoya-2", fields.form_id, "refuse", "目的が広すぎます")).location, `/extracts/${fields.form_id}?notice=extract_refused`);
  assert.match((await clients.nagoya.get(`/extracts/${fields.form_id}`)).text, /却下[\s\S]*目的が広すぎます/);
  assert.equal((await take("nagoya", fields.form_id)).status, 403);
  assert.equal(one(`SELECT sealed_key IS NULL FROM app.extract WHERE extract_id = '${fields.form_id}'`), "t");
});

test("head offices alone, each its own", async () => {
  const id = await approved();
  for (const login of ["hoken1", "sakura", "follow"]) {
    for (const target of ["/extracts", "/extracts/new", `/extracts/${id}`]) assert.equal((await clients[login].get(target)).status, 404, `${login} ${target}`);
    for (const answer of [await ask(login), await decide(login, id, "approve"), await take(login, id)]) assert.equal(answer.status, 404, login);
    assert.doesNotMatch((await clients[login].get("/figures")).text, /href="\/extracts"/);
  }
  for (const login of ["aichi", "kuni"]) {
    assert.equal((await clients[login].get(`/extracts/${id}`)).status, 404, login);
    assert.equal((await decide(login, id, "approve")).status, 404, login);
    assert.equal((await take(login, id)).status, 404, login);
    assert.match((await clients[login].post("/extracts/new", wish())).text, /匿名性の確認/, login);
    assert.match((await clients[login].get("/figures")).text, /href="\/extracts"/);
  }
  assert.equal((await clients.nagoya.get("/extracts/x")).status, 404);
  assert.equal((await clients.nagoya.post("/extracts", wish(), { origin: "https://example.org" })).status, 400);
  const { Client } = await import("./client.js");
  assert.equal((await new Client().post(`/extracts/${id}/table.csv`, { format: "csv" })).location, "/sign-in");
});

test("the second wall: the database says the same", async () => {
  const id = await asked("nagoya");
  const rows = (login) => Number(asRole("staff", login && token(login), [`SELECT count(*) FROM app.extract_rows('${day(28)}', '${day(0)}', 100000)`])[0].rows[0]);
  assert.equal(rows("nagoya"), total(groups("nagoya")));
  for (const login of ["aichi", "kuni"]) assert.ok(rows(login) >= rows("nagoya"), login);
  for (const login of ["hoken1", "sakura", "follow", null]) assert.equal(rows(login), 0, login);
  const decision = `SELECT app.extract_decide('${id}', true, '')`, key = `SELECT count(*) FROM app.extract_key('${id}')`;
  const taking = `SELECT app.extract_take('${id}', gen_random_uuid(), 'csv', '', '{1}', 0)`;
  const asking = `SELECT app.extract_ask(gen_random_uuid(), 'p', 'r', '2022-01-01', '2022-01-02', 'age:1', 5, true, true, '${day(-1)}', NULL, false, 'k', 1, 1, 1, 0, '')`;
  const kept = await approved({ key: "keep" });
  const continuing = (columns, k) => asking.replace("NULL, false", `'${kept}', false`).replace("'age:1', 5", `'${columns}', ${k}`);
  const states = (login, statements) => asRole("staff", login && token(login), statements).map((answer) => answer.state ?? "done");
  assert.deepEqual(states("nagoya", [decision, taking, asking, asking.replace("'age:1', 5", "'age:1', 4")]), ["HS403", "HS409", "done", "23514"]);
  assert.deepEqual(states("nagoya-2", [decision, taking]), ["done", "HS409"]);
  const same = "age:1 sex:1 area:2 reported:2 onset:1 category:1";
  assert.deepEqual(states("nagoya", [continuing(same, 5), continuing("age:1", 5), continuing(`${same} severity:1`, 9)]), ["done", "HS403", "HS403"]);
  assert.deepEqual(states("aichi", [continuing(same, 5)]), ["HS403"], "of another office");
  for (const login of ["aichi", "kuni"]) assert.deepEqual(states(login, [decision, taking, asking]), ["HS403", "HS409", "done"], login);
  for (const login of ["hoken1", "sakura", null]) assert.deepEqual(states(login, [decision, taking, asking]), ["HS403", "HS409", "HS403"], login);
  await decide("nagoya-2", id, "approve");
  const keys = (login) => asRole("staff", token(login), [key])[0].rows[0];
  assert.deepEqual(["nagoya", "nagoya-2", "aichi", "kuni", "hoken1"].map(keys), ["1", "0", "0", "0", "0"]);
  assert.deepEqual(states("nagoya-2", [taking]), ["HS409"]);
  assert.deepEqual(states("nagoya", [taking, "SELECT sealed_key FROM app.extract", "UPDATE app.extract SET k = 5", "DELETE FROM app.extract",
    `INSERT INTO app.extract SELECT * FROM app.extract`]), ["done", "42501", "42501", "42501", "42501"]);
  const seen = (login) => asRole("staff", token(login), [`SELECT count(*) FROM app.extract WHERE extract_id = '${id}'`])[0].rows[0];
  assert.deepEqual(["nagoya", "nagoya-2", "aichi", "kuni", "hoken1"].map(seen), ["1", "1", "0", "0", "0"]);
  assert.deepEqual(states("aichi", [`SELECT app.extract_forget('${kept}')`]), ["HS403"], "of another office");
  assert.deepEqual(states("nagoya", [`SELECT app.extract_forget('${kept}')`]), ["HS409"], "not yet taken");
  for (const role of ["door", "public"]) for (const statement of [decision, taking, key, "SELECT count(extract_id) FROM app.extract"]) assert.equal(asRole(role, token("nagoya"), [statement])[0].state, "42501", role);
});
