// press.test.js - 報道発表 over plain HTTPS and behind the curtain: the table that is due, fixed once as it was shown; numbers that go on;
// what changed of what was published; the files, read back; and nobody else's.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { signIn } from "./client.js";
import { asRole, hersys, sql, sqlHolding } from "./database.js";
import { notification, receipt, stranger } from "./notify.js";

const clients = {};
const one = (query) => sql(query)[0]?.[0];
const token = (login) => clients[login].cookies.get("__Host-sid");
const office = (login) => one(`SELECT organisation_id FROM app.account WHERE login = '${login}'`);
const origin = `https://localhost:${process.env.HERSYS_PORT ?? 8443}`;
const day = one("SELECT ((now() AT TIME ZONE 'Asia/Tokyo')::date)::text");

before(async () => {
  for (const login of ["kodomo", "kasugai", "hoken1", "nagoya", "aichi", "kuni", "follow"]) clients[login] = await signIn(login);
  sql(`DELETE FROM app.press_case; DELETE FROM app.press; DELETE FROM app.press_template`);
  others = sql(`SELECT patient_id FROM app.figure_case JOIN app.access a USING (patient_id) WHERE a.organisation_id = ${office("kasugai")} AND new_on > app.today() - 30`).flat();
  move("-");
});
// The others of 春日井 who are of these days are not, as long as this runs.
let others;
const move = (sign) => sql(`UPDATE app.submission SET submitted_at = submitted_at ${sign} interval '60 days' WHERE patient_id = ANY ('{${others}}');
  SELECT count(app.figure_follow(patient_id)) FROM unnest('{${others}}'::bigint[]) patient_id`);
after(() => move("+"));

const press = (login, target, fields) => clients[login].request("POST", target,
  new URLSearchParams(Object.entries({ csrf: clients[login].csrf, ...fields }).flatMap(([name, value]) => [value].flat().map((each) => [name, each]))), { origin });
// A page; what its numbers lead to is tested by numbers.test.js.
const text = async (login, target = "/press") => (await clients[login].get(target)).text.replace(/<a href="\/figures\/list\?[^"]*">([^<]*)<\/a>/g, "$1");
const value = (page, name) => page.match(new RegExp(`name="${name}" value="([^"]*)"`))?.[1].replaceAll("&quot;", '"') ?? "";
const fix = async (login, page, fields = {}) => press(login, "/press", { day: value(page, "day"), digest: value(page, "digest"), levels: value(page, "levels"), ...fields });
const template = async (login, fields = {}) => press(login, "/press/template",
  { version: value(await text(login, "/press/template"), "version"), title: "発生状況について", prefix: "市内", cutoff: "0:00", first_no: "101", part: ["age", "sex", "municipality"], attribute: ["age", "sex", "municipality", "occupation"], ...fields });

// Somebody of 春日井 whom the clinic reported yesterday, or `hours` before today.
async function reported(fields = {}, hours = 5) {
  const made = receipt(await clients.kodomo.post("/notification", notification({ ...stranger(), home_address: "愛知県春日井市鳥居松町1", stay_address: "愛知県春日井市鳥居松町1", birth_date: "1990-05-05", occupation: "会社員", ...fields })));
  const id = hersys("id", made.id).split(" ")[0];
  sql(`UPDATE app.submission SET submitted_at = '${day}'::timestamp AT TIME ZONE 'Asia/Tokyo' - interval '${hours} hours' WHERE patient_id = ${id}; SELECT app.figure_follow(${id})`);
  return { id, number: made.id };
}
// As if everything had been fixed a day earlier.
const yesterday = () => sql("UPDATE app.press SET day = day - 1, until_at = until_at - interval '1 day'; UPDATE app.press_case SET day = day - 1");

