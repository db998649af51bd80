// exports.test.js - 持ち出し over plain HTTPS and behind the curtain: files hold exactly the patients and items that an office may see, in
// every format; the log says who took what; a choice of columns stays with those for whom it was saved.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { before, test } from "node:test";
import { signIn } from "./client.js";
import { asRole, hersys, sql } from "./database.js";
import { notification, receipt, stranger } from "./notify.js";

const clients = {};
const mark = `試験${crypto.randomBytes(3).toString("hex")}`; // in every purpose of this run
const one = (query) => sql(query)[0]?.[0];
const token = (login) => clients[login].cookies.get("__Host-sid");
const office = (login) => one(`SELECT organisation_id FROM app.account WHERE login = '${login}'`);

before(async () => {
  for (const login of ["sakura", "minato", "hoken1", "hoken2", "kasugai", "nagoya", "aichi", "kuni", "follow", "shukuhaku"]) clients[login] = await signIn(login);
});

// A form may hold a name several times.
function body(fields) {
  return new URLSearchParams(Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one])));
}
function press(login, target, fields) {
  return clients[login].request("POST", target, body({ csrf: clients[login].csrf, ...fields }), { origin: `https://localhost:${process.env.HERSYS_PORT ?? 8443}` });
}
const take = (login, fields) => press(login, `/exports/patients.${fields.format === "xlsx" ? "xlsx" : "csv"}`, { format: "csv", purpose: `目的 ${mark}`, column: "hersys_id", ...fields });

// The rows of a CSV without its mark; cells as they are written (nothing here holds a comma), and the last row, which says how it was made.
function rows(answer, encoding = "utf-8") {
  assert.equal(answer.status, 200, answer.text);
  const bytes = encoding === "utf-8" ? answer.bytes.subarray(3) : answer.bytes;
  if (encoding === "utf-8") assert.equal(answer.bytes.subarray(0, 3).toString("hex"), "efbbbf");
  const text = new TextDecoder(encoding).decode(bytes);
  assert.match(text, /\r\n$/);
  const lines = text.trimEnd().split("\r\n");
  const foot = lines.pop();
  return { head: lines[0].split(","), rows: lines.slice(1).map((line) => line.split(",")), foot };
}

async function reported(login, fields = {}) {
  const made = receipt(await clients[login].post("/notification", notification({ ...stranger(), ...fields })));
  return { number: made.id, id: hersys("id", made.id).split(" ")[0] };
}
const shown = (number) => `${number.slice(0, 5)}-${number.slice(5, 10)}-${number.slice(10)}`;

test("a file holds exactly the patients of the office's list, each once, in the trail and in the log", async () => {
  const patient = await reported("sakura", { given_name: "=1+1", birth_date: "1950-01-02", target_reasons: "hospital age65", stay_address: "愛知県名古屋市中区栄1-1", phone: "09012345678" });
  const answer = await take("hoken1", { column: ["given_name", "hersys_id", "birth_date", "category", "target_reasons", "age_years", "phone", "stay_municipality", "test1_method"] });
  assert.equal(answer.headers.get("content-type"), "text/csv; charset=utf-8");
  assert.match(decodeURIComponent(answer.headers.get("content-disposition")), /^attachment; .*''患者一覧\.csv$/);
  const file = rows(answer);
  assert.deepEqual(file.head, ["HER-SYS ID", "名", "生年月日", "電話番号", "診断時の年齢", "所在地の市区町村", "診断分類", "届出の対象（あてはまるもの）", "検査方法（1）"], "in their own order");
  const row = file.rows.find((cells) => cells[0] === shown(patient.number));
  assert.equal(row[1], "\"'=1+1\"", "no formula");
  assert.match(row[2], /^1950\/1\/2$/);
  assert.deepEqual(row.slice(3), ["090-1234-5678", "72", "愛知県名古屋市中区", "患者（確定例）", "65歳以上、入院を要する", ""]);
  const mine = sql(`SELECT patient_id FROM app.access WHERE organisation_id = ${office("hoken1")} AND NOT sealed AND NOT past ORDER BY 1`).flat();
  assert.equal(file.rows.length, mine.length);
  assert.equal(new Set(file.rows.map((cells) => cells[0])).size, mine.length);
  const [[id, people, format, columns, filter, finished]] = sql(`SELECT export_id, people, format, columns, filter, finished_at IS NOT NULL FROM app.export WHERE purpose = '目的 ${mark}' ORDER BY at DESC LIMIT 1`);
  assert.deepEqual([Number(people), format, filter, finished], [mine.length, "csv", "全員", "t"]);
  assert.equal(columns, "{hersys_id,given_name,birth_date,phone,age_years,stay_municipality,category,target_reasons,test1_method}");
  const trail = sql(`SELECT unnest(patient_ids) FROM app.audit WHERE action = 'export' AND detail = '${id}' ORDER BY 1`).flat();
  assert.deepEqual(trail, mine, "everybody in the file stands in the trail");
  assert.match(file.foot, new RegExp(`^［以上${mine.length}人］持ち出しの記録 ${id.slice(0, 8)}　.*名古屋市保健所　保健師 さくら　目的：目的 ${mark}$`));
});

