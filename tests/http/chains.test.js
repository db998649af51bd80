// chains.test.js - 感染リンク, the chains of infection that follow from it, and 集団感染: who enters, who sees how much, what
// is marked, and how the chains of every office follow a change of access.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { before, test } from "node:test";
import { signIn } from "./client.js";
import { asRole, hersys, sql } from "./database.js";
import { notification, receipt } from "./notify.js";
import { freshJobs } from "./processes.js";

const clients = {};
const token = (login) => clients[login].cookies.get("__Host-sid");

async function reported(values = {}, login = "sakura") {
  const { id } = receipt(await clients[login].post("/notification", notification(values)));
  return { id, path: `/patient/${id}`, no: hersys("id", id).split(" ")[0] };
}

// An entry of the tab 感染経路; number 0 is a new one.
async function enter(login, patient, values, number = 0) {
  const path = `${patient.path}/tab/link/${number || "new"}`;
  const form = await clients[login].get(path);
  const entry_version = form.text.match(/name="entry_version" value="(\d+)"/)?.[1] ?? "0";
  return clients[login].post(path, { entry_version, items: "link_certainty link_source_case link_found_on", link_found_on: "2022/10/4", ...values });
}

const infectedBy = (patient, source, link_certainty = "confirmed", login = "hoken1") =>
  enter(login, patient, { link_source_case: source.id, link_certainty }).then((answer) => assert.equal(answer.status, 303));
const office = (login) => sql(`SELECT organisation_id FROM app.account WHERE login = '${login}'`)[0][0];

// The centre in charge names one related centre, or none.
async function relate(login, patient, related) {
  await clients[login].get(`${patient.path}/assignment`);
  const answer = await clients[login].post(`${patient.path}/assignment`, { responsible: office(login), related: related ? office(related) : "" });
  assert.equal(answer.status, 303);
}
const statements = (patient) => sql(`SELECT coalesce(source_id::text, ''), source_text, certainty, mark, holds, withdrawn_at IS NOT NULL
  FROM app.patient_link WHERE patient_id = ${patient.no} ORDER BY link_no`);

before(async () => {
  for (const login of ["sakura", "kodomo", "hoken1", "hoken2", "kasugai", "aichi", "nagoya", "kuni", "minato"]) clients[login] = await signIn(login);
});

test("an entry of 感染経路 states the link; a later finding replaces it, and its withdrawal brings the earlier back", async () => {
  const [first, better, patient] = [await reported(), await reported(), await reported()];
  await infectedBy(patient, first, "presumed");
  assert.deepEqual(statements(patient), [[first.no, first.id, "presumed", "", "t", "f"]]);
  await infectedBy(patient, better);
  assert.deepEqual(statements(patient).map((row) => [row[0], row[4]]), [[first.no, "f"], [better.no, "t"]]);
  assert.equal((await enter("hoken1", patient, { link_source_case: better.id, link_certainty: "unknown" }, 2)).status, 303);
  assert.deepEqual(statements(patient).map((row) => [row[0], row[2], row[4], row[5]]),
    [[first.no, "presumed", "f", "f"], [better.no, "confirmed", "f", "t"], [better.no, "unknown", "t", "f"]]);
  const entry_version = (await clients.hoken1.get(`${patient.path}/tab/link/2`)).text.match(/name="entry_version" value="(\d+)"/)[1];
  assert.equal((await clients.hoken1.post(`${patient.path}/tab/link/2/withdraw`, { entry_version })).status, 303);
  assert.deepEqual(statements(patient).map((row) => row[4]), ["t", "f", "f"]);
  assert.equal((await enter("hoken1", patient, { link_source_case: "", link_certainty: "unknown" }, 1)).status, 303);
  assert.deepEqual(statements(patient).map((row) => row[5]), ["t", "t", "t"], "an entry without a source states none");
});

