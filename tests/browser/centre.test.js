// centre.test.js - the health centre's day: what is to be done, opening a patient by everything known of them, confirming by
// a second person, status, responsible centre, history, who looked; and what the other offices see.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fill, person, report } from "./form.js";
import { inspect } from "./inspect.js";
import { address, desktop, launch, message, messages, open, phone, signIn } from "./stand.js";

let browser, clinic, centre, patient;
const pages = {};

// A page of a signed-in account, kept for the whole file.
async function as(login) {
  if (!pages[login]) {
    pages[login] = await (await open(browser, desktop)).newPage();
    await signIn(pages[login], login);
  }
  return pages[login];
}

// Presses Enter in the field that has the focus and waits for the page that comes.
const enter = (page) => Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);

const shownId = (id) => `${id.slice(0, 5)}-${id.slice(5, 10)}-${id[10]}`;

before(async () => {
  browser = await launch();
  clinic = await as("minato");
  await fill(clinic, person({ family_name: "髙橋", given_name: "渡", family_kana: "タカハシ", given_kana: "ワタル", birth_date: "1955/3/4",
    phone: "0568-11-2233", stay_address: "愛知県春日井市鳥居松町1-1" }));
  patient = (await report(clinic)).id;
  centre = await as("hoken1");
});
after(() => browser.close());

test("the page of the day counts what is to be done, and each count opens its list", async () => {
  await centre.goto(`${address}/`);
  await inspect(centre, "today-centre-desktop");
  const cards = await centre.locator(".count").allTextContents();
  assert.equal(cards.length, 20);
  await centre.click(".count >> text=未確認の発生届");
  await inspect(centre, "todo-unconfirmed-desktop");
  // The oldest come first: this patient is on the last page.
  while (await centre.locator("text=次の50件").count()) await Promise.all([centre.waitForNavigation(), centre.click("text=次の50件")]);
  assert.ok((await centre.textContent("main")).includes(shownId(patient)));
});

test("a patient is found by every number and name, however it is typed", async () => {
  await centre.goto(`${address}/patient/${patient}`);
  const phoneId = (await centre.textContent(".person")).match(/[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]/)[0];
  const name = "髙橋　渡";
  for (const [key, birth] of [[phoneId.toLowerCase(), ""], [phoneId.replaceAll("-", ""), ""], [shownId(patient), ""], [patient, ""], ["高橋", ""], ["髙橋　渡", ""],
    ["渡", ""], ["たかはし", ""], ["ﾀｶﾊｼ ﾜﾀﾙ", ""], ["ワタル", ""], ["０５６８－１１－２２３３", ""], ["0568", ""], ["", "S30.3.4"], ["タカ", "1955/3/4"]]) {
    await centre.goto(`${address}/search`);
    await centre.fill("#key", key);
    await centre.fill("#birth", birth);
    await enter(centre);
    assert.ok((await centre.textContent("main")).includes(name), `${key} ${birth}`);
    assert.ok(!centre.url().includes("?"), "nothing typed stands in the address");
  }
  await centre.goto(`${address}/search`);
  await centre.fill("#key", "高橋");
  await enter(centre);
  assert.match(await centre.textContent("[role=status]"), /^\d+人見つかりました。$/);
  assert.equal(await centre.evaluate(() => document.activeElement.getAttribute("role")), "status");
  await inspect(centre, "search-desktop");
  await centre.fill("#key", "存在しない名前");
  await enter(centre);
  assert.equal(await centre.textContent("[role=status]"), "見つかりませんでした。");
  await centre.fill("#key", "12345678901");
  await enter(centre);
  assert.match(await centre.textContent(".errors"), /写し間違い/);
});

test("保健所確認済, and a change by the clinic takes it back", async () => {
  await centre.goto(`${address}/patient/${patient}`);
  await centre.click("text=保健所確認済にする");
  await centre.waitForURL(/notice=confirmed/);
  assert.match(await centre.textContent("main"), /保健所確認済 \d{4}.*保健師 さくら/s);
  await inspect(centre, "patient-confirmed-desktop");
  await clinic.goto(`${address}/patient/${patient}/notification/1/edit`);
  await clinic.fill("#remarks", "かかりつけ医に連絡済み");
  await report(clinic);
  await centre.goto(`${address}/patient/${patient}`);
  assert.match(await centre.textContent(".facts"), /未確認/);
  await centre.click("text=保健所確認済にする");
});

test("who entered a report is told that a second person should confirm it", async () => {
  await fill(centre, person({ institution_name: "A医院", institution_address: "名古屋市", institution_phone: "0520000000", doctor_name: "医師A", doctor_checked: "yes" }));
  const { id } = await report(centre);
  await centre.goto(`${address}/patient/${id}`);
  assert.match(await centre.textContent("main"), /この届出を入力したのはあなたです/);
  const other = await as("hoken2");
  await other.goto(`${address}/patient/${id}`);
  assert.doesNotMatch(await other.textContent("main"), /この届出を入力したのはあなたです/);
});

