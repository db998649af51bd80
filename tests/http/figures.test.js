// figures.test.js - 数値 behind the records: whatever is entered over HTTP moves exactly the figures that it must, of the centre, its
// city, its prefecture and the country, before and after folding alike; and the patients behind a figure are those that it counts.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { before, test } from "node:test";
import { signIn } from "./client.js";
import { asRole, hersys, sql } from "./database.js";
import { notification, receipt, stranger } from "./notify.js";
import { freshJobs } from "./processes.js";

const clients = {}, office = {};
const tokyo = (days) => new Date(Date.now() + 9 * 3600e3 + days * 86400e3).toISOString().slice(0, 10);
const token = (login) => clients[login].cookies.get("__Host-sid");
const posted = (values) => ({ items: Object.keys(values).join(" "), ...values });
const value = (text, name) => text.match(new RegExp(`name="${name}" value="([^"]*)"`))[1];
const SERIES = "'{new,severe,death,care,released,confirming}'";
let here, there; // the areas in which a patient of hoken1 and one of kasugai counts, the smallest first

before(async () => {
  for (const login of ["sakura", "kodomo", "hoken1", "kasugai", "nagoya", "aichi", "kuni"]) {
    clients[login] = await signIn(login);
    [[office[login]]] = sql(`SELECT organisation_id FROM app.account WHERE login = '${login}'`);
  }
  here = [`o${office.hoken1}`, `o${office.nagoya}`, "23", "00"];
  there = [`o${office.kasugai}`, "23", "00"];
  hersys("figures", "recount");
  hersys("figures", "verify", "--mend"); // other tests write rows past all functions
});

// What stands for the days around today, as { "new 2026-11-22": 3 }: by day, and by week with its sex and age.
function figures(area) {
  const daily = sql(`SELECT series || ' ' || day, count FROM app.figure_daily('${area}', ${SERIES}, '${tokyo(-60)}', '${tokyo(2)}') WHERE count <> 0`);
  const weekly = sql(`SELECT i.series || ' ' || w.week || ' ' || w.cell, w.count FROM unnest(${SERIES}::text[]) i (series) CROSS JOIN LATERAL
    app.figure_weekly('${area}', i.series, '${tokyo(-60)}', '${tokyo(2)}') w WHERE w.count <> 0`);
  return Object.fromEntries([...daily, ...weekly].map(([key, count]) => [key, Number(count)]));
}

const difference = (old, now) => Object.fromEntries([...new Set([...Object.keys(old), ...Object.keys(now)])]
  .map((key) => [key, (now[key] ?? 0) - (old[key] ?? 0)]).filter(([, moved]) => moved !== 0));
const daily = (moved) => Object.fromEntries(Object.entries(moved).filter(([key]) => key.split(" ").length === 2));
const weekly = (moved) => Object.fromEntries(Object.entries(moved).filter(([key]) => key.split(" ").length === 3));

// ⑩ and ⑧ make ⑤, of every area on every day.
const broken = (areas) => areas.flatMap((area) => sql(`SELECT day FROM app.figure_daily('${area}', ${SERIES}, '${tokyo(-60)}', '${tokyo(2)}')
  WHERE series <> 'severe' GROUP BY day HAVING sum(CASE series WHEN 'new' THEN level ELSE -level END) <> 0`));

// What an act moves in some areas, folded and unfolded alike; behind it the figures are what the records say.
async function moves(areas, act) {
  const old = areas.map(figures);
  const result = await act();
  const moved = areas.map((area, i) => difference(old[i], figures(area)));
  sql("SELECT app.figure_fold(1000000)");
  assert.deepEqual(areas.map((area, i) => difference(old[i], figures(area))), moved, "folded");
  assert.match(hersys("figures", "verify"), /the figures are what the records say/); // and it would have failed
  assert.deepEqual(broken(areas), []);
  return { moved, result };
}

