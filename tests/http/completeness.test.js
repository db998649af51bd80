// completeness.test.js - 入力状況 over HTTP and behind the curtain: the figures follow every kind of change exactly, who may see
// them and whose lists, the trend of the weeks, and the mail.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs";
import { before, test } from "node:test";
import { signIn } from "./client.js";
import { asRole, hersys, sql } from "./database.js";
import { notification, receipt, stranger } from "./notify.js";
import { freshJobs } from "./processes.js";

const clients = {};
const state = process.env.HERSYS_STATE ?? "var";
const organisation = (login) => sql(`SELECT organisation_id FROM app.account WHERE login = '${login}'`)[0][0];
const logins = ["sakura", "hoken1", "kasugai", "nagoya", "aichi", "kuni", "follow", "shukuhaku"];
let nagoya, kasugai, foreign;

before(async () => {
  for (const login of logins) clients[login] = await signIn(login);
  nagoya = organisation("hoken1");
  kasugai = organisation("kasugai");
  foreign = sql(`SELECT organisation_id FROM app.organisation WHERE kind = 'centre' AND prefecture_code = '13' AND NOT laboratory ORDER BY 1 LIMIT 1`)[0][0];
  // Other tests of this stand write rows past all functions; what follows here is measured from a clean start.
  sql("SELECT app.tally_mend(organisation_id) FROM app.organisation WHERE kind = 'centre'");
});

const figures = (centre) => Object.fromEntries(sql(`SELECT kind, count FROM app.tally_of(${centre})`).map(([kind, count]) => [kind, Number(count)]));
const differences = () => sql("SELECT o.organisation_id, d.* FROM app.organisation o CROSS JOIN app.tally_differences(o.organisation_id) d WHERE o.kind = 'centre'");

// What an act changes in the figures of a centre; afterwards every centre's figures are what a count of its patients gives.
async function change(centre, act) {
  const old = figures(centre);
  const result = await act();
  const now = figures(centre), changed = {};
  for (const kind of new Set([...Object.keys(old), ...Object.keys(now)]))
    if ((now[kind] ?? 0) !== (old[kind] ?? 0)) changed[kind] = (now[kind] ?? 0) - (old[kind] ?? 0);
  assert.deepEqual(differences(), []);
  return { changed, result };
}

async function reported(values = {}, login = "sakura") {
  const answer = await clients[login].post("/notification", notification({ ...stranger(), ...values }));
  const made = receipt(answer);
  assert.ok(made, answer.text.slice(0, 500));
  return { number: made.id, path: `/patient/${made.id}`, id: hersys("id", made.id).split(" ")[0] };
}

async function press(login, patient, below, fields = {}, from = below) {
  await clients[login].get(`${patient.path}/${from}`);
  const answer = await clients[login].post(`${patient.path}/${below}`, fields);
  assert.equal(answer.status, 303, `${below}: ${answer.text.slice(0, 800)}`);
}

test("a report, its confirmation, its status and its place, each as it is entered", async () => {
  const { changed, result: patient } = await change(nagoya, () => reported({ place_kind: "karaoke" }));
  assert.equal(changed.patients, 1);
  assert.equal(changed.unconfirmed, 1);
  assert.equal(changed.status_missing, 1);
  assert.equal(changed.place_missing, undefined);
  assert.deepEqual((await change(nagoya, () => press("hoken1", patient, "notification/1/confirm", {}, "notification/1"))).changed, { unconfirmed: -1 });
  assert.deepEqual((await change(nagoya, () => press("hoken1", patient, "status", { status: "home", since: "2022/10/1" }))).changed, { status_missing: -1 });
  assert.deepEqual((await change(nagoya, () => press("hoken1", patient, "status", { status: "hotel", since: "2022/10/2" }))).changed, {});
  assert.deepEqual((await change(nagoya, async () => {
    await press("hoken1", patient, "status/withdraw", { number: "2" }, "status");
    await press("hoken1", patient, "status/withdraw", { number: "1" }, "status");
  })).changed, { status_missing: 1 });
});

