// papers.test.js - 文書 over plain HTTPS against a running stand: a head office writes the text, a centre gives the paper out, and
// the log knows to whom, when and with which text, before the paper exists.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { Client, signIn } from "./client.js";
import { asRole, hersys, sql, sqlHolding } from "./database.js";
import { notification, receipt, stranger } from "./notify.js";

const clients = {};
const kinds = ["work_restriction", "admission", "release", "stay", "contact_notice", "certificate"];
const typed = { v_restricted_until: "R4.10.11" };

const words = (pdf) => execFileSync("pdftotext", ["-layout", "-", "-"], { input: pdf }).toString("utf8").replace(/[\s\u3000\u00A0]+/g, "");
const pages = (pdf) => Number(execFileSync("pdfinfo", ["-"], { input: pdf }).toString("utf8").match(/Pages: +(\d+)/)[1]);
const organisation = (login) => one(`SELECT organisation_id FROM app.account WHERE login = '${login}'`);
const one = (query) => sql(query)[0]?.[0];

before(async () => {
  for (const login of ["sakura", "hoken1", "hoken2", "kasugai", "nagoya", "aichi", "kuni", "minato"]) clients[login] = await signIn(login);
});

// The centre goes back to the built-in text, for whoever comes next.
after(() => sql("DELETE FROM app.paper_template WHERE kind = 'release'"));

// A fresh report of the clinic, whose centre is that of hoken1.
async function reported(fields = {}) {
  const made = receipt(await clients.sakura.post("/notification", notification({ given_name: "紙", birth_date: "1980-01-02", ...fields })));
  return { path: `/patient/${made.id}`, id: hersys("id", made.id).split(" ")[0], number: made.id };
}

// A press on the page of one kind, as somebody who has just opened it.
async function issue(login, patient, kind, fields = {}) {
  await clients[login].get(`${patient.path}/papers?kind=${kind}${fields.contact ? `&contact=${fields.contact}` : ""}`);
  return clients[login].post(`${patient.path}/papers/issue.pdf`, { kind, ...fields });
}
const rows = (patient) => sql(`SELECT kind, number, recipient, reprint_of IS NOT NULL, template_version FROM app.paper_issued WHERE patient_id = ${patient.id} ORDER BY issued_at`);

async function confirm(patient) {
  await clients.hoken1.get(patient.path);
  assert.equal((await clients.hoken1.post(`${patient.path}/notification/1/confirm`)).status, 303);
}

async function entry(patient, tab, items) {
  await clients.hoken1.get(`${patient.path}/tab/${tab}/new`);
  const answer = await clients.hoken1.post(`${patient.path}/tab/${tab}/new`, { items: Object.keys(items).join(" "), ...items });
  assert.equal(answer.status, 303, answer.text);
}

test("what is missing is marked and refused, and nothing typed is lost; then it is issued, and logged before it is given out", async () => {
  const patient = await reported();
  const preview = await clients.hoken1.get(`${patient.path}/papers?kind=work_restriction`);
  assert.match(preview.text, /is-missing[\s\S]*〔就業制限の終わり：未入力〕/);
  const refused = await issue("hoken1", patient, "work_restriction");
  assert.match(refused.text, /未入力の項目があります：就業制限の終わり/);
  const unread = await issue("hoken1", patient, "work_restriction", { v_restricted_until: "いつか" });
  assert.match(unread.text, /就業制限の終わりを読み取れません[\s\S]*value="いつか"/);
  assert.deepEqual(rows(patient), []);
  const answer = await issue("hoken1", patient, "work_restriction", typed);
  assert.equal(answer.headers.get("content-type"), "application/pdf");
  assert.match(decodeURIComponent(answer.headers.get("content-disposition")), /''就業制限通知\.pdf$/);
  const [[kind, number, recipient]] = rows(patient);
  assert.deepEqual([kind, recipient], ["work_restriction", "person"]);
  const text = words(answer.bytes);
  for (const word of ["就業制限通知書", "負荷紙様", "昭和55年1月2日", "令和4年10月1日", "令和4年10月11日まで", "第18条", `第${number}号`, "名古屋市保健所"]) assert.ok(text.includes(word), `${word} in ${text}`);
  assert.equal(pages(answer.bytes), 1);
  const log = await clients.hoken1.get(`${patient.path}/papers`);
  assert.match(log.text, new RegExp(`就業制限通知[\\s\\S]*${number}[\\s\\S]*本人[\\s\\S]*負荷　紙`));
  assert.match((await clients.hoken1.get("/papers/issued")).text, new RegExp(`${number}[\\s\\S]*負荷`));
  assert.match((await clients.hoken1.get(`${patient.path}/history`)).text, new RegExp(`文書を発行[\\s\\S]*第${number}号`));
  assert.ok(!one(`SELECT sealed_text FROM app.paper_issued WHERE patient_id = ${patient.id}`).includes("負荷"), "what was printed is sealed");
  assert.deepEqual(sql(`SELECT action, outcome FROM app.audit WHERE patient_id = ${patient.id} AND action LIKE 'paper%' ORDER BY at DESC LIMIT 2`),
    [["papers_view", "allowed"], ["paper_issue", "allowed"]]);
});

