// matrix.test.js - kind of organisation × relation × tab × action, over HTTP and again directly against the database.
//
// For every kind and every relation a patient is made whose only access row is that relation to an office of that kind. Then
// each tab is opened and each action tried, and what happened is compared with `hersys rights --csv` (which the unit tests
// compare with the seed). Every class of items has a canary of its own that must be seen where it may and nowhere else: on
// pages, in lists, and in what SQL can read of any column. Each look must stand in the trail as what it was.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { after, before, test } from "node:test";
import { Client, signIn } from "./client.js";
import { asRole, hersys, sql } from "./database.js";

const people = { ministry: ["kuni"], prefecture: ["aichi"], city: ["nagoya"], centre: ["hoken1"], clinic: ["sakura", "sakura-jimu"], followup: ["follow"], accommodation: ["shukuhaku"] };
const relations = ["reporter", "responsible", "related", "head_office", "prefecture", "nation", "admitting", "followup", "accommodation", "emergency"];
const canaries = { identity: "カナリア姓", contact: "愛知県名古屋市中区金糸雀1", clinical: "金糸雀備考", route: "金糸雀カラオケ", travel: "2021年6月1日", status: "金糸雀メモ", local: "金糸雀独自" };

const clients = {};
const right = new Map(); // "kind relation class" -> none | view | edit
let model; // the patient that every cell is cloned from
let version; // of its record
let other, third; // offices that the tested ones are not
let added; // an item that a head office has added to each tab of such, by the tab's name

const can = (kind, relation, cls, wanted) => {
  const has = right.get(`${kind} ${relation} ${cls}`) ?? "none";
  return has === "edit" || (wanted === "view" && has === "view");
};
const canSomehow = (kind, cls) => relations.some((relation) => can(kind, relation, cls, "view"));

// Copies of the model with one access row each: this office, this relation. Many at once, as each call of the database costs a process.
function clones(organisation, relation, count) {
  const bit = 1 << relations.indexOf(relation);
  const ids = sql(`SELECT nextval('app.patient_number') FROM generate_series(1, ${count})`).flat();
  const reporter = relation === "reporter" ? organisation : other;
  const responsible = relation === "responsible" ? organisation : other;
  sql(`BEGIN; ${ids.map((id) => {
    const copy = (table, patch) => `INSERT INTO app.${table} SELECT (jsonb_populate_record(t, jsonb_build_object('patient_id', ${id}) || '${patch}')).* FROM app.${table} t WHERE patient_id = ${model};`;
    return `${copy("patient", `{"responsible_id":${responsible},"received_by_id":${responsible}}`)} ${copy("notification", `{"reporter_id":${reporter}}`)} ${["notification_person", "test_record", "submission", "patient_status"].map((table) => copy(table, "{}")).join(" ")}
    INSERT INTO app.paper_issued (patient_id, paper_id, organisation_id, issued_by, issued_at, issued_on, kind, number, recipient, sealed_text) VALUES (${id}, '${crypto.randomUUID()}', ${other}, 1, now(), current_date, 'stay', '0000-00001', 'person', 'x');
    INSERT INTO app.entry (patient_id, tab, entry_no, items, organisation_id, entered_by, entered_at) VALUES (${id}, 'local', 1, '{"${added.local}":"金糸雀独自"}', ${other}, 1, now());
    INSERT INTO app.search_key (organisation_id, key, patient_id) VALUES (${organisation}, 't${phoneOf(id)}', ${id});
    INSERT INTO app.revision (patient_id, version, subject, at, account_id, organisation_id, before, after) SELECT ${id}, 1, 'status', now(), 1, ${other}, '{}', '{"status":"home","since":"2022-10-01"}';
    INSERT INTO app.access SELECT (jsonb_populate_record(a, jsonb_build_object('patient_id', ${id}, 'organisation_id', ${organisation}, 'relations', ${bit}, 'responsible_id', ${responsible}, 'reporter_id', ${reporter}))).* FROM app.access a WHERE a.patient_id = ${model} AND a.organisation_id = ${other};`;
  }).join("\n")} COMMIT;`);
  return hersys("id", ...ids).trim().split("\n").map((line, i) => ({ id: ids[i], path: `/patient/${line.split(" ")[1]}` }));
}

