// print.test.js - the two PDFs of a notification, over plain HTTPS against a running stand: the form (様式) in each of its
// versions and the receipt (受付票); who gets them, what stands in them, and what the trail says.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { before, test } from "node:test";
import { Client, signIn } from "./client.js";
import { hersys, sql } from "./database.js";
import { notification, receipt } from "./notify.js";

// What each version is for, by its date, and what it must say.
const versions = [
  { form: "2020-05", date: "2020-06-01", age: "40", era: "令和2年6月1日", words: ["17 死亡年月日", "症", "②感染地域", "喀痰"], values: ["会社員", "昭和55年1月2日"], rings: 9 },
  { form: "2021-02", date: "2021-06-10", age: "41", era: "令和3年6月10日", words: ["③新型コロナウイルスワクチン接種歴", "酸素飽和度", "19 その他感染症"], values: ["タカサキ", "97", "昭和55年1月2日"], rings: 17 },
  { form: "2022-06", date: "2022-07-10", age: "42", era: "令和4年7月10日", words: ["10 新型コロナウイルスワクチンの接種回数", "13 その他"], values: ["タカサキ", "気管支喘息"], rings: 9 },
  { form: "2022-08", date: "2022-08-20", age: "42", era: "令和4年8月20日", words: ["12 届出時点の重症度", "13 その他"], values: ["タカサキ"], rings: 9 },
  { form: "2022-09", date: "2022-10-01", age: "42", era: "令和4年10月1日", words: ["13 治療薬の投与又は酸素投与の必要性", "届出の対象", "14 その他"], values: ["タカサキ", "金糸雀の備考"], rings: 12 },
];

// Everything that some version asks; what a version does not ask is left out by the server.
const filled = (version) => notification({
  form: version.form, diagnosis_date: version.date, onset_date: version.date, first_visit_date: version.date, birth_date: "1980-01-02",
  family_name: "髙﨑", given_name: "\uFA19葛\u{E0100}", family_kana: "タカサキ", given_kana: "カツラ", sex: "male", occupation: "会社員",
  home_address: "愛知県名古屋市中区三の丸3-1-2", symptoms: "fever", test1_method: "naat", test1_specimen: "saliva", test1_sampled_on: version.date,
  test1_result: "positive", route_certainty: "presumed", route: "contact", route_detail: "家族と会食", place_kind: "home", area: "japan",
  area_certainty: "confirmed", area_detail: "愛知県名古屋市", spo2: "97", dose1_given: "no", dose_count: "3", risk: "yes", risk_factors: "diabetes",
  risk_other: "", hospitalised: "no", needs_hospital: "no", immunosuppressed: "no", severity: "mild", remote_visit: "no", target_reasons: "age65",
  drug_needed: "yes", oxygen_needed: "no", remarks: "金糸雀の備考、気管支喘息", doctor_name: "桜井一郎", institution_name: "さくら医院",
  institution_address: "愛知県名古屋市中区栄1-1", institution_phone: "0521112222" });

