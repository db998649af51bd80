// local_items.test.js - 独自項目 over plain HTTPS and behind the curtain: what a head office adds stands in the form, the list, the
// history and the CSV of its area like all other items, and nowhere else; nothing that was entered is ever lost by it.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { after, before, test } from "node:test";
import { signIn } from "./client.js";
import { asRole, hersys, pastTheWall, sql } from "./database.js";
import { notification, receipt } from "./notify.js";

const clients = {};
const mark = `試験${crypto.randomBytes(3).toString("hex")}`; // in every label of this run
const one = (query) => sql(query)[0]?.[0];
const token = (login) => clients[login].cookies.get("__Host-sid");
const office = (login) => one(`SELECT organisation_id FROM app.account WHERE login = '${login}'`);

before(async () => {
  for (const login of ["sakura", "minato", "hoken1", "hoken2", "kasugai", "nagoya", "aichi", "kuni", "follow", "shukuhaku"]) clients[login] = await signIn(login);
});
// What was added here is not asked for in the tests of others.
after(() => sql(`UPDATE app.local_item SET retired_at = now() WHERE label LIKE '%${mark}%'`));

// A press on a page that was just opened there.
async function press(login, page, fields, path = page) {
  clients[login].guard = {};
  await clients[login].get(page);
  return clients[login].post(path, { ...clients[login].guard, ...fields });
}

// Adds an item and gives the name of its field.
async function add(login, fields) {
  const label = fields.label + mark;
  const answer = await press(login, "/local-items/new", { tab: "local", ...fields, label });
  assert.equal(answer.location, "/local-items?notice=local_item_saved", answer.text);
  return `local_${one(`SELECT item_id FROM app.local_item WHERE label = '${label.replaceAll("'", "''")}'`)}`;
}

async function reported(login = "sakura", fields = {}) {
  const made = receipt(await clients[login].post("/notification", notification(fields)));
  return { path: `/patient/${made.id}`, number: made.id, id: hersys("id", made.id).split(" ")[0] };
}

async function enter(login, patient, values, { tab = "local", no = "new", entry_version = "0" } = {}) {
  await clients[login].get(`${patient.path}/tab/${tab}/${no}`);
  return clients[login].post(`${patient.path}/tab/${tab}/${no}`, { items: Object.keys(values).join(" "), entry_version, ...values });
}
const entries = (patient) => sql(`SELECT items FROM app.entry WHERE patient_id = ${patient.id} ORDER BY entry_no`).flat().map((text) => JSON.parse(text));
const show = async (login, path) => (await clients[login].get(path)).text;

// The rows of a file, cells as they are written (nothing here holds a comma).
async function csv(login, fields = {}) {
  const answer = await press(login, "/local-items", { from: "2020/1/1", to: "R12.12.31", ...fields }, "/local-items/values.csv");
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "text/csv; charset=utf-8", answer.text);
  assert.match(decodeURIComponent(answer.headers.get("content-disposition")), /^attachment; .*''独自項目\.csv$/);
  assert.equal(answer.bytes.subarray(0, 3).toString("hex"), "efbbbf");
  const text = answer.bytes.subarray(3).toString("utf8");
  assert.match(text, /\r\n$/);
  assert.doesNotMatch(text.replaceAll("\r\n", ""), /[\r\n]/);
  return text.trimEnd().split("\r\n").map((line) => line.split(","));
}
const cellOf = (rows, patient, label) => rows.find((row) => row[0].replaceAll("-", "") === patient.number)?.[rows[0].findIndex((head) => head.startsWith(label + mark))];