// A telephone number by which only this patient is found.
const phoneOf = (id) => `07${String(id).padStart(8, "0")}`;

const accommodation = sql("SELECT code FROM app.organisation WHERE kind = 'accommodation' ORDER BY 1 LIMIT 1")[0][0];
const organisationOf = (login) => sql(`SELECT organisation_id FROM app.account WHERE login = '${login}'`)[0][0];

before(async () => {
  for (const line of hersys("rights", "--csv").trim().split("\n").slice(1)) {
    const [kind, relation, , cls, value] = line.split(",");
    right.set(`${kind} ${relation} ${cls}`, value);
  }
  for (const login of Object.values(people).flat()) clients[login] = await signIn(login);
  // The model is a real report by an uninvolved clinic to an uninvolved centre, with a canary in every class.
  const kodomo = await signIn("kodomo");
  other = organisationOf("kasugai");
  added = Object.fromEntries(["local", "local_shared"].map((tab) => [tab, "local_" + sql(`INSERT INTO app.local_item (owner_id, tab, kind, label, hint, unit, least, most, choices, place, created_by, created_at, saved_by, saved_at)
    SELECT organisation_id, '${tab}', 'text', '升目の項目', '', '', 0, 0, '[]', 1, 1, now(), 1, now() FROM app.organisation WHERE code = 'P23' RETURNING item_id`)[0][0]]));
  [[third]] = sql("SELECT organisation_id FROM app.organisation WHERE kind = 'centre' AND NOT laboratory AND prefecture_code = '01' ORDER BY 1 LIMIT 1");
  const form = await kodomo.get("/notification/new");
  const draft = form.text.match(/name="draft_id" value="([^"]+)"/)[1];
  const values = { family_name: canaries.identity, given_name: "花", sex: "female", birth_date: "1980-01-02", home_address: canaries.contact, stay_address: canaries.contact,
    phone: "09011112222", category: "confirmed", diagnosis_date: "2021-06-10", remarks: canaries.clinical, place_kind: "karaoke", place_name: canaries.route,
    entry_date: "2021-06-01", passport_number: "CANARY77", nationality: "JP", test1_method: "naat", test1_result: "positive" };
  const answer = await kodomo.post("/notification", { action: "report", draft_id: draft, kind: "new", patient: "", no: "", base_version: "", form: "2021-02", short: "", deemed: "", items: Object.keys(values).join(" "), ...values });
  assert.match(answer.location ?? "", /receipt/, answer.text.slice(0, 2000));
  model = hersys("id", answer.location.match(/patient\/(\d+)/)[1]).split(" ")[0];
  const kasugai = await signIn("kasugai");
  await kasugai.get(`/patient/${answer.location.match(/patient\/(\d+)/)[1]}/status`);
  const status = await kasugai.post(`/patient/${answer.location.match(/patient\/(\d+)/)[1]}/status`, { status: "home", since: "2022/10/1", note: canaries.status });
  assert.equal(status.status, 303);
  [[version]] = sql(`SELECT version FROM app.patient WHERE patient_id = ${model}`);
});

after(() => sql("UPDATE app.local_item SET retired_at = now() WHERE label = '升目の項目'"));

