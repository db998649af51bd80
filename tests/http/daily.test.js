// daily.test.js - 総数報告: who may enter and correct a day's report and until when, what cannot be read, one row for each reporter and
// day, the table at the cut-off and since, and that nobody reads what is another area's.
import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import { signIn } from "./client.js";
import { asRole, sql } from "./database.js";

const clients = {};
const organisation = (login) => sql(`SELECT organisation_id FROM app.account WHERE login = '${login}'`)[0][0];
const iso = (back) => sql(`SELECT app.today() - ${back}`)[0][0];
let clinic, today;

before(async () => {
  for (const login of ["sakura", "minato", "hoken1", "kasugai", "nagoya", "aichi", "kuni", "follow", "shukuhaku"]) clients[login] = await signIn(login);
  clinic = organisation("sakura");
  today = iso(0);
});
beforeEach(() => sql("DELETE FROM app.daily_report_change; DELETE FROM app.daily_report"));

const bands = (numbers) => Object.fromEntries(Object.entries(numbers).map(([band, count]) => [`band${band}`, String(count)]));
// Opens the form of a day and sends it, as a browser would.
async function send(login, numbers, { day = today, of = organisation(login), ...more } = {}) {
  const own = of === organisation(login), page = await clients[login].get(own ? `/daily/${day}` : `/daily/${day}/${of}`);
  const version = page.text.match(/name="version" value="(\d+)"/)?.[1] ?? "0";
  return clients[login].post("/daily", { day, organisation: of, version, ...bands(numbers), ...more });
}
const stored = (of = clinic, day = today) => sql(`SELECT array_to_string(counts, ','), version FROM app.daily_report WHERE organisation_id = ${of} AND day = '${day}'`)[0];

test("a clinic reports its day, corrects it the same day, and pressing twice changes nothing", async () => {
  assert.equal((await send("sakura", { 0: 1, 3: "１２", 13: 2 })).status, 303);
  assert.deepEqual(stored(), ["1,0,0,12,0,0,0,0,0,0,0,0,0,2", "1"]);
  const page = (await clients.sakura.get("/daily")).text;
  assert.match(page, /合計 <b class="nowrap">15人/);
  await send("sakura", { 0: 1, 3: 11, 13: 2 });
  assert.equal(stored()[1], "2");
  await clients.sakura.post("/daily", { day: today, organisation: clinic, version: "1", ...bands({ 0: 1, 3: 11, 13: 2 }) });
  assert.equal(stored()[1], "2", "the same numbers again");
  assert.match((await clients.sakura.post("/daily", { day: today, organisation: clinic, version: "1", ...bands({ 0: 9 }) })).text, /ほかの方が先に/);
  assert.equal(stored()[1], "2");
});

test("what cannot be read is said with its band, and nothing typed is lost", async () => {
  for (const wrong of ["-1", "1.5", "10000", "三人", "1e3"]) {
    const answer = await send("sakura", { 2: wrong, 4: "7" });
    assert.equal(answer.status, 422, wrong);
    assert.match(answer.text, /5～9歳：0から9999までの数字/);
    assert.match(answer.text, new RegExp(`value="${wrong}"`));
    assert.match(answer.text, /name="band4"[^>]*value="7"/);
  }
  assert.equal(stored(), undefined);
});

test("a wrong number does not make the form one about what somebody else has saved meanwhile", async () => {
  const post = (version, numbers) => clients.sakura.post("/daily", { day: today, organisation: clinic, version, ...bands(numbers) });
  const version = (answer) => answer.text.match(/name="version" value="(\d+)"/)[1];
  await send("sakura", { 1: 1 });
  const opened = version(await clients.sakura.get(`/daily/${today}`));
  assert.equal((await post("1", { 1: 2 })).status, 303, "a colleague");
  const wrong = await post(opened, { 1: "x", 2: 3 });
  assert.match(wrong.text, /0から9999までの数字/);
  assert.equal(version(wrong), opened, "still the version that was typed over");
  const overtaken = await post(version(wrong), { 1: 4, 2: 3 });
  assert.match(overtaken.text, /ほかの方が先に/);
  assert.match(overtaken.text, /name="band1"[^>]*value="4"/);
  assert.equal(stored()[0], "0,2,0,0,0,0,0,0,0,0,0,0,0,0");
  assert.equal((await post(version(overtaken), { 1: 4, 2: 3 })).status, 303, "now that it has been said");
  assert.deepEqual(stored(), ["0,4,3,0,0,0,0,0,0,0,0,0,0,0", "3"]);
});

test("a clinic corrects until its day ends; then the prefecture or the city does, any time, with a reason", async () => {
  const day = iso(3);
  await send("sakura", { 5: 4 }, { day });
  assert.deepEqual(stored(clinic, day), ["0,0,0,0,0,4,0,0,0,0,0,0,0,0", "1"], "a report that is late is taken");
  sql(`UPDATE app.daily_report SET entered_at = now() - interval '3 days' WHERE organisation_id = ${clinic}`);
  const late = await send("sakura", { 5: 5 }, { day });
  assert.match(late.text, /もう訂正できません/);
  assert.equal(stored(clinic, day)[1], "1");
  assert.match((await send("aichi", { 5: 6 }, { day, of: clinic })).text, /理由を入力/);
  assert.equal((await send("aichi", { 5: 6 }, { day, of: clinic, reason: "医療機関から電話" })).status, 303);
  assert.deepEqual(stored(clinic, day), ["0,0,0,0,0,6,0,0,0,0,0,0,0,0", "2"]);
  assert.match((await clients.sakura.get(`/daily/${day}`)).text, /医療機関から電話/);
});