test("a second press of the same form gives nothing out again", async () => {
  const patient = await reported();
  await clients.hoken1.get(`${patient.path}/papers?kind=work_restriction`);
  const form = { ...clients.hoken1.guard, kind: "work_restriction", ...typed };
  assert.equal((await clients.hoken1.post(`${patient.path}/papers/issue.pdf`, form)).status, 200);
  const again = await clients.hoken1.post(`${patient.path}/papers/issue.pdf`, form);
  assert.match(again.location, /papers\?notice=paper_issued_before$/);
  assert.equal(rows(patient).length, 1);
});

test("a reprint has the same words, although the record has changed, is marked, and has a row of its own", async () => {
  const patient = await reported();
  const first = await issue("hoken1", patient, "work_restriction", typed);
  sql(`UPDATE app.patient SET family_name = '改姓', version = version + 1 WHERE patient_id = ${patient.id}`);
  const log = await clients.hoken1.get(`${patient.path}/papers`);
  const path = log.text.match(/action="([^"]*reprint\.pdf)"/)[1];
  const again = await clients.hoken1.post(path);
  assert.equal(again.status, 200);
  const mark = words(again.bytes).match(/再発行（[^）]*）/)[0];
  assert.equal(words(again.bytes).replace(mark, ""), words(first.bytes));
  assert.deepEqual(rows(patient).map((row) => row[3]), ["f", "t"]);
  assert.equal(rows(patient)[1][1], rows(patient)[0][1]);
  assert.match((await clients.hoken1.get(`${patient.path}/papers`)).text, /再発行<\/span>[\s\S]*負荷　紙 様/);
  // another patient's document is not to be had under this one
  const other = await reported();
  await clients.hoken1.get(`${other.path}/papers`);
  const wrong = await clients.hoken1.post(path.replace(patient.number, other.number));
  assert.equal(wrong.status, 404);
  assert.deepEqual(rows(other), []);
  // one that cannot be read is not printed, and the log does not say so
  sql(`UPDATE app.paper_issued SET sealed_text = 'x' WHERE patient_id = ${patient.id} AND reprint_of IS NULL`);
  await clients.hoken1.get(`${patient.path}/papers`);
  assert.match((await clients.hoken1.post(path)).text, /控えを読み取れません/);
  assert.equal(rows(patient).length, 2);
});

test("what is issued is what was shown: an entry that came since, which moves no version, stops the press", async () => {
  const patient = await reported(stranger());
  await entry(patient, "residence", { residence_kind: "hotel", residence_name: "みなと宿泊所", residence_from: "2022/10/2" });
  assert.match((await clients.hoken1.get(`${patient.path}/papers?kind=stay`)).text, /みなと宿泊所/);
  const form = { ...clients.hoken1.guard, kind: "stay", v_stay_name: "みなと宿泊所", v_stay_from: "2022/10/2" };
  await entry(patient, "residence", { residence_kind: "hotel", residence_name: "さかえ宿泊所", residence_from: "2022/10/3" });
  const stopped = await clients.hoken1.post(`${patient.path}/papers/issue.pdf`, form);
  assert.match(stopped.text, /記録か、文書の文面が変わりました[\s\S]*name="v_stay_name" value="みなと宿泊所"[^>]*><p class="hint">記録では「さかえ宿泊所」です。/, "nothing typed is lost, and what changed is said");
  assert.deepEqual(rows(patient), []);
  assert.match(words((await issue("hoken1", patient, "stay")).bytes), /施設さかえ宿泊所/);
  // and so in a list
  const check = await clients.hoken1.post("/papers/batch", { kind: "stay", ids: patient.number });
  const [, checked] = check.text.match(/name="checked" value="([^"]+)"/);
  await entry(patient, "residence", { residence_kind: "hotel", residence_name: "ふしみ宿泊所", residence_from: "2022/10/4" });
  const changed = await clients.hoken1.post("/papers/batch.pdf", { kind: "stay", form_id: crypto.randomUUID(), checked });
  assert.match(changed.text, /まだ発行していません[\s\S]*記録が変わりました/);
  assert.equal(rows(patient).length, 1);
});

