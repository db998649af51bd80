// tabs.test.js - the tabs of entries (dictionary/tabs.rec) over HTTP and behind the curtain: who enters, sees and corrects what,
// the history, the time line, pressing twice, two people on one entry.
import assert from "node:assert/strict";
import fs from "node:fs";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { signIn } from "./client.js";
import { asRole, hersys, sql } from "./database.js";
import { notification, receipt } from "./notify.js";

const clients = {};
const right = new Map(); // "kind relation class" -> none | view | edit
const people = { sakura: "clinic reporter", hoken1: "centre responsible", aichi: "prefecture prefecture", nagoya: "city head_office", kuni: "ministry nation" };

// Something to enter in each tab, the class of its rights, and a canary that the list must show to whom it may.
const tabs = {
  profile: { cls: "profile", values: { profile_work_name: "金糸雀商店" }, canary: "金糸雀商店" },
  laboratory: { cls: "laboratory", values: { lab_sampled_on: "2022/10/1", lab_method: "naat", lab_result: "positive", lab_laboratory: "金糸雀検査所" }, canary: "金糸雀検査所" },
  residence: { cls: "residence", values: { residence_kind: "hotel", residence_name: "金糸雀ホテル", residence_from: "2022/10/2" }, canary: "金糸雀ホテル" },
  care: { cls: "care", values: { care_admitted_on: "2022/10/3", care_hospital: "金糸雀病院" }, canary: "金糸雀病院" },
  grade: { cls: "grade", values: { grade_on: "2022/10/3", grade_severity: "moderate_2", grade_note: "金糸雀メモ" }, canary: "金糸雀メモ" },
  activity: { cls: "activity", values: { activity_on: "2022/9/29", activity_place: "金糸雀食堂" }, canary: "金糸雀食堂" },
  contact: { cls: "contacts", values: { contact_name: "金糸雀花子", contact_relation: "work", contact_close: "checking", contact_last_on: "2022/9/30" }, canary: "金糸雀花子" },
  link: { cls: "link", values: { link_certainty: "presumed", link_found_on: "2022/10/4", link_place_name: "金糸雀会館" }, canary: "金糸雀会館" },
  release: { cls: "release", values: { release_on: "2022/10/8", release_note: "金糸雀解除" }, canary: "金糸雀解除" },
};
// The tabs of 独自項目 have the items that a head office has added.
for (const tab of ["local", "local_shared"]) {
  const item = `local_${sql(`INSERT INTO app.local_item (owner_id, tab, kind, label, hint, unit, least, most, choices, place, created_by, created_at, saved_by, saved_at)
    SELECT organisation_id, '${tab}', 'text', 'タブの項目', '', '', 0, 0, '[]', 1, 1, now(), 1, now() FROM app.organisation WHERE code = 'C23100' RETURNING item_id`)[0][0]}`;
  tabs[tab] = { cls: tab, values: { [item]: "金糸雀独自" }, canary: "金糸雀独自" };
}
after(() => sql("UPDATE app.local_item SET retired_at = now() WHERE label = 'タブの項目'"));

const posted = (values) => ({ items: Object.keys(values).join(" "), ...values });
const can = (login, cls, wanted) => {
  const has = right.get(`${people[login]} ${cls}`) ?? "none";
  return has === "edit" || (wanted === "view" && has === "view");
};

async function reported() {
  const { id } = receipt(await clients.sakura.post("/notification", notification()));
  return { path: `/patient/${id}`, id: hersys("id", id).split(" ")[0] };
}

async function enter(login, patient, tab, values) {
  await clients[login].get(`${patient.path}/tab/${tab}/new`);
  return clients[login].post(`${patient.path}/tab/${tab}/new`, posted(values));
}

before(async () => {
  for (const line of hersys("rights", "--csv").trim().split("\n").slice(1)) {
    const [kind, relation, , cls, value] = line.split(",");
    right.set(`${kind} ${relation} ${cls}`, value);
  }
  for (const login of [...Object.keys(people), "hoken2", "follow", "minato"]) clients[login] = await signIn(login);
});