test("the status is a dated history, and 死亡 demands date and place", async () => {
  await centre.goto(`${address}/patient/${patient}/status`);
  await centre.check("[name=status][value=home]");
  await centre.fill("#since", "2022/10/1");
  await centre.click("button:has-text('登録する')");
  await centre.check("[name=status][value=dead]");
  await centre.fill("#since", "2022/10/9");
  await inspect(centre, "status-desktop");
  await centre.click("button:has-text('登録する')");
  assert.match(await centre.textContent(".errors"), /死亡年月日/);
  await centre.fill("#death_date", "R4.10.9");
  await centre.click("button:has-text('登録する')");
  assert.match(await centre.textContent(".errors"), /死亡場所/);
  await centre.selectOption("#death_place", "home");
  await centre.click("button:has-text('登録する')");
  assert.match(await centre.textContent("table"), /死亡 現在.*2022\/10\/9　自宅/s);
  assert.match(await centre.textContent(".person"), /死亡/);
  await centre.click("tr:has-text('死亡') >> button:has-text('取り消す')");
  assert.match(await centre.textContent(".person"), /自宅療養中/);
});

test("the address proposes the responsible centre; it and nobody else is told, without a name", async () => {
  await centre.goto(`${address}/patient/${patient}/assignment`);
  assert.match(await centre.textContent(".card.strong"), /春日井保健所/);
  await inspect(centre, "assignment-desktop");
  const since = messages().length;
  await centre.click("button:has-text('春日井保健所を担当保健所にする')");
  assert.match(await centre.textContent(".facts"), /新しい担当保健所\s*春日井保健所/);
  await inspect(centre, "handover-desktop");
  await centre.click("text=やめる");
  assert.match(await centre.textContent(".facts"), /担当保健所\s*名古屋市保健所/);
  await centre.selectOption("#responsible", { label: "愛知県　春日井保健所" });
  await centre.click("button:has-text('保存する')");
  await centre.click("button:has-text('春日井保健所に変更する')");
  await centre.waitForURL(/notice=assigned/);
  const mail = await message(since, (m) => m.to === "kasugai@example.jp");
  assert.doesNotMatch(mail.text + mail.subject, /髙橋|渡|陽性/);
  assert.match(await centre.textContent("main"), /関係保健所は閲覧できます/);
  assert.equal(await centre.locator("form[action$=assignment]").count(), 0);
  const kasugai = await as("kasugai");
  await kasugai.goto(`${address}/patient/${patient}/assignment`);
  assert.match(await kasugai.textContent("main"), /届出先保健所\s*名古屋市保健所\s*担当保健所\s*春日井保健所/);
});

test("setting a city's centre tells the prefecture too", async () => {
  const kasugai = await as("kasugai");
  await kasugai.goto(`${address}/patient/${patient}/assignment`);
  const value = await kasugai.locator("#related-new option", { hasText: "豊田市保健所" }).getAttribute("value");
  await kasugai.selectOption("#related-new", value);
  const since = messages().length;
  await kasugai.click("button:has-text('保存する')");
  await kasugai.waitForURL(/notice=assigned/);
  await message(since, (m) => m.to === "aichi@example.jp" && m.subject.includes("保健所設置市"));
});

test("every change is in the history, and every look in the viewers", async () => {
  const kasugai = await as("kasugai");
  await kasugai.goto(`${address}/patient/${patient}/history`);
  const history = await kasugai.textContent("main");
  for (const expected of ["担当：名古屋市保健所", "自宅療養中（2022/10/1から）", "保健所確認済", "かかりつけ医に連絡済み", "報告"])
    assert.ok(history.includes(expected), expected);
  await inspect(kasugai, "history-desktop");
  await kasugai.goto(`${address}/patient/${patient}/viewers`);
  const viewers = await kasugai.textContent("main");
  for (const expected of ["保健師 さくら", "医師 港", "検索結果に表示", "発生届を表示"]) assert.ok(viewers.includes(expected), expected);
  await inspect(kasugai, "viewers-patient-desktop");
  await kasugai.goto(`${address}/viewers?others=1`);
  assert.ok((await kasugai.textContent("main")).includes("名古屋市保健所"));
  await inspect(kasugai, "viewers-centre-desktop");
});

test("a stranger's try is refused like something that is not there, and the owner sees it", async () => {
  const other = await as("kodomo");
  const refused = await other.goto(`${address}/patient/${patient}`);
  const missing = await other.goto(`${address}/patient/${"1".repeat(11)}`);
  assert.equal(refused.status(), 404);
  assert.equal(missing.status(), 404);
  const kasugai = await as("kasugai");
  await kasugai.goto(`${address}/patient/${patient}/viewers`);
  assert.match(await kasugai.textContent("main"), /医師 春日\s*発生届を表示\s*拒否/);
});