test("every column that is offered can be taken, and offices and towns stand there by their names", async () => {
  const patient = await reported("sakura", { home_address: "愛知県名古屋市中区栄1-1", stay_address: "愛知県豊田市西町3-60" });
  const offered = [...(await clients.hoken1.get("/exports")).text.matchAll(/name="column" value="([a-z0-9_]+)"/g)].map(([, name]) => name);
  const file = rows(await take("hoken1", { ids: patient.number, column: offered }));
  assert.ok(offered.length > 80);
  assert.equal(file.head.length, offered.length);
  assert.equal(file.rows[0].length, offered.length);
  const cell = (label) => file.rows[0][file.head.indexOf(label)];
  const [[reporter, responsible]] = sql(`SELECT r.name, c.name FROM app.access a JOIN app.organisation r ON r.organisation_id = a.reporter_id JOIN app.organisation c ON c.organisation_id = a.responsible_id
    WHERE a.organisation_id = ${office("hoken1")} AND a.patient_id = ${patient.id}`);
  assert.deepEqual([cell("届出元"), cell("担当保健所")], [reporter, responsible]);
  assert.deepEqual([cell("住所の市区町村"), cell("所在地の市区町村")], ["愛知県名古屋市中区", "愛知県豊田市"]);
});

test("filters choose, and the log says them in words without numbers of patients", async () => {
  const patient = await reported("sakura"), other = await reported("sakura", { category: "asymptomatic" });
  const both = await take("hoken1", { ids: `${patient.number}\n${other.number}` });
  assert.deepEqual(rows(both).rows.flat().sort(), [shown(patient.number), shown(other.number)].sort());
  assert.equal(one(`SELECT filter FROM app.export ORDER BY at DESC LIMIT 1`), "HER-SYS IDの一覧：2人");
  const single = await take("hoken1", { ids: `${patient.number} ${other.number}`, category: "asymptomatic", confirmed: "false", filter_status: "none", todo: "unconfirmed", listed_from: "2020/1/1", diagnosed_to: "R12.1.1" });
  assert.deepEqual(rows(single).rows, [[shown(other.number)]]);
  assert.match(one(`SELECT filter FROM app.export ORDER BY at DESC LIMIT 1`), /^きょう、すること：.*、いまのステータス：未入力、保健所の確認：未確認、診断分類：無症状病原体保有者、届出日（から）：2020\/1\/1、/);
  const nobody = rows(await take("hoken1", { ids: patient.number, category: "body" }));
  assert.deepEqual(nobody.rows, []);
  assert.match(nobody.foot, /^［以上0人］/);
  const foreign = rows(await take("kasugai", { ids: patient.number }));
  assert.deepEqual(foreign.rows, [], "nobody of another centre");
});

test("each kind of office gets its own items: what its class does not show is no column, forged or not", async () => {
  const patient = await reported("sakura", { given_name: "秘匿", phone: "09087654321", remarks: "所見あり" });
  const columns = ["hersys_id", "sex", "given_name", "birth_date", "phone", "remarks", "route", "confirmed", "passport_number"];
  const heads = {};
  for (const login of ["sakura", "hoken1", "nagoya", "aichi", "kuni"]) {
    const file = rows(await take(login, { ids: patient.number, column: columns }));
    heads[login] = file.head.length;
    assert.equal(file.rows.length, 1, login);
    assert.equal(file.rows[0][0], shown(patient.number));
    const text = JSON.stringify(file.rows);
    assert.equal(text.includes("秘匿"), login !== "kuni", login);
    assert.equal(text.includes("090-8765-4321"), login !== "kuni", login);
    assert.ok(text.includes("所見あり"), login);
  }
  assert.equal(heads.kuni, 5); // HER-SYS ID, 性別, 確認, 感染経路, 備考
  for (const login of ["minato", "kasugai", "follow", "shukuhaku"]) assert.deepEqual(rows(await take(login, { ids: patient.number, column: columns })).rows, [], login);
  const page = (await clients.kuni.get("/exports")).text;
  assert.doesNotMatch(page, /value="(given_name|birth_date|phone|home_address|passport_number)"/);
  assert.match(page, /value="diagnosis_date"/);
  const follow = (await clients.follow.get("/exports")).text;
  assert.match(follow, /value="given_name"/);
  assert.doesNotMatch(follow, /value="(diagnosis_date|status|confirmed|remarks)"/);
});