for (const [tab, { cls, values, canary }] of Object.entries(tabs))
  test(`${tab}: each kind of office sees and enters exactly what its rights say`, async () => {
    const patient = await reported();
    assert.equal((await enter("hoken1", patient, tab, values)).status, 303, "the centre enters");
    for (const login of Object.keys(people)) {
      const page = await clients[login].get(`${patient.path}/tab/${tab}`);
      assert.equal(page.status, can(login, cls, "view") ? 200 : 403, login);
      const sees = can(login, cls, "view") && login !== "sakura"; // a clinic sees what it entered itself
      assert.equal(page.text.includes(canary), sees, `${login} sees the centre's entry`);
      const answer = await enter(login, patient, tab, values);
      assert.equal(answer.status, can(login, cls, "edit") ? 303 : 403, `${login} enters`);
    }
    assert.equal((await clients.minato.get(`${patient.path}/tab/${tab}`)).status, 404, "a stranger");
    if (can("sakura", cls, "edit")) assert.ok((await clients.sakura.get(`${patient.path}/tab/${tab}`)).text.includes(canary), "its own");
  });

test("the second wall keeps the entries of other offices and tabs, whatever the program asks", async () => {
  const patient = await reported();
  for (const tab of ["activity", "care", "residence"]) await enter("hoken1", patient, tab, tabs[tab].values);
  await enter("sakura", patient, "care", tabs.care.values);
  const token = (login) => clients[login].cookies.get("__Host-sid");
  const seen = (login) => asRole("staff", token(login), [`SELECT tab FROM app.entry WHERE patient_id = ${patient.id} ORDER BY tab`])[0].rows;
  assert.deepEqual(seen("hoken1"), ["activity", "care", "care", "residence"]);
  assert.deepEqual(seen("sakura"), ["care"]);
  assert.deepEqual(seen("kuni"), ["care", "care", "residence"]);
  assert.deepEqual(seen("minato"), []);
  const insert = (tab) => `INSERT INTO app.entry (patient_id, tab, entry_no, items, organisation_id, entered_by, entered_at) VALUES (${patient.id}, '${tab}', 99, '{}', app.organisation_now(), app.account_now(), now())`;
  for (const [login, tab, allowed] of [["sakura", "activity", false], ["aichi", "care", false], ["aichi", "residence", true], ["kuni", "residence", false], ["minato", "care", false]])
    assert.equal(asRole("staff", token(login), [insert(tab)])[0].state === undefined, allowed, `${login} ${tab}`);
});

test("an entry is changed, withdrawn, and the history says who did what", async () => {
  const patient = await reported();
  await enter("hoken1", patient, "residence", tabs.residence.values);
  const form = await clients.hoken1.get(`${patient.path}/tab/residence/1`);
  const entry_version = form.text.match(/name="entry_version" value="(\d+)"/)[1];
  const changed = await clients.hoken1.post(`${patient.path}/tab/residence/1`, { entry_version, ...posted({ ...tabs.residence.values, residence_name: "別の宿", residence_to: "2022/10/9" }) });
  assert.equal(changed.status, 303, changed.text.slice(0, 300));
  const list = (await clients.hoken1.get(`${patient.path}/tab/residence`)).text;
  assert.match(list, /2022\/10\/2から2022\/10\/9まで/);
  assert.match(list, /別の宿/);
  assert.equal((await clients.hoken1.post(`${patient.path}/tab/residence/1/withdraw`, { entry_version: "2" })).status, 303);
  assert.match((await clients.hoken1.get(`${patient.path}/tab/residence`)).text, /（取消し）/);
  assert.deepEqual(sql(`SELECT withdrawn_at IS NOT NULL, version FROM app.entry WHERE patient_id = ${patient.id}`), [["t", "3"]]);
  const history = (await clients.hoken1.get(`${patient.path}/history`)).text;
  for (const word of ["金糸雀ホテル", "別の宿", "施設・医療機関の名称"]) assert.ok(history.includes(word), word);
});