// The same for a patient of hoken1, who counts alike in all four areas.
async function moved(act) {
  const { moved: [first, ...others], result } = await moves(here, act);
  for (const other of others) assert.deepEqual(other, first);
  return { days: daily(first), weeks: weekly(first), result };
}
const days = async (act) => (await moved(act)).days;

async function reported(values = {}, login = "sakura") {
  const made = receipt(await clients[login].post("/notification", { ...notification({ ...stranger(), ...values }), ...(values.deemed && { deemed: "1" }) }));
  return { public: made.id, path: `/patient/${made.id}`, id: hersys("id", made.id).split(" ")[0] };
}

// Reported some days ago: the day of the report is moved back as if it had been made then.
async function reportedAgo(ago, values) {
  const patient = await reported(values);
  sql(`UPDATE app.submission SET submitted_at = submitted_at - interval '${ago} days' WHERE patient_id = ${patient.id}; SELECT app.figure_follow(${patient.id})`);
  return patient;
}

async function press(login, patient, below, fields = {}, from = below) {
  await clients[login].get(`${patient.path}/${from}`);
  const answer = await clients[login].post(`${patient.path}/${below}`, fields);
  assert.equal(answer.status, 303, `${below}: ${answer.text.slice(0, 800)}`);
}
const status = (patient, code, since, more = {}) => press("hoken1", patient, "status", { status: code, since, ...more });
const dead = (patient, since, on) => status(patient, "dead", since, { death_date: on, death_place: "medical" });
const withdraw = (patient, number) => press("hoken1", patient, "status/withdraw", { number: String(number) }, "status");
const grade = (patient, on, severity) => press("hoken1", patient, "tab/grade/new", { entry_version: "0", ...posted({ grade_on: on, grade_severity: severity }) });