test("a source that is the patient, came later, does not exist or belongs to others is told in words, and saved", async () => {
  const [patient, later, theirs] = [await reported(), await reported(), await reported({}, "kodomo")];
  const foreign = sql(`SELECT count(*) FROM app.access a JOIN app.account c USING (organisation_id) WHERE c.login = 'hoken1' AND a.patient_id = ${theirs.no}`);
  assert.equal(foreign[0][0], "0", "the test needs a patient of another centre");
  for (const [source, no, mark, words] of [[patient.id, patient.no, "self", "ご本人の番号"], [later.id, later.no, "forward", "あとから届け出られて"],
    ["12345678901", "", "unfound", "見つからないか"], [theirs.id, "", "unfound", "見つからないか"], ["金糸雀さんの同僚", "", "unfound", "見つからないか"]]) {
    assert.equal((await enter("hoken1", patient, { link_source_case: source, link_certainty: "presumed" })).status, 303);
    assert.deepEqual(statements(patient).at(-1), [no, source, "presumed", mark, "t", "f"]);
    assert.ok((await clients.hoken1.get(`${patient.path}/tab/link`)).text.includes(words), words);
  }
});

// What the drawing gets, as people: HER-SYS ID or "" and the place of the source.
async function drawn(login, patient) {
  const { status, text } = await clients[login].get(`${patient.path}/chain/data`);
  if (status !== 200) return status;
  const { ids, sources, here, links, names, days } = JSON.parse(text);
  assert.equal(new Set([ids.length, sources.length, names.length, days.length, links.length]).size, 1);
  assert.equal(String(ids[here - 1]).padStart(11, "0"), patient.id);
  return ids.map((id, i) => ({ id: id === 0 ? "" : String(id).padStart(11, "0"), source: sources[i], link: links[i], name: names[i] }));
}

test("a chain is walked up to the first source and down by generations, to each office as far as it has access", async () => {
  const [a, b, c, d] = [await reported(), await reported(), await reported(), await reported()];
  const outside = await reported({}, "kodomo"); // another centre's, which may not see a, b, c, d
  await infectedBy(b, a);
  await infectedBy(c, a, "presumed");
  await infectedBy(d, c, "unknown");
  await relate("kasugai", outside, "hoken1");
  await infectedBy(c, outside); // known to hoken1 as a related centre; in place of a
  await infectedBy(outside, b, "confirmed", "kasugai");
  assert.deepEqual(statements(outside).map((row) => row[3]), ["unfound"], "kasugai does not see b");

  const order = (people) => people.map(({ id, source, link }) => [[a, b, c, d, outside].findIndex((p) => p.id === id), source, link]);
  for (const patient of [c, d]) assert.deepEqual(order(await drawn("hoken1", patient)), [[4, 0, "-"], [2, 1, "C"], [3, 2, "u"]]);
  assert.deepEqual(order(await drawn("hoken1", b)), [[0, 0, "-"], [1, 1, "c"]]);
  assert.deepEqual(order(await drawn("kasugai", outside)), [[4, 0, "-"], [-1, 1, "C"]], "the one infected is somebody of another office");
  const strangers = await drawn("kasugai", outside);
  assert.equal(strangers[1].name, "");
  for (const login of ["aichi", "kuni"]) assert.equal((await drawn(login, d)).length, 3, login);
  assert.equal((await drawn("kuni", d)).every(({ name }) => name === ""), true, "the ministry sees no names");
  assert.equal((await drawn("aichi", d)).every(({ name }) => name !== ""), true);
});