test("a patient reported by the centre itself counts once", async () => {
  const { changed } = await change(nagoya, () => reported({}, "hoken1"));
  assert.equal(changed.patients, 1);
});

test("deleted it counts nowhere, restored as before, purged nowhere again", async () => {
  const { changed: came, result: patient } = await change(nagoya, () => reported());
  const gone = Object.fromEntries(Object.entries(came).map(([kind, count]) => [kind, -count]));
  const remove = async () => {
    await clients.sakura.get(`${patient.path}/notification/1/delete`);
    assert.equal((await clients.sakura.post(`${patient.path}/notification/1/delete`, { reason: "誤登録" })).status, 303);
  };
  assert.deepEqual((await change(nagoya, remove)).changed, gone);
  assert.deepEqual((await change(nagoya, () => press("hoken1", patient, "notification/1/restore", {}, "notification/1"))).changed, came);
  assert.deepEqual((await change(nagoya, remove)).changed, gone);
  assert.deepEqual((await change(nagoya, async () => {
    sql(`UPDATE app.notification SET purge_after = now() - interval '1 hour' WHERE patient_id = ${patient.id}`);
    await freshJobs(); // purge at once
    for (let i = 0; i < 100 && sql(`SELECT 1 FROM app.patient WHERE patient_id = ${patient.id}`).length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 200));
    assert.deepEqual(sql(`SELECT 1 FROM app.patient WHERE patient_id = ${patient.id}`), []);
  })).changed, {});
});

test("handed over, all of it moves to the other centre", async () => {
  const patient = await reported();
  const there = figures(kasugai);
  const { changed } = await change(nagoya, async () => {
    await press("hoken1", patient, "handover", { to: kasugai, reason: "転居" }, "assignment");
    await press("kasugai", patient, "handover/1/accept", {}, "assignment");
  });
  assert.equal(changed.patients, -1);
  const here = figures(kasugai);
  for (const [kind, count] of Object.entries(changed)) assert.equal(here[kind] - (there[kind] ?? 0), -count, kind);
  assert.deepEqual((await change(kasugai, () => press("kasugai", patient, "status", { status: "home", since: "2022/10/1" }))).changed, { status_missing: -1 });
});

test("merged, the two count once; undone, twice", async () => {
  const phone = `070${String(crypto.randomInt(1e8)).padStart(8, "0")}`;
  const values = { ...stranger(), family_name: `統${phone}`, phone };
  sql(`DELETE FROM app.same_pair WHERE organisation_id = ${nagoya}`); // or the pair would stand behind those of imports
  const first = await reported(values), second = await reported(values);
  const { text } = await clients.hoken1.get("/same");
  const form = text.split('<article class="card pair"').slice(1).find((part) => part.includes(first.number) && part.includes(second.number));
  const fields = Object.fromEntries(["form_id", "a", "b", "version_a", "version_b"].map((name) => [name, form.match(new RegExp(`name="${name}" value="([^"]*)"`))[1]]));
  const { changed } = await change(nagoya, async () => assert.equal((await clients.hoken1.post("/same", { ...fields, action: "merge" })).status, 303));
  assert.equal(changed.patients, -1);
  const page = await clients.hoken1.get(first.path);
  const undo = page.text.match(/<form[^>]*action="([^"]*\/same\/undo)"[\s\S]*?<\/form>/);
  const hidden = Object.fromEntries([...undo[0].matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]));
  const { changed: back } = await change(nagoya, async () => assert.equal((await clients.hoken1.post(undo[1], { ...hidden, reason: "別の届出" })).status, 303));
  assert.equal(back.patients, 1);
});

test("written in bulk, a row for each centre and kind is appended, not one for each patient", async () => {
  const count = () => Number(sql("SELECT coalesce(sum(count), 0) FROM (SELECT count FROM app.tally WHERE kind = 'patients' UNION ALL SELECT change FROM app.tally_delta WHERE kind = 'patients') x")[0][0]);
  const old = count();
  hersys("demo", "generate", "--patients=300", `--seed=${crypto.randomInt(1e9)}`);
  assert.equal(count() - old, 300);
  assert.deepEqual(differences(), []);
});