test("nobody else writes: other clinics, centres, the ministry, other areas, before the first day, tomorrow", async () => {
  await send("sakura", { 1: 1 });
  for (const login of ["minato", "hoken1", "kasugai", "kuni", "shukuhaku", "follow"]) {
    const answer = await clients[login].post("/daily", { day: today, organisation: clinic, version: "1", reason: "x", ...bands({ 1: 9 }) });
    assert.ok([404, 422].includes(answer.status), `${login}: ${answer.status}`);
    assert.equal(stored()[1], "1", login);
  }
  for (const day of ["2022-09-25", iso(-1)]) {
    assert.equal((await clients.sakura.post("/daily", { day, organisation: clinic, version: "0", ...bands({ 1: 1 }) })).status, 404);
    assert.equal(stored(clinic, day), undefined);
  }
  for (const login of ["minato", "shukuhaku"]) {
    assert.equal((await clients[login].get(`/daily/${today}/${clinic}`)).status, 404, login);
  }
  // The second wall: the same in the database, and nobody writes the tables themselves.
  const statements = [`SELECT app.daily_report_store(${clinic}, '${today}', 1, array_fill(9, ARRAY[14]), 'x')`, "UPDATE app.daily_report SET version = 9",
    `INSERT INTO app.daily_report_change SELECT organisation_id, day, 9, at, account_id, office_id, counts, 'x' FROM app.daily_report_change`,
    `SELECT count(*) FROM app.daily_report`];
  const as = (login) => asRole("staff", clients[login].cookies.get("__Host-sid"), statements).map((r) => r.state ?? r.rows.at(-1));
  for (const login of ["minato", "kasugai", "shukuhaku"]) assert.deepEqual(as(login), ["HS403", "42501", "42501", "0"], login);
  assert.deepEqual(as("aichi"), [undefined, "42501", "42501", "1"]);
  assert.deepEqual(as("sakura").slice(1), ["42501", "42501", "1"]);
});

test("the table of a day: clinics by area, follow-up centres apart, each reporter once, as at 24:00 and since", async () => {
  const day = iso(1);
  await send("sakura", { 0: 2, 13: 1 }, { day });
  await send("minato", { 0: 5 }, { day });
  await send("follow", { 4: 30 }, { day });
  const cutoff = `'${day}'::timestamp AT TIME ZONE 'Asia/Tokyo'`;
  sql(`UPDATE app.daily_report SET entered_at = ${cutoff}; UPDATE app.daily_report_change SET at = ${cutoff}`);
  await send("aichi", { 0: 3, 13: 1 }, { day, of: clinic, reason: "数え直し" });
  const csv = (await clients.aichi.get(`/daily/table.csv?day=${day}`)).text.split("\r\n").filter(Boolean).map((line) => line.split(","));
  assert.equal(csv[0].length, 32);
  assert.ok(csv.some(([, name]) => /健康フォローアップ/.test(name)));
  const all = csv.at(-1);
  assert.deepEqual([all[1], all[2], all[16], all[17], all[31]], ["合計", "8", "39", "7", "38"]);
  assert.deepEqual([csv[0][17], csv[0][31]], [`24時時点の${csv[0][2]}`, "24時時点の合計"]);
  const page = (await clients.kuni.get(`/daily?day=${day}`)).text;
  assert.match(page, /愛知県/);
  assert.match(page, /24時 38人/);
  assert.match(page, /8<span class="sub nowrap">24時 7<\/span>/);
  const [, path] = (await clients.aichi.get(`/daily?day=${day}`)).text.match(/href="(\/daily\/area\/[^"]+)"/);
  assert.match((await clients.aichi.get(path.replaceAll("&amp;", "&"))).text, /訂正できます/);
});

test("each line of an area opens those whom it counts: its clinics, or its follow-up centres", async () => {
  const day = iso(1);
  await send("sakura", { 0: 2 }, { day });
  await send("follow", { 4: 30 }, { day });
  sql(`UPDATE app.daily_report SET centre_id = (SELECT centre_id FROM app.daily_report WHERE organisation_id = ${clinic})`); // of one area
  const table = (await clients.aichi.get(`/daily?day=${day}`)).text;
  const lines = [...table.matchAll(/<a href="(\/daily\/area\/[^"]+)" aria-label="([^"]*)の報告した機関 (\d+)"/g)];
  assert.equal(lines.length, 2);
  for (const [, path, label, count] of lines) {
    const page = (await clients.aichi.get(path.replaceAll("&amp;", "&"))).text, names = page.match(/<th scope="row"><a href/g);
    assert.deepEqual([names.length, Number(count), /<span class="tag">健康フォローアップ/.test(page)], [1, 1, /健康フォローアップ$/.test(label)], label);
  }
  const both = (await clients.aichi.get(lines[0][1].replaceAll("&amp;", "&").replace(/&kind=.*/, ""))).text;
  assert.equal(both.match(/<th scope="row"><a href/g).length, 2);
});

test("a centre reads its own area alone, a clinic no table", async () => {
  await send("sakura", { 0: 2 });
  const centre = sql(`SELECT o.code FROM app.daily_report d JOIN app.organisation o ON o.organisation_id = d.centre_id`)[0][0];
  const owner = ["hoken1", "kasugai"].find((login) => organisation(login) === sql(`SELECT centre_id FROM app.daily_report`)[0][0]);
  const other = owner === "hoken1" ? "kasugai" : "hoken1";
  assert.match((await clients[owner].get(`/daily?day=${today}`)).text, /2人/);
  assert.match((await clients[other].get(`/daily?day=${today}`)).text, /この日の報告はまだありません/);
  assert.match((await clients[other].get(`/daily/area/${centre}?day=${today}`)).text, /報告した機関はありません/);
  assert.equal((await clients.sakura.get(`/daily/table.csv?day=${today}`)).status, 404);
});