test("the chain page: a table by generation, and refused to whom the class is refused", async () => {
  const [a, b] = [await reported(), await reported()];
  await infectedBy(b, a);
  const page = await clients.hoken1.get(`${b.path}/chain`);
  assert.match(page.text, /2人、2世代/);
  assert.match(page.text, /1番（確定）/);
  const dashed = (id) => `${id.slice(0, 5)}-${id.slice(5, 10)}-${id.slice(10)}`;
  assert.ok(page.text.includes(dashed(a.id)));
  assert.match((await clients.hoken1.get(`${(await reported()).path}/chain`)).text, /まだ登録されていません/);
  for (const [login, status] of [["hoken1", 200], ["aichi", 200], ["nagoya", 200], ["kuni", 200], ["sakura", 403], ["minato", 404], ["kasugai", 404]])
    for (const path of [`${b.path}/chain`, `${b.path}/chain/data`]) assert.equal((await clients[login].get(path)).status, status, `${login} ${path}`);
  assert.equal(sql(`SELECT count(*) FROM app.audit u JOIN app.account c USING (account_id)
    WHERE c.login = 'aichi' AND u.action = 'chain' AND u.patient_ids @> ARRAY[${a.no}::bigint]`)[0][0], "2", "who is shown is in the trail");
});

test("a chain that is too long is cut, and says so when the patient is not in what is left; the trail has each opening once", async () => {
  const [source, patient] = [await reported(), await reported()];
  await infectedBy(patient, source);
  const looks = () => sql(`SELECT action, count(*) FROM app.audit WHERE (patient_id = ${patient.no} OR patient_ids @> ARRAY[${patient.no}::bigint])
    AND action IN ('chain_view', 'chain') GROUP BY 1 ORDER BY 1`);
  assert.equal(JSON.parse((await clients.hoken1.get(`${patient.path}/chain/data`)).text).here, 2);
  assert.deepEqual(looks(), [["chain", "1"]], "the data alone are no second opening");
  assert.ok(!(await clients.hoken1.get(`${patient.path}/chain`)).text.includes("その中に入っていません"));
  assert.deepEqual(looks(), [["chain", "2"], ["chain_view", "1"]]);
  const many = `organisation_id = ${office("hoken1")} AND source_id = ${source.no} AND patient_id < 0`; // they come before the patient
  sql(`INSERT INTO app.chain_edge SELECT ${office("hoken1")}, -i, ${source.no}, 'unknown', false FROM generate_series(1, 30010) i`);
  try {
    const page = (await clients.hoken1.get(`${patient.path}/chain`)).text;
    assert.match(page, /はじめの30000人までを表示しています。この方は、その中に入っていません。/);
    const { here, ids } = JSON.parse((await clients.hoken1.get(`${patient.path}/chain/data`)).text);
    assert.deepEqual([here, ids.length], [0, 30000]);
    assert.ok(!(await clients.hoken1.get(`${source.path}/chain`)).text.includes("その中に入っていません"), "the source is the first of them");
  } finally {
    sql(`DELETE FROM app.chain_edge WHERE ${many}`);
  }
});

test("behind the curtain: links and edges are read and written as the class link allows, and by nobody else", () => {
  const [[patient, source]] = sql("SELECT patient_id, source_id FROM app.patient_link WHERE holds AND mark = '' ORDER BY patient_id DESC LIMIT 1");
  const ask = (login, statement) => asRole("staff", token(login), [statement])[0];
  const rows = (table) => `SELECT count(*) FROM app.${table} WHERE patient_id = ${patient}`;
  for (const [login, count] of [["hoken1", "1"], ["aichi", "1"], ["kuni", "1"], ["sakura", "0"], ["minato", "0"], ["kasugai", "0"]])
    assert.deepEqual(ask(login, rows("patient_link")).rows, [count], login);
  // The numbers of sources and of edges are nobody's to read: they name patients whom the office may not see.
  for (const login of ["hoken1", "aichi", "kuni", "sakura"])
    for (const statement of [rows("chain_edge"), "SELECT source_id FROM app.patient_link", "SELECT * FROM app.patient_link"]) assert.equal(ask(login, statement).state, "42501", `${login}: ${statement}`);
  for (const [login, state] of [["hoken1", "HS409"], ["aichi", "HS403"], ["kuni", "HS403"], ["sakura", "HS403"], ["minato", "HS403"]])
    assert.equal(ask(login, `SELECT app.link_withdraw(${patient}, 999)`).state, state, `${login} withdraws`);
  for (const [login, state] of [["hoken1", undefined], ["aichi", "HS403"], ["kuni", "HS403"], ["sakura", "HS403"], ["minato", "HS403"]])
    assert.equal(ask(login, `SELECT app.link_state(${patient}, NULL, ${source}, 'x', 'confirmed')`).state, state, `${login} states`);
  for (const [login, state] of [["hoken1", undefined], ["kuni", undefined], ["sakura", "HS403"], ["minato", "HS403"]])
    assert.equal(ask(login, `SELECT count(*) FROM app.chain(${patient}, 10)`).state, state, `${login} walks`);
  for (const statement of [`UPDATE app.patient_link SET holds = false WHERE patient_id = ${patient}`, `DELETE FROM app.chain_edge WHERE patient_id = ${patient}`,
    `SELECT app.links_publish(ARRAY[${patient}::bigint])`, `SELECT app.link_settle(${patient})`]) assert.equal(ask("hoken1", statement).state, "42501", statement);
  for (const role of ["door", "public"]) assert.equal(asRole(role, token("hoken1"), [rows("chain_edge")])[0].state, "42501", role);
});