test("without a template nothing is due; the template says what is wrong and keeps what was typed", async () => {
  assert.match(await text("kasugai"), /まず<a href="\/press\/template">ひな形<\/a>/);
  const wrong = await template("kasugai", { cutoff: "25:00", title: "", first_no: "0" });
  for (const words of ["時刻を 17:00 のように入力してください。", "表題", "1から99999999までの数を入力してください。"]) assert.ok(wrong.text.includes(words), words);
  assert.match(wrong.text, /value="25:00"/);
  assert.match(wrong.text, /name="attribute" value="occupation" checked/);
  assert.doesNotMatch(wrong.text, /name="attribute" value="(centre|family_name|phone)"/, "no item that could name somebody");
  assert.equal((await template("kasugai", { attribute: ["age", "sex", "municipality", "occupation", "phone", "centre"] })).location, "/press?notice=press_template_saved");
  assert.equal(one(`SELECT attributes FROM app.press_template WHERE organisation_id = ${office("kasugai")}`), "{age,sex,municipality,occupation}");
  sql(`UPDATE app.press_template SET begins_at = begins_at - interval '2 days'`);
});

test("a template is saved over the version that was shown alone; times and numbers may be typed in full width", async () => {
  const version = value(await text("kasugai", "/press/template"), "version");
  assert.equal((await template("kasugai", { version, cutoff: "１７：３０", first_no: "１０１" })).status, 303);
  assert.equal(one(`SELECT cutoff || ' ' || first_no FROM app.press_template WHERE organisation_id = ${office("kasugai")}`), "17:30:00 101");
  for (const before of [version, "0", "x"]) {
    const slower = await template("kasugai", { version: before, title: "わたしの表題" });
    assert.equal(slower.status, 409);
    assert.match(slower.text, /ほかの人がひな形を保存しました[^]*value="わたしの表題"/);
    assert.notEqual(value(slower.text, "version"), before, "pressed once more, it is saved");
  }
  assert.equal((await template("kasugai")).status, 303);
});

let patients;
test("the table that is due holds the new cases in the order of their reports, and only what was ticked", async () => {
  const old = await reported({}, 24 * 8); // before the office began
  const today = await reported({}, -1); // behind the cut-off
  patients = [await reported({ occupation: "" }, 9), await reported({ birth_date: "1950-01-01", sex: "male" }, 7), await reported({ category: "asymptomatic" }, 5)];
  const suspected = await reported({ category: "suspected" }, 6);
  const page = await text("kasugai");
  const cases = sql(`SELECT patient_id FROM app.press_case`);
  assert.deepEqual(cases, []);
  for (const [i, patient] of patients.entries()) assert.match(page, new RegExp(`<a href="/patient/${patient.number}">市内${101 + i}例目</a>`));
  for (const patient of [old, today, suspected]) assert.ok(!page.includes(patient.number));
  assert.match(page, /<dt>新規陽性者数<\/dt><dd>3人/);
  assert.match(page, /<dt>陽性者数（累計）<\/dt><dd>103人/);
  assert.match(page, /<td class="nowrap">年代<\/td><td>10歳未満<\/td><td class="number">0<\/td>/);
  assert.match(page, /<td>30代<\/td><td class="number">2<\/td>/);
  assert.match(page, /<td class="nowrap">居住地<\/td><td>春日井市<\/td><td class="number">3<\/td>/);
  const shown = sql(`SELECT unnest(patient_ids) FROM app.audit WHERE action = 'press' ORDER BY at DESC LIMIT 3`).flat();
  assert.deepEqual(shown.sort(), patients.map((patient) => patient.id).sort());
});