// The tabs, the class that opens each, and the canaries that may stand there.
const tabs = [
  { below: "", look: "notification_view", opens: "clinical", shows: ["identity", "contact", "clinical", "route", "travel"] },
  { below: "/notification/1", look: "notification_view", opens: "clinical", shows: ["identity", "contact", "clinical", "route", "travel"] },
  { below: "/notification/1/receipt", look: "receipt_view", opens: "clinical", shows: ["identity"] },
  { below: "/notification/1/print.pdf", look: "print", opens: "clinical", shows: [] }, // its text is compressed: see print.test.js
  { below: "/notification/1/receipt.pdf", look: "print_receipt", opens: "clinical", shows: [] },
  { below: "/status", look: "status_view", opens: "status", shows: ["identity", "status"] },
  { below: "/assignment", look: "assignment_view", opens: "assignment", shows: ["identity"] },
  { below: "/history", look: "history_view", opens: "history", shows: ["identity"] },
  { below: "/viewers", look: "viewers_view", opens: "viewers", shows: ["identity"] },
  { below: "/tab/local", look: "local_view", opens: "local", shows: ["identity", "local"] },
  { below: "/tab/local_shared", look: "local_shared_view", opens: "local_shared", shows: ["identity"] },
  { below: "/papers", look: "papers_view", opens: "papers", shows: ["identity"] },
  { below: "/tab/observation", look: "observation_view", opens: "observation", shows: ["identity"] },
];

// What the trail says of who asked to see each of some patients, in order.
function looks(patients) {
  const rows = sql(`SELECT patient_id, action || ' ' || outcome FROM app.audit WHERE patient_id IN (${patients.map(({ id }) => id)}) ORDER BY at`);
  return patients.map((patient) => rows.filter(([id]) => id === patient.id).map(([, look]) => look));
}

// The labels of a list. Wall one knows the kind of organisation; what a relation leaves out, the database has left empty.
const labels = { identity: canaries.identity, clinical: "患者（確定例）", confirmation: "未確認", status: "自宅療養中" };

// The actions: what is posted, the class whose edit right they need, and what SQL counts when they happened.
const changed = (query) => (id) => query.replaceAll("$", id);
const actions = [
  { name: "edit", look: "notification_open", below: "/notification/1/edit", method: "get", needs: "clinical", also: [] },
  { name: "add", look: "notification_open", below: "/notification/1/add", method: "get", needs: "clinical", also: [] },
  { name: "confirm", look: "confirm_open", below: "/notification/1/confirm", needs: "confirmation", also: ["clinical"], fields: {}, state: changed("SELECT count(*) FROM app.notification WHERE patient_id = $ AND confirmed_at IS NOT NULL") },
  { name: "status", below: "/status", needs: "status", also: [], fields: { status: "hotel", since: "2022/10/2" }, state: changed("SELECT count(*) FROM app.patient_status WHERE patient_id = $ AND status = 'hotel'") },
  { name: "withdraw", below: "/status/withdraw", needs: "status", also: [], fields: { number: "1" }, state: changed("SELECT count(*) FROM app.patient_status WHERE patient_id = $ AND withdrawn_at IS NOT NULL") },
  { name: "observe", below: "/tab/observation/new", needs: "observation", also: [], fields: { items: "observation_on observation_temperature", observation_on: "2022/10/2", observation_temperature: "36.6" }, state: changed("SELECT count(*) FROM app.entry WHERE patient_id = $ AND tab = 'observation'") },
  { name: "assign", below: "/assignment", needs: "assignment", also: [], fields: () => ({ responsible: other, agreed: "1" }), state: changed("SELECT count(*) FROM app.revision WHERE patient_id = $ AND subject = 'assignment'") },
  { name: "handover", below: "/handover", needs: "assignment", also: [], fields: () => ({ to: third, reason: "試験" }), state: changed("SELECT count(*) FROM app.handover WHERE patient_id = $") },
  { name: "grant", below: "/grant", needs: "assignment", also: [], fields: () => ({ kind: "accommodation", code: accommodation }), state: changed("SELECT count(*) FROM app.patient_grant WHERE patient_id = $") },
  ...[["local", "1"], ["local_shared", "new"]].map(([tab, entry]) => ({ name: tab, below: `/tab/${tab}/${entry}`, needs: tab, also: [], fields: () => ({ items: added[tab], entry_version: entry === "new" ? "0" : entry, [added[tab]]: "x" }), state: changed(`SELECT count(*) FROM app.entry WHERE patient_id = $ AND tab = '${tab}' AND items ->> (SELECT 'local_' || max(item_id) FROM app.local_item WHERE tab = '${tab}' AND label = '升目の項目') = 'x'`) })),
  { name: "issue", look: "papers_open", below: "/papers/issue.pdf", page: "/papers?kind=work_restriction", needs: "papers", also: [], ok: 200, fields: { kind: "work_restriction", v_restricted_until: "2022/10/9" }, state: changed("SELECT count(*) FROM app.paper_issued WHERE patient_id = $ AND kind = 'work_restriction'") },
  { name: "delete", look: "delete_open", below: "/notification/1/delete", needs: "deletion", also: ["clinical"], fields: () => ({ reason: "試験", version }), state: changed("SELECT count(*) FROM app.notification WHERE patient_id = $ AND deleted_at IS NOT NULL") },
  { name: "restore", look: "restore_open", below: "/notification/1/restore", needs: "restoration", also: ["clinical"], fields: {}, prepare: (id) => sql(`UPDATE app.notification SET deleted_at = now(), purge_after = now() + interval '1 day' WHERE patient_id = ${id}; UPDATE app.access SET sealed = true WHERE patient_id = ${id}`), state: changed("SELECT count(*) FROM app.notification WHERE patient_id = $ AND deleted_at IS NULL") },
];