test("pressed twice it is one entry; of two people on one entry the second sees what changed and loses nothing typed", async () => {
  const patient = await reported();
  await clients.hoken1.get(`${patient.path}/tab/grade/new`);
  const guard = { ...clients.hoken1.guard };
  for (let i = 0; i < 2; i++) assert.equal((await clients.hoken1.post(`${patient.path}/tab/grade/new`, { ...guard, ...posted(tabs.grade.values) })).status, 303);
  assert.equal(sql(`SELECT count(*) FROM app.entry WHERE patient_id = ${patient.id}`)[0][0], "1");
  const change = (login, grade_note) => clients[login].post(`${patient.path}/tab/grade/1`, { entry_version: "1", ...posted({ ...tabs.grade.values, grade_note }) });
  for (const login of ["hoken1", "hoken2"]) await clients[login].get(`${patient.path}/tab/grade/1`);
  assert.equal((await change("hoken1", "先の人")).status, 303);
  const second = await change("hoken2", "後の人");
  assert.equal(second.status, 200);
  assert.match(second.text, /記録が変わりました/);
  assert.match(second.text, /value="後の人"/);
  assert.equal(sql(`SELECT items->>'grade_note' FROM app.entry WHERE patient_id = ${patient.id}`)[0][0], "先の人");
});

test("bad values are told at their fields and nothing is entered", async () => {
  const patient = await reported();
  const bad = await enter("hoken1", patient, "residence", { residence_kind: "hotel", residence_from: "2022/13/45", residence_name: "<b>宿</b>" });
  assert.equal(bad.status, 200);
  assert.match(bad.text, /value="2022\/13\/45"/);
  assert.match(bad.text, /&lt;b&gt;宿/);
  for (const values of [{ residence_kind: "home" }, { residence_note: "" }])
    assert.match((await enter("hoken1", patient, "residence", values)).text, /「いつから」を入力してください/);
  assert.match((await enter("hoken1", patient, "profile", { profile_note: " " })).text, /何も入力されていません/);
  assert.equal(sql(`SELECT count(*) FROM app.entry WHERE patient_id = ${patient.id}`)[0][0], "0");
  for (const path of ["nothing", "residence/77", "residence/0", "residence/x"]) assert.equal((await clients.hoken1.get(`${patient.path}/tab/${path}`)).status, 404, path);
});

test("with its last report a patient goes, entries and all", async () => {
  const patient = await reported();
  await enter("hoken1", patient, "residence", tabs.residence.values);
  await clients.hoken1.get(`${patient.path}/notification/1/delete`);
  assert.equal((await clients.hoken1.post(`${patient.path}/notification/1/delete`, { reason: "試験" })).status, 303);
  assert.equal((await clients.hoken1.get(`${patient.path}/tab/residence/new`)).status, 403, "a deleted patient is not written to");
  sql(`UPDATE app.notification SET purge_after = now() - interval '1 hour' WHERE patient_id = ${patient.id}`);
  const left = () => sql(`SELECT (SELECT count(*) FROM app.patient WHERE patient_id = ${patient.id}) + (SELECT count(*) FROM app.entry WHERE patient_id = ${patient.id})`)[0][0];
  process.kill(Number(fs.readFileSync(`${process.env.HERSYS_STATE ?? "var"}/run/jobs.pid`, "utf8").split(/\s/)[0]), "SIGTERM"); // a fresh one purges at once
  for (let i = 0; i < 100 && left() !== "0"; i++) {
    execFileSync("deploy/stand.sh", ["up"]);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal(left(), "0");
});

test("the time line tells the course from all tabs, to each what it may see", async () => {
  const patient = await reported();
  for (const tab of ["laboratory", "residence", "activity", "release"]) await enter("hoken1", patient, tab, tabs[tab].values);
  const line = async (login) => (await clients[login].get(`${patient.path}/timeline`)).text;
  const centre = await line("hoken1");
  const order = ["金糸雀解除", "金糸雀ホテル", "金糸雀検査所", "発病年月日", "金糸雀食堂"].map((word) => centre.indexOf(word));
  assert.ok(order.every((at) => at > 0), `${order}`);
  assert.deepEqual([...order].sort((a, b) => a - b), order, "the latest first");
  const clinic = await line("sakura");
  for (const hidden of ["金糸雀解除", "金糸雀ホテル", "金糸雀食堂", "金糸雀検査所"]) assert.ok(!clinic.includes(hidden), hidden);
  assert.equal((await clients.follow.get(`${patient.path}/timeline`)).status, 404);
});