test("a press fixes what was shown, once; a second one leads to the same, and one that was overtaken is shown again", async () => {
  const page = await text("kasugai");
  const late = await reported({ occupation: "遅れて" }, 1);
  const overtaken = await fix("kasugai", page);
  assert.match(overtaken.text, /表示したあとで、内容が変わりました/);
  assert.equal(one("SELECT count(*) FROM app.press"), "0");
  patients.push(late);
  const answers = await Promise.all([1, 2, 3].map(() => fix("kasugai", overtaken.text)));
  assert.deepEqual(answers.map((answer) => answer.location).sort(), [`/press/${day}?notice=press_fixed`, ...Array(2).fill(`/press/${day}?notice=press_fixed_before`)]);
  assert.deepEqual(sql("SELECT case_no, patient_id FROM app.press_case ORDER BY 1"), patients.map((patient, i) => [String(101 + i), patient.id]));
  assert.equal(one("SELECT published FROM app.press_case WHERE case_no = 102"), '{"age": "70", "sex": "male", "occupation": "会社員", "municipality": "春日井市"}');
  assert.match(await text("kasugai"), /締切を過ぎた分は、すべて確定しています/);
  assert.equal((await press("kasugai", "/press", { day: "x", digest: "" })).status, 400);
});

test("what was published stays; the next table names what has changed, and goes on counting", async () => {
  const published = await text("kasugai", `/press/${day}`);
  yesterday();
  sql(`UPDATE app.patient SET occupation = '教員' WHERE patient_id = ${patients[0].id}`);
  await clients.kodomo.get(`/patient/${patients[2].number}/notification/1/delete`);
  assert.equal((await clients.kodomo.post(`/patient/${patients[2].number}/notification/1/delete`, { reason: "誤り" })).status, 303);
  const added = await reported({ sex: "other" }, 2);
  const page = await text("kasugai");
  const rows = (html) => html.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");
  assert.match(rows(page), /市内101例目 \d+\/\d+\/\d+ 職業：未入力 → 教員 市内103例目 \d+\/\d+\/\d+ 取下げ（欠番）/);
  assert.match(page, new RegExp(`<a href="/patient/${added.number}">市内105例目</a>`));
  assert.equal((await fix("kasugai", page)).location, `/press/${day}?notice=press_fixed`);
  const old = one(`SELECT ('${day}'::date - 1)::text`);
  assert.equal(rows(await text("kasugai", `/press/${old}`)).match(/新規陽性者の内訳.*$/)[0], rows(published).match(/新規陽性者の内訳.*$/)[0], "as published");
  assert.equal(one("SELECT published ->> 'occupation' IS NULL FROM app.press_case WHERE case_no = 101"), "t");
  yesterday();
  const counts = (login) => sql(`UPDATE app.figure_case SET organisation_id = ${office(login)} WHERE patient_id = ${patients[1].id}`);
  counts("hoken1"); // handed over to another authority, and a case as before
  const third = await text("kasugai");
  counts("kasugai");
  assert.doesNotMatch(third, /教員|取下げ/, "said once");
  assert.match(third, /<dt>新規陽性者数<\/dt><dd>0人/);
  await clients.kasugai.get(`/patient/${patients[2].number}/notification/1`);
  assert.equal((await clients.kasugai.post(`/patient/${patients[2].number}/notification/1/restore`)).status, 303);
  assert.match(rows(await text("kasugai")), /市内103例目 \S+ 取下げを取消し/);
  assert.equal((await fix("kasugai", await text("kasugai"))).status, 303);
  assert.equal(one("SELECT last_no FROM app.press ORDER BY day DESC LIMIT 1"), "105");
});