test("the database itself gives no number to a text that does not hold, or for whom there is none of the kind", async () => {
  const patient = await reported(stranger()), version = one(`SELECT version FROM app.patient WHERE patient_id = ${patient.id}`);
  const paper = (kind, office, number) => `SELECT count(*) FROM app.paper_issue('${kind}', 'x', ${office}, ${number}, current_date, '[{"patient_id":${patient.id},"version":${version},"paper_id":"${crypto.randomUUID()}","recipient":"person","sealed_text":"x"}]')`;
  const tries = () => asRole("staff", clients.hoken1.cookies.get("__Host-sid"), [paper("stay", "NULL", "NULL"), paper("stay", organisation("nagoya"), 9), paper("certificate", "NULL", "NULL"), paper("passport", "NULL", "NULL")]).map(({ state }) => state);
  assert.deepEqual(tries(), [undefined, "HS409", "HS422", "HS422"]);
  await confirm(patient);
  sql(`UPDATE app.patient SET version = ${version} WHERE patient_id = ${patient.id}`);
  assert.deepEqual(tries(), [undefined, "HS409", undefined, "HS422"]);
});

test("the certificate says six things, and only of a confirmed case that the centre has accepted", async () => {
  const patient = await reported();
  assert.match((await issue("hoken1", patient, "certificate")).text, /まだ「保健所確認済」になっていません/);
  await confirm(patient);
  const text = words((await issue("hoken1", patient, "certificate")).bytes);
  const id = `${patient.number.slice(0, 5)}-${patient.number.slice(5, 10)}-${patient.number.slice(10)}`;
  for (const word of ["氏名負荷紙", "生年月日昭和55年1月2日", `HER-SYSID${id}`, "傷病名新型コロナウイルス感染症", "診断年月日令和4年10月1日", "担当保健所名名古屋市保健所"]) assert.ok(text.includes(word), `${word} in ${text}`);
  const rest = ["氏名負荷紙", "生年月日昭和55年1月2日", `HER-SYSID${id}`, "傷病名新型コロナウイルス感染症", "診断年月日令和4年10月1日", "担当保健所名名古屋市保健所", "療養証明書", "次のとおり証明します。"].reduce((left, word) => left.replace(word, ""), text);
  const phone = one("SELECT o.phone FROM app.organisation o JOIN app.account a USING (organisation_id) WHERE a.login = 'hoken1'"); // of the centre, below its name
  assert.match(rest, new RegExp(`^(第\\d{4}-\\d{5}号|令和\\d+年\\d+月\\d+日|名古屋市保健所|電話${phone})+$`));
  const suspected = await reported({ category: "suspected", suspected: "yes" });
  await confirm(suspected);
  assert.match((await issue("hoken1", suspected, "certificate")).text, /疑似症・みなし陽性の方には発行できません/);
});

test("what stands in the tabs fills the places, and a guardian receives for a child", async () => {
  const patient = await reported({ birth_date: "2015-05-05", guardian_name: "負荷　親", guardian_address: "愛知県名古屋市中区栄1-1" });
  await entry(patient, "residence", { residence_kind: "hotel", residence_name: "みなと宿泊所", residence_from: "2022/10/2" });
  await entry(patient, "release", { release_on: "2022/10/12" });
  await entry(patient, "care", { care_admitted_on: "2022/10/3", care_hospital: "名古屋みなと病院" });
  assert.match(words((await issue("hoken1", patient, "stay")).bytes), /負荷親様[\s\S]*施設みなと宿泊所入る日令和4年10月2日/);
  assert.match(words((await issue("hoken1", patient, "release", { to: "person" })).bytes), /負荷紙様[\s\S]*解除年月日令和4年10月12日/);
  const admission = words((await issue("hoken1", patient, "admission", { v_admission_until: "2022/10/6" })).bytes);
  for (const word of ["入院勧告書", "第19条及び第20条", "名古屋みなと病院", "令和4年10月3日から令和4年10月6日まで"]) assert.ok(admission.includes(word), word);
  assert.deepEqual(rows(patient).map((row) => row[2]), ["guardian", "person", "guardian"]);
});