test("an item of every kind is asked for, read as all dates and numbers are, listed, and stands in the history by its label", async () => {
  const text = await add("nagoya", { kind: "text", label: "連絡の工夫", hint: "例：夜間のみ" });
  const number = await add("nagoya", { kind: "number", label: "階数", unit: "階", least: "-2", most: "60" });
  const date = await add("nagoya", { kind: "date", label: "訪問日" });
  const choice = await add("nagoya", { kind: "choice", label: "優先", choices: "高\n\n 低 " });
  const patient = await reported();
  const form = await show("hoken1", `${patient.path}/tab/local/new`);
  assert.match(form, /<h3[^>]*>名古屋市 本庁の項目<\/h3>/);
  for (const word of [`連絡の工夫${mark}`, "例：夜間のみ", "<span>階</span>", `name="${choice}" value="1"`, ">低"]) assert.ok(form.includes(word), word);
  assert.match(form.match(/name="items" value="([^"]*)"/)[1], new RegExp(`${text} ${number} ${date} ${choice}`));
  assert.equal((await enter("hoken1", patient, { [text]: " 夜間のみ ", [number]: "-２", [date]: "R4.10.9", [choice]: "2" })).status, 303);
  assert.deepEqual(entries(patient), [{ [text]: "夜間のみ", [number]: "-2", [date]: "2022-10-09", [choice]: "2" }]);
  const list = await show("hoken1", `${patient.path}/tab/local`);
  for (const value of ["夜間のみ", "-2階", "2022年10月9日（令和4年）", "低"]) assert.ok(list.includes(`<dd>${value}</dd>`), value);
  assert.match(await show("hoken1", `${patient.path}/tab/local/1`), /value="2022\/10\/9"/);
  assert.equal((await enter("hoken2", patient, { [number]: "3", [choice]: "" }, { no: 1, entry_version: "1" })).status, 303);
  assert.deepEqual(entries(patient), [{ [text]: "夜間のみ", [number]: "3", [date]: "2022-10-09" }], "what the form did not show stays");
  const history = (await show("hoken1", `${patient.path}/history`)).replace(/<[^>]+>|\s+/g, " ");
  for (const line of [`保健師 けやき.{0,60}階数${mark} +-2階 +3階`, `優先${mark} +低 `, `保健師 さくら.{0,60}訪問日${mark} +2022年10月9日`]) assert.match(history, new RegExp(line));
  assert.ok((await show("hoken1", `${patient.path}/timeline`)).includes("経過"), "the time line stands");
});

test("what cannot be read is told at its field, nothing typed is lost, and nothing is entered", async () => {
  const text = await add("nagoya", { kind: "text", label: "悪文字" });
  const number = await add("nagoya", { kind: "number", label: "悪数", least: "1", most: "9" });
  const date = await add("nagoya", { kind: "date", label: "悪日付" });
  const choice = await add("nagoya", { kind: "choice", label: "悪選択", choices: "甲\n乙" });
  const patient = await reported();
  const bad = { [text]: "長".repeat(201), [number]: "十", [date]: "2022/13/45", [choice]: "99" };
  const answer = await enter("hoken1", patient, bad);
  assert.equal(answer.status, 200);
  for (const [name, message] of [[text, "200文字以内で入力してください（いまは201文字です）"], [number, "1から9までの数字"], [date, "カレンダーにない日付"], [choice, "選択肢から選んでください"]]) {
    assert.match(answer.text, new RegExp(`<li><a href="#${name}">悪[^<]*${mark}：[^<]*${message.replace(/[()（）]/g, ".")}`), name);
    assert.match(answer.text, new RegExp(`class="field[^"]*is-wrong[^"]*"[^>]*data-item="${name}"|class="field[^"]*is-wrong[^"]*" id="${name}"`), name);
  }
  for (const typed of ["長".repeat(201), "十", "2022/13/45"]) assert.ok(answer.text.includes(`value="${typed}"`), typed);
  assert.deepEqual(entries(patient), []);
  assert.match((await enter("hoken1", patient, { [text]: "　" })).text, /何も入力されていません/);
  assert.equal((await enter("hoken1", patient, { [text]: "<script>'\"&" })).status, 303);
  assert.ok((await show("hoken1", `${patient.path}/tab/local`)).includes("&lt;script&gt;"));
});