test("the jobs fold what was appended, and the figures stay", async () => {
  await reported();
  const old = figures(nagoya);
  for (let i = 0; i < 100 && sql("SELECT 1 FROM app.tally_delta").length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 200));
  assert.deepEqual(sql("SELECT 1 FROM app.tally_delta"), []);
  assert.deepEqual(figures(nagoya), old);
  assert.deepEqual(differences(), []);
});

test("a difference is found, is an alarm in the log without any name, and can be put right", async () => {
  sql(`INSERT INTO app.tally_delta (organisation_id, kind, change) VALUES (${nagoya}, 'place_missing', 5)`);
  const log = `${state}/log/jobs.log`, alarms = () => fs.readFileSync(log, "utf8").split("\n").filter((line) => line.includes("tally_differs"));
  const old = alarms().length;
  try {
    assert.equal(differences().length, 1);
    await freshJobs(); // compare at once
    for (let i = 0; i < 600 && alarms().length === old; i++) await new Promise((resolve) => setTimeout(resolve, 200)); // two centres a turn
    const { centre, kind, kept, counted, ...rest } = JSON.parse(alarms().at(-1));
    assert.equal(centre, nagoya);
    assert.equal(kind, "place_missing");
    assert.equal(Number(kept) - Number(counted), 5);
    assert.doesNotMatch(JSON.stringify(rest), /[ぁ-ん一-龠]/);
  } finally {
    sql(`SELECT app.tally_mend(${nagoya})`);
  }
  assert.deepEqual(differences(), []);
});

// ---- the pages -------------------------------------------------------------------------------------------------------

test("a centre sees its own figures, and each opens its list", async () => {
  const patient = await reported();
  const page = await clients.hoken1.get("/completeness");
  assert.equal(page.status, 200);
  const now = figures(nagoya);
  for (const kind of ["unconfirmed", "status_missing"]) {
    assert.match(page.text, new RegExp(`href="/completeness/${nagoya}/${kind}"[^>]*>${now[kind]}人</a>`));
    let path = `/completeness/${nagoya}/${kind}`, listed = 0, found = false;
    while (path) {
      const list = await clients.hoken1.get(path);
      listed += list.text.split("<tr><td><a").length - 1;
      found ||= list.text.includes(patient.path);
      path = list.text.match(/href="(\/completeness\/[^"]*\?[^"]*)">次の/)?.[1].replaceAll("&amp;", "&");
    }
    assert.equal(listed, now[kind], kind);
    assert.ok(found, kind);
  }
  assert.match(sql(`SELECT string_agg(action, ' ') FROM app.audit WHERE patient_ids @> ARRAY[${patient.id}]::bigint[] AND organisation_id = ${nagoya}`)[0][0], /list/);
});

test("who stands above sees the centres below, sorts them, and opens the lists that it may", async () => {
  await reported();
  for (const login of ["nagoya", "aichi", "kuni"]) {
    const page = await clients[login].get("/completeness");
    assert.match(page.text, new RegExp(`href="/completeness/${nagoya}"`), login);
    assert.equal(page.text.includes(`href="/completeness/${kasugai}"`), login !== "nagoya", login);
    assert.equal(page.text.includes(`href="/completeness/${foreign}"`), login === "kuni", login);
    assert.equal((await clients[login].get(`/completeness/${nagoya}`)).status, 200, login);
    assert.equal((await clients[login].get(`/completeness/${foreign}`)).status, login === "kuni" ? 200 : 404, login);
  }
  const rates = (text) => text.split("<tr>").slice(1).filter((row) => row.includes('href="/completeness/')).map((row) => Number(row.split('<td class="number">')[2 + 1].match(/([\d.]+)%/)?.[1] ?? 0));
  const sorted = rates((await clients.kuni.get("/completeness?sort=status_missing")).text.replace(/<thead>[\s\S]*?<\/thead>/, ""));
  assert.ok(sorted.length > 300);
  assert.deepEqual(sorted, [...sorted].sort((a, b) => b - a));
  // the ministry sees no name, and nothing of whose passport is missing
  const list = await clients.kuni.get(`/completeness/${nagoya}/status_missing`);
  assert.equal(list.status, 200);
  assert.doesNotMatch(list.text, /負荷|<th scope="col">氏名/);
  assert.equal((await clients.kuni.get(`/completeness/${nagoya}/passport_missing`)).status, 403);
  assert.equal((await clients.aichi.get(`/completeness/${nagoya}/passport_missing`)).status, 200);
  assert.match((await clients.aichi.get(`/completeness/${nagoya}/status_missing`)).text, /<th scope="col">氏名/);
});

