// clusters.test.js - 集団感染: the centre that leads makes and changes them, those above it read them, nobody else knows of them;
// members from either side; names only where they may be seen.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { before, test } from "node:test";
import { signIn } from "./client.js";
import { asRole, hersys, sql } from "./database.js";
import { notification, receipt } from "./notify.js";

const clients = {};
const token = (login) => clients[login].cookies.get("__Host-sid");
let cluster; // "/clusters/1"
let number;

async function reported(login = "sakura") {
  const { id } = receipt(await clients[login].post("/notification", notification({ family_name: "金糸雀" })));
  return { id, path: `/patient/${id}`, no: hersys("id", id).split(" ")[0] };
}

const values = { name: "十月の試験病院", kind: "medical", place_name: "試験病院3階", municipality: "愛知県名古屋市中区", first_day: "R4.10.1", ended_on: "", note: "" };

// Posts a form that was opened first, as a person does.
async function post(login, path, fields, opened = path) {
  await clients[login].get(opened);
  const { version, form_id } = clients[login].guard;
  return clients[login].post(path, { version: version ?? "0", form_id: form_id ?? "", ...fields });
}
const add = (login, patient, role = "user") => post(login, `${cluster}/member`, { patient: patient.id, role }, cluster);
const members = () => sql(`SELECT patient_id, role, removed_at IS NOT NULL FROM app.cluster_member WHERE cluster_id = ${number} ORDER BY member_no`);

before(async () => {
  for (const login of ["sakura", "kodomo", "hoken1", "hoken2", "kasugai", "aichi", "nagoya", "kuni", "follow"]) clients[login] = await signIn(login);
  const made = await post("hoken1", "/clusters/new", values);
  assert.equal(made.status, 303, made.text.slice(0, 500));
  cluster = made.location.split("?")[0];
  number = cluster.split("/")[2];
});

test("what is wrong is told at its field, nothing typed is lost, and pressed twice it is one cluster", async () => {
  const wrong = await post("hoken1", "/clusters/new", { ...values, name: "", kind: "moon", municipality: "どこか", first_day: "2022/13/1", note: "<b>金糸雀" });
  assert.equal(wrong.status, 200);
  for (const words of ["名称を入力してください", "施設区分を選び直してください", "市区町村を読み取れません", "はじめの日を読み取れません", "&lt;b&gt;金糸雀"])
    assert.ok(wrong.text.includes(words), words);
  assert.match((await post("hoken1", "/clusters/new", { ...values, ended_on: "2022/9/1" })).text, /はじめの日より前です/);
  await clients.hoken1.get("/clusters/new");
  const form_id = clients.hoken1.guard.form_id, count = () => sql("SELECT count(*) FROM app.cluster")[0][0], before = Number(count());
  for (let i = 0; i < 2; i++) assert.equal((await clients.hoken1.post("/clusters/new", { version: "0", form_id, ...values, name: "二度押し" })).status, 303);
  assert.equal(Number(count()), before + 1);
});

test("its centre changes it, those above read it, for the others it is not there", async () => {
  const page = await clients.hoken1.get(cluster);
  for (const words of ["十月の試験病院", "医療機関", "試験病院3階", "愛知県名古屋市中区", "2022/10/1", "継続中"]) assert.ok(page.text.includes(words), words);
  for (const [login, read, edit] of [["hoken1", 200, 200], ["hoken2", 200, 200], ["aichi", 200, 403], ["nagoya", 200, 403], ["kuni", 200, 403], ["kasugai", 404, 404], ["sakura", 404, 404], ["follow", 404, 404]]) {
    assert.equal((await clients[login].get(cluster)).status, read, login);
    assert.equal((await clients[login].get(`${cluster}/edit`)).status, edit, `${login} edits`);
    const list = await clients[login].get("/clusters");
    assert.equal(list.status === 200 && list.text.includes("十月の試験病院"), read === 200, `${login} lists`);
    if (login !== "hoken1" && login !== "hoken2") {
      assert.equal((await clients[login].post(`${cluster}/edit`, { version: "1", ...values, name: "乗っ取り" })).status, edit, `${login} posts`);
      assert.equal((await clients[login].get("/clusters/new")).status, login === "kasugai" ? 200 : 404, `${login} makes one`);
    }
  }
  assert.equal(sql(`SELECT name FROM app.cluster WHERE cluster_id = ${number}`)[0][0], "十月の試験病院");
});