// Changes the notification as its clinic does.
async function edited(patient, values) {
  const page = await clients.sakura.get(`${patient.path}/notification/1/edit`);
  const shown = Object.fromEntries([...page.text.matchAll(/<input[^>]*name="([a-z_]+)"[^>]*value="([^"]*)"/g)].map(([, name, text]) => [name, text]));
  const answer = await clients.sakura.post("/notification", { ...notification(values), draft_id: value(page.text, "draft_id"), base_version: value(page.text, "base_version"),
    form: shown.form, kind: "edit", patient: patient.public, no: "1" });
  assert.equal(answer.status, 303, answer.text.slice(0, 800));
}

const counts = (number = 1) => ({ [`new ${tokyo(0)}`]: number, [`confirming ${tokyo(0)}`]: number });

test("a report counts at once, as 確認中, with its sex and age", async () => {
  const { days, weeks } = await moved(() => reported({ sex: "female", birth_date: "1990-05-05", diagnosis_date: "2022-10-01" }));
  assert.deepEqual(days, counts());
  const [[week]] = sql(`SELECT app.figure_week_of('${tokyo(0)}', 3)`);
  assert.deepEqual(weeks, { [`new ${week} f30`]: 1, [`confirming ${week} f30`]: 1 });
});

test("保健所確認済 changes nothing", async () => {
  const patient = await reported();
  assert.deepEqual(await days(() => press("hoken1", patient, "notification/1/confirm", {}, "notification/1")), {});
});

test("疑似症 counts when it is confirmed or deemed, not before", async () => {
  const suspected = { category: "suspected", family_name: "疑", phone: "09087654321", birth_date: "1980-01-01" };
  const { days: none, result: patient } = await moved(() => reported(suspected));
  assert.deepEqual(none, {});
  assert.deepEqual(await days(() => edited(patient, { ...suspected, category: "confirmed" })), counts());
  assert.deepEqual(await days(() => edited(patient, suspected)), counts(-1));
  assert.deepEqual(await days(() => reported({ ...suspected, deemed: "1" })), counts());
  assert.deepEqual(await days(() => reported({ category: "suspected_body" })), {});
});

test("陰性 and 取下げ take somebody out, and back when they are taken back", async () => {
  const patient = await reported();
  assert.deepEqual(await days(() => status(patient, "negative", tokyo(0))), counts(-1));
  assert.deepEqual(await days(() => withdraw(patient, 1)), counts());
  assert.deepEqual(await days(() => status(patient, "withdrawn", tokyo(0))), counts(-1));
  assert.deepEqual(await days(() => status(patient, "home", tokyo(0))), { [`new ${tokyo(0)}`]: 1, [`care ${tokyo(0)}`]: 1 });
});

test("another sex or age moves the week's cell, not the day", async () => {
  const person = { ...stranger(), sex: "male", birth_date: "2000-01-01" };
  const patient = await reported(person);
  const { days, weeks } = await moved(() => edited(patient, { ...person, sex: "other", birth_date: "1925-01-01" }));
  assert.deepEqual(days, {});
  const [[week]] = sql(`SELECT app.figure_week_of('${tokyo(0)}', 3)`);
  const cells = (name, number) => ({ [`new ${week} ${name}`]: number, [`confirming ${week} ${name}`]: number });
  assert.deepEqual(weeks, { ...cells("m20", -1), ...cells("x90", 1) });
});

test("the history of the status counts by its dates, also when it is dated back or taken back", async () => {
  const patient = await reportedAgo(20);
  assert.deepEqual(await days(() => status(patient, "released", tokyo(-5))), { [`released ${tokyo(-5)}`]: 1, [`confirming ${tokyo(-5)}`]: -1 });
  assert.deepEqual(await days(() => status(patient, "hospital", tokyo(-15))),
    { [`care ${tokyo(-15)}`]: 1, [`care ${tokyo(-5)}`]: -1, [`confirming ${tokyo(-15)}`]: -1, [`confirming ${tokyo(-5)}`]: 1 });
  assert.deepEqual(await days(() => status(patient, "home", tokyo(-30))), { [`care ${tokyo(-15)}`]: -1, [`care ${tokyo(-20)}`]: 1, [`confirming ${tokyo(-15)}`]: 1, [`confirming ${tokyo(-20)}`]: -1 });
  assert.deepEqual(await days(() => withdraw(patient, 1)), { [`released ${tokyo(-5)}`]: -1, [`care ${tokyo(-5)}`]: 1 });
});

test("a death counts on its day, whatever was entered around it", async () => {
  const patient = await reportedAgo(20);
  await status(patient, "hospital", tokyo(-18));
  assert.deepEqual(await days(() => dead(patient, tokyo(-6), tokyo(-6))), { [`death ${tokyo(-6)}`]: 1, [`care ${tokyo(-6)}`]: -1 });
  assert.deepEqual(await days(() => withdraw(patient, 2)), { [`death ${tokyo(-6)}`]: -1, [`care ${tokyo(-6)}`]: 1 });
  assert.deepEqual(await days(() => dead(patient, tokyo(-6), tokyo(-8))), { [`death ${tokyo(-8)}`]: 1, [`care ${tokyo(-8)}`]: -1 });
  // a date of death behind that of the status: between them nobody knows
  const late = await reportedAgo(20);
  assert.deepEqual(await days(() => dead(late, tokyo(-6), tokyo(-4))), { [`death ${tokyo(-4)}`]: 1, [`confirming ${tokyo(-4)}`]: -1 });
  assert.deepEqual(await days(() => status(late, "home", tokyo(-2))), { [`death ${tokyo(-4)}`]: -1, [`confirming ${tokyo(-4)}`]: 1, [`confirming ${tokyo(-2)}`]: -1, [`care ${tokyo(-2)}`]: 1 });
  const before = await reported(); // and whoever died before the report counts as dead since then
  assert.deepEqual(await days(() => dead(before, tokyo(0), tokyo(-3))), { [`death ${tokyo(0)}`]: 1, [`confirming ${tokyo(0)}`]: -1 });
  assert.deepEqual(await days(() => reported({ category: "body" })), { [`new ${tokyo(0)}`]: 1, [`death ${tokyo(0)}`]: 1 });
});

test("重症 is what 重症度 says from its date on, until it says otherwise, or the release", async () => {
  const { days: none, result: patient } = await moved(() => reportedAgo(20));
  assert.deepEqual(none, { [`new ${tokyo(-20)}`]: 1, [`confirming ${tokyo(-20)}`]: 1 });
  assert.deepEqual(await days(() => grade(patient, tokyo(-10), "severe")), { [`severe ${tokyo(-10)}`]: 1 });
  assert.deepEqual(await days(() => grade(patient, tokyo(-4), "moderate_1")), { [`severe ${tokyo(-4)}`]: -1 });
  assert.deepEqual(await days(() => press("hoken1", patient, "tab/grade/2/withdraw", { entry_version: "1", reason: "誤入力" }, "tab/grade/2")), { [`severe ${tokyo(-4)}`]: 1 });
  assert.deepEqual(await days(() => status(patient, "released", tokyo(-2))),
    { [`severe ${tokyo(-2)}`]: -1, [`released ${tokyo(-2)}`]: 1, [`confirming ${tokyo(-2)}`]: -1 });
  assert.deepEqual(await days(() => reported({ severity: "severe" })), { ...counts(), [`severe ${tokyo(0)}`]: 1 });
});

test("handed over, a patient counts at the other centre, and no more in the city; the prefecture stays", async () => {
  const patient = await reported();
  const areas = [...here, there[0]];
  const { moved: [centre, city, prefecture, country, other] } = await moves(areas, async () => {
    await press("hoken1", patient, "handover", { to: office.kasugai, reason: "転居" }, "assignment");
    await press("kasugai", patient, "handover/1/accept", {}, "assignment");
  });
  assert.deepEqual([daily(centre), daily(city), prefecture, country, daily(other)], [counts(-1), counts(-1), {}, {}, counts()]);
});

test("deleted, restored, deleted and purged", async () => {
  const { days: came, result: patient } = await moved(() => reported());
  const gone = Object.fromEntries(Object.entries(came).map(([key, count]) => [key, -count]));
  const remove = async () => {
    await clients.sakura.get(`${patient.path}/notification/1/delete`);
    assert.equal((await clients.sakura.post(`${patient.path}/notification/1/delete`, { reason: "誤登録" })).status, 303);
  };
  assert.deepEqual(await days(remove), gone);
  assert.deepEqual(await days(() => press("hoken1", patient, "notification/1/restore", {}, "notification/1")), came);
  assert.deepEqual(await days(remove), gone);
  assert.deepEqual(await days(async () => {
    sql(`UPDATE app.notification SET purge_after = now() - interval '1 hour' WHERE patient_id = ${patient.id}`);
    await freshJobs(); // they purge at once
    for (let i = 0; i < 100 && sql(`SELECT 1 FROM app.patient WHERE patient_id = ${patient.id}`).length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 200));
    assert.deepEqual(sql(`SELECT 1 FROM app.patient WHERE patient_id = ${patient.id}`), []);
  }), {});
});