test("pressed twice it is one entry; of two people on one entry the second sees both values", async () => {
  const choice = await add("nagoya", { kind: "choice", label: "同時", choices: "要\n不要" });
  const patient = await reported();
  await clients.hoken1.get(`${patient.path}/tab/local/new`);
  const guard = { ...clients.hoken1.guard };
  for (let i = 0; i < 2; i++) assert.equal((await clients.hoken1.post(`${patient.path}/tab/local/new`, { ...guard, items: choice, entry_version: "0", [choice]: "1" })).status, 303);
  assert.equal(entries(patient).length, 1);
  for (const login of ["hoken1", "hoken2"]) await clients[login].get(`${patient.path}/tab/local/1`);
  const change = (login, value) => clients[login].post(`${patient.path}/tab/local/1`, { items: choice, entry_version: "1", [choice]: value });
  assert.equal((await change("hoken1", "2")).status, 303);
  const second = await change("hoken2", "1");
  assert.equal(second.status, 200);
  assert.match(second.text, /記録が変わりました/);
  assert.match(second.text, /いま登録されている値は「不要」です/);
  assert.match(second.text, new RegExp(`name="${choice}" value="1" checked`));
  assert.deepEqual(entries(patient), [{ [choice]: "2" }]);
});

test("only head offices keep items, each its own; a centre reads what is asked of it; for others there is no such page", async () => {
  const name = await add("nagoya", { kind: "text", label: "持ち主" });
  const path = `/local-items/${name.replace("local_", "")}`;
  for (const login of ["sakura", "kuni", "follow", "shukuhaku"]) {
    for (const page of ["/local-items", "/local-items/new", path]) assert.equal((await clients[login].get(page)).status, 404, `${login} ${page}`);
    assert.equal((await clients[login].post("/local-items/values.csv", { from: "2020/1/1", to: "2030/1/1" })).status, 404, login);
    assert.equal(one(`SELECT outcome FROM app.audit WHERE organisation_id = ${office(login)} AND action LIKE 'local_item%' ORDER BY at DESC LIMIT 1`), "denied");
  }
  for (const login of ["hoken1", "kasugai", "aichi"]) {
    assert.equal((await show(login, "/local-items")).includes(`持ち主${mark}`), login === "hoken1", login);
    for (const [page, fields] of [[path, { label: "奪う" }], [`${path}/retire`, { version: "1" }]])
      assert.equal((await press(login, "/local-items", fields, page)).status, 404, `${login} ${page}`);
  }
  for (const login of ["hoken1", "kasugai"]) assert.equal((await press(login, "/local-items", { tab: "local", kind: "text", label: `奪う${mark}` }, "/local-items/new")).status, 404);
  assert.doesNotMatch(await show("hoken1", "/local-items"), new RegExp(`href="${path}"|local-items/new`));
  assert.match(await show("nagoya", "/local-items"), new RegExp(`<a href="${path}">持ち主${mark}`));
  assert.equal(one(`SELECT label FROM app.local_item WHERE label LIKE '奪う%'`), undefined);
});

test("the second wall: whoever is no head office saves none, nobody another's, and nothing goes past the functions", () => {
  const id = one(`SELECT item_id FROM app.local_item WHERE label = '持ち主${mark}'`);
  const item = (fields) => `'${JSON.stringify({ tab: "local", kind: "choice", label: "壁", hint: "", unit: "", least: 0, most: 0, place: 1, choices: [{ code: "1", label: "あ", offered: true }], ...fields })}'`;
  const save = (number, version, fields = {}) => `SELECT app.local_item_save(${number}, ${version}, ${item(fields)}, 40)`;
  for (const login of ["hoken1", "sakura", "kuni", "follow", "shukuhaku"])
    assert.deepEqual(asRole("staff", token(login), [save(0, 0), `SELECT app.local_item_retire(${id}, 1, true, 40)`]).map((r) => r.state), ["HS403", "HS403"], login);
  assert.deepEqual(asRole("staff", null, [save(0, 0)]).map((r) => r.state), ["HS403"]);
  const [foreign, retire] = asRole("staff", token("aichi"), [save(id, 1), `SELECT app.local_item_retire(${id}, 1, true, 40)`]);
  assert.deepEqual([foreign.state, retire.state], ["HS403", "HS403"]);
  const own = one(`SELECT item_id FROM app.local_item i JOIN app.organisation o ON o.organisation_id = i.owner_id WHERE o.code = 'C23100' AND i.kind = 'choice' AND i.version = 1 LIMIT 1`);
  const [gone, stale, full, good] = asRole("staff", token("nagoya"), [save(own, 1), save(own, 7), save(0, 0).replace(", 40)", ", 0)"), save(0, 0)]);
  assert.deepEqual([gone.state, stale.state, full.state], ["HS403", "HS409", "HS422"], "a choice is not taken away");
  assert.equal(good.state, undefined);
  for (const statement of [`UPDATE app.local_item SET label = 'x'`, "DELETE FROM app.local_item", "INSERT INTO app.local_item (owner_id, tab, kind, label, hint, unit, least, most, choices, place, created_by, created_at, saved_by, saved_at) VALUES (app.organisation_now(), 'local', 'text', 'x', '', '', 0, 0, '[]', 1, 1, now(), 1, now())"])
    assert.equal(asRole("staff", token("nagoya"), [statement])[0].state, "42501", statement);
  for (const role of ["door", "public"]) assert.equal(asRole(role, null, ["SELECT count(*) FROM app.local_item"])[0].state, "42501");
});

