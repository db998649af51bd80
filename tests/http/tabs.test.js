// tabs.test.js - the tabs of entries (dictionary/tabs.rec) over HTTP and behind the curtain: who enters, sees and corrects what,
// the history, the time line, pressing twice, two people on one entry.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { signIn } from "./client.js";
import { asRole, hersys, sql } from "./database.js";
import { notification, receipt } from "./notify.js";
import { freshJobs } from "./processes.js";

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

// The form of an entry as a browser would send it: the guards and what was seen.
async function formOf(login, path) {
  const { text } = await clients[login].get(path);
  const value = (name) => text.match(new RegExp(`name="${name}" value="([^"]*)"`))[1].replace(/&quot;/g, '"').replace(/&#39;/g, "'").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
  return { ...Object.fromEntries(["version", "form_id", "entry_version", "seen"].map((name) => [name, value(name)])) };
}

test("of two people on one entry, what does not clash is merged, and what clashes is shown with both values", async () => {
  const patient = await reported(), path = `${patient.path}/tab/grade/1`;
  await enter("hoken1", patient, "grade", tabs.grade.values);
  const press = (login, form, values) => clients[login].post(path, { ...form, ...posted({ ...tabs.grade.values, ...values }) });
  const stored = () => sql(`SELECT items->>'grade_note', items->>'grade_severity', version FROM app.entry WHERE patient_id = ${patient.id}`)[0];
  const [first, second] = [await formOf("hoken1", path), await formOf("hoken2", path)];
  assert.equal((await press("hoken1", first, { grade_note: "先の<人>" })).status, 303);
  assert.equal((await press("hoken2", second, { grade_severity: "severe" })).status, 303, "another field is no conflict");
  assert.deepEqual(stored(), ["先の<人>", "severe", "3"]);
  assert.equal((await press("hoken2", second, { grade_severity: "severe" })).status, 303, "pressed twice");
  assert.deepEqual(stored(), ["先の<人>", "severe", "3"]);

  const [third, fourth] = [await formOf("hoken1", path), await formOf("hoken2", path)];
  assert.equal((await press("hoken1", third, { grade_note: "三番目", grade_severity: "severe" })).status, 303);
  const clash = await press("hoken2", fourth, { grade_note: "四番目", grade_severity: "mild" });
  assert.equal(clash.status, 200);
  assert.match(clash.text, /<td><a href="#grade_note">[^<]*<\/a><\/td><td>四番目<\/td><td>三番目<\/td>/);
  assert.ok(!clash.text.includes('href="#grade_severity"'), "what one alone changed is no clash");
  assert.match(clash.text, /value="四番目"/);
  assert.deepEqual(stored(), ["三番目", "severe", "4"], "nothing was saved");
  const again = Object.fromEntries(["version", "form_id", "entry_version", "seen"].map((name) => [name, clash.text.match(new RegExp(`name="${name}" value="([^"]*)"`))[1].replace(/&quot;/g, '"')]));
  assert.equal((await press("hoken2", again, { grade_note: "四番目", grade_severity: "mild" })).status, 303, "the second press is deliberate");
  assert.deepEqual(stored(), ["四番目", "mild", "5"]);
  const history = (await clients.hoken1.get(`${patient.path}/history`)).text;
  assert.match(history, /三番目[^]*四番目|四番目[^]*三番目/);

  const fifth = await formOf("hoken2", path);
  assert.equal((await clients.hoken1.post(`${path}/withdraw`, { entry_version: "5" })).status, 303);
  const gone = await press("hoken2", fifth, { grade_note: "五番目" });
  assert.match(gone.text, /ほかの人が取り消しました/);
  assert.match(gone.text, /value="五番目"/);
  assert.match(gone.text, new RegExp(`action="${patient.path}/tab/grade/new"`));
});

test("a tab of one entry has one: another form of it is merged with what stands, whoever is faster", async () => {
  const patient = await reported(), path = `${patient.path}/tab/profile/new`;
  const [first, second] = [await formOf("hoken1", path), await formOf("hoken2", path)];
  const press = (login, form, values) => clients[login].post(path, { ...form, ...posted(values) });
  const stored = () => sql(`SELECT entry_no, items->>'profile_work_name', items->>'profile_doctor' FROM app.entry WHERE patient_id = ${patient.id} AND tab = 'profile' AND withdrawn_at IS NULL ORDER BY 1`);
  assert.equal((await press("hoken1", first, { profile_work_name: "先の会社" })).status, 303);
  assert.equal((await press("hoken2", second, { profile_work_name: "", profile_doctor: "後の医院" })).status, 303);
  assert.deepEqual(stored(), [["1", "先の会社", "後の医院"]]);
  const clash = await press("hoken2", { ...second, form_id: "" }, { profile_work_name: "別の会社" });
  assert.equal(clash.status, 200);
  assert.match(clash.text, /<td>別の会社<\/td><td>先の会社<\/td>/);
  const led = await clients.hoken1.get(path);
  assert.deepEqual([led.status, led.location], [303, `${patient.path}/tab/profile/1`], "who asks for a new one is led to the one that stands");

  // At the very moment, past the page's own look: whoever waits for the number finds that there is one already.
  const other = await reported(), form = await formOf("hoken2", `${other.path}/tab/profile/new`);
  const faster = spawn("deploy/stand.sh", ["psql", "-v", "ON_ERROR_STOP=1", "-f", "-"]);
  faster.stdin.end(`BEGIN; SELECT 1 FROM app.patient WHERE patient_id = ${other.id} FOR UPDATE;
    INSERT INTO app.entry (patient_id, tab, entry_no, items, organisation_id, entered_by, entered_at)
    SELECT ${other.id}, 'profile', 1, '{"profile_work_name": "速い会社"}', organisation_id, account_id, now() FROM app.account WHERE login = 'hoken1';
    SELECT pg_sleep(2); COMMIT;`);
  const ended = new Promise((resolve) => faster.on("exit", resolve));
  while (sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(2)%' AND wait_event = 'PgSleep'")[0][0] === "0") await new Promise((resolve) => setTimeout(resolve, 50));
  const late = await clients.hoken2.post(`${other.path}/tab/profile/new`, { ...form, ...posted({ profile_work_name: "遅い会社" }) });
  assert.deepEqual([await ended, late.status], [0, 200]);
  assert.match(late.text, /記録が変わりました/);
  assert.match(late.text, /value="遅い会社"/);
  assert.deepEqual(sql(`SELECT entry_no, items->>'profile_work_name' FROM app.entry WHERE patient_id = ${other.id} AND tab = 'profile'`), [["1", "速い会社"]]);
});

test("an entry is withdrawn once, however often it is pressed", async () => {
  const patient = await reported(), list = `${patient.path}/tab/residence`;
  for (let i = 0; i < 2; i++) await enter("hoken1", patient, "residence", tabs.residence.values);
  const page = (await clients.hoken1.get(list)).text;
  const forms = [...page.matchAll(/action="([^"]+\/withdraw)">[^]*?name="form_id" value="([^"]+)"><input type="hidden" name="entry_version" value="(\d+)"/g)].map(([, path, form_id, entry_version]) => ({ path, form_id, entry_version }));
  assert.equal(new Set(forms.map(({ form_id }) => form_id)).size, 2, "a form for each entry");
  for (let i = 0; i < 2; i++) assert.equal((await clients.hoken1.post(forms[0].path, forms[0])).status, 303);
  assert.equal((await clients.hoken1.post(forms[0].path, { ...forms[0], form_id: "", entry_version: "2" })).status, 409, "by another form it is gone already");
  assert.equal((await clients.hoken1.post(forms[1].path, forms[1])).status, 303);
  assert.deepEqual(sql(`SELECT withdrawn_at IS NOT NULL, version FROM app.entry WHERE patient_id = ${patient.id}`), [["t", "2"], ["t", "2"]]);
  assert.equal((await clients.hoken1.post(`${list}/new/withdraw`, { entry_version: "0" })).status, 404);
});

test("beyond a page of entries all can still be reached, opened and changed, and the time line says where it ends", async () => {
  const patient = await reported();
  await enter("hoken1", patient, "grade", tabs.grade.values);
  sql(`INSERT INTO app.entry (patient_id, tab, entry_no, since, items, organisation_id, entered_by, entered_at)
    SELECT patient_id, tab, i, CASE WHEN i % 50 <> 0 THEN since + i END, items || jsonb_build_object('grade_note', '番号' || i), organisation_id, entered_by, entered_at
      FROM app.entry, generate_series(2, 502) i WHERE patient_id = ${patient.id} AND entry_no = 1`);
  const seen = [];
  let path = `${patient.path}/tab/grade`;
  for (let pages = 0; path !== undefined && pages < 5; pages++) {
    const { text } = await clients.hoken1.get(path);
    seen.push([...text.matchAll(/\/tab\/grade\/(\d+)"/g)].map((m) => Number(m[1])));
    path = text.match(/href="([^"]+\?after=\d+)"/)?.[1];
  }
  assert.deepEqual(seen.map((page) => page.length), [200, 200, 102]);
  assert.equal(new Set(seen.flat()).size, 502, "each once");
  assert.equal((await clients.hoken1.get(`${patient.path}/tab/grade/1`)).status, 200);
  const form = await formOf("hoken1", `${patient.path}/tab/grade/1`);
  assert.equal((await clients.hoken1.post(`${patient.path}/tab/grade/1`, { ...form, ...posted({ ...tabs.grade.values, grade_note: "いちばん古い" }) })).status, 303);
  const line = (await clients.hoken1.get(`${patient.path}/timeline`)).text;
  assert.match(line, /新しい500件まで/);
  assert.ok(line.includes("番号499") && !line.includes("番号500"), "those without a date are no moments");
  sql(`DELETE FROM app.entry WHERE patient_id = ${patient.id} AND entry_no > 500`);
  assert.ok(!(await clients.hoken1.get(`${patient.path}/timeline`)).text.includes("500件まで"));
});

test("tests are entered four at a time: all or none, once, each an entry that is changed by itself", async () => {
  const patient = await reported(), path = `${patient.path}/tab/laboratory/new`;
  const first = { lab_sampled_on: "2022/10/1", lab_laboratory: "金糸雀検査所", lab_method: "naat", lab_result: "positive" };
  const more = { "lab_method-1": "antigen_quantitative", "lab_result-1": "negative", "lab_sampled_on-2": "R4.10.3", "lab_ct-2": "31.5", "lab_method-3": "", "lab_result-3": "" };
  const stored = () => sql(`SELECT entry_no, since, coalesce(items->>'lab_method', ''), coalesce(items->>'lab_result', ''), coalesce(items->>'lab_ct', ''), items->>'lab_laboratory' FROM app.entry WHERE patient_id = ${patient.id} ORDER BY 1`);
  const form = await formOf("hoken1", path);
  const wrong = await clients.hoken1.post(path, { ...form, ...posted(first), ...more, "lab_sampled_on-2": "2022/13/45", "lab_result-1": "moon" });
  assert.equal(wrong.status, 200);
  for (const words of [/name="lab_sampled_on-2" value="2022\/13\/45"[^>]*aria-invalid/, /name="lab_result-1"[^>]*aria-invalid/, /name="lab_ct-2" value="31.5"/, /<option value="antigen_quantitative" selected>/, /金糸雀検査所/])
    assert.match(wrong.text, words);
  assert.deepEqual(stored(), [], "nothing was saved");
  for (let i = 0; i < 2; i++) assert.equal((await clients.hoken1.post(path, { ...form, ...posted(first), ...more })).status, 303);
  assert.deepEqual(stored(), [["1", "2022-10-01", "naat", "positive", "", "金糸雀検査所"], ["2", "2022-10-01", "antigen_quantitative", "negative", "", "金糸雀検査所"], ["3", "2022-10-03", "", "", "31.5", "金糸雀検査所"]]);
  assert.equal(sql(`SELECT count(*) FROM app.revision WHERE patient_id = ${patient.id} AND subject = 'laboratory'`)[0][0], "3");
  const second = await clients.hoken1.get(`${patient.path}/tab/laboratory/2`);
  assert.equal(second.status, 200);
  assert.ok(!second.text.includes("同時に登録する"), "a test that stands is changed alone");
  assert.ok(!(await clients.hoken1.get(`${patient.path}/tab/residence/new`)).text.includes("同時に登録する"));
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
  await freshJobs();
  for (let i = 0; i < 300 && left() !== "0"; i++) await new Promise((resolve) => setTimeout(resolve, 100));
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