for (const [kind, logins] of Object.entries(people))
  for (const login of logins)
    for (const relation of relations)
      test(`${login} (${kind}) as ${relation}: tabs and actions over HTTP`, async () => {
        const client = clients[login], organisation = organisationOf(login);
        const [patient, ...targets] = clones(organisation, relation, 1 + actions.length);
        for (const tab of tabs) {
          const page = await client.get(patient.path + tab.below);
          const allowed = can(kind, relation, tab.opens, "view");
          assert.equal(page.status, allowed ? 200 : 403, `${tab.below} opens`);
          for (const [cls, canary] of Object.entries(canaries)) {
            const expected = allowed && tab.shows.includes(cls) && can(kind, relation, cls, "view");
            assert.equal(page.text.includes(canary), expected, `${cls} on ${tab.below}`);
          }
        }
        assert.deepEqual(looks([patient])[0], tabs.map((tab) => `${tab.look} ${can(kind, relation, tab.opens, "view") ? "allowed" : "denied"}`));
        client.cookies.set("__Host-past", "1"); // the model is past information
        for (const page of [await client.get("/patients"), await client.post("/search", { key: phoneOf(patient.id), birth: "" })]) {
          const row = page.text.split("<tr>").find((text) => text.includes(`${patient.path}"`));
          assert.ok(row, "the patient is in the list");
          for (const [cls, label] of Object.entries(labels)) assert.equal(row.includes(label), canSomehow(kind, cls), `${cls} in a list`);
        }
        const allowedTo = (action) => can(kind, relation, action.needs, "edit") && action.also.every((cls) => can(kind, relation, cls, "view"));
        for (const [i, action] of actions.entries()) {
          const target = targets[i], allowed = allowedTo(action);
          action.prepare?.(target.id);
          const fields = typeof action.fields === "function" ? action.fields() : action.fields;
          if (action.page) await client.get(target.path + action.page); // what is pressed there must have been shown
          const answer = action.method === "get" ? await client.get(target.path + action.below) : await client.post(target.path + action.below, fields);
          const done = answer.status === (action.ok ?? (action.method === "get" ? 200 : 303));
          assert.equal(done, allowed, `${action.name}: ${answer.status}`);
          if (!allowed) assert.ok([403, 404].includes(answer.status), `${action.name}: ${answer.status}`);
        }
        const seen = looks(targets);
        const [states] = sql(`SELECT ${actions.map((action, i) => (action.state ? `(${action.state(targets[i].id)})` : "NULL"))}`);
        for (const [i, action] of actions.entries()) {
          if (action.look) assert.equal(seen[i][0], `${action.look} ${allowedTo(action) ? "allowed" : "denied"}`);
          if (action.state) assert.equal(states[i] !== "0", allowedTo(action), `${action.name} left its mark`);
        }
      });

