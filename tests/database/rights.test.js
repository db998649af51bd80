// rights.test.js - a second list of the rights, written by hand from the sentences of the seeds and not from
// dictionary/rights.rec: what the product says of itself (`hersys rights --csv`) must agree cell by cell, and whatever no
// sentence grants is none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { asRole, hersys } from "../http/database.js";

// What is written of a patient, in the words of the seeds.
const person = ["identity", "contact"];
const notification = ["clinical", "route", "travel"]; // 発生届, its 感染経路 and 渡航歴
const status = ["status"]; // 現在のステータス
const diagnosis = ["laboratory", "care", "grade"]; // 検査・診断に関する情報、入院情報、重症度
const whereabouts = ["residence"]; // 居所情報
const investigation = ["activity", "contacts", "link"]; // 行動歴、接触者、感染リンク・感染経路
const rest = ["profile", "release"]; // 基本情報の残り、待機解除
const papers = ["papers"]; // 文書: duties of the centre in charge (articles 18 to 20 of the law); whoever reads the whole record reads what was given out
const added = ["local", "local_shared"]; // 独自項目: no seed knows them, issue 3 asks for them
const following = ["observation", "opinion", "period", "notice"]; // 健康観察、医師所見、観察期間、通知設定
const items = [...person, ...notification, ...status, ...diagnosis, ...whereabouts, ...investigation, ...rest, ...following];

const sentences = [
  { seed: "seed 1「保健所職員：自らが管轄する感染者等について、全ての項目の入力・閲覧が可能です。」 and what a centre does with the record (seed 0 Q3, Q4, Q24)",
    who: [["centre", "responsible"]], edit: [...items, "confirmation", "deletion", "restoration", "assignment", ...papers], view: ["history", "viewers"] },
  { seed: "seed 0 Q4: 関係保健所 are told and share the information; the one in charge changes it",
    who: [["centre", "related"]], edit: [], view: [...items, "confirmation", "assignment", "history", ...papers] },
  { seed: "the same for a centre that reported and is not in charge; what the one in charge gives out is not its own",
    who: [["centre", "reporter"]], edit: [], view: [...items, "confirmation", "assignment", "history"] },
  { seed: "seed 1「本庁部門（都道府県調整本部等）職員：…全ての項目の閲覧と居所情報の入力が可能です。」",
    who: [["prefecture", "prefecture"], ["city", "head_office"]], edit: whereabouts, view: [...items, "confirmation", "assignment", "history", "viewers", ...papers] },
  { seed: "seed 1「医療機関：自院の検査対象者や入院患者の検査や診断情報のみ入力・閲覧が可能です（行動歴は入力・閲覧不可）。」 seed 3 Q12: it deletes its own report",
    who: [["clinic", "reporter"]], edit: [...person, ...notification, ...diagnosis, "deletion"], view: ["confirmation"] },
  { seed: "seed 3 Q19「医療機関には医師所見の編集権限がありません。健康観察の内容の記載は、健康状態一覧の自由記述欄に」",
    who: [["clinic", "reporter"], ["clinic", "admitting"]], edit: ["observation"], view: ["opinion"] },
  { seed: "seed 3 Q15「保健所と御相談の上、医療機関でも適宜「する」を選択してください。」, Q22 通知設定", who: [["clinic", "reporter"]], edit: ["notice"], view: [] },
  { seed: "seed 1: the agencies enter the items of 健康観察, 医師所見 too (seed 3 Q19 ※); the period is the centre's alone (seed 3 Q21)",
    who: [["followup", "followup"], ["clinic", "followup"], ["accommodation", "accommodation"]], edit: ["observation", "opinion"], view: ["period"] },
  { seed: "the same sentence for 入院患者: the hospital that admits", who: [["clinic", "admitting"]], edit: diagnosis, view: [...person, "clinical"] },
  { seed: "seed 1「健康フォローアップ業務受託機関や宿泊療養施設：…健康観察関連項目のみ（感染経路や行動歴、居所情報は入力・閲覧不可）。」 seed 3 Q20: a clinic may be such an agency",
    who: [["followup", "followup"], ["clinic", "followup"]], edit: [], view: person },
  { seed: "the same, and seed 0 Q18-3: an accommodation enters 現在のステータス", who: [["accommodation", "accommodation"]], edit: status, view: person },
  { seed: "緊急閲覧 is ours: what the hospital that admits, or a related centre, may read, and nothing is changed by it",
    who: [["clinic", "emergency"]], edit: [], view: [...person, "clinical", ...diagnosis, "observation", "opinion"] },
  { seed: "the same for a centre", who: [["centre", "emergency"]], edit: [], view: [...items, "confirmation", "assignment", "history", ...papers] },
  { seed: "the country's figures (seed 0 Q1, seed 4) need no person: 国は個人を特定する項目を閲覧しない",
    who: [["ministry", "nation"]], edit: [], view: ["clinical", "route", ...status, "confirmation", ...diagnosis, ...whereabouts, "link", "release"] },
  { seed: "issue 3: a head office adds items of its own to a tab for its area, with rights like all others; who follows the patient and who asks enter them",
    who: [["centre", "responsible"], ["prefecture", "prefecture"], ["city", "head_office"]], edit: added, view: [] },
  { seed: "the same: whoever reads the whole record reads them", who: [["centre", "related"], ["centre", "reporter"]], edit: [], view: added },
  { seed: "domain.md wish 18 (滋賀県: 入院調整の要否 had to be pasted into free text by clinics): the second tab is for clinics too, for their own patients",
    who: [["clinic", "reporter"], ["clinic", "admitting"]], edit: ["local_shared"], view: [] },
];

