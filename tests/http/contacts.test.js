// contacts.test.js - 接触者: the grid of a case, pasting, a household, the end of observation, the list of a centre, a contact who
// becomes a case; who may what on both walls, two people on one row, pressing twice.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { before, test } from "node:test";
import { signIn } from "./client.js";
import { asRole, hersys, sql } from "./database.js";
import { notification, receipt } from "./notify.js";

const clients = {};
const text = (html) => html.replace(/&amp;/g, "&").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&quot;/g, '"').replace(/&#39;/g, "'");
const tokyo = (days) => new Date(Date.now() + 9 * 3600e3 + days * 86400e3).toISOString().slice(0, 10);
const slashed = (iso) => iso.split("-").map(Number).join("/");

before(async () => {
  for (const login of ["sakura", "hoken1", "hoken2", "kasugai", "aichi", "nagoya", "kuni", "minato", "follow"]) clients[login] = await signIn(login);
});

async function reported(overrides) {
  const { id } = receipt(await clients.sakura.post("/notification", notification(overrides)));
  return { path: `/patient/${id}`, grid: `/patient/${id}/contacts`, plain: id, id: hersys("id", id).split(" ")[0] };
}

// The values of the grid's form as a browser would send them.
function fields(html) {
  const form = html.match(/<form method="post" action="\/patient[^]*?<\/form>/)[0], values = {};
  for (const [tag] of form.matchAll(/<input[^>]*>/g)) values[tag.match(/name="([^"]+)"/)[1]] = text(tag.match(/value="([^"]*)"/)[1]);
  for (const [, name, body] of form.matchAll(/<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)<\/textarea>/g)) values[name] = text(body);
  for (const [, name, body] of form.matchAll(/<select[^>]*name="([^"]+)"[^>]*>(.*?)<\/select>/g)) values[name] = body.match(/value="([^"]*)" selected/)?.[1] ?? "";
  return values;
}

// Row n gets these values, by the names of the items without their beginning.
const row = (n, values) => Object.fromEntries(Object.entries(values).map(([name, value]) => [`contact_${name}-${n}`, value]));

async function open(login, patient) {
  const page = await clients[login].get(patient.grid);
  assert.equal(page.status, 200, login);
  return fields(page.text);
}

const press = (login, patient, values, action = "save") => clients[login].post(patient.grid, { ...values, action });
const stored = (patient) => sql(`SELECT entry_no, version, items->>'contact_name' FROM app.entry WHERE patient_id = ${patient.id} AND tab = 'contact' AND withdrawn_at IS NULL ORDER BY entry_no`);
const watched = (patient) => sql(`SELECT entry_no, rank, until FROM app.contact_watch WHERE patient_id = ${patient.id} ORDER BY entry_no`);
const token = (login) => clients[login].cookies.get("__Host-sid");

async function enter(patient, ...contacts) {
  const values = await open("hoken1", patient);
  const first = Number(values.rows) - 10;
  const answer = await press("hoken1", patient, Object.assign(values, ...contacts.map((contact, i) => row(first + i, contact))));
  assert.equal(answer.status, 303, answer.text.match(/class="errors"[^]*?<\/div>/)?.[0]);
}

test("several contacts are entered and changed by one press, all or none, and the history has each", async () => {
  const patient = await reported();
  await enter(patient, { name: "金糸雀 一郎", relation: "work", phone: "０９０－１１１１－２２２２" }, { name: "金糸雀 二郎", close: "yes", last_on: "R4.10.1" });
  assert.deepEqual(stored(patient), [["1", "1", "金糸雀 一郎"], ["2", "1", "金糸雀 二郎"]]);
  let values = await open("hoken1", patient);
  assert.equal(values["contact_phone-0"], "090-1111-2222");
  assert.equal(values["contact_last_on-1"], "2022/10/1");
  const bad = await press("hoken1", patient, { ...values, ...row(0, { name: "改名" }), ...row(1, { last_on: "2022/13/45" }), ...row(2, { name: "三人目" }) });
  assert.equal(bad.status, 200);
  const again = fields(bad.text);
  assert.deepEqual([again["contact_name-0"], again["contact_last_on-1"], again["contact_name-2"]], ["改名", "2022/13/45", "三人目"], "nothing typed is lost");
  assert.match(bad.text, /日付として読み取れません|カレンダーにない日付/);
  assert.equal(stored(patient)[0][2], "金糸雀 一郎", "nothing was saved");
  assert.equal((await press("hoken1", patient, { ...again, ...row(1, { last_on: "2022/10/2" }) })).status, 303);
  assert.deepEqual(stored(patient), [["1", "2", "改名"], ["2", "2", "金糸雀 二郎"], ["3", "1", "三人目"]]);
  const history = (await clients.hoken1.get(`${patient.path}/history`)).text;
  for (const word of ["金糸雀 一郎", "改名", "三人目", "最終接触日"]) assert.ok(history.includes(word), word);
  assert.equal(sql(`SELECT count(*) FROM app.audit WHERE patient_id = ${patient.id} AND action IN ('entry_add', 'entry_change') AND detail = 'contact'`)[0][0], "3");
  values = await open("hoken1", patient);
  assert.match((await press("hoken1", patient, values)).text, /入力された行がありません/);
  const more = fields((await press("hoken1", patient, { ...values, ...row(3, { name: "書きかけ" }) }, "more")).text);
  assert.deepEqual([more.rows, more["contact_name-3"]], ["23", "書きかけ"]);
});

test("what the grid does not show stays as it was", async () => {
  const patient = await reported();
  await clients.hoken1.get(`${patient.path}/tab/contact/new`);
  const all = { contact_name: "全項目", contact_address: "名古屋市中区1-1", contact_close: "yes", contact_reasons: "near", contact_note: "一行目\n二行目" };
  assert.equal((await clients.hoken1.post(`${patient.path}/tab/contact/new`, { items: Object.keys(all).join(" "), ...all })).status, 303, "the day of contact is not asked for");
  const values = await open("hoken1", patient);
  assert.equal((await press("hoken1", patient, { ...values, ...row(0, { reached: "reached" }) })).status, 303);
  assert.deepEqual(sql(`SELECT items->>'contact_address', items->>'contact_note' = E'一行目\\n二行目', items->'contact_reasons' FROM app.entry WHERE patient_id = ${patient.id}`), [["名古屋市中区1-1", "t", '["near"]']]);
});

test("who may see and change the contacts, on both walls", async () => {
  const patient = await reported();
  await enter(patient, { name: "金糸雀 花子", close: "yes", last_on: "2022/10/1" });
  const values = await open("hoken1", patient);
  const page = await clients.hoken1.get(`${patient.path}/assignment`);
  const kasugai = sql("SELECT organisation_id FROM app.organisation WHERE code = 'H23206-1'")[0][0];
  const mine = sql(`SELECT responsible_id FROM app.patient WHERE patient_id = ${patient.id}`)[0][0];
  assert.equal(page.status, 200);
  assert.equal((await clients.hoken1.post(`${patient.path}/assignment`, { responsible: mine, related: kasugai })).status, 303);
  assert.equal(sql(`SELECT count(*) FROM app.patient_related WHERE patient_id = ${patient.id} AND organisation_id = ${kasugai}`)[0][0], "1");
  for (const [login, see, change] of [["hoken2", 200, 303], ["kasugai", 200, 403], ["aichi", 200, 403], ["nagoya", 200, 403], ["sakura", 403, 403], ["kuni", 403, 403], ["minato", 404, 404], ["follow", 404, 404]]) {
    const seen = await clients[login].get(patient.grid);
    assert.equal(seen.status, see, login);
    assert.equal(seen.text.includes("金糸雀 花子"), see === 200, login);
    assert.equal(/name="contact_name-0"/.test(seen.text), change === 303, `${login} has fields`);
    const mark = change === 303 ? { ...fields(seen.text), ...row(1, { name: "二人目" }) } : { ...values, csrf: clients[login].csrf, form_id: "", ...row(1, { name: "忍び込み" }) };
    assert.equal((await press(login, patient, mark)).status, change, `${login} changes`);
    const sees = asRole("staff", token(login), [`SELECT entry_no FROM app.entry WHERE patient_id = ${patient.id} AND tab = 'contact'`, `SELECT entry_no FROM app.contact_watch WHERE patient_id = ${patient.id}`,
      `SELECT app.contact_publish(${patient.id})`, `SELECT app.contact_watch_refresh(${patient.id})`, `DELETE FROM app.contact_watch`]);
    assert.equal(sees[0].rows.length > 0, see === 200, `${login} behind the curtain`);
    assert.equal(sees[1].rows.length > 0, login === "hoken2", `${login}: the list of the centre in charge`);
    assert.equal(sees[2].state, change === 303 ? undefined : "HS403", `${login} brings the list into step`);
    assert.deepEqual([sees[3].state, sees[4].state], ["42501", "42501"], login);
  }
  assert.deepEqual(stored(patient).map((r) => r[2]), ["金糸雀 花子", "二人目"]);
});

test("two people: rows that do not touch both hold; the same row is shown with both values, and pressing twice is once", async () => {
  const patient = await reported();
  await enter(patient, { name: "一人目", phone: "0520000001" }, { name: "二人目" });
  const first = await open("hoken1", patient), second = await open("hoken2", patient);
  assert.equal((await press("hoken1", patient, { ...first, ...row(0, { phone: "0520000009" }) })).status, 303);
  assert.equal((await press("hoken2", patient, { ...second, ...row(1, { relation: "work" }) })).status, 303, "the untouched row is no conflict");
  assert.deepEqual(stored(patient).map((r) => r[1]), ["2", "2"]);
  const third = await open("hoken1", patient), fourth = await open("hoken2", patient);
  assert.equal((await press("hoken1", patient, { ...third, ...row(0, { phone: "0521111111" }) })).status, 303);
  const clash = await press("hoken2", patient, { ...fourth, ...row(0, { phone: "0522222222" }), ...row(2, { name: "三人目" }) });
  assert.equal(clash.status, 200);
  assert.match(clash.text, /いま保存されている値：05?2-?1?/);
  const kept = fields(clash.text);
  assert.deepEqual([kept["contact_phone-0"].replaceAll("-", ""), kept["contact_name-2"]], ["0522222222", "三人目"]);
  assert.deepEqual(stored(patient).length, 2, "nothing was saved");
  assert.equal((await press("hoken2", patient, kept)).status, 303, "the second press is deliberate");
  assert.equal(sql(`SELECT items->>'contact_phone' FROM app.entry WHERE patient_id = ${patient.id} AND entry_no = 1`)[0][0], "0522222222");
  const fifth = { ...(await open("hoken1", patient)), ...row(0, { name: "二度押し" }), ...row(3, { name: "四人目" }) };
  for (let i = 0; i < 2; i++) assert.equal((await press("hoken1", patient, fifth)).status, 303);
  assert.deepEqual(stored(patient).map((r) => r[2]), ["二度押し", "二人目", "三人目", "四人目"]);
  const sixth = await open("hoken2", patient);
  await clients.hoken1.get(`${patient.path}/tab/contact`);
  assert.equal((await clients.hoken1.post(`${patient.path}/tab/contact/2/withdraw`, { entry_version: stored(patient)[1][1] })).status, 303);
  const gone = await press("hoken2", patient, { ...sixth, ...row(1, { name: "消えた人" }) });
  assert.match(gone.text, /ほかの人が取り消しました/);
  assert.equal(fields(gone.text)["contact_name-1"], "消えた人");
});

test("rows of a spreadsheet come into the grid; what is not understood is told at its cell; the second press saves", async () => {
  const patient = await reported();
  const pasted = ["氏名\tﾌﾘｶﾞﾅ\t続柄\t電話\t最終接触日\t濃厚接触\t住所\t血液型", "貼付 一\tハリ イチ\t同居家族\t090-3333-4444\t2022/9/30\t該当\t中区2-2\tA", "貼付 二\tはり に\tいとこ\tなし\t9月ごろ\t調査中\t\tB"].join("\n");
  const shown = await press("hoken1", patient, { ...(await open("hoken1", patient)), ...row(2, { name: "先に打った人" }), pasted }, "paste");
  assert.equal(shown.status, 200);
  assert.equal(stored(patient).length, 0, "nothing is saved yet");
  for (const words of [/2行を読み取りました（1行に直すところ/, /使わなかった列：血液型/, /「いとこ」は選択肢にありません/, /電話番号は数字で/, /日付として読み取れません/]) assert.match(shown.text, words);
  const values = fields(shown.text);
  assert.deepEqual(["name", "name", "kana", "relation", "address"].map((name, i) => values[`contact_${name}-${[0, 1, 1, 1, 1][i]}`]), ["先に打った人", "貼付 一", "ハリ イチ", "household", "中区2-2"]);
  assert.equal(values["contact_last_on-2"], "9月ごろ");
  assert.match((await press("hoken1", patient, values)).text, /赤い枠のところを直してください/);
  assert.equal((await press("hoken1", patient, { ...values, ...row(2, { relation: "other", phone: "", last_on: "2022/9/29" }) })).status, 303);
  assert.deepEqual(sql(`SELECT items->>'contact_name', items->>'contact_kana', items->>'contact_relation', items->>'contact_address' FROM app.entry WHERE patient_id = ${patient.id} ORDER BY entry_no`),
    [["先に打った人", "", "", ""], ["貼付 一", "ハリ イチ", "household", "中区2-2"], ["貼付 二", "ハリ ニ", "other", ""]]);
  const further = fields((await press("hoken1", patient, { ...(await open("hoken1", patient)), pasted: "氏名,住所\n貼付 三,中区3-3" }, "paste")).text);
  assert.equal((await press("hoken1", patient, further)).status, 303);
  assert.deepEqual(stored(patient).map((r) => r[1]), ["1", "1", "1", "1"], "rows that nobody touched are not written");
  const empty = await press("hoken1", patient, { ...(await open("hoken1", patient)), pasted: " \n\t\n" }, "paste");
  assert.match(empty.text, /読み取れる行がありません/);
});

test("a household is registered in one step, with what it shares, and its observation is reckoned", async () => {
  const patient = await reported({ phone: "09055556666" });
  const day = slashed(tokyo(-1));
  const wrong = await press("hoken1", patient, { ...(await open("hoken1", patient)), names: "同居 花子", names_day: slashed(tokyo(2)) }, "household");
  assert.equal(fields(wrong.text).names, "同居 花子");
  assert.match(wrong.text, /最終接触日（今日まで）/);
  assert.equal((await press("hoken1", patient, { ...fields(wrong.text), names: "同居 花子,ドウキョ ハナコ\n同居 次郎\n", names_day: day }, "household")).status, 303);
  assert.deepEqual(sql(`SELECT items->>'contact_name', items->>'contact_kana', items->>'contact_relation', items->>'contact_close', items->'contact_reasons', items->>'contact_phone', items->>'contact_address', since FROM app.entry WHERE patient_id = ${patient.id} ORDER BY entry_no`),
    [["同居 花子", "ドウキョ ハナコ", "household", "yes", '["living"]', "09055556666", "愛知県名古屋市中区栄1-1", tokyo(-1)], ["同居 次郎", "", "household", "yes", '["living"]', "09055556666", "愛知県名古屋市中区栄1-1", tokyo(-1)]]);
  assert.deepEqual(watched(patient), [["1", "0", tokyo(4)], ["2", "0", tokyo(4)]]);
  assert.ok((await clients.hoken1.get(patient.grid)).text.includes(`${slashed(tokyo(4))}まで：最終接触日から5日`));
});

test("the end of the observation follows the rule of the day of contact, and the centre may set another", async () => {
  const patient = await reported();
  const days = ["2022/1/13", "2022/1/14", "2022/1/28", "2022/7/21", "2022/7/22"];
  await enter(patient, ...days.map((last_on, i) => ({ name: `規則${i}`, last_on, close: "yes" })), { name: "自分で", last_on: "2022/7/22", observed_until: "2022/8/9" }, { name: "非該当", last_on: "2022/7/22", close: "no" }, { name: "日なし" });
  assert.deepEqual(watched(patient).map((r) => r[2]), ["2022-01-27", "2022-01-24", "2022-02-04", "2022-07-28", "2022-07-27", "2022-08-09", "-infinity"]);
  const page = (await clients.hoken1.get(patient.grid)).text;
  for (const words of ["2022/1/27まで：最終接触日から14日", "2022/1/24まで：最終接触日から10日", "2022/7/28まで：最終接触日から7日", "2022/8/9まで：保健所が決めた日"]) assert.ok(page.includes(words), words);
  assert.ok((await clients.hoken1.get("/contacts?show=ending")).status === 200);
  const early = await press("hoken1", patient, { ...(await open("hoken1", patient)), ...row(0, { observed_until: "2022/1/1" }) });
  assert.equal(early.status, 200, "an observation does not end before the contact");
});

test("the list of a centre: most urgent first, one press for what was done, counted on the page of the day", async () => {
  const patient = await reported(), mark = `一覧${patient.plain}`;
  await enter(patient, { name: `${mark}後`, close: "yes", last_on: slashed(tokyo(0)) }, { name: `${mark}先`, close: "yes", last_on: slashed(tokyo(-4)) }, { name: `${mark}済`, reached: "reached", close: "yes", last_on: slashed(tokyo(-5)) });
  const counts = async () => [...(await clients.hoken1.get("/")).text.matchAll(/<span>(未連絡の接触者|観察終了日の接触者)<\/span><strong>(\d+)/g)].map((m) => Number(m[2]));
  const before = await counts();
  const list = async (login = "hoken1", path = "/contacts") => (await clients[login].get(path)).text;
  const names = (html) => [...html.matchAll(new RegExp(`${mark}.`, "g"))].map((m) => m[0]).filter((name, i, all) => all.indexOf(name) === i);
  const recent = `/contacts?rank=0&until=${tokyo(-6)}&behind=${patient.plain}-1`; // behind whatever else waits here
  const page = await list("hoken1", recent);
  assert.deepEqual(names(page), [`${mark}先`, `${mark}後`, `${mark}済`]);
  assert.deepEqual(names(await list("hoken1", "/contacts?show=ending")), [`${mark}済`]);
  assert.match(page, /きょうまで/);
  const form = (name, press) => {
    const tr = page.match(new RegExp(`<tr><td><a[^>]*>${name}</a>[^]*?</tr>`))[0];
    return { press, ...Object.fromEntries([...tr.matchAll(/name="(form_id|contact|row_version)" value="([^"]+)"/g)].map((m) => [m[1], m[2]])) };
  };
  for (const [login, status] of [["kasugai", 403], ["aichi", 404], ["sakura", 404], ["minato", 404]])
    assert.equal((await clients[login].post("/contacts", form(`${mark}先`, "reached"))).status, status, `${login} presses`);
  assert.equal(sql(`SELECT count(*) FROM app.audit u JOIN app.account a USING (account_id) WHERE a.login = 'aichi' AND u.action = 'contact_list'
    AND u.outcome = 'denied'`)[0][0] > 0, true, "who is refused for its kind is in the trail");
  const pressed = form(`${mark}先`, "reached");
  for (let i = 0; i < 2; i++) assert.equal((await clients.hoken1.post("/contacts", pressed)).status, 303);
  assert.equal((await clients.hoken1.post("/contacts", { ...pressed, form_id: "" })).status, 409, "an old version");
  assert.equal((await clients.hoken1.post("/contacts", { ...pressed, press: "eaten" })).status, 400);
  const after = await counts();
  assert.deepEqual([after[0] - before[0], after[1] - before[1]], [-1, 0]);
  assert.equal((await clients.hoken1.post("/contacts", form(`${mark}済`, "ended"))).status, 303);
  assert.deepEqual(names(await list("hoken1", recent)), [`${mark}後`, `${mark}先`]);
  assert.equal((await counts())[1], before[1] - 1);
  assert.match((await clients.hoken1.get(`${patient.path}/history`)).text, /観察終了/);
  assert.deepEqual(sql(`SELECT DISTINCT action FROM app.audit WHERE patient_ids @> ARRAY[${patient.id}::bigint] AND action = 'contact_list'`), [["contact_list"]]);
  for (const login of ["aichi", "sakura", "kuni"]) assert.equal((await clients[login].get("/contacts")).status, 404, login);
  assert.ok(!(await list("kasugai")).includes(`${mark}後`));
});

test("the list follows the patient: handed over, deleted, restored", async () => {
  const patient = await reported();
  await enter(patient, { name: "移る人", close: "yes", last_on: slashed(tokyo(0)) });
  const office = () => sql(`SELECT o.code FROM app.contact_watch w JOIN app.organisation o USING (organisation_id) WHERE w.patient_id = ${patient.id}`).map((r) => r[0]);
  assert.deepEqual(office(), ["H23100-1"]);
  await clients.hoken1.get(`${patient.path}/notification/1/delete`);
  assert.equal((await clients.hoken1.post(`${patient.path}/notification/1/delete`, { reason: "試験" })).status, 303);
  assert.deepEqual(office(), []);
  assert.equal((await press("hoken1", patient, {})).status, 403, "a deleted patient is not written to");
  await clients.hoken1.get(`${patient.path}/notification/1`);
  assert.equal((await clients.hoken1.post(`${patient.path}/notification/1/restore`)).status, 303);
  assert.deepEqual(office(), ["H23100-1"]);
  const kasugai = sql("SELECT organisation_id FROM app.organisation WHERE code = 'H23206-1'")[0][0];
  await clients.hoken1.get(`${patient.path}/assignment`);
  assert.equal((await clients.hoken1.post(`${patient.path}/assignment`, { responsible: kasugai, agreed: "1" })).status, 303);
  assert.deepEqual(office(), ["H23206-1"]);
  assert.ok((await clients.kasugai.get("/contacts")).text.includes("移る人"));
});

test("a contact becomes a case: the form is begun, and both name each other", async () => {
  const patient = await reported();
  await enter(patient, { name: "昇格　花子", kana: "ショウカク ハナコ", close: "yes", last_on: slashed(tokyo(0)), phone: "09077778888" });
  const key = `${patient.plain}-1`;
  for (const [login, status] of [["kasugai", 404], ["sakura", 404], ["minato", 404], ["aichi", 403]])
    assert.equal((await clients[login].get(`/notification/new?contact=${key}`)).status, status, login);
  for (const bad of [`${patient.plain}-2`, `${patient.plain}-0`, "x", `${patient.plain}`]) assert.equal((await clients.hoken1.get(`/notification/new?contact=${bad}`)).status, 404, bad);
  const form = (await clients.hoken1.get(`/notification/new?contact=${key}`)).text;
  for (const [name, value] of [["family_name", "昇格"], ["given_name", "花子"], ["family_kana", "ショウカク"], ["given_kana", "ハナコ"], ["contact", key]]) assert.match(form, new RegExp(`name="${name}" value="${value}"`), name);
  assert.match(form, /name="phone" value="090-7777-8888"/);
  const draft = notification({ family_name: "昇格", given_name: "花子" });
  const answer = await clients.hoken1.post("/notification", { ...draft, contact: key });
  const { id } = receipt(answer), number = hersys("id", id).split(" ")[0];
  assert.deepEqual(sql(`SELECT items->>'contact_outcome', replace(items->>'contact_case_id', '-', ''), version FROM app.entry WHERE patient_id = ${patient.id}`), [["positive", id, "2"]]);
  assert.equal(sql(`SELECT replace(items->>'profile_source_case', '-', '') FROM app.entry WHERE patient_id = ${number} AND tab = 'profile'`)[0][0], patient.plain);
  assert.deepEqual(sql(`SELECT source_id, certainty, origin, mark, holds FROM app.patient_link WHERE patient_id = ${number}`), [[patient.id, "confirmed", "contact", "", "t"]]);
  assert.ok((await clients.hoken1.get(patient.grid)).text.includes(`href="/patient/${id}"`), "the contact leads to the new case");
  assert.ok((await clients.hoken1.get(`${patient.path}/tab/contact`)).text.includes(`href="/patient/${id}"`));
  assert.ok((await clients.hoken1.get(`/patient/${id}/tab/profile`)).text.includes(`href="${patient.path}"`), "and the case to where it comes from");
  assert.match((await clients.hoken1.get(`${patient.path}/history`)).text, /陽性化/);
  assert.deepEqual(watched(patient), [], "it is no contact under observation any more");
  assert.equal((await clients.hoken1.get(`/notification/new?contact=${key}`)).status, 404, "once");
  const second = receipt(await clients.hoken1.post("/notification", { ...notification(), contact: key }));
  assert.ok(second, "a report is never held up by its contact");
  const forged = receipt(await clients.sakura.post("/notification", { ...notification(), contact: key }));
  assert.ok(forged);
  assert.deepEqual(sql(`SELECT version FROM app.entry WHERE patient_id = ${patient.id}`), [["2"]], "and who may not write it changes nothing");
  const refused = asRole("staff", token("kasugai"), [`SELECT app.contact_promote(${patient.id}, 1, 'x', ${number}, 'y')`, `SELECT items->>'contact_case_id' FROM app.entry WHERE patient_id = ${patient.id}`]);
  assert.deepEqual(refused[1].rows, []);
});

test("more than a page of contacts: the next ones, and nothing of a foreign row is taken", async () => {
  const patient = await reported(), other = await reported();
  const pasted = Array.from({ length: 52 }, (_, i) => `人${i},ヒト,,,,非該当`).join("\n");
  const first = await press("hoken1", patient, { ...(await open("hoken1", patient)), pasted }, "paste");
  assert.match(first.text, /50行を読み取りました/);
  assert.match(first.text, /もう一度貼り付けて/);
  assert.equal((await press("hoken1", patient, fields(first.text))).status, 303);
  await enter(patient, { name: "人50", close: "no" }, { name: "人51", close: "no" });
  const page = (await clients.hoken1.get(patient.grid)).text;
  assert.equal([...page.matchAll(/name="no-\d+" value="[1-9]/g)].length, 50);
  const next = page.match(/href="([^"]+\?after=50)"/)[1];
  assert.ok((await clients.hoken1.get(next)).text.includes('value="人51"'));
  await enter(other, { name: "よその人" });
  const forged = { ...(await open("hoken1", patient)), "no-50": "99", "row_version-50": "1", "seen-50": "x", ...row(50, { name: "偽" }) };
  assert.match((await press("hoken1", patient, forged)).text, /ほかの人が取り消しました/);
});

test("two people save contacts of one case at the same moment: both are kept, and both are on the list", async () => {
  const patient = await reported();
  await enter(patient, { name: "同時 一", close: "yes" }, { name: "同時 二", close: "yes" });
  const values = { ...(await open("hoken1", patient)), ...row(0, { phone: "0521234567" }), ...row(2, { name: "同時 三", close: "yes" }) };
  // The other is in the middle of saving: the list is written, the transaction is not over.
  const other = spawn("deploy/stand.sh", ["psql", "-v", "ON_ERROR_STOP=1", "-f", "-"]);
  other.stdin.end(`BEGIN; UPDATE app.entry SET version = version + 1, items = items || '{"contact_relation": "work"}' WHERE patient_id = ${patient.id} AND entry_no = 2;
    DO $$ BEGIN PERFORM app.contact_watch_refresh(${patient.id}); END $$; SELECT pg_sleep(2); COMMIT;`);
  const ended = new Promise((resolve) => other.on("exit", resolve));
  while (sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(2)%' AND wait_event = 'PgSleep'")[0][0] === "0") await new Promise((resolve) => setTimeout(resolve, 50));
  const answer = await press("hoken1", patient, values);
  assert.equal(await ended, 0);
  assert.equal(answer.status, 303);
  assert.deepEqual(stored(patient), [["1", "2", "同時 一"], ["2", "2", "同時 二"], ["3", "1", "同時 三"]]);
  assert.deepEqual(sql(`SELECT entry_no, version, coalesce(phone, ''), coalesce(relation, '') FROM app.contact_watch WHERE patient_id = ${patient.id} ORDER BY 1`),
    [["1", "2", "0521234567", ""], ["2", "2", "", "work"], ["3", "1", "", ""]]);
  const written = () => sql(`SELECT xmin FROM app.contact_watch WHERE patient_id = ${patient.id} ORDER BY entry_no`).flat();
  const before = written();
  assert.equal((await press("hoken1", patient, { ...(await open("hoken1", patient)), ...row(2, { phone: "0529999999" }) })).status, 303);
  assert.deepEqual(written().map((xmin, i) => xmin === before[i]), [true, true, false], "only what differs is written");
});

test("a row whose cells are all cleared is told at the row; the household and the other rows stay as they are, and none comes twice", async () => {
  const patient = await reported();
  await enter(patient, { name: "消される人" }, { name: "残る人" });
  const cleared = { ...(await open("hoken1", patient)), ...row(0, { name: "" }), ...row(1, { phone: "0521234567" }) };
  const told = await press("hoken1", patient, cleared);
  assert.equal(told.status, 200);
  assert.match(told.text, /class="is-wrong"><th scope="row">1</);
  assert.match(told.text, /何も入力されていません。/);
  assert.equal(fields(told.text)["contact_phone-1"].replaceAll("-", ""), "0521234567");
  assert.deepEqual(stored(patient), [["1", "1", "消される人"], ["2", "1", "残る人"]], "nothing was saved");
  const day = slashed(tokyo(-1));
  const kept = await press("hoken1", patient, { ...fields(told.text), names: "家族 花子\n家族 次郎", names_day: day }, "household");
  assert.equal(kept.status, 200, "the first row still stands in the way");
  const values = fields(kept.text);
  assert.equal(values.names, "", "the names are rows now");
  assert.equal((await press("hoken1", patient, { ...values, ...row(0, { name: "書き直した人" }) })).status, 303);
  assert.deepEqual(stored(patient).map((r) => r[2]), ["書き直した人", "残る人", "家族 花子", "家族 次郎"]);
});

test("what stands in the boxes below the table is never thrown away", async () => {
  const patient = await reported();
  const begun = { ...(await open("hoken1", patient)), ...row(0, { name: "表の人" }) };
  for (const [box, text] of [["pasted", "氏名\t電話\n貼付 花子\t0521234567"], ["names", "家族 花子"]]) {
    const told = await press("hoken1", patient, { ...begun, [box]: text });
    assert.equal(told.status, 200, box);
    assert.match(told.text, /まだ表に入れていない文字/);
    assert.equal(fields(told.text)[box], text);
    assert.equal(fields(told.text)["contact_name-0"], "表の人");
  }
  const household = await press("hoken1", patient, { ...begun, names: "家族 花子", names_day: slashed(tokyo(-1)), pasted: "貼付 花子" }, "household");
  assert.match(household.text, /まだ表に入れていない文字/, "nor by the other button");
  assert.deepEqual([fields(household.text).pasted, fields(household.text)["contact_name-1"]], ["貼付 花子", "家族 花子"]);
  assert.equal((await press("hoken1", patient, { ...fields(household.text), pasted: " \n" })).status, 303);
  assert.deepEqual(stored(patient).map((r) => r[2]), ["表の人", "家族 花子"]);
});

test("cells of a sheet behind the last column are told by their number", async () => {
  const patient = await reported();
  const shown = await press("hoken1", patient, { ...(await open("hoken1", patient)), pasted: "貼付 一,,,,,,,,備考,十一月から,,\n" }, "paste");
  assert.match(shown.text, /使わなかった列：10列目/);
  const named = await press("hoken1", patient, { ...(await open("hoken1", patient)), names: "山田 花子,ヤマダ ハナコ,妻", names_day: slashed(tokyo(-1)) }, "household");
  assert.match(named.text, /使わなかった列：3列目/);
  assert.equal(stored(patient).length, 0);
});

test("who has no end of observation is not counted among those whose observation ends", async () => {
  const patient = await reported(), mark = `終未定${patient.plain}`;
  const ending = async () => Number((await clients.hoken1.get("/")).text.match(/<span>観察終了日の接触者<\/span><strong>(\d+)/)?.[1] ?? 0);
  const before = await ending();
  await enter(patient, { name: `${mark}無`, reached: "reached", close: "yes" }, { name: `${mark}有`, reached: "reached", close: "yes", last_on: slashed(tokyo(-5)) });
  assert.equal(await ending(), before + 1);
  const list = (await clients.hoken1.get("/contacts?show=ending")).text;
  assert.deepEqual([list.includes(`${mark}有`), list.includes(`${mark}無`)], [true, false]);
});