// The same cells in SQL: what the role of the workers can do with this session's token, past all C code.
const reads = { patient: ["identity", "contact"], notification: ["clinical"], notification_person: ["identity", "contact"], test_record: ["clinical"], submission: ["clinical"], patient_status: ["status"], revision: ["history"], audit: ["viewers"], paper_issued: ["papers"], entry: ["local"] };
// Row-level security knows tabs: route and travel stand in the half of a notification that is the illness.
const readAs = { identity: "identity", contact: "contact", clinical: "clinical", route: "clinical", travel: "clinical", status: "status", local: "local" };
const writes = [
  ...["local", "local_shared"].map((tab) => ({ cls: [tab], text: (id) => `WITH x AS (INSERT INTO app.entry (patient_id, tab, entry_no, items, organisation_id, entered_by, entered_at) VALUES (${id}, '${tab}', 9, '{}', app.organisation_now(), app.account_now(), now()) RETURNING 1) SELECT count(*) FROM x` })),
  { cls: ["identity", "contact"], text: (id) => `WITH x AS (UPDATE app.patient SET occupation = 'x' WHERE patient_id = ${id} RETURNING 1) SELECT count(*) FROM x` },
  { cls: ["contact"], also: "clinical", text: (id) => `WITH x AS (UPDATE app.notification_person SET stay_phone = 'x' WHERE patient_id = ${id} RETURNING 1) SELECT count(*) FROM x` },
  { cls: ["identity", "contact", "clinical", "status", "confirmation", "assignment", "deletion", "restoration"], text: (id) => `SELECT 1 FROM (SELECT app.patient_bump(${id}, ${version})) y` },
  { cls: [], text: (id) => `UPDATE app.patient SET version = 99 WHERE patient_id = ${id}` },
  { cls: ["clinical"], text: (id) => `WITH x AS (UPDATE app.notification SET remarks = 'x' WHERE patient_id = ${id} RETURNING 1) SELECT count(*) FROM x` },
  { cls: ["clinical"], text: (id) => `WITH x AS (INSERT INTO app.notification (patient_id, notification_no, form_version, reporter_id, entered_by, reported_at) VALUES (${id}, 9, '2021-02', app.organisation_now(), app.account_now(), now()) RETURNING 1) SELECT count(*) FROM x` },
  { cls: ["confirmation"], also: "clinical", text: (id) => `WITH x AS (UPDATE app.notification SET confirmed_at = now() WHERE patient_id = ${id} RETURNING 1) SELECT count(*) FROM x` },
  { cls: ["status"], text: (id) => `WITH x AS (INSERT INTO app.patient_status (patient_id, status_no, status, since, entered_by, entered_at) VALUES (${id}, 9, 'home', now(), app.account_now(), now()) RETURNING 1) SELECT count(*) FROM x` },
  { cls: ["deletion"], text: (id) => `SELECT 1 FROM (SELECT app.notification_seal(${id}, 1, 'x')) y` },
  { cls: ["assignment"], text: (id) => `SELECT 1 FROM (SELECT app.patient_assign(${id}, ${other}, '{}')) y` },
  { cls: ["assignment"], text: (id) => `SELECT 1 FROM (SELECT app.handover_request(${id}, ${third}, 'x')) y` },
  { cls: [], text: (id) => `SELECT 1 FROM (SELECT app.handover_decide(${id}, 1, 'accepted', '')) y` },
  { cls: ["assignment"], text: (id) => `SELECT 1 FROM (SELECT app.grant_link(${id}, (SELECT organisation_id FROM app.organisation WHERE code = '${accommodation}'), 256, NULL)) y` },
  // Whoever reads the reports of all has no need; a reporter reads its own alone.
  { opens: true, text: (id) => `SELECT 1 FROM (SELECT app.emergency_open(${id}, 'x')) y` },
  { cls: [], text: (id) => `INSERT INTO app.patient_grant (patient_id, grant_no, organisation_id, relation, emergency, reason, granted_by, granted_at) VALUES (${id}, 9, app.organisation_now(), 512, true, 'x', app.account_now(), now())` },
  { cls: ["papers"], text: (id) => `SELECT 1 FROM (SELECT app.paper_issue('stay', 'x', NULL, NULL, current_date, '[{"patient_id":${id},"version":${version},"paper_id":"${crypto.randomUUID()}","recipient":"person","sealed_text":"x"}]')) y` },
  { cls: [], text: (id) => `INSERT INTO app.paper_issued (patient_id, paper_id, organisation_id, issued_by, issued_at, issued_on, kind, number, recipient, sealed_text) VALUES (${id}, '${crypto.randomUUID()}', app.organisation_now(), app.account_now(), now(), current_date, 'stay', '1', 'person', 'x')` },
  { cls: [], text: (id) => `DELETE FROM app.patient WHERE patient_id = ${id}` },
  { cls: [], text: (id) => `DELETE FROM app.notification WHERE patient_id = ${id}` },
  { cls: [], text: (id) => `UPDATE app.access SET relations = 2 WHERE patient_id = ${id}` },
  { cls: [], text: (id) => `INSERT INTO app.access (organisation_id, patient_id, relations, listed_at, reporter_id, responsible_id) VALUES (app.organisation_now(), ${id}, 2, now(), 1, 1)` },
  { cls: [], text: (id) => `UPDATE app.patient SET responsible_id = app.organisation_now() WHERE patient_id = ${id}` },
  { cls: [], text: (id) => `UPDATE app.audit SET detail = 'x' WHERE patient_id = ${id}` },
  { cls: [], text: (id) => `DELETE FROM app.audit WHERE patient_id = ${id}` },
];