test("merged, two count once; undone, twice", async () => {
  const phone = `070${String(crypto.randomInt(1e8)).padStart(8, "0")}`, values = { ...stranger(), family_name: `統${phone}`, phone };
  sql(`DELETE FROM app.same_pair WHERE organisation_id = ${office.hoken1}`); // or the pair would stand behind those of imports
  const first = await reported(values), second = await reported(values);
  const { text } = await clients.hoken1.get("/same");
  const form = text.split('<article class="card pair"').slice(1).find((part) => part.includes(first.public) && part.includes(second.public));
  const fields = Object.fromEntries(["form_id", "a", "b", "version_a", "version_b"].map((name) => [name, value(form, name)]));
  assert.deepEqual(await days(async () => assert.equal((await clients.hoken1.post("/same", { ...fields, action: "merge" })).status, 303)), counts(-1));
  const page = await clients.hoken1.get(first.path);
  const undo = page.text.match(/<form[^>]*action="([^"]*\/same\/undo)"[\s\S]*?<\/form>/);
  const hidden = Object.fromEntries([...undo[0].matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name, text]) => [name, text]));
  assert.deepEqual(await days(async () => assert.equal((await clients.hoken1.post(undo[1], { ...hidden, reason: "別の届出" })).status, 303)), counts());
});