test("the second wall: what the database gives out for files is what the relation shows", async () => {
  const patient = await reported("sakura");
  sql(`INSERT INTO app.test_record (patient_id, notification_no, test_no, method) VALUES (${patient.id}, 1, 1, 'pcr')`);
  const counts = (login, id = patient.id) => {
    const [line, tests] = asRole("staff", login && token(login), [`SELECT count(family_name), count(category), count(age_years) FROM app.export_line WHERE patient_id = ${id}`, `SELECT count(*) FROM app.export_test(ARRAY[${id}])`]);
    return [...line.rows[0].split("|"), tests.rows[0]].map(Number); // the person, the report, what it says of the person, tests
  };
  for (const login of ["sakura", "hoken1", "nagoya", "aichi"]) assert.deepEqual(counts(login), [1, 1, 1, 1], login);
  assert.deepEqual(counts("kuni"), [0, 1, 0, 1], "the illness, not the person");
  for (const login of ["minato", "kasugai", "follow", "shukuhaku", null]) assert.deepEqual(counts(login), [0, 0, 0, 0], login);
  sql(`UPDATE app.notification SET reporter_id = ${office("minato")} WHERE patient_id = ${patient.id}`);
  assert.deepEqual(counts("sakura"), [1, 0, 0, 0], "who merely reported sees its own report");
  assert.deepEqual(counts("hoken1"), [1, 1, 1, 1]);
  sql(`UPDATE app.notification SET deleted_at = now() WHERE patient_id = ${patient.id}`);
  assert.deepEqual(counts("hoken1").slice(1), [0, 0, 0], "a deleted report is in no file");
  sql(`UPDATE app.notification SET deleted_at = NULL, reporter_id = ${office("sakura")} WHERE patient_id = ${patient.id}`);
  for (const role of ["door", "public"]) assert.equal(asRole(role, token("hoken1"), ["SELECT count(*) FROM app.export_line"])[0].state, "42501", role);
});

test("a patient whom an office knows through a narrow relation has narrow cells", async () => {
  const patient = await reported("sakura", { given_name: "細い", remarks: "広い" });
  sql(`UPDATE app.access SET relations = 128 WHERE organisation_id = ${office("follow")} AND patient_id = ${patient.id};
       INSERT INTO app.access (organisation_id, patient_id, relations, listed_at, reporter_id, responsible_id, name)
       SELECT ${office("follow")}, patient_id, 128, listed_at, reporter_id, responsible_id, name FROM app.access WHERE organisation_id = ${office("hoken1")} AND patient_id = ${patient.id} ON CONFLICT DO NOTHING`);
  const file = rows(await take("follow", { ids: patient.number, column: ["given_name", "remarks", "hersys_id"] }));
  assert.deepEqual(file.head, ["HER-SYS ID", "名"]);
  assert.deepEqual(file.rows, [[shown(patient.number), "細い"]]);
  sql(`DELETE FROM app.access WHERE organisation_id = ${office("follow")} AND patient_id = ${patient.id}`);
});

test("CP932: what it lacks is 〓, and the file and the log say how many", async () => {
  const patient = await reported("sakura", { family_name: "髙﨑", given_name: "𠮷☃" });
  const answer = await take("hoken1", { format: "cp932", ids: patient.number, column: ["family_name", "given_name"] });
  assert.equal(answer.headers.get("content-type"), "text/csv; charset=Shift_JIS");
  const file = rows(answer, "shift_jis");
  assert.deepEqual(file.head, ["姓", "名"]);
  assert.deepEqual(file.rows, [["髙﨑", "〓〓"]]);
  assert.match(file.foot, /Shift_JISにない2文字は「〓」$/);
  assert.equal(one(`SELECT replaced FROM app.export ORDER BY at DESC LIMIT 1`), "2");
  assert.match((await clients.hoken1.get("/exports/log")).text, /〓 2文字/);
});