const tool = (name, args, pdf) => execFileSync(name, args, { input: pdf, maxBuffer: 64 << 20 }).toString("utf8");
const words = (pdf) => tool("pdftotext", ["-layout", "-", "-"], pdf).replace(/[\s\u3000\u00A0]+/g, " ");
const info = (pdf) => tool("pdfinfo", ["-"], pdf);
// Rings are the only curves that are stroked and not filled.
const rings = (pdf) => (tool("pdftocairo", ["-svg", "-", "-"], pdf).match(/<path style="fill:none;[^"]*" d="[^"]* C /g) ?? []).length;
const tight = (text) => text.replaceAll(" ", "");

const clients = {};
const reported = {}; // form version -> path of its notification

async function report(client, fields) {
  const answer = await client.post("/notification", fields);
  const made = receipt(answer);
  assert.ok(made, answer.text.slice(0, 2000));
  return `/patient/${made.id}/notification/${made.no}`;
}

const patientOf = (path) => hersys("id", path.match(/patient\/(\d+)/)[1]).split(" ")[0];
const audited = (path, action) => sql(`SELECT outcome FROM app.audit WHERE patient_id = ${patientOf(path)} AND action = '${action}' ORDER BY at`).flat();

before(async () => {
  for (const login of ["sakura", "minato", "hoken1", "kasugai", "kuni"]) clients[login] = await signIn(login);
  for (const version of versions) reported[version.form] = await report(clients.sakura, filled(version));
});

for (const version of versions)
  test(`the form of ${version.form} is one A4 page with everything in it`, async () => {
    const answer = await clients.sakura.get(`${reported[version.form]}/print.pdf`);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("content-type"), "application/pdf");
    const name = decodeURIComponent(answer.headers.get("content-disposition"));
    assert.match(name, /^inline; filename\*=UTF-8''発生届\.pdf$/);
    const about = info(answer.bytes);
    assert.match(about, /Pages: +1\n/);
    assert.match(about, /Page size: .*\(A4\)/);
    const text = tight(words(answer.bytes));
    const all = ["別記様式６－１", "都道府県知事（保健所設置市長・特別区長）殿", "法律第12条第1項", "1診断（検案）した者（死体）の類型", "桜井一郎", "さくら医院",
      "0521112222", "愛知県名古屋市中区栄1-1", "髙﨑\uFA19葛", version.era, version.age + "歳", "この届出は診断後", ...version.words, ...version.values];
    for (const word of all) assert.ok(text.includes(tight(word)), `${word} in ${text}`);
    assert.equal(rings(answer.bytes), version.rings, "rings");
    assert.deepEqual(audited(reported[version.form], "print"), ["allowed"]);
  });

test("a long remark follows on a second page, whole", async () => {
  const sentences = Array.from({ length: 40 }, (_, i) => `備考${i + 1}番の文。`);
  for (const version of versions) {
    const path = await report(clients.sakura, { ...filled(version), remarks: sentences.join("\n") });
    const { bytes } = await clients.sakura.get(`${path}/print.pdf`);
    assert.match(info(bytes), /Pages: +2\n/, version.form);
    assert.ok(words(bytes).includes("別紙のとおり"), version.form);
    const text = tight(words(bytes));
    for (const sentence of sentences) assert.ok(text.includes(sentence), `${sentence} in ${version.form}`);
  }
});

test("the receipt has the numbers, and no more of the person than its page", async () => {
  const path = reported["2022-09"], page = await clients.sakura.get(`${path}/receipt`);
  const answer = await clients.sakura.get(`${path}/receipt.pdf`);
  const text = words(answer.bytes);
  for (const [, value] of page.text.matchAll(/<dd>([^<]+)<\/dd>/g)) assert.ok(tight(text).includes(value.replace(/[\s\u3000]/g, "")), value);
  assert.match(text, new RegExp(page.text.match(/受付番号 ([\d-]+)/)[1]));
  assert.match(info(answer.bytes), /Pages: +1\n/);
  for (const hidden of ["1980", "昭和55", "三の丸", "080", "金糸雀"]) assert.ok(!text.includes(hidden), hidden);
  assert.deepEqual(audited(path, "print_receipt"), ["allowed"]);
});

test("a stranger gets nothing, and the refusal is in the trail", async () => {
  for (const [file, action] of [["print.pdf", "print"], ["receipt.pdf", "print_receipt"]]) {
    const path = `${reported["2020-05"]}/${file}`, nothing = await clients.minato.get(`/patient/1/notification/1/${file}`);
    for (const login of ["minato", "kasugai"]) {
      const answer = await clients[login].get(path);
      assert.equal(answer.status, 404, login);
      assert.equal(answer.headers.get("content-type").split(";")[0], "text/html");
      if (login === "minato") assert.equal(answer.text, nothing.text);
    }
    assert.equal(audited(path, action).filter((outcome) => outcome === "denied").length, 2);
    assert.equal((await new Client().get(path)).location, "/sign-in");
  }
});

test("who may not see the person prints the illness only", async () => {
  const { status, bytes } = await clients.kuni.get(`${reported["2021-02"]}/print.pdf`);
  assert.equal(status, 200);
  const text = tight(words(bytes));
  for (const hidden of ["髙﨑", "タカサキ", "昭和55", "三の丸", "080", "会社員"]) assert.ok(!text.includes(hidden), hidden);
  assert.ok(text.includes("閲覧権限のない項目は空欄になっています。"));
  assert.ok(text.includes("家族と会食"));
});

test("what was deleted is not printed, not even for those who may restore it", async () => {
  const path = await report(clients.sakura, filled(versions[4]));
  assert.equal((await clients.hoken1.get(`${path}/print.pdf`)).status, 200);
  await clients.sakura.get(`${path}/delete`);
  assert.equal((await clients.sakura.post(`${path}/delete`, { reason: "試験" })).status, 303);
  for (const login of ["sakura", "hoken1"])
    for (const file of ["print.pdf", "receipt.pdf"])
      assert.equal((await clients[login].get(`${path}/${file}`)).status, 404, `${login} ${file}`);
  await clients.hoken1.get(path);
  assert.equal((await clients.hoken1.post(`${path}/restore`)).status, 303);
  assert.equal((await clients.hoken1.get(`${path}/print.pdf`)).status, 200);
});