test("the notice to a contact says nothing of the patient", async () => {
  const patient = await reported({ family_name: "秘匿" });
  await entry(patient, "contact", { contact_name: "接触　太郎", contact_last_on: "2022/10/1", contact_close: "yes", contact_relation: "household" });
  const choose = await clients.hoken1.get(`${patient.path}/papers?kind=contact_notice`);
  assert.match(choose.text, /接触　太郎/);
  assert.match((await issue("hoken1", patient, "contact_notice")).text, /接触者を選んでください/);
  const text = words((await issue("hoken1", patient, "contact_notice", { contact: "1" })).bytes);
  for (const word of ["接触太郎様", "最後に接触した日令和4年10月1日", "健康観察の期間令和4年10月6日まで"]) assert.ok(text.includes(word), `${word} in ${text}`);
  assert.ok(!text.includes("秘匿") && !text.includes(patient.number.slice(0, 5)));
  assert.deepEqual(sql(`SELECT recipient, contact_no FROM app.paper_issued WHERE patient_id = ${patient.id}`), [["contact", "1"]]);
});

test("the contacts of a case get their notices by one press, each its own", async () => {
  const patient = await reported({ ...stranger(), family_name: "秘匿" });
  const contact = (contact_name) => entry(patient, "contact", { contact_name, contact_last_on: "2022/10/1", contact_close: "yes", contact_relation: "household" });
  for (const name of ["接触　一", "接触　二", "接触　三"]) await contact(name);
  await clients.hoken1.get(`${patient.path}/tab/contact/3`);
  assert.equal((await clients.hoken1.post(`${patient.path}/tab/contact/3/withdraw`, { entry_version: "1" })).status, 303);
  const link = `/papers/batch?contacts=${patient.number}`;
  assert.ok((await clients.hoken1.get(`${patient.path}/contacts`)).text.includes(`href="${link}"`));
  const open = await clients.hoken1.get(link);
  assert.match(open.text, new RegExp(`value="contact_notice" selected[\\s\\S]*<textarea[^>]*>${patient.number}-2\n${patient.number}-1\n</textarea>`));
  const ids = [`${patient.number}-1`, `${patient.number}-2`, `${patient.number}-1`, `${patient.number}-3`, patient.number].join("\n");
  const check = () => clients.hoken1.post("/papers/batch", { kind: "contact_notice", ids });
  const first = await check();
  assert.match(first.text, /接触者へのお知らせ：2人に発行できます/);
  for (const why of [/登録が取り消されています/, /「12345678901-3」のように入力してください/]) assert.match(first.text, why);
  const form = (page) => ({ kind: "contact_notice", form_id: page.text.match(/name="form_id" value="([^"]+)"/)[1], checked: page.text.match(/name="checked" value="([^"]+)"/)[1] });
  const old = form(first);
  await clients.hoken1.get(`${patient.path}/tab/contact/2`);
  assert.equal((await clients.hoken1.post(`${patient.path}/tab/contact/2`, { entry_version: "1", items: "contact_name contact_last_on contact_close contact_relation", contact_name: "接触　改", contact_last_on: "2022/10/1", contact_close: "yes", contact_relation: "household" })).status, 303);
  assert.match((await clients.hoken1.post("/papers/batch.pdf", old)).text, /まだ発行していません[\s\S]*記録が変わりました/);
  const fresh = form(await check()), answer = await clients.hoken1.post("/papers/batch.pdf", fresh);
  assert.equal(pages(answer.bytes), 2);
  const text = words(answer.bytes);
  assert.ok(text.includes("接触一様") && text.includes("接触改様") && !text.includes("秘匿") && !text.includes(patient.number.slice(0, 5)), text);
  assert.deepEqual(sql(`SELECT recipient, contact_no FROM app.paper_issued WHERE patient_id = ${patient.id} ORDER BY contact_no`), [["contact", "1"], ["contact", "2"]]);
  // another centre learns nothing of them
  assert.doesNotMatch((await clients.kasugai.get(link)).text, new RegExp(`${patient.number}-1`));
  await clients.kasugai.get("/papers/batch");
  assert.match((await clients.kasugai.post("/papers/batch", { kind: "contact_notice", ids })).text, /0人に発行できます[\s\S]*見つからないか、表示する権限がありません/);
});