test("the ministry has a row for each prefecture, which opens its centres; all who stand above see how the weeks went", async () => {
  const row = (text, link) => text.slice(text.indexOf(link)).match(/<td class="number">(\d+)人/)?.[1];
  sql(`SELECT app.tally_keep_week(app.week_of(now()))`);
  const all = (await clients.kuni.get("/completeness")).text;
  assert.equal(all.match(/href="\/completeness\?prefecture=\d\d"/g).length, 47);
  const [[aichi]] = sql(`SELECT coalesce(sum(x.count), 0) FROM app.organisation o CROSS JOIN LATERAL app.tally_of(o.organisation_id) x WHERE o.kind = 'centre' AND NOT o.laboratory AND o.prefecture_code = '23' AND x.kind = 'patients'`);
  assert.equal(row(all, 'href="/completeness?prefecture=23"'), aichi);
  const one = (await clients.kuni.get("/completeness?prefecture=23&sort=status_missing")).text;
  assert.match(one, /<h1>入力状況（愛知県）/);
  assert.match(one, new RegExp(`<tr class="sum"><th scope="row">全体</th><td class="number">${aichi}人`));
  assert.ok(one.includes(`href="/completeness/${nagoya}"`) && !one.includes(`href="/completeness/${foreign}"`));
  assert.match(one, /href="\/completeness\?sort=unconfirmed&amp;prefecture=23"/);
  assert.doesNotMatch((await clients.aichi.get("/completeness")).text, /prefecture=/);
  const [[week]] = sql("SELECT to_char(app.week_of(now()), 'FMYYYY/FMMM/FMDD')");
  const kept = (condition) => sql(`SELECT coalesce(sum(w.count), 0) FROM app.tally_week w JOIN app.organisation o USING (organisation_id) WHERE w.week = app.week_of(now()) AND w.kind = 'unconfirmed' AND o.kind = 'centre' AND NOT o.laboratory AND ${condition}`)[0][0];
  for (const [login, path, condition] of [["kuni", "/completeness", "true"], ["kuni", "/completeness?prefecture=23", "o.prefecture_code = '23'"], ["aichi", "/completeness", "o.prefecture_code = '23'"], ["nagoya", "/completeness", `o.parent_id = ${organisation("nagoya")}`]]) {
    const { text } = await clients[login].get(path);
    assert.equal(text.match(/<polyline class="line"/g).length, 6, path);
    assert.equal(text.match(new RegExp(`<th scope="row" class="nowrap">${week}</th><td class="number">(\\d+)<`))[1], kept(condition), `${login} ${path}`);
  }
  for (const wrong of ["99", "0", "00", "x", "2%27"]) assert.equal((await clients.kuni.get(`/completeness?prefecture=${wrong}`)).status, 200, wrong);
});