for (const [kind, [login]] of Object.entries(people))
  for (const relation of relations)
    test(`${login} (${kind}) as ${relation}: directly against the database`, () => {
      const token = clients[login].cookies.get("__Host-sid");
      const [{ id }] = clones(organisationOf(login), relation, 1);
      sql(`INSERT INTO app.audit (shard, seq, at, account_id, organisation_id, session_tag, action, outcome, patient_id, detail, hash) VALUES (99, ${id}, now(), 1, ${other}, '', 'notification_view', 'allowed', ${id}, '', '')`);
      try {
        const counts = asRole("staff", token, Object.keys(reads).map((table) => `SELECT count(*) FROM app.${table} WHERE patient_id = ${id}`));
        Object.entries(reads).forEach(([table, classes], i) => {
          const expected = classes.some((cls) => can(kind, relation, cls, "view")) && (table !== "notification_person" || can(kind, relation, "clinical", "view"));
          assert.equal(Number(counts[i].rows?.[0] ?? 0) > 0, expected, `${table} is read`);
        });
        // A frozen report keeps the person as it stood; nothing of it may come out by any column of any table.
        sql(`UPDATE app.notification_person SET frozen_items = '{"family_name":"${canaries.identity}"}' WHERE patient_id = ${id}`);
        const dumps = asRole("staff", token, Object.keys(reads).map((table) => `SELECT row_to_json(t) FROM app.${table} t WHERE patient_id = ${id}`));
        const all = dumps.flatMap((dump) => dump.rows ?? []).join("\n").replaceAll("2021-06-01", canaries.travel);
        for (const [cls, canary] of Object.entries(canaries)) assert.equal(all.includes(canary), can(kind, relation, readAs[cls], "view"), `${cls} by any column`);
        assert.ok(!all.includes("CANARY77"), "the passport is sealed");
        const results = asRole("staff", token, writes.map((write) => write.text(id)));
        writes.forEach((write, i) => {
          const expected = write.opens ? ["clinic", "centre"].includes(kind) && (relation === "reporter" || !can(kind, relation, "clinical", "view"))
            : write.cls.some((cls) => can(kind, relation, cls, "edit")) && (!write.also || can(kind, relation, write.also, "edit"));
          const done = results[i].rows?.at(-1) === "1";
          assert.equal(done, expected, `${write.text(id).slice(0, 90)} -> ${JSON.stringify(results[i])}`);
        });
      } finally {
        sql(`DELETE FROM app.audit WHERE shard = 99 AND seq = ${id}`);
      }
    });