test("a head office writes a text of its own; wrong places are named; old versions stay readable; its centres use the newest", async () => {
  const title = `療養解除のお知らせ${Date.now() % 100000}`, path = "/papers/release";
  const save = async (fields, login = "nagoya") => {
    const page = await clients[login].get(path);
    const version = page.text.match(/name="version" value="(\d+)"/)?.[1] ?? "0", form_id = page.text.match(/name="form_id" value="([^"]+)"/)?.[1];
    return clients[login].post(path, { version, form_id, title, body: "解除日｜{{解除年月日}}", from: "2099/1/1", ...fields });
  };
  const count = () => Number(one("SELECT count(*) FROM app.paper_template WHERE kind = 'release'"));
  const start = count();
  for (const [body, words] of [["あ\n{{血液型}}", /本文の2行目：「\{\{血液型\}\}」という項目はありません/], ["{{氏名", /本文の1行目：「\{\{」を閉じる/], ["氏名}}", /本文の1行目：「\}\}」の前に/], ["", /表題と本文を入力/], ["あ".repeat(2001), /2000文字以内/]])
    assert.match((await save({ body })).text, words);
  assert.match((await save({ from: "2020/1/1" })).text, /使い始める日は、きょうか/);
  assert.match((await save({ body: "{{血液型}}のまま" })).text, /\{\{血液型\}\}のまま<\/textarea>/);
  assert.equal(count(), start);
  // a notice to a contact must not name the patient
  const contact = await clients.nagoya.get("/papers/contact_notice");
  assert.ok(!contact.text.includes("<code>{{氏名}}</code>"));
  assert.match((await clients.nagoya.post("/papers/contact_notice", { version: "0", title: "お知らせ", body: "{{氏名}}さん", from: "2099/1/1" })).text, /「接触者へのお知らせ」では使えません/);
  // not valid yet: the centre goes on with what it had
  assert.equal((await save({})).status, 303);
  const patient = await reported();
  const before = await issue("hoken1", patient, "release", { v_released_on: "2022/10/12" });
  assert.ok(!words(before.bytes).includes(title));
  const from = new Date(Date.now() + 9 * 3600000).toISOString().slice(0, 10);
  assert.equal((await save({ from })).status, 303);
  const [[version]] = sql("SELECT max(version) FROM app.paper_template WHERE kind = 'release'");
  const after = await issue("hoken1", patient, "release", { v_released_on: "2022/10/12" });
  assert.ok(words(after.bytes).includes(title));
  assert.match(words(after.bytes), /解除日令和4年10月12日/);
  assert.deepEqual(rows(patient).map((row) => row[4]), [one(`SELECT max(version) FROM app.paper_template WHERE kind = 'release' AND valid_from <= current_date AND version < ${version}`) ?? "", version]);
  assert.match((await clients.nagoya.get(`${path}/${version}`)).text, new RegExp(title));
  assert.match((await clients.nagoya.get(`${path}/0`)).text, /療養が解除になりました/);
  // another office's centre does not see it
  assert.ok(!(await clients.aichi.get(path)).text.includes(title));
  // two people at once: the second one is told, and loses nothing
  const late = await clients.nagoya.post(path, { version: "0", title: "遅れた表題", body: "本文", from });
  assert.match(late.text, new RegExp(`新しい版が保存されました[\\s\\S]*第${version}版[\\s\\S]*${title}[\\s\\S]*遅れた表題`), "both texts");
  const held = await sqlHolding(2, `INSERT INTO app.paper_template (office_id, kind, version, title, body, valid_from, saved_by, saved_at) SELECT organisation_id, 'release', ${Number(version) + 1}, '先の表題', '先の本文', '2099-02-01', account_id, now() FROM app.account WHERE login = 'nagoya'`);
  const same = await clients.nagoya.post(path, { version, title: "同時の表題", body: "同時の本文", from });
  await held.over;
  assert.equal(same.status, 200);
  assert.match(same.text, /まだ保存していません[\s\S]*先の本文[\s\S]*同時の表題[\s\S]*同時の本文/);
  // a version that is scheduled stays, whatever is saved after it; the editor goes on from what holds today
  const holds = (day) => one(`SELECT version FROM app.paper_text(${organisation("hoken1")}, 'release', '${day}')`);
  assert.deepEqual([holds(from), holds("2099-01-31"), holds("2099-02-01")], [version, String(start + 1), String(Number(version) + 1)]);
  assert.match((await clients.nagoya.get(path)).text, new RegExp(`name="title" value="${title}"`));
  const preview = await clients.nagoya.post(`${path}/preview.pdf`, { version, title, body: "{{氏名}}／{{解除年月日}}", from });
  assert.match(words(preview.bytes), /見本花子／令和4年8月11日/);
  assert.match((await clients.nagoya.post(`${path}/preview.pdf`, { version, title, body: "{{血液型}}", from })).text, /という項目はありません/);
});