test("the files hold what was published: PDF, xlsx, CSV in both encodings", async () => {
  const first = one("SELECT min(day)::text FROM app.press");
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "press"));
  const get = async (name) => {
    const answer = await clients.kasugai.get(`/press/${first}/${name}`);
    assert.equal(answer.status, 200, name);
    fs.writeFileSync(path.join(folder, name), answer.bytes);
    return answer;
  };
  const csv = await get("table.csv");
  assert.match(decodeURIComponent(csv.headers.get("content-disposition")), new RegExp(`''報道発表_${first}\\.csv$`));
  const lines = csv.text.replace(/^\ufeff/, "").split("\r\n");
  assert.equal(lines[0], "発生状況について");
  assert.ok(lines.includes("新規陽性者数,,4"));
  assert.ok(lines.includes("番号,年代,性別,居住地,職業"));
  assert.ok(lines.includes("市内102例目,70代,男,春日井市,会社員"));
  assert.ok(lines.includes("市内101例目,30代,女,春日井市,"));
  assert.doesNotMatch(csv.text, /負荷|花\d|教員|\d{5}-\d{5}-\d/, "nobody's name or number, nothing of later");
  assert.equal(new TextDecoder("shift_jis").decode((await get("cp932.csv")).bytes), csv.text.replace(/^\ufeff/, ""));
  await get("table.xlsx");
  const xml = execFileSync("unzip", ["-p", path.join(folder, "table.xlsx"), "xl/worksheets/sheet1.xml"], { encoding: "utf8" });
  assert.match(xml, /市内102例目<\/t>.*70代<\/t>/);
  assert.match(xml, /<t>新規陽性者数<\/t><\/is><\/c><c r="C\d+"><v>4<\/v>/);
  assert.equal((await get("table.pdf")).headers.get("content-type"), "application/pdf");
  const pdf = execFileSync("pdftotext", ["-layout", path.join(folder, "table.pdf"), "-"], { encoding: "utf8" });
  for (const words of ["発生状況について", "春日井保健所", "これまでの発表の修正", "公表用の症例一覧", "市内104例目"]) assert.ok(pdf.includes(words), words);
  assert.match(pdf, /市内102例目\s+70代\s+男\s+春日井市\s+会社員/);
  fs.rmSync(folder, { recursive: true });
  for (const name of ["table.txt", "x.pdf"]) assert.equal((await clients.kasugai.get(`/press/${first}/${name}`)).status, 404);
  for (const other of ["2020-01-01", "x"]) assert.equal((await clients.kasugai.get(`/press/${other}/table.pdf`)).status, 404);
});

test("who has begun to announce is not asked for the first number any more", async () => {
  assert.doesNotMatch(await text("kasugai", "/press/template"), /name="first_no"/);
  assert.equal((await template("kasugai", { first_no: "7" })).status, 303);
  assert.equal(one(`SELECT first_no FROM app.press_template WHERE organisation_id = ${office("kasugai")}`), "101");
});

test("each office has its own; others read and fix nothing of it", async () => {
  const first = one("SELECT min(day)::text FROM app.press");
  for (const login of ["hoken1", "nagoya", "aichi"]) {
    assert.match(await text(login), /まず<a href/, login);
    assert.equal((await clients[login].get(`/press/${first}`)).status, 404, login);
    assert.equal((await clients[login].get(`/press/${first}/table.csv`)).status, 404, login);
  }
  for (const login of ["kuni", "kodomo", "follow"]) {
    for (const target of ["/press", "/press/template", `/press/${first}`, `/press/${first}/table.pdf`]) assert.equal((await clients[login].get(target)).status, 404, `${login} ${target}`);
    assert.equal((await template(login)).status, 404, login);
    assert.equal((await press(login, "/press", { day: first, digest: "" })).status, 404, login);
  }
  const [due, saved, read, written] = asRole("staff", token("kuni"), ["SELECT count(*) FROM app.press_new()",
    "SELECT app.press_template_save(0, 'x', '', '00:00', 1, '{}', '{}')", "SELECT count(*) FROM app.press_case", "UPDATE app.press SET title = 'x'"]);
  assert.deepEqual(due.rows, ["0"]);
  assert.equal(saved.state, "HS403");
  assert.deepEqual(read.rows, ["0"]);
  assert.equal(written.state, "42501");
  const [own, changed] = asRole("staff", token("kasugai"), ["SELECT count(*) > 0 FROM app.press_case", "UPDATE app.press_case SET published = '{}'"]);
  assert.deepEqual(own.rows, ["t"]);
  assert.equal(changed.state, "42501", "what was published changes nobody");
});