test("the chains of an office follow its access: related, taken away, deleted, restored; a ring is walked once", async () => {
  const [a, b, c] = [await reported(), await reported(), await reported()];
  await infectedBy(a, c);
  await infectedBy(b, a);
  await infectedBy(c, b);
  assert.equal((await drawn("hoken1", a)).length, 3, "a ring");
  const offices = (patient) => sql(`SELECT c.login FROM app.chain_edge e JOIN app.account c USING (organisation_id) WHERE e.patient_id = ${patient.no}
    AND c.login IN ('kasugai', 'hoken1', 'kuni') ORDER BY 1`).flat().join(" ");
  assert.equal(offices(b), "hoken1 kuni");
  await relate("hoken1", a, "kasugai");
  assert.equal(offices(a), "hoken1 kasugai kuni");
  assert.equal(offices(b), "hoken1 kasugai kuni", "as the infected of a");
  assert.deepEqual((await drawn("kasugai", a)).map(({ id }) => id), ["", a.id, ""], "c, a, b: only a is known");
  await relate("hoken1", a);
  assert.equal(offices(a), "hoken1 kuni");
  assert.equal(await drawn("kasugai", a), 404);
  await clients.hoken1.get(`${a.path}/notification/1/delete`);
  assert.equal((await clients.hoken1.post(`${a.path}/notification/1/delete`, { reason: "試験" })).status, 303);
  assert.equal(offices(a) + offices(b), "", "a deleted patient is in no chain");
  assert.equal(offices(c), "hoken1 kuni");
  await clients.hoken1.get(`${a.path}/notification/1`);
  assert.equal((await clients.hoken1.post(`${a.path}/notification/1/restore`)).status, 303);
  assert.equal(offices(a) + offices(b), "hoken1 kunihoken1 kuni");
});

test("a source that went to another office stays the source, whatever else of the entry is changed", async () => {
  const source = await reported({}, "kodomo"), patient = await reported();
  await relate("kasugai", source, "hoken1");
  const values = { link_source_case: source.id, link_certainty: "confirmed" };
  await infectedBy(patient, source);
  await relate("kasugai", source);
  assert.equal((await clients.hoken1.get(source.path)).status, 404, "hoken1 does not see the source any more");
  const change = (more) => enter("hoken1", patient, { ...values, items: "link_certainty link_source_case link_found_on link_place_name", ...more }, 1);
  assert.equal((await change({ link_place_name: "会館" })).status, 303);
  assert.deepEqual(statements(patient), [[source.no, source.id, "confirmed", "", "t", "f"]]);
  assert.equal((await change({ link_place_name: "会館", link_certainty: "presumed" })).status, 303);
  assert.deepEqual(statements(patient).at(-1), [source.no, source.id, "presumed", "", "t", "f"]);
  assert.equal((await change({ link_source_case: "12345678901" })).status, 303);
  assert.deepEqual(statements(patient).at(-1), ["", "12345678901", "confirmed", "unfound", "t", "f"], "other words are about somebody else");
});