test("for a list: one page each, a row each, and those left out told with why", async () => {
  const patients = [await reported(), await reported(), await reported()], unready = await reported();
  for (const patient of patients) await confirm(patient);
  const foreign = receipt(await (await signIn("kodomo")).post("/notification", notification()));
  const ids = [...patients.map((p) => p.number), patients[0].number, unready.number, foreign.id, "12345"].join("\n");
  await clients.hoken1.get("/papers/batch");
  const check = await clients.hoken1.post("/papers/batch", { kind: "certificate", ids });
  assert.match(check.text, /療養証明書：3人に発行できます/);
  for (const why of [/まだ「保健所確認済」になっていません/, /見つからないか、表示する権限がありません/, /番号が正しくありません/]) assert.match(check.text, why);
  const form = { kind: "certificate", form_id: check.text.match(/name="form_id" value="([^"]+)"/)[1], checked: check.text.match(/name="checked" value="([^"]+)"/)[1] };
  // somebody changes one of them meanwhile: nothing is issued, and it is said
  sql(`UPDATE app.patient SET version = version + 1 WHERE patient_id = ${patients[0].id}`);
  const changed = await clients.hoken1.post("/papers/batch.pdf", form);
  assert.match(changed.text, /まだ発行していません[\s\S]*記録が変わりました/);
  assert.match(changed.text, /<textarea id="ids"[^>]*>\d{5}-\d{5}-\d\n/); // the numbers alone, to be checked again
  assert.deepEqual(patients.map((p) => rows(p).length), [0, 0, 0]);
  sql(`UPDATE app.patient SET version = version - 1 WHERE patient_id = ${patients[0].id}`);
  const answer = await clients.hoken1.post("/papers/batch.pdf", form);
  assert.equal(answer.headers.get("content-type"), "application/pdf");
  assert.equal(pages(answer.bytes), 3);
  const numbers = patients.map((p) => rows(p)[0][1]);
  assert.equal(new Set(numbers).size, 3);
  for (const number of numbers) assert.ok(words(answer.bytes).includes(`第${number}号`));
  assert.match((await clients.hoken1.post("/papers/batch.pdf", form)).location, /paper_issued_before/);
  const many = Array.from({ length: 201 }, (_, i) => `${i}`).join(" ");
  assert.match((await clients.hoken1.post("/papers/batch", { kind: "certificate", ids: many })).text, /200人まで/);
  const unread = await clients.hoken1.post("/papers/batch", { kind: "work_restriction", ids: patients[0].number, v_restricted_until: "いつか" });
  assert.match(unread.text, /就業制限の終わりを読み取れません[\s\S]*<option value="work_restriction" selected>[\s\S]*value="いつか"/);
  assert.match((await clients.hoken1.get("/papers/batch?todo=unconfirmed")).text, /<textarea id="ids"[^>]*>\d{5}-\d{5}-\d/);
});