test("xlsx opens: texts, dates and numbers, and no formula", async () => {
  const patient = await reported("sakura", { given_name: "=HYPERLINK(\"x\")", birth_date: "1980-01-02" });
  const answer = await take("hoken1", { format: "xlsx", ids: patient.number, column: ["given_name", "birth_date", "age_years"] });
  assert.equal(answer.headers.get("content-type"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
  assert.match(decodeURIComponent(answer.headers.get("content-disposition")), /''患者一覧\.xlsx$/);
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "xlsx")), "a.xlsx");
  fs.writeFileSync(file, answer.bytes);
  execFileSync("unzip", ["-tq", file]);
  const xml = execFileSync("unzip", ["-p", file, "xl/worksheets/sheet1.xml"], { encoding: "utf8" });
  fs.rmSync(path.dirname(file), { recursive: true });
  assert.match(xml, /<t>=HYPERLINK\("x"\)<\/t>/);
  assert.doesNotMatch(xml, /<f>/);
  assert.match(xml, /<c r="B2" s="\d+"><v>29222<\/v><\/c><c r="C2"><v>42<\/v><\/c>/);
  assert.match(xml, /［以上1人］/);
});

test("ten thousand rows come whole", async () => {
  if (Number(one(`SELECT count(*) FROM app.access WHERE organisation_id = ${office("kuni")} AND NOT past`)) < 10000) hersys("demo", "generate", "--patients=10000");
  const mine = Number(one(`SELECT count(*) FROM app.access WHERE organisation_id = ${office("kuni")} AND NOT sealed AND NOT past`));
  for (const [format, encoding] of [["csv", "utf-8"], ["cp932", "shift_jis"]]) {
    const file = rows(await take("kuni", { format, column: ["hersys_id", "sex", "age", "category", "diagnosis_date", "responsible", "test1_method", "symptoms"] }), encoding);
    assert.equal(new Set(file.rows.map((cells) => cells[0])).size, mine);
    assert.ok(file.rows.every((cells) => cells.length === 8));
    const offices = new Map(), at = file.head.indexOf("担当保健所"); // the names are read anew for each step
    for (const cells of file.rows) offices.set(cells[at], (offices.get(cells[at]) ?? 0) + 1);
    assert.deepEqual([...offices].map(([name, people]) => [name, String(people)]).sort(), sql(`SELECT coalesce(o.name, ''), count(*) FROM app.access a LEFT JOIN app.organisation o ON o.organisation_id = a.responsible_id
      WHERE a.organisation_id = ${office("kuni")} AND NOT a.sealed AND NOT a.past GROUP BY 1`).sort());
  }
});

test("without a purpose or a column there is no file, and nothing typed is lost", async () => {
  const logged = () => Number(one("SELECT count(*) FROM app.export"));
  const before = logged();
  for (const [fields, words] of [[{ purpose: " " }, "目的を200文字以内で入力してください"], [{ purpose: "あ".repeat(201) }, "目的を200文字以内で"], [{ column: "given" }, "項目を一つ以上選んでください"],
    [{ listed_from: "いつか", category: "asymptomatic" }, "届出日（から）」を日付として読み取れません"], [{ ids: "12345" }, "HER-SYS IDとして読み取れないもの"]]) {
    const answer = await take("hoken1", { column: ["hersys_id", "remarks"], ...fields });
    assert.equal(answer.headers.get("content-type"), "text/html; charset=utf-8");
    assert.ok(answer.text.includes(words), words);
    if (!fields.column) assert.match(answer.text, /value="remarks" checked/);
    if (fields.category) assert.match(answer.text, /value="asymptomatic" selected/);
  }
  assert.equal(logged(), before);
});