test("clinics enter their own patients' items of the second tab, and see neither the first tab nor what the centre entered", async () => {
  const inner = await add("nagoya", { kind: "text", label: "内部" });
  const shared = await add("nagoya", { kind: "choice", tab: "local_shared", label: "入院調整", choices: "要\n不要" });
  const patient = await reported();
  assert.match(await show("sakura", patient.path), /独自項目（医療機関も入力）/);
  assert.doesNotMatch(await show("sakura", patient.path), />独自項目</);
  assert.equal((await clients.sakura.get(`${patient.path}/tab/local`)).status, 403);
  assert.equal((await clients.minato.get(`${patient.path}/tab/local_shared`)).status, 404);
  assert.equal((await enter("hoken1", patient, { [inner]: "内緒の話" })).status, 303);
  assert.equal((await enter("hoken1", patient, { [shared]: "2" }, { tab: "local_shared" })).status, 303);
  assert.doesNotMatch(await show("sakura", `${patient.path}/tab/local_shared`), /不要/);
  assert.equal((await enter("sakura", patient, { [shared]: "1" }, { tab: "local_shared" })).status, 303);
  assert.match(await show("sakura", `${patient.path}/tab/local_shared`), /<dd>要<\/dd>/);
  assert.equal(cellOf(await csv("hoken1"), patient, "入院調整"), "要", "of two answers the newer one is in the file");
  assert.deepEqual(asRole("staff", token("sakura"), [`SELECT items ->> '${shared}' FROM app.entry WHERE patient_id = ${patient.id}`])[0].rows, ["1"]);
  for (const [login, tab, allowed] of [["sakura", "local", false], ["sakura", "local_shared", true], ["nagoya", "local", true], ["kuni", "local", false], ["minato", "local_shared", false]])
    assert.equal(asRole("staff", token(login), [`INSERT INTO app.entry (patient_id, tab, entry_no, items, organisation_id, entered_by, entered_at) VALUES (${patient.id}, '${tab}', 99, '{}', app.organisation_now(), app.account_now(), now())`])[0].state === undefined, allowed, `${login} ${tab}`);
});

test("each statement asks for the right by itself, past the second wall too", async () => {
  const inner = await add("nagoya", { kind: "text", label: "壁内" }), shared = await add("nagoya", { kind: "text", tab: "local_shared", label: "壁共有" });
  const patient = await reported();
  await enter("hoken1", patient, { [inner]: "内緒" });
  await enter("hoken1", patient, { [shared]: "保健所の値" }, { tab: "local_shared" });
  // As of an area that is nobody's: only what was entered can show them.
  sql(`UPDATE app.local_item SET retired_at = now(), owner_id = ${office("minato")} WHERE 'local_' || item_id IN ('${inner}', '${shared}')`);
  const through = (login, name, ...parameters) => pastTheWall(token(login), "src/core/local_items.sql", name, ...parameters).map((row) => row.join(" ")).join("\n");
  const items = [inner, shared].map((name) => name.replace("local_", "")), listed = (text) => items.filter((id) => new RegExp(`^${id} `, "m").test(text)).length;
  for (const [login, tabs, history] of [["hoken1", [1, 1], 2], ["nagoya", [1, 1], 2], ["sakura", [0, 0], null], ["minato", [0, 0], 0], ["kasugai", [0, 0], 0]]) {
    for (const [i, tab] of ["local", "local_shared"].entries()) assert.equal(listed(through(login, "local_items_of", patient.id, tab)), tabs[i], `${login} ${tab}`);
    if (history !== null) assert.equal(listed(through(login, "local_items_noted", patient.id)), history, `${login} history`);
    const values = through(login, "local_values", office(login), "2020-01-01", "2035-01-01", null, 100000).split("\n").find((row) => row.startsWith(`${patient.id} `)) ?? "";
    assert.deepEqual([inner, shared].map((name) => Number(values.includes(`"${name}"`))), tabs, `${login} values`);
  }
  assert.equal(through("hoken1", "record_local_tabs", office("hoken1"), patient.id).split("\n").sort().join(), "local,local_shared");
  assert.doesNotMatch(through("sakura", "record_local_tabs", office("sakura"), patient.id), /^local$/m);
  for (const login of ["minato", "kasugai", "kuni"]) assert.equal(through(login, "record_local_tabs", office(login), patient.id), "", login);
});