test("what follows for the chains looks at the edges of the patients concerned, however many others there are", async () => {
  const [a, b] = [await reported(), await reported()];
  await infectedBy(b, a);
  const [[scanned, fetched]] = sql(`BEGIN;
    INSERT INTO app.chain_edge SELECT -1, 10^12 + i, 10^12, 'confirmed', false FROM generate_series(1, 20000) i;
    ANALYZE app.chain_edge;
    CREATE TEMP TABLE looked AS SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'chain_edge';
    DO $$ BEGIN PERFORM app.links_publish(ARRAY[${a.no}::bigint]); END $$;
    SELECT s.seq_tup_read - l.seq_tup_read, s.idx_tup_fetch - l.idx_tup_fetch FROM pg_stat_xact_user_tables s, looked l WHERE s.relname = 'chain_edge';
    ROLLBACK`).filter((row) => row.length === 2);
  assert.equal(scanned, "0");
  assert.ok(Number(fetched) > 0 && Number(fetched) < 100, fetched);
});

test("two who name each other's patients at once both get through; a link waits for whoever changes who may see its source", async () => {
  const [a, b] = [await reported(), await reported()];
  const both = await Promise.all([enter("hoken1", a, { link_source_case: b.id, link_certainty: "presumed" }), enter("hoken2", b, { link_source_case: a.id, link_certainty: "presumed" })]);
  assert.deepEqual(both.map(({ status }) => status), [303, 303]);
  assert.deepEqual([statements(a)[0][0], statements(b)[0][0]], [b.no, a.no]);

  const source = await reported(), patient = await reported();
  const path = `${patient.path}/tab/link/new`;
  await clients.hoken1.get(path);
  const other = spawn("deploy/stand.sh", ["psql", "-v", "ON_ERROR_STOP=1", "-f", "-"]); // somebody shares the source with another centre
  other.stdin.end(`BEGIN; UPDATE app.patient SET version = version + 1 WHERE patient_id = ${source.no};
    INSERT INTO app.access SELECT (jsonb_populate_record(a, jsonb_build_object('organisation_id', ${office("kasugai")}, 'relations', 4))).* FROM app.access a
     WHERE a.patient_id = ${source.no} AND a.organisation_id = ${office("hoken1")};
    DO $$ BEGIN PERFORM app.links_publish(ARRAY[${source.no}::bigint]); END $$; SELECT pg_sleep(2); COMMIT;`);
  const ended = new Promise((resolve) => other.on("exit", resolve));
  while (sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(2)%' AND wait_event = 'PgSleep'")[0][0] === "0") await new Promise((resolve) => setTimeout(resolve, 50));
  const answer = await clients.hoken1.post(path, { items: "link_certainty link_source_case link_found_on", link_found_on: "2022/10/4", link_source_case: source.id, link_certainty: "confirmed" });
  assert.deepEqual([await ended, answer.status], [0, 303]);
  assert.deepEqual(sql(`SELECT source_id FROM app.chain_edge WHERE organisation_id = ${office("kasugai")} AND patient_id = ${patient.no}`), [[source.no]]);
});

test("what a contact or an import says stands on the tab, with who and when, and may be withdrawn there", async () => {
  const source = await reported(), grid = `${source.path}/contacts`;
  await clients.hoken1.get(grid);
  assert.equal((await clients.hoken1.post(grid, { action: "save", columns: "contact_name", rows: "1", "no-0": "0", "row_version-0": "0", "seen-0": "", "contact_name-0": "陽性になる人" })).status, 303);
  const { id } = receipt(await clients.hoken1.post("/notification", { ...notification(), contact: `${source.id}-1` }));
  const patient = { id, path: `/patient/${id}`, no: hersys("id", id).split(" ")[0] };
  sql(`INSERT INTO app.patient_link SELECT patient_id, 2, source_id, '症例77', 'unknown', mark, 'import', NULL, false, 0, 0, now() FROM app.patient_link WHERE patient_id = ${patient.no}`);
  const tab = async (login) => (await clients[login].get(`${patient.path}/tab/link`)).text;
  const page = await tab("hoken1");
  for (const words of ["接触者からの陽性化", `href="${source.path}"`, "確定", "保健師", "取り込み", "症例77", "不明"]) assert.ok(page.includes(words), words);
  const form = (number) => page.match(new RegExp(`/link/${number}/withdraw"><input[^>]*><input type="hidden" name="form_id" value="([^"]+)"`))?.[1];
  assert.ok(form(1) && form(2));
  assert.ok(!(await tab("aichi")).includes("/withdraw"), "who only reads has no button");
  const withdraw = (login, number, form_id = "") => clients[login].post(`${patient.path}/link/${number}/withdraw`, { form_id });
  for (const [login, status] of [["aichi", 403], ["kuni", 403], ["sakura", 404], ["minato", 404]]) assert.equal((await withdraw(login, 1)).status, status, login);
  for (const number of ["0", "x"]) assert.equal((await withdraw("hoken1", number)).status, 404, number);
  assert.equal((await withdraw("hoken1", 9)).status, 409);
  const form_id = form(1);
  for (let i = 0; i < 2; i++) assert.equal((await withdraw("hoken1", 1, form_id)).status, 303, "pressed twice");
  assert.deepEqual(statements(patient).map((row) => row.slice(4)), [["f", "t"], ["t", "f"]], "the other one holds now");
  assert.equal((await withdraw("hoken1", 1)).status, 409, "it is withdrawn already");
  assert.match(await tab("hoken1"), /<s>接触者からの陽性化<\/s>（取消し）/);
  assert.ok((await clients.hoken1.get(`${patient.path}/history`)).text.includes("感染源の方のHER-SYS ID"));
  assert.deepEqual(sql(`SELECT count(*) FROM app.audit WHERE patient_id = ${patient.no} AND action = 'link_withdraw'`), [["1"]]);
});

test("when a patient goes for good, its links, edges and memberships go with it", async () => {
  const [a, b] = [await reported(), await reported()];
  await infectedBy(b, a);
  await clients.hoken1.get("/clusters/new");
  await clients.hoken1.post("/clusters/new", { version: "0", form_id: clients.hoken1.guard.form_id, name: "消える人の集団", kind: "other" });
  const [[cluster]] = sql("SELECT max(cluster_id) FROM app.cluster");
  for (const patient of [a, b]) {
    await clients.hoken1.get(`${patient.path}/tab/link`);
    assert.equal((await clients.hoken1.post(`${patient.path}/cluster`, { cluster, role: "user" })).status, 303);
  }
  const left = (patient) => sql(`SELECT (SELECT count(*) FROM app.patient_link WHERE patient_id = ${patient.no}), (SELECT count(*) FROM app.chain_edge
    WHERE patient_id = ${patient.no} OR source_id = ${patient.no}) > 0, (SELECT count(*) FROM app.cluster_member WHERE patient_id = ${patient.no}), (SELECT count(*) FROM app.cluster_revision WHERE patient_id = ${patient.no})`)[0];
  assert.deepEqual(left(b), ["1", "t", "1", "1"]);
  await clients.hoken1.get(`${b.path}/notification/1/delete`);
  assert.equal((await clients.hoken1.post(`${b.path}/notification/1/delete`, { reason: "試験" })).status, 303);
  sql(`UPDATE app.notification SET purge_after = now() - interval '1 hour' WHERE patient_id = ${b.no}`);
  await freshJobs();
  for (let i = 0; i < 300 && left(b)[0] !== "0"; i++) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(left(b), ["0", "f", "0", "0"]);
  assert.deepEqual(left(a), ["0", "f", "1", "1"]);
  assert.match((await clients.hoken1.get(`/clusters/${cluster}`)).text, /他の保健所の方を加えました/, "the history keeps that somebody came");
});