test("a centre that is closed stays among the figures as long as it has patients", async () => {
  await reported({ stay_address: "愛知県春日井市鳥居松町5-44" });
  const page = async () => (await clients.aichi.get("/completeness")).text;
  const [[empty]] = sql("INSERT INTO app.organisation (kind, code, name, prefecture_code, municipality_code) VALUES ('centre', 'H23999-9', '空保健所', '23', '23206') RETURNING organisation_id");
  sql(`INSERT INTO app.organisation_above (organisation_id, above_id, relation) SELECT ${empty}, above_id, relation FROM app.organisation_above WHERE organisation_id = ${kasugai}`);
  const link = `href="/completeness/${kasugai}"`;
  assert.ok((await page()).includes(`href="/completeness/${empty}"`));
  sql(`UPDATE app.organisation SET closed_at = now() WHERE organisation_id IN (${kasugai}, ${empty})`);
  try {
    const text = await page();
    assert.match(text.slice(text.indexOf(link)), /^[^<]*<\/a><span class="sub">愛知県　閉鎖<\/span><\/th><td class="number">[1-9]/);
    assert.ok(!text.includes(`href="/completeness/${empty}"`));
  } finally {
    sql(`UPDATE app.organisation SET closed_at = NULL WHERE organisation_id = ${kasugai}`);
    sql(`DELETE FROM app.organisation_above WHERE organisation_id = ${empty}`);
    sql(`DELETE FROM app.organisation WHERE organisation_id = ${empty}`);
  }
});

test("nobody else sees figures or lists, over HTTP or in the database", async () => {
  for (const login of ["sakura", "follow", "shukuhaku"])
    for (const path of ["/completeness", `/completeness/${nagoya}`, `/completeness/${nagoya}/status_missing`]) assert.equal((await clients[login].get(path)).status, 404, `${login} ${path}`);
  for (const path of [`/completeness/${nagoya}`, `/completeness/${nagoya}/status_missing`, `/completeness/${kasugai}/nothing`, "/completeness/abc"])
    assert.equal((await clients.kasugai.get(path)).status, 404, path);
  for (const login of ["sakura", "aichi", "kuni", "follow"]) assert.equal((await clients[login].post("/completeness", { weekday: "3" })).status, 404, login);
  const seen = { hoken1: true, nagoya: true, aichi: true, kuni: true, kasugai: false, sakura: false, follow: false, shukuhaku: false };
  sql(`SELECT app.tally_keep_week(app.week_of(now()))`);
  for (const login of logins) {
    const results = asRole("staff", clients[login].cookies.get("__Host-sid"), [
      `SELECT count(*) FROM app.tally WHERE organisation_id = ${nagoya}`, `SELECT count(*) FROM app.tally_week WHERE organisation_id = ${nagoya}`,
      `SELECT count(*) FROM app.tally_list(${nagoya}, 'status_missing', '-infinity', 0)`]);
    results.forEach(({ rows }, i) => assert.equal(Number(rows[0]) > 0, seen[login], `${login} ${i}`));
  }
  const [passports, write, fold, digest] = asRole("staff", clients.kuni.cookies.get("__Host-sid"), [
    `SELECT count(*) FROM app.tally_list(${nagoya}, 'passport_missing', '-infinity', 0)`,
    `INSERT INTO app.tally_delta (organisation_id, kind, change) VALUES (${nagoya}, 'patients', 1)`, `UPDATE app.tally SET count = 0`,
    `INSERT INTO app.digest (organisation_id, weekday) VALUES (${nagoya}, 1)`]);
  assert.deepEqual(passports.rows, ["0"]);
  for (const { state: refused } of [write, fold, digest]) assert.equal(refused, "42501");
});

// ---- every week ------------------------------------------------------------------------------------------------------

test("a week is kept once, as it stood then, and drawn", async () => {
  const [[week]] = sql("SELECT app.week_of(now())");
  sql(`SELECT app.tally_keep_week('${week}')`);
  const kept = () => sql(`SELECT kind, count FROM app.tally_week WHERE week = '${week}' AND organisation_id = ${nagoya} ORDER BY 1`);
  const old = kept();
  assert.ok(old.length > 0);
  await reported();
  sql(`SELECT app.tally_keep_week('${week}')`);
  assert.deepEqual(kept(), old);
  const { text } = await clients.hoken1.get("/completeness");
  assert.equal(text.match(/<polyline class="line" points="[\d, ]+"/g).length, 6);
  const [year, month, day] = week.split("-").map(Number);
  const row = text.match(new RegExp(`<th scope="row" class="nowrap">${year}/${month}/${day}</th>(.*?)</tr>`))[1];
  const cells = [...row.matchAll(/>(\d+)</g)].map((found) => Number(found[1]));
  const of = Object.fromEntries(old);
  assert.deepEqual(cells, ["unconfirmed", "status_missing", "place_missing", "passport_missing", "death_incomplete", "items_missing"].map((kind) => Number(of[kind] ?? 0)));
});