test("past information is shown only when it is switched on", async () => {
  await fill(clinic, person({ family_name: "過去", diagnosis_date: "2021/9/30", onset_date: "2021/9/29" }));
  await report(clinic);
  const list = async () => { await clinic.goto(`${address}/patients`); return clinic.textContent("main"); };
  assert.ok(!(await list()).includes("過去　"));
  await clinic.click("button:has-text('表示する')");
  assert.ok((await list()).includes("過去　"));
  await inspect(clinic, "patients-past-desktop");
  await clinic.click("button:has-text('表示しない')");
});

test("what a clinic deletes stays sealed for the centre and can be restored", async () => {
  await fill(clinic, person({ family_name: `封印${process.pid}` }));
  const { id } = await report(clinic);
  await clinic.goto(`${address}/patient/${id}/notification/1/delete`);
  await clinic.fill("#reason", "別の方の情報でした");
  const since = messages().length;
  await clinic.click("button:has-text('削除する')");
  await message(since, (m) => m.kind === "mail" && m.subject.includes("削除"));
  await centre.goto(`${address}/sealed`);
  assert.ok((await centre.textContent("main")).includes(shownId(id)));
  await inspect(centre, "sealed-desktop");
  await centre.goto(`${address}/search`);
  await centre.fill("#key", `封印${process.pid}`);
  await enter(centre);
  assert.match(await centre.textContent("main"), /見つかりませんでした/);
  await centre.goto(`${address}/patient/${id}/notification/1`);
  assert.match(await centre.textContent("main"), /別の方の情報でした/);
  await inspect(centre, "patient-deleted-desktop");
  await centre.click("button:has-text('削除を取り消す')");
  await centre.waitForURL(/notice=restored/);
  assert.equal((await clinic.goto(`${address}/patient/${id}`)).status(), 200);
});

test("each other office sees what it may, and why not more", async () => {
  const see = { aichi: "髙橋", nagoya: null, kuni: "（氏名は表示されません）", follow: null, shukuhaku: null };
  for (const [login, expected] of Object.entries(see)) {
    const page = await as(login);
    const response = await page.goto(`${address}/patient/${patient}`);
    assert.equal(response.status(), expected ? 200 : login === "nagoya" ? 200 : 404, login);
    if (expected) assert.ok((await page.textContent("main")).includes(expected), login);
    await page.goto(`${address}/`);
    await inspect(page, `today-${login}-desktop`);
  }
  const ministry = await as("kuni");
  await ministry.goto(`${address}/patient/${patient}`);
  const text = await ministry.textContent("main");
  for (const hidden of ["髙橋", "タカハシ", "0568", "鳥居松町", "1955"]) assert.ok(!text.includes(hidden), hidden);
  await inspect(ministry, "patient-ministry-desktop");
  await ministry.goto(`${address}/`);
  const links = await ministry.locator(".patient-list a").allTextContents();
  assert.equal(links.length, 10, "the ten newest");
  for (const link of links) assert.match(link, /^\d{5}-\d{5}-\d$/);
  await ministry.click("text=すべて見る");
  assert.match(ministry.url(), /\/patients$/);
  assert.ok(!(await ministry.textContent("main")).includes("髙橋"));
});

test("the centre's day on the phone", async () => {
  const small = await (await open(browser, phone)).newPage();
  await signIn(small, "eiken");
  await inspect(small, "today-laboratory-phone");
  const nurse = await (await open(browser, phone)).newPage();
  await signIn(nurse, "hoken2");
  for (const [path, name] of [["/", "today"], ["/patients", "patients"], ["/search", "search"], [`/patient/${patient}`, "patient"], [`/patient/${patient}/status`, "status"],
    [`/patient/${patient}/assignment`, "assignment"], [`/patient/${patient}/history`, "history"], ["/viewers", "viewers"]]) {
    await nurse.goto(address + path);
    await inspect(nurse, `${name}-centre-phone`);
    assert.ok(!(await nurse.locator(".menu li a").first().isVisible()), "the menu is folded");
  }
  await nurse.click(".menu summary");
  await inspect(nurse, "menu-centre-phone");
  await nurse.click(".menu a:has-text('検索')");
  assert.match(nurse.url(), /\/search$/);
});

test("a page costs no more than three round trips to the database", async () => {
  const paths = ["/", "/patients", "/search", `/patient/${patient}`, `/patient/${patient}/status`, `/patient/${patient}/assignment`, `/patient/${patient}/history`,
    `/patient/${patient}/viewers`, "/viewers", "/sealed", "/notification/new", "/todo/unconfirmed"];
  for (const path of paths) {
    const response = await centre.goto(address + path);
    const trips = response.headers()["x-round-trips"];
    if (trips === undefined) return; // only a stand that measures says so
    assert.ok(Number(trips) <= 3, `${path}: ${trips}`);
  }
});