test("what nobody was shown is not published, also when it comes in the midst of the press; what was shown is, although the day goes on", async () => {
  yesterday();
  const page = await text("kasugai"), severe = (html) => Number(html.match(/<dt>うち重症者<\/dt><dd>(\d+)人/)[1]);
  const held = await sqlHolding(4, "LOCK TABLE app.press IN SHARE MODE"), overtaken = fix("kasugai", page);
  while (one("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'app.press'::regclass") === "0") await new Promise((resolve) => setTimeout(resolve, 50));
  await reported({ occupation: "間に" }, 3);
  await held.over;
  assert.match((await overtaken).text, /表示したあとで、内容が変わりました/);
  assert.equal(one(`SELECT count(*) FROM app.press WHERE day = '${day}'`), "0");
  const shown = await text("kasugai");
  await reported({ severity: "severe" }, -1); // behind the cut-off, which is midnight: the levels are those of the day before
  assert.equal(severe(await text("kasugai")), severe(shown));
  await reported({ severity: "severe" }, 24 * 8); // before the office began: no case of the table, but one more severe
  assert.equal(severe(await text("kasugai")), severe(shown) + 1);
  const levels = value(shown, "levels");
  for (const wrong of [levels.replace(/\d+/, "0"), "", "{", "null"]) assert.match((await fix("kasugai", shown, { levels: wrong })).text, /内容が変わりました/, wrong);
  assert.equal((await fix("kasugai", shown)).location, `/press/${day}?notice=press_fixed`);
  assert.equal(severe(await text("kasugai", `/press/${day}`)), severe(shown));
  const [secret, own] = asRole("staff", token("kasugai"), ["SELECT secret FROM app.press_template", "SELECT version FROM app.press_template"]);
  assert.equal(secret.state, "42501", "nobody makes a digest");
  assert.equal(own.rows.length, 1);
});

test("a table counts its cases once", () => {
  assert.equal(sql(`SET track_functions = 'all'; SELECT set_config('app.session', '${token("kasugai")}', true); SELECT count(*) FROM app.press_table(200, NULL);
    SELECT calls FROM pg_stat_xact_user_functions WHERE funcname = 'press_new'`).at(-1)[0], "1");
});

test("after a pause longer than a fortnight nobody is left out", async () => {
  sql("UPDATE app.press_template SET begins_at = begins_at - interval '40 days'; UPDATE app.press SET day = day - 20, until_at = until_at - interval '20 days'; UPDATE app.press_case SET day = day - 20");
  const early = await reported({}, 24 * 17), before = await reported({}, 24 * 21);
  const page = await text("kasugai");
  assert.ok(page.includes(early.number), "reported since the table before");
  assert.ok(!page.includes(before.number), "before the table before, and more than a fortnight ago");
  assert.equal((await fix("kasugai", page)).location, `/press/${day}?notice=press_fixed`);
  assert.equal(one(`SELECT count(*) FROM app.press_case WHERE patient_id = ${early.id}`), "1");
});

test("a prefecture announces all its centres by city, from its own first number", async () => {
  assert.equal((await template("aichi", { prefix: "県内", first_no: "5000", part: ["municipality", "centre"], cutoff: "0:00" })).status, 303);
  sql(`UPDATE app.press_template SET begins_at = '${day}'::timestamp AT TIME ZONE 'Asia/Tokyo' - interval '20 hours' WHERE organisation_id = ${office("aichi")}`);
  const page = await text("aichi");
  assert.match(page, /県内5000例目/);
  assert.match(page, /<td class="nowrap">担当保健所<\/td>/);
  assert.match(page, /<td>春日井保健所<\/td>/);
  assert.equal((await fix("aichi", page)).status, 303);
  assert.equal((await clients.aichi.get(`/press/${day}/table.pdf`)).status, 200);
});