test("the mail is due from 8:30 of the chosen weekday for two days, and not at all when switched off", async () => {
  const due = (at) => sql(`SELECT week FROM app.digest_due('${at}') WHERE organisation_id = ${kasugai}`).flat();
  await reported({ stay_address: "愛知県春日井市鳥居松町5-44" });
  for (let i = 0; i < 100 && sql("SELECT 1 FROM app.tally_delta").length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 200));
  const choose = async (weekday) => {
    const page = await clients.kasugai.get("/completeness");
    const form_id = page.text.match(/name="form_id" value="([^"]+)"/)[1];
    for (let i = 0; i < 2; i++) assert.equal((await clients.kasugai.post("/completeness", { form_id, weekday })).status, 303, "pressed twice it is one choice");
    assert.match((await clients.kasugai.get("/completeness")).text, new RegExp(`<option value="${weekday}" selected>`));
  };
  await choose("3"); // 2031-01-01 is a Wednesday; its Monday lies in the year before
  assert.deepEqual(due("2031-01-01 08:29+09"), []);
  assert.deepEqual(due("2031-01-01 08:30+09"), ["2030-12-30"]);
  assert.deepEqual(due("2031-01-03 08:29+09"), ["2030-12-30"]);
  assert.deepEqual(due("2031-01-03 08:30+09"), []);
  await choose("7"); // late on Sunday, and still on the Monday after
  assert.deepEqual(due("2031-01-06 12:00+09"), ["2030-12-30"]);
  await choose("0");
  for (let day = 1; day <= 7; day++) assert.deepEqual(due(`2031-01-0${day} 12:00+09`), []);
  assert.equal((await clients.kasugai.post("/completeness", { weekday: "8" })).status, 400);
  await choose("1");
  assert.deepEqual(due("2030-12-30 09:00+09"), ["2030-12-30"]);
  assert.deepEqual(sql(`SELECT count(*) > 0 FROM app.audit WHERE action = 'digest_save' AND organisation_id = ${kasugai}`), [["t"]]);
});

test("the mail goes once, has figures and no patient, and none of it stays in the outbox for another", async () => {
  const patient = await reported();
  const week = `${2100 + crypto.randomInt(900)}-01-04`, now = figures(nagoya);
  const mails = () => fs.readFileSync(`${state}/log/messages.jsonl`, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line)).filter((mail) => mail.kind === "mail" && JSON.stringify(mail).includes("今週の入力状況"));
  const old = mails().length;
  for (let i = 0; i < 2; i++) sql(`SELECT app.digest_send(${nagoya}, '${week}')`);
  assert.equal(sql(`SELECT count(*) FROM app.digest_sent WHERE organisation_id = ${nagoya} AND week = '${week}'`)[0][0], "1");
  const [[accounts]] = sql(`SELECT count(DISTINCT email) FROM app.account WHERE organisation_id = ${nagoya} AND email <> '' AND suspended_at IS NULL`);
  for (let i = 0; i < 100 && mails().length < old + Number(accounts); i++) await new Promise((resolve) => setTimeout(resolve, 200));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const sent = mails().slice(old);
  assert.equal(sent.length, Number(accounts));
  for (const mail of sent) {
    const text = JSON.stringify(mail);
    assert.ok(text.includes(`ステータス未入力：${now.status_missing}人`), text);
    assert.ok(text.includes(`担当している方：${now.patients}人`), text);
    assert.doesNotMatch(text, new RegExp(`負荷|${patient.number}|${patient.id}`));
  }
});