test("members come from the cluster and from the patient's tab, go, and come back; names only to whom they are shown", async () => {
  const [one, two, theirs] = [await reported(), await reported(), await reported("kodomo")];
  assert.equal((await add("hoken1", one)).status, 303);
  assert.match((await clients.hoken1.get((await add("hoken1", one)).location)).text, /すでにこの集団感染に入っています/);
  await clients.hoken1.get(`${two.path}/tab/link`);
  assert.equal((await clients.hoken1.post(`${two.path}/cluster`, { cluster: number, role: "staff" })).status, 303);
  assert.match((await clients.hoken1.get(`${two.path}/tab/link`)).text, /十月の試験病院/);
  for (const [patient, role, words] of [[theirs, "user", "表示する権限がありません"], [{ id: "99999999999" }, "user", "表示する権限がありません"], [one, "", "立場を選んでください"]])
    assert.ok((await add("hoken1", patient, role)).text.includes(words), words);
  assert.deepEqual(members(), [[one.no, "user", "f"], [two.no, "staff", "f"]]);
  for (const login of ["hoken1", "aichi", "nagoya"]) assert.ok((await clients[login].get(cluster)).text.includes("金糸雀"), login);
  const ministry = (await clients.kuni.get(cluster)).text;
  assert.ok(!ministry.includes("金糸雀") && ministry.includes(one.id.slice(0, 5)), "the ministry sees numbers, no names");
  const kasugai = await post("kasugai", `${two.path}/cluster`, { cluster: number, role: "staff" }, "/clusters");
  assert.equal(kasugai.status, 404);
  assert.equal((await clients.hoken1.post(`${cluster}/member/1/remove`)).status, 303);
  assert.equal((await clients.aichi.post(`${cluster}/member/2/remove`)).status, 403);
  assert.equal((await add("hoken1", one, "visitor")).status, 303);
  assert.deepEqual(members(), [[one.no, "user", "t"], [two.no, "staff", "f"], [one.no, "visitor", "f"]]);
  const page = (await clients.hoken1.get(cluster)).text;
  for (const words of ["2人", "を外しました", "来訪者"]) assert.ok(page.includes(words), words);
  assert.equal(sql(`SELECT count(*) FROM app.audit WHERE patient_id = ${one.no} AND action LIKE 'cluster_member%'`)[0][0], "3");
});

test("of two people on one cluster the second sees what changed and loses nothing typed; the history says who did what", async () => {
  await clients.hoken1.get(`${cluster}/edit`);
  const { version } = clients.hoken1.guard;
  assert.equal((await post("hoken2", `${cluster}/edit`, { ...values, ended_on: "2022/10/20" })).status, 303);
  const late = await clients.hoken1.post(`${cluster}/edit`, { version, ...values, note: "後の人" });
  assert.equal(late.status, 200);
  assert.match(late.text, /ほかの方がこの集団感染を変更しました/);
  assert.match(late.text, /value="後の人"/);
  const page = (await clients.hoken1.get(cluster)).text;
  assert.match(page, /終息（2022\/10\/20）/);
  assert.match(page, /終息した日：「」から「2022\/10\/20」/);
  assert.ok(page.includes("保健師 けやき"));
});