// Several sentences about one relation add up.
const expected = new Map();
for (const { who, edit, view } of sentences)
  for (const pair of who) {
    const cells = expected.get(pair.join(" ")) ?? new Map();
    for (const cls of view) cells.set(cls, cells.get(cls) ?? "view");
    for (const cls of edit) cells.set(cls, "edit");
    expected.set(pair.join(" "), cells);
  }

test("every cell of the rights is what a sentence of the seeds says, and none where none says anything", () => {
  const cells = hersys("rights", "--csv").trim().split("\n").slice(1).map((line) => line.split(","));
  const differing = cells.filter(([kind, relation, , cls, right]) => right !== (expected.get(`${kind} ${relation}`)?.get(cls) ?? "none"))
    .map(([kind, relation, tab, cls, right]) => `${kind} ${relation} ${tab} ${cls}: ${right}`);
  assert.deepEqual(differing, []);
});

test("and every sentence is about cells that there are", () => {
  const known = new Set(hersys("rights", "--csv").trim().split("\n").slice(1).map((line) => line.split(",")).flatMap(([kind, relation, , cls]) => [cls, `${kind} ${relation}`]));
  for (const { who, edit, view } of sentences)
    for (const word of [...who.map((pair) => pair.join(" ")), ...edit, ...view]) assert.ok(known.has(word), word);
});

test("行動歴 is never a clinic's, an agency's or the country's, whatever their relation", () => {
  for (const line of hersys("rights", "--csv").trim().split("\n").slice(1)) {
    const [kind, , , cls, right] = line.split(",");
    if (cls === "activity" && ["clinic", "followup", "accommodation", "ministry"].includes(kind)) assert.equal(right, "none", line);
  }
});

test("研究用の資料: the jobs throw away keys and people of what is over, and read and change nothing else of it", () => {
  const states = (role, statements) => asRole(role, null, statements.map((statement) => statement.replace("$", "app.extract"))).map((answer) => answer.state ?? "done");
  const may = ["UPDATE $ SET sealed_key = NULL, patients = NULL WHERE until < '2000-01-01' AND NOT keep_key AND approved", "SELECT until, keep_key, approved FROM $ LIMIT 0"];
  const mayNot = ["SELECT purpose FROM $", "SELECT recipient FROM $", "SELECT columns FROM $", "SELECT asked_by FROM $", "UPDATE $ SET approved = true", "UPDATE $ SET keep_key = true", "UPDATE $ SET until = 'infinity'",
    "UPDATE $ SET taken_at = NULL", "DELETE FROM $", "INSERT INTO $ DEFAULT VALUES"];
  assert.deepEqual(states("jobs", may), may.map(() => "done"));
  assert.deepEqual(states("jobs", mayNot), mayNot.map(() => "42501"));
  for (const role of ["staff", "door", "public"]) assert.deepEqual(states(role, [may[0], "SELECT sealed_key FROM $", "SELECT patients FROM $"]), ["42501", "42501", "42501"], role);
});