test("the labels of a list are left empty for whom they are not meant", () => {
  // By the masks of the tabs, for every kind and relation ...
  const masks = { person: ["identity", "contact"], illness: ["clinical"], confirmation: ["confirmation"], status: ["status"] };
  const found = sql(`SELECT kind, ${Object.keys(masks).join(", ")} FROM app.label_right`);
  assert.equal(found.length, Object.keys(people).length);
  for (const [kind, ...bits] of found)
    Object.values(masks).forEach((classes, i) => relations.forEach((relation, bit) =>
      assert.equal((bits[i] >> bit & 1) === 1, classes.some((cls) => can(kind, relation, cls, "view")), `${kind} ${relation} ${classes}`)));
  // ... and in the rows that a report and a status have left behind.
  const columns = { identity: ["name", "kana", "birth_date"], clinical: ["category", "diagnosis_date", "deemed"], confirmation: ["confirmed"], status: ["status", "status_since"] };
  const names = Object.entries(columns).flatMap(([cls, list]) => list.map((name) => [cls, name]));
  const rows = sql(`SELECT o.kind, a.relations, ${names.map(([, name]) => `a.${name} IS NOT NULL`).join(", ")} FROM app.access a JOIN app.organisation o USING (organisation_id) WHERE a.patient_id = ${model}`);
  assert.deepEqual(rows.map(([kind]) => kind).sort(), ["centre", "clinic", "ministry", "prefecture"]);
  for (const [kind, bits, ...given] of rows)
    names.forEach(([cls, name], i) => {
      const may = relations.some((relation, bit) => (bits >> bit & 1) === 1 && can(kind, relation, cls, "view"));
      assert.equal(given[i] === "t", may && name !== "kana", `${name} for ${kind}`); // the model has no kana
    });
});

test("without a session, with a foreign or an ended one, no role sees a patient", () => {
  const tables = ["patient", "notification", "notification_person", "test_record", "submission", "patient_status", "patient_related", "revision", "access", "todo", "search_key", "audit", "draft", "receipt", "form_template", "same_pair", "same_link", "same_merge", "paper_issued", "paper_list"];
  for (const token of [null, "0".repeat(64), "'; DROP TABLE app.patient; --".replaceAll("'", "")]) {
    const counts = asRole("staff", token, tables.map((table) => `SELECT count(*) FROM app.${table}`));
    tables.forEach((table, i) => assert.deepEqual(counts[i], { rows: ["0"] }, table));
  }
  for (const role of ["door", "public"]) {
    const counts = asRole(role, null, tables.map((table) => `SELECT count(*) FROM app.${table}`));
    tables.forEach((table, i) => assert.equal(counts[i].state, "42501", `${role} reads ${table}`));
  }
  const credentials = ["account_totp", "account_passkey", "recovery_code", "account_letter", "session", "sign_in", "proof"];
  const asStaff = asRole("staff", null, [...credentials.map((table) => `SELECT count(*) FROM app.${table}`), "SELECT password_hash FROM app.account"]);
  asStaff.forEach((result, i) => assert.equal(result.state, "42501", credentials[i] ?? "password_hash"));
});

test("nobody passes without a session, and no form is taken from elsewhere", async () => {
  const nobody = new Client();
  const [{ path }] = clones(organisationOf("hoken1"), "responsible", 1);
  for (const below of ["", "/status", "/assignment", "/history", "/viewers", "/notification/1/edit"])
    assert.equal((await nobody.get(path + below)).location, "/sign-in", below);
  const hoken = clients.hoken1;
  assert.equal((await hoken.post(`${path}/notification/1/confirm`, {}, { origin: "https://elsewhere.example" })).status, 400);
  assert.equal((await hoken.post(`${path}/notification/1/confirm`, { csrf: "0".repeat(64) })).status, 400);
  assert.equal((await hoken.request("GET", `${path}/notification/1/confirm`)).status, 404);
});