test("who may: the responsible centre issues, those above it read, nobody else", async () => {
  const patient = await reported();
  await issue("hoken1", patient, "work_restriction", typed);
  const path = (await clients.hoken1.get(`${patient.path}/papers`)).text.match(/action="([^"]*reprint\.pdf)"/)[1];
  for (const [login, view] of [["nagoya", 200], ["aichi", 200], ["sakura", 403], ["kuni", 403], ["kasugai", 404], ["minato", 404]]) {
    assert.equal((await clients[login].get(`${patient.path}/papers`)).status, view, login);
    assert.ok([403, 404].includes((await issue(login, patient, "work_restriction", typed)).status), login);
    assert.ok([403, 404].includes((await clients[login].post(path)).status), login);
    const found = asRole("staff", clients[login].cookies.get("__Host-sid"), [`SELECT count(*) FROM app.paper_issued WHERE patient_id = ${patient.id}`, "SELECT count(*) FROM app.paper_list"]);
    assert.deepEqual(found.map((f) => f.rows[0] !== "0"), [view === 200, false], login);
  }
  assert.equal(rows(patient).length, 1);
  for (const kind of kinds) {
    assert.equal((await clients.nagoya.get(`/papers/${kind}`)).status, 200);
    assert.equal((await clients.aichi.get(`/papers/${kind}`)).status, 200);
    for (const login of ["hoken1", "sakura", "kuni"]) {
      assert.equal((await clients[login].get(`/papers/${kind}`)).status, 403, login);
      assert.equal((await clients[login].post(`/papers/${kind}`, { version: "0", title: "x", body: "x", from: "2099/1/1" })).status, 403, login);
    }
  }
  for (const login of ["nagoya", "sakura", "kuni"])
    for (const page of ["/papers/issued", "/papers/batch"]) assert.equal((await clients[login].get(page)).status, 403, `${login} ${page}`);
  // past the pages: the function itself
  for (const [login, state] of [["nagoya", undefined], ["hoken1", "HS403"], ["sakura", "HS403"], ["kuni", "HS403"]])
    assert.equal(asRole("staff", clients[login].cookies.get("__Host-sid"), ["SELECT app.paper_template_save('stay', (SELECT coalesce(max(version), 0) FROM app.paper_template WHERE kind = 'stay'), 'x', 'x', current_date)"])[0].state, state, login);
  assert.equal((await new Client().get(`${patient.path}/papers`)).location, "/sign-in");
});

test("what was given out under a number that was merged is read, and reprinted, with the record that is left", async () => {
  const name = { family_name: `統${crypto.randomInt(1e9)}`, family_kana: "トウゴウ", given_kana: "ヒトリ", birth_date: "1971-02-03", phone: "" };
  const left = await reported(name), gone = await reported(name); // the newer goes to the other
  await issue("hoken1", gone, "work_restriction", typed);
  const version = (patient) => one(`SELECT version FROM app.patient WHERE patient_id = ${patient.id}`);
  await clients.hoken1.get("/same");
  const merged = await clients.hoken1.post("/same", { action: "merge", form_id: crypto.randomUUID(), a: gone.number, b: left.number, version_a: version(gone), version_b: version(left) });
  assert.equal(merged.status, 303, merged.text);
  assert.equal(one(`SELECT into_id FROM app.same_merge WHERE patient_id = ${gone.id}`), left.id);
  const log = await clients.hoken1.get(`${left.path}/papers`);
  assert.match(log.text, new RegExp(`就業制限通知[\\s\\S]*${name.family_name}　紙 様`));
  const again = await clients.hoken1.post(log.text.match(/action="([^"]*reprint\.pdf)"/)[1]);
  assert.ok(words(again.bytes).includes(`${name.family_name}紙様`));
  assert.match((await clients.hoken1.get(`${left.path}/papers`)).text, new RegExp(`再発行</span>[\\s\\S]*${name.family_name}`));
});

test("a deleted report leaves no paper", async () => {
  const patient = await reported();
  await issue("hoken1", patient, "work_restriction", typed);
  const path = (await clients.hoken1.get(`${patient.path}/papers`)).text.match(/action="([^"]*reprint\.pdf)"/)[1];
  await clients.sakura.get(`${patient.path}/notification/1/delete`);
  assert.equal((await clients.sakura.post(`${patient.path}/notification/1/delete`, { reason: "試験" })).status, 303);
  assert.notEqual((await issue("hoken1", patient, "work_restriction", typed)).headers.get("content-type"), "application/pdf");
  assert.notEqual((await clients.hoken1.post(path)).headers.get("content-type"), "application/pdf");
  assert.equal(rows(patient).length, 1);
});