test("a retired item is not asked for, its values stay in list, history and CSV, and it can come back", async () => {
  const name = await add("nagoya", { kind: "text", label: "引退" }), other = await add("nagoya", { kind: "text", label: "現役" });
  const path = `/local-items/${name.replace("local_", "")}`;
  const patient = await reported();
  await enter("hoken1", patient, { [name]: "残る値", [other]: "甲" });
  assert.equal((await press("nagoya", path, {}, `${path}/retire`)).location, "/local-items?notice=local_item_retired");
  assert.match(await show("nagoya", "/local-items"), new RegExp(`引退${mark}</a> <span class="badge plain">使用を終了`));
  assert.ok(!(await show("hoken1", `${patient.path}/tab/local/1`)).includes(`name="${name}"`));
  assert.match(await show("hoken1", `${patient.path}/tab/local`), new RegExp(`引退${mark}（名古屋市 本庁の項目・使用を終了）</dt><dd>残る値`));
  assert.equal((await enter("hoken1", patient, { [other]: "乙" }, { no: 1, entry_version: "1" })).status, 303);
  assert.deepEqual(entries(patient), [{ [name]: "残る値", [other]: "乙" }]);
  assert.equal(cellOf(await csv("hoken1"), patient, "引退"), "残る値");
  // somebody was typing while it was retired: nothing typed is lost
  assert.equal((await enter("hoken1", patient, { [name]: "打ちかけ" }, { no: 1, entry_version: "2" })).status, 303);
  assert.equal((await press("nagoya", path, { version: "1" }, `${path}/return`)).status, 200, "made from an older version");
  assert.equal((await press("nagoya", path, {}, `${path}/return`)).location, "/local-items?notice=local_item_returned");
  assert.match(await show("hoken1", `${patient.path}/tab/local/1`), /value="打ちかけ"/);
  assert.equal((await press("nagoya", path, {}, `${path}/erase`)).status, 404);
});

test("a patient who moves to another area is asked its items, and what the former one entered is read with its name", async () => {
  const name = await add("nagoya", { kind: "text", label: "前の地域" });
  const patient = await reported();
  await enter("hoken1", patient, { [name]: "引き継ぐ値" });
  const kasugai = office("kasugai");
  assert.equal((await press("hoken1", `${patient.path}/assignment`, { responsible: kasugai, agreed: "1" })).status, 303);
  const list = await show("kasugai", `${patient.path}/tab/local`);
  assert.match(list, new RegExp(`前の地域${mark}（名古屋市 本庁の項目・ほかの地域）</dt><dd>引き継ぐ値`));
  assert.ok(!(await show("kasugai", `${patient.path}/tab/local/new`)).includes(name));
  const wide = await add("aichi", { kind: "text", label: "県の項目" });
  assert.ok((await show("kasugai", `${patient.path}/tab/local/1`)).includes(wide));
  assert.equal((await enter("kasugai", patient, { [wide]: "県の値" }, { no: 1, entry_version: "1" })).status, 303);
  assert.deepEqual(entries(patient), [{ [name]: "引き継ぐ値", [wide]: "県の値" }]);
  const rows = await csv("kasugai");
  assert.equal(cellOf(rows, patient, "前の地域"), "引き継ぐ値");
  assert.ok(rows[0].includes(`前の地域${mark}（名古屋市 本庁）`) && rows[0].includes(`県の項目${mark}（愛知県 調整本部）`), `${rows[0]}`);
  assert.match((await show("kasugai", `${patient.path}/history`)), new RegExp(`県の項目${mark}`));
});