// The cluster's form as a browser would send it, with what it was made from.
async function formOf(login) {
  const { text } = await clients[login].get(`${cluster}/edit`);
  return Object.fromEntries([...text.matchAll(/<input type="hidden" name="((?:was_)?\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]));
}

test("of two people on one cluster, what does not clash is merged, and what clashes is told with the other's value", async () => {
  const stored = () => sql(`SELECT place_name, note, coalesce(ended_on::text, ''), municipality_code, version FROM app.cluster WHERE cluster_id = ${number}`)[0];
  const now = { ...values, ended_on: "2022/10/20" };
  const [, , , code, version] = stored();
  const press = (login, form, fields) => clients[login].post(`${cluster}/edit`, { ...form, ...now, ...fields });
  const [first, second] = [await formOf("hoken1"), await formOf("hoken2")];
  assert.equal(first.was_name, "十月の試験病院");
  assert.equal((await press("hoken1", first, { place_name: "本館", ended_on: "2022/10/21" })).status, 303);
  assert.equal((await press("hoken2", second, { note: "別の欄" })).status, 303, "another field is no conflict");
  assert.deepEqual(stored(), ["本館", "別の欄", "2022-10-21", code, String(Number(version) + 2)]);
  assert.equal((await press("hoken2", second, { note: "別の欄" })).status, 303, "pressed twice");
  assert.deepEqual(stored()[4], String(Number(version) + 2));

  const [third, fourth] = [await formOf("hoken1"), await formOf("hoken2")];
  const both = { place_name: "本館", note: "別の欄", ended_on: "2022/10/21" };
  assert.equal((await press("hoken1", third, { ...both, note: "三番目", kind: "school", ended_on: "" })).status, 303);
  const clash = await press("hoken2", fourth, { ...both, note: "四番目", kind: "other", ended_on: "R4.10.25" });
  assert.equal(clash.status, 200);
  assert.match(clash.text, /ほかの方がこの集団感染を変更しました/);
  for (const words of ["メモは、ほかの方が変更しました。いま保存されている値：三番目", "施設区分は、ほかの方が変更しました。いま保存されている値：", "終息した日は、ほかの方が変更しました。いま保存されている値：空欄", 'value="四番目"', 'value="R4.10.25"'])
    assert.ok(clash.text.includes(words), words);
  assert.ok(!clash.text.includes("場所の名称は、ほかの方が"));
  assert.deepEqual(stored().slice(1, 3), ["三番目", ""], "nothing was saved");
  const again = Object.fromEntries([...clash.text.matchAll(/<input type="hidden" name="((?:was_)?\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]));
  assert.equal((await press("hoken2", again, { ...both, note: "四番目", kind: "other", ended_on: "R4.10.25" })).status, 303, "the second press is deliberate");
  assert.deepEqual(stored().slice(1, 3), ["四番目", "2022-10-25"]);
});

test("members beyond a page, or whom the office does not see any more, are taken out under their own number", async () => {
  const made = await post("hoken1", "/clusters/new", { ...values, name: "大きな集団" });
  const path = made.location.split("?")[0], id = path.split("/")[2];
  assert.equal(sql(`SELECT count(*) FROM app.audit WHERE action = 'cluster_add' AND detail = 'cluster ${id}'`)[0][0], "1", "the trail says which cluster");
  const one = await reported();
  sql(`INSERT INTO app.cluster_member SELECT c.organisation_id, c.cluster_id, row_number() OVER (), a.patient_id, 'user', c.entered_by, now() FROM app.cluster c
    JOIN app.access a ON a.organisation_id = c.organisation_id AND NOT a.sealed AND a.relations & 2 <> 0 WHERE c.cluster_id = ${id} AND a.patient_id <> ${one.no} LIMIT 101`);
  assert.equal((await post("hoken1", `${path}/member`, { patient: one.id, role: "user" }, path)).status, 303);
  const trails = () => sql(`SELECT coalesce(sum(cardinality(patient_ids)), 0) FROM app.audit WHERE action = 'cluster'`)[0][0] * 1;
  const member = sql(`SELECT max(member_no) FROM app.cluster_member WHERE cluster_id = ${id}`)[0][0];
  let before = trails();
  const page = await clients.hoken1.get(path);
  assert.equal([...page.text.matchAll(/\/remove"/g)].length, 100);
  assert.equal(trails() - before, 100, "who is shown, and nobody else, is in the trail");
  before = trails();
  await clients.hoken1.get(`${path}/edit`);
  assert.equal((await clients.hoken1.post(`${path}/member/${member}/remove`, { form_id: crypto.randomUUID() })).status, 303);
  assert.equal(trails(), before, "a form and a press show nobody");
  assert.deepEqual(sql(`SELECT patient_id, change FROM app.cluster_revision WHERE cluster_id = ${id} ORDER BY version DESC LIMIT 1`), [[one.no, "を外しました。"]]);
  assert.equal(sql(`SELECT count(*) FROM app.audit WHERE patient_id = ${one.no} AND action = 'cluster_member_remove' AND detail = 'cluster ${id}'`)[0][0], "1");
  const dashed = `${one.id.slice(0, 5)}-${one.id.slice(5, 10)}-${one.id.slice(10)}`;
  assert.ok((await clients.hoken1.get(path)).text.includes(`${dashed}を外しました。`));
  sql(`DELETE FROM app.access WHERE patient_id = ${one.no} AND organisation_id = (SELECT organisation_id FROM app.account WHERE login = 'aichi')`);
  const above = (await clients.aichi.get(path)).text;
  sql(`SELECT app.access_follow(${one.no})`); // as it was, for whoever counts later
  assert.ok(above.includes("他の保健所の方を外しました。") && !above.includes(dashed), "the history names nobody whom the reader may not see");
});

test("a member is taken out once however often it is pressed, a deleted one is called so, and what is gone is told in its words", async () => {
  const made = await post("hoken1", "/clusters/new", { ...values, name: "小さな集団" });
  const path = made.location.split("?")[0], id = path.split("/")[2];
  const [one, two] = [await reported(), await reported()];
  for (const patient of [one, two]) assert.equal((await post("hoken1", `${path}/member`, { patient: patient.id, role: "user" }, path)).status, 303);
  const page = (await clients.hoken1.get(path)).text;
  const form_id = page.match(/\/member\/1\/remove"><input[^>]*><input type="hidden" name="form_id" value="([^"]+)"/)[1];
  for (let i = 0; i < 2; i++) assert.equal((await clients.hoken1.post(`${path}/member/1/remove`, { form_id })).status, 303);
  const late = await clients.hoken1.post(`${path}/member/1/remove`);
  assert.equal(late.status, 409);
  assert.match(late.text, /この集団感染か、入っている方が/);
  assert.equal(sql(`SELECT count(*) FROM app.cluster_revision WHERE cluster_id = ${id} AND change LIKE '%外しました%'`)[0][0], "1");
  await clients.hoken1.get(`${two.path}/tab/link`);
  const missing = await clients.hoken1.post(`${two.path}/cluster`, { cluster: "999999999", role: "user" });
  assert.equal(missing.status, 409);
  assert.match(missing.text, /この集団感染か、入っている方が/);
  await clients.hoken1.get(`${two.path}/notification/1/delete`);
  assert.equal((await clients.hoken1.post(`${two.path}/notification/1/delete`, { reason: "試験" })).status, 303);
  const shown = (await clients.hoken1.get(path)).text;
  assert.match(shown, /削除された方/);
  assert.match(shown, /aria-label="削除された方 を外す"/);
  assert.ok(!(await clients.aichi.get(path)).text.includes("削除された方"), "to the others it is somebody");
});

test("behind the curtain each office reads and writes as the pages say", async () => {
  const patient = await reported(), theirs = await reported("kodomo");
  const ask = (login, statement) => asRole("staff", token(login), [statement])[0];
  for (const [login, count] of [["hoken1", "1"], ["aichi", "1"], ["nagoya", "1"], ["kuni", "1"], ["kasugai", "0"], ["sakura", "0"], ["follow", "0"]])
    assert.deepEqual(ask(login, `SELECT count(*) FROM app.cluster WHERE cluster_id = ${number}`).rows, [count], login);
  for (const table of ["cluster_member", "cluster_revision"]) {
    assert.notDeepEqual(ask("aichi", `SELECT count(*) FROM app.${table} WHERE cluster_id = ${number}`).rows, ["0"]);
    assert.deepEqual(ask("kasugai", `SELECT count(*) FROM app.${table} WHERE cluster_id = ${number}`).rows, ["0"]);
  }
  const owner = sql(`SELECT organisation_id FROM app.cluster WHERE cluster_id = ${number}`)[0][0];
  const member = (no, organisation = "app.organisation_now()") => `INSERT INTO app.cluster_member (organisation_id, cluster_id, member_no, patient_id, role, added_by, added_at) VALUES (${organisation}, ${number}, 99, ${no}, 'user', app.account_now(), now())`;
  assert.equal(ask("hoken1", member(patient.no)).state, undefined);
  assert.equal(ask("hoken1", member(theirs.no)).state, "42501", "a patient whom the office may not see");
  for (const login of ["kasugai", "aichi", "kuni", "sakura"]) {
    assert.equal(ask(login, member(patient.no, owner)).state, "42501", login);
    assert.deepEqual(ask(login, `WITH u AS (UPDATE app.cluster SET name = 'x' WHERE cluster_id = ${number} RETURNING 1) SELECT count(*) FROM u`).rows, ["0"], login);
  }
  for (const login of ["aichi", "kuni", "sakura"])
    assert.equal(ask(login, "INSERT INTO app.cluster (organisation_id, name, kind, place_name, note, entered_by, entered_at) VALUES (app.organisation_now(), 'x', 'other', '', '', app.account_now(), now())").state, "42501", login);
  assert.equal(ask("hoken1", `DELETE FROM app.cluster_member WHERE cluster_id = ${number}`).state, "42501", "nothing is deleted");
});