test("a choice of columns is kept under its name, for oneself or the office, and for nobody else", async () => {
  const own = `自分 ${mark}`, shared = `共有 ${mark}`;
  const save = (name, fields = {}) => press("hoken1", "/exports/choice", { choice_name: name, column: ["hersys_id", "remarks"], ...fields });
  assert.equal((await save(own)).location, "/exports?notice=export_choice_saved");
  assert.equal((await save(own, { column: ["hersys_id", "route"] })).status, 303, "the same name: other columns");
  assert.equal((await save(shared, { shared: "1" })).status, 303);
  assert.match((await save("")).text, /選び方の名前を40文字以内で入力してください/);
  assert.match((await save("x", { column: "" })).text, /項目を一つ以上選んでください/);
  const page = async (login) => (await clients[login].get("/exports")).text;
  const mine = await page("hoken1"), colleague = await page("hoken2"), other = await page("kasugai"), above = await page("nagoya");
  assert.ok(mine.includes(own) && mine.includes(shared));
  assert.ok(!colleague.includes(own) && colleague.includes(shared));
  assert.ok(![other, above].some((text) => text.includes(own) || text.includes(shared)));
  const link = (text, name) => text.match(new RegExp(`/exports\\?choice=([-0-9a-f]{36})">${name}<`))[1];
  const opened = (await clients.hoken1.get(`/exports?choice=${link(mine, own)}`)).text;
  assert.match(opened, /value="route" checked/);
  assert.doesNotMatch(opened, /value="(remarks|given_name)" checked/);
  assert.match((await clients.hoken2.get(`/exports?choice=${link(mine, own)}`)).text, /value="given_name" checked/, "the usual columns");
  assert.equal((await press("hoken2", "/exports/choice/delete", { choice_id: link(mine, shared) })).status, 404, "a colleague's own stays");
  assert.equal((await press("hoken1", "/exports/choice/delete", { choice_id: "x" })).status, 404);
  for (const name of [own, shared]) assert.equal((await press("hoken1", "/exports/choice/delete", { choice_id: link(mine, name) })).location, "/exports?notice=export_choice_deleted");
  assert.ok(!(await page("hoken2")).includes(shared));
});

test("the log is read by the office and those above it, and changed by nobody", async () => {
  const purpose = `上から ${mark}`;
  await take("hoken1", { purpose });
  for (const login of ["hoken1", "hoken2", "nagoya", "aichi", "kuni"]) assert.ok((await clients[login].get("/exports/log")).text.includes(purpose), login);
  for (const login of ["kasugai", "sakura", "follow", "shukuhaku"]) assert.ok(!(await clients[login].get("/exports/log")).text.includes(purpose), login);
  await take("sakura", { purpose: `医院 ${mark}` });
  assert.ok((await clients.hoken1.get("/exports/log")).text.includes(`医院 ${mark}`), "of the clinics whose accounts it issues");
  assert.ok(!(await clients.kasugai.get("/exports/log")).text.includes(`医院 ${mark}`));
  const count = "SELECT count(*) FROM app.export";
  const [seen, other, changed, forged, choice] = asRole("staff", token("kasugai"), [count, `${count} WHERE organisation_id = ${office("hoken1")}`, `UPDATE app.export SET people = 0, finished_at = now() RETURNING 1`,
    `INSERT INTO app.export (organisation_id, export_id, account_id, at, kind, format, columns, filter, purpose) VALUES (${office("hoken1")}, gen_random_uuid(), 4, now(), 'patients', 'csv', '{}', '', '')`,
    `INSERT INTO app.export_choice (organisation_id, choice_id, account_id, shared, name, columns, saved_at) VALUES (${office("hoken1")}, gen_random_uuid(), 4, true, 'x', '{}', now())`]);
  assert.ok(Number(seen.rows[0]) >= 0);
  assert.deepEqual(other.rows, ["0"]);
  assert.deepEqual(changed.rows, [], "what is finished stands");
  assert.equal(forged.state, "42501");
  assert.equal(choice.state, "42501");
  const [none, deleted] = asRole("staff", token("hoken1"), [`UPDATE app.export SET people = 0, finished_at = now() RETURNING 1`, `DELETE FROM app.export`]);
  assert.deepEqual(none.rows, []);
  assert.equal(deleted.state, "42501");
  for (const role of ["door", "public"]) assert.equal(asRole(role, token("hoken1"), [count])[0].state, "42501", role);
});

test("whoever is not signed in, or comes from elsewhere, gets no file", async () => {
  const { Client } = await import("./client.js");
  const stranger = new Client();
  assert.equal((await stranger.post("/exports/patients.csv", { format: "csv", purpose: "x", column: "hersys_id" })).location, "/sign-in");
  assert.equal((await clients.hoken1.post("/exports/patients.csv", { format: "csv", purpose: "x", column: "hersys_id" }, { origin: "https://example.org" })).status, 400);
  assert.equal((await clients.hoken1.get("/exports/patients.csv")).status, 404);
});