test("一括操作 moves everybody, and its undoing moves them back", async () => {
  const patients = await Promise.all([1, 2, 3].map(() => reported()));
  const fields = { action: "status", to_status: "hotel", since: tokyo(0).replaceAll("-", "/"), ids: patients.map((patient) => patient.public).join("\n") };
  let batch;
  const there = { [`care ${tokyo(0)}`]: 3, [`confirming ${tokyo(0)}`]: -3 }, back = { [`care ${tokyo(0)}`]: -3, [`confirming ${tokyo(0)}`]: 3 };
  assert.deepEqual(await days(async () => {
    const shown = await clients.hoken1.post("/bulk/preview", fields);
    const answer = await clients.hoken1.post("/bulk", { ...fields, digest: value(shown.text, "digest"), form_id: value(shown.text, "form_id") });
    assert.equal(answer.status, 303);
    batch = answer.location.split("?")[0];
  }), there);
  assert.deepEqual(await days(async () => {
    const page = await clients.hoken1.get(batch);
    assert.equal((await clients.hoken1.post(`${batch}/undo`, { form_id: value(page.text, "form_id") })).status, 303);
  }), back);
});

test("written in bulk, every patient counts", async () => {
  const seed = crypto.randomInt(1e9), count = () => Number(sql(`SELECT level FROM app.figure_daily('00', '{new}', '${tokyo(0)}', '${tokyo(0)}')`)[0][0]);
  const old = count(), generated = Number(sql("SELECT max(patient_id) FROM app.patient")[0][0]);
  await moves(["00"], async () => hersys("demo", "generate", "--patients=300", `--seed=${seed}`));
  const [[positive]] = sql(`SELECT count(*) FROM app.figure_case_of(ARRAY(SELECT patient_id FROM app.patient WHERE patient_id > ${generated}))`);
  assert.ok(Number(positive) > 100);
  assert.equal(count() - old, Number(positive));
});

test("the patients behind a figure are those that it counts, for whoever stands above too", async () => {
  const patient = await reportedAgo(20, { sex: "male", birth_date: "1950-01-01", diagnosis_date: "2022-10-01" });
  await status(patient, "hospital", tokyo(-15));
  await grade(patient, tokyo(-12), "severe");
  await dead(patient, tokyo(-9), tokyo(-9));
  const list = (login, area, series, from, to, cell = "NULL") => asRole("staff", token(login),
    [`SELECT patient_id FROM app.figure_list('${area}', '${series}', '${from}', '${to}', ${cell}, NULL, NULL, NULL)`])[0].rows;
  const of = { new: [-20, -20], severe: [-12, -10], care: [-12, -12], death: [-9, -9], confirming: [-17, -17] };
  for (const login of ["hoken1", "nagoya", "aichi", "kuni"])
    for (const [series, [from, to]] of Object.entries(of))
      for (const cell of ["NULL", "'m70'"])
        assert.ok(list(login, here[0], series, tokyo(from), tokyo(to), cell).includes(patient.id), `${login} ${series} ${cell}`);
  assert.ok(!list("hoken1", here[0], "care", tokyo(-9), tokyo(-9)).includes(patient.id), "dead, and so in no care");
  assert.ok(!list("hoken1", here[0], "new", tokyo(-20), tokyo(-20), "'f70'").includes(patient.id), "nor a woman");
  for (const login of ["kasugai", "kodomo"]) assert.deepEqual(list(login, here[0], "new", tokyo(-20), tokyo(-20)), [], login);
});