test("the tab stands only where there is something to ask or to show", async () => {
  sql(`UPDATE app.local_item i SET retired_at = now() FROM app.organisation o WHERE o.organisation_id = i.owner_id AND o.code = 'P23' AND i.label LIKE '%${mark}'`);
  const tabs = async (login, patient) => [...(await show(login, patient.path)).matchAll(/\/tab\/(local\w*)"/g)].map(([, tab]) => tab);
  const centre = await signIn("kodomo");
  clients.kodomo = centre;
  const outside = await reported("kodomo"), inside = await reported();
  assert.deepEqual(await tabs("kasugai", outside), [], "nobody asks anything there");
  assert.match(await show("kasugai", `${outside.path}/tab/local`), /いま入力する項目はありません/);
  assert.deepEqual(await tabs("hoken1", inside), ["local", "local_shared"]);
  assert.deepEqual(await tabs("sakura", inside), ["local_shared"]);
  assert.deepEqual(await tabs("kuni", inside), []);
});

test("the CSV has whom the office may see, safe for a spreadsheet, in the trail, and no more than was asked for", async () => {
  const text = await add("nagoya", { kind: "text", label: "=CMD()" }), number = await add("nagoya", { kind: "number", label: "人数", unit: "人" });
  const date = await add("nagoya", { kind: "date", label: "期日" });
  const patient = await reported(), withdrawn = await reported();
  await enter("hoken1", patient, { [text]: "＝1+1\"x", [number]: "2", [date]: "2022/10/9" });
  await enter("hoken1", withdrawn, { [number]: "3" });
  await clients.hoken1.post(`${withdrawn.path}/tab/local/1/withdraw`, { entry_version: "1" });
  for (const login of ["hoken1", "nagoya", "aichi"]) {
    const rows = await csv(login), heads = rows[0];
    assert.deepEqual(heads.slice(0, 2), ["HER-SYS ID", "担当保健所"]);
    assert.equal(heads.find((head) => head.includes(`=CMD()${mark}`)), login === "nagoya" ? `"'=CMD()${mark}"` : `"'=CMD()${mark}（名古屋市 本庁）"`);
    const row = rows.find((cells) => cells[0].replaceAll("-", "") === patient.number);
    assert.equal(row[1], "名古屋市保健所");
    assert.equal(row[heads.findIndex((head) => head.includes(`=CMD()${mark}`))], "\"'＝1+1\"\"x\"");
    assert.equal(row[heads.findIndex((head) => head.startsWith(`人数${mark}（人）`))], "2");
    assert.equal(cellOf(rows, patient, "期日"), "2022/10/9");
    assert.equal(cellOf(rows, withdrawn, "人数") ?? "", "", "what was withdrawn is not in the file");
    assert.equal(one(`SELECT count(*) > 0 FROM app.audit WHERE action = 'local_csv' AND organisation_id = ${office(login)} AND patient_ids @> ARRAY[${patient.id}]::bigint[]`), "t");
  }
  assert.match(await show("hoken1", `${patient.path}/viewers`), /独自項目のCSVに出力/);
  const ask = (login, fields) => press(login, "/local-items", { from: "2020/1/1", to: "2030/1/1", ...fields }, "/local-items/values.csv");
  const elsewhere = await ask("kasugai", { centre: office("hoken1") });
  assert.ok(!elsewhere.text.includes(patient.number) && !elsewhere.text.includes(`=CMD()${mark}`), "other areas see nothing of it");
  assert.equal((await csv("aichi", { centre: office("hoken1") })).every((row, i) => i === 0 || row[1] === "名古屋市保健所"), true);
  const unread = await ask("hoken1", { from: "いつか", to: "R4.13.1" });
  assert.match(unread.text, /届出の期間を読み取れません[\s\S]*value="いつか"[\s\S]*value="R4\.13\.1"/);
  assert.match((await ask("hoken1", { from: "2010/1/1", to: "2010/1/2" })).text, /独自項目が入力された方はいません/);
  assert.equal((await clients.hoken1.get("/local-items/values.csv")).status, 404, "a file is only given to a press");
});

test("an item's form says what is wrong where it is, shows how it will look, and loses nothing typed", async () => {
  const count = () => one(`SELECT count(*) FROM app.local_item WHERE label LIKE '%${mark}%'`);
  const had = count();
  for (const [fields, message] of [
    [{}, "項目の名前を入力してください"], [{ label: "x", kind: "" }, "種類を選んでください"], [{ label: "x", tab: "profile" }, "入力する人を選び直してください"],
    [{ label: "長".repeat(41) }, "項目の名前は40文字以内"], [{ label: "x", kind: "choice" }, "選べる選択肢を、2つ以上"], [{ label: "x", kind: "choice", choices: "要\n要" }, "選択肢「要」が2つあります"],
    [{ label: "x", kind: "choice", choices: Array.from({ length: 31 }, (_, i) => `${i}`).join("\n") }, "選択肢は30個まで"],
    [{ label: "x", kind: "number", least: "五" }, "最も小さい数は、"], [{ label: "x", kind: "number", least: "5", most: "4" }, "最も小さい数以上にしてください"],
    [{ label: "x", kind: "text", place: "0" }, "並び順は、1から999まで"]]) {
    const answer = await press("nagoya", "/local-items/new", { tab: "local", kind: "text", label: "", hint: "消えない説明", ...fields });
    assert.equal(answer.status, 200);
    assert.ok(answer.text.includes(message), `${message}: ${answer.text.slice(0, 3000)}`);
    assert.ok(answer.text.includes('value="消えない説明"'));
  }
  const preview = await press("nagoya", "/local-items/new", { tab: "local", kind: "choice", label: `見本${mark}`, choices: "青\n赤", action: "preview" });
  assert.match(preview.text, /患者の記録での見え方[\s\S]*<legend>見本[\s\S]*青[\s\S]*赤/);
  assert.equal(count(), had, "nothing of that was saved");
});

test("a choice is renamed and no longer offered, its code stays; two people on one item; a second press is the first", async () => {
  const name = await add("nagoya", { kind: "choice", label: "改名", choices: "甲\n乙\n丙" });
  const path = `/local-items/${name.replace("local_", "")}`, stored = () => JSON.parse(one(`SELECT choices FROM app.local_item WHERE 'local_' || item_id = '${name}'`));
  const patient = await reported();
  await enter("hoken1", patient, { [name]: "2" });
  const form = { label: `改名${mark}`, hint: "", place: "5", choice_1: "甲", offered_1: "1", choice_2: "乙の新しい名前", choice_3: "丙", offered_3: "1", choices: "丁" };
  assert.equal((await press("nagoya", path, form)).status, 303);
  assert.deepEqual(stored().map((choice) => [choice.code, choice.label, choice.offered]), [["1", "甲", true], ["2", "乙の新しい名前", false], ["3", "丙", true], ["4", "丁", true]]);
  assert.match(await show("hoken1", `${patient.path}/tab/local`), /乙の新しい名前/);
  assert.match(await show("hoken1", `${patient.path}/tab/local/1`), new RegExp(`name="${name}" value="2" checked`), "who has it keeps it");
  assert.doesNotMatch(await show("hoken2", `${(await reported()).path}/tab/local/new`), new RegExp(`name="${name}" value="2"`));
  // kind and tab are what they were, whatever is posted
  assert.equal((await press("nagoya", path, { ...form, choice_4: "丁", offered_4: "1", choices: "", kind: "text", tab: "local_shared" })).status, 303);
  assert.deepEqual(sql(`SELECT kind, tab, version FROM app.local_item WHERE 'local_' || item_id = '${name}'`), [["choice", "local", "3"]]);
  // made from the first version: what differs is said, and what was typed stays
  const stale = await press("nagoya", path, { ...form, label: `後の人${mark}`, choice_2: "乙", version: "1" });
  assert.match(stale.text, /ほかの人がこの項目を保存しました/);
  for (const words of [`いま保存されているのは「改名${mark}」`, "いま保存されているのは「乙の新しい名前」", `value="後の人${mark}"`, 'value="乙"']) assert.ok(stale.text.includes(words), words);
  const version = stale.text.match(/name="version" value="(\d+)"/)[1];
  assert.equal(version, "3");
  clients.nagoya.guard = {};
  await clients.nagoya.get("/local-items/new");
  const again = { ...clients.nagoya.guard, tab: "local", kind: "text", label: `二度${mark}` };
  for (let i = 0; i < 2; i++) assert.equal((await clients.nagoya.post("/local-items/new", again)).status, 303);
  assert.equal(one(`SELECT count(*) FROM app.local_item WHERE label = '二度${mark}'`), "1");
});

test("a stored item pressed twice is saved once and nobody is blamed; without the number of its form nothing is saved", async () => {
  const name = await add("nagoya", { kind: "choice", label: "二度押し", choices: "甲\n乙" }), path = `/local-items/${name.replace("local_", "")}`;
  const stored = () => sql(`SELECT version, jsonb_array_length(choices), retired_at IS NOT NULL FROM app.local_item WHERE 'local_' || item_id = '${name}'`)[0];
  clients.nagoya.guard = {};
  await clients.nagoya.get(path);
  const form = { ...clients.nagoya.guard, label: `二度押し${mark}`, choice_1: "甲", offered_1: "1", choice_2: "乙", offered_2: "1", choices: "丙" };
  for (let i = 0; i < 2; i++) assert.equal((await clients.nagoya.post(path, form)).location, "/local-items?notice=local_item_saved");
  assert.deepEqual(stored(), ["2", "3", "f"]);
  for (const [where, fields] of [[path, { ...form, version: "2" }], [`${path}/retire`, { version: "2" }]])
    assert.equal((await clients.nagoya.post(where, { ...fields, form_id: "" })).status, 400, where);
  assert.deepEqual(stored(), ["2", "3", "f"]);
});

test("an office has at most forty items in use in a tab", async () => {
  const aichi = office("aichi");
  sql(`INSERT INTO app.local_item (owner_id, tab, kind, label, hint, unit, least, most, choices, place, created_by, created_at, saved_by, saved_at)
    SELECT ${aichi}, 'local', 'text', '多い' || n || '${mark}', '', '', 0, 0, '[]', n, 1, now(), 1, now() FROM generate_series(1, 40) n`);
  const answer = await press("aichi", "/local-items/new", { tab: "local", kind: "text", label: `もう一つ${mark}` });
  assert.match(answer.text, /使用中の項目が多すぎます[\s\S]*value="もう一つ/);
  assert.equal(one(`SELECT count(*) FROM app.local_item WHERE label = 'もう一つ${mark}'`), "0");
});

test("no page and no press of it goes more than three times to the database", async (t) => {
  if (!(await clients.nagoya.get("/local-items")).headers.has("x-round-trips")) return t.skip("the stand does not measure (HERSYS_MEASURE=yes)");
  const name = await add("nagoya", { kind: "text", label: "往復" }), path = `/local-items/${name.replace("local_", "")}`;
  const patient = await reported();
  await enter("hoken1", patient, { [name]: "はじめ" });
  const asks = {
    list: () => clients.nagoya.get("/local-items"), item: () => clients.nagoya.get(path), tab: () => clients.hoken1.get(`${patient.path}/tab/local`),
    form: () => clients.hoken1.get(`${patient.path}/tab/local/1`), history: () => clients.hoken1.get(`${patient.path}/history`), timeline: () => clients.hoken1.get(`${patient.path}/timeline`),
    enter: () => enter("hoken1", patient, { [name]: "x" }), clash: () => enter("hoken1", patient, { [name]: "y" }, { no: 1, entry_version: "77" }),
    save: () => press("nagoya", path, { label: `往復${mark}` }), stale: () => press("nagoya", path, { label: `往復${mark}`, version: "99" }),
    csv: () => press("nagoya", "/local-items", { from: "2020/1/1", to: "2030/1/1" }, "/local-items/values.csv"),
  };
  for (const [what, ask] of Object.entries(asks)) {
    let least = Infinity; // a worker that meets a statement for the first time prepares it, which is a trip of its own
    for (let i = 0; i < 12; i++) least = Math.min(least, Number((await ask()).headers.get("x-round-trips")));
    assert.ok(least <= 3, `${what}: ${least}`);
  }
});
