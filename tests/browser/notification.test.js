// notification.test.js - a clinic writes, confirms, reports, changes, adds and deletes notifications.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { confirm, fill, person, report, set, switchDate } from "./form.js";
import { inspect } from "./inspect.js";
import { address, desktop, launch, message, messages, open, phone, signIn } from "./stand.js";

let browser, page;

before(async () => {
  browser = await launch();
  page = await (await open(browser, desktop)).newPage();
  await signIn(page, "sakura");
});
after(() => browser.close());

test("the form is kind: dates in 和暦, full width, postal code, age, reading", async () => {
  await page.goto(`${address}/notification/new`);
  await set(page, "birth_date", "Ｓ５５．１．２");
  await set(page, "family_kana", "やまだ");
  await set(page, "phone", "０９０－１２３４－５６７８");
  const answer = page.waitForResponse((r) => r.url().endsWith("/notification/live"));
  await set(page, "stay_postal_code", "〒４６１－０００４");
  await answer;
  await page.waitForFunction(() => document.querySelector("#stay_address").value !== "");
  assert.equal(await page.inputValue("#stay_address"), "愛知県名古屋市東区葵");
  assert.equal(await page.textContent("#birth_date-read"), "1980年1月2日（昭和55年）");
  assert.match(await page.inputValue("#age_years"), /^\d+$/);
  // A reading stands in カタカナ as soon as nobody types in it.
  assert.equal(await page.inputValue("#family_kana"), "ヤマダ");
  await page.fill("#given_kana", "たろう");
  await page.waitForResponse((r) => r.url().endsWith("/notification/live"));
  assert.equal(await page.inputValue("#given_kana"), "たろう", "not while the cursor is in it");
  await page.focus("#given_name");
  await page.waitForFunction(() => document.querySelector("#given_kana").value === "タロウ");
  await inspect(page, "notification-new-desktop");
});

test("a report about nobody says so at the item and keeps what was typed; nothing else is a wall", async () => {
  for (const path of ["/notification/new", "/notification/new?short=1"]) {
    await page.goto(address + path);
    await set(page, "institution_name", "さくら救急");
    await confirm(page);
    assert.match(await page.textContent("#errors"), /直してください（1件）.*どなたの届出か/s);
    assert.match(await page.textContent("[data-item=family_name] .field-message"), /どなたの届出か.*どれか一つ/);
    assert.equal(await page.locator("#confirm-dialog").count(), 0);
    assert.equal(await page.inputValue("#institution_name"), "さくら救急");
  }
  await inspect(page, "notification-blank-desktop");
  const body = await page.evaluate(() => { const data = new FormData(document.getElementById("notification")); data.set("action", "report"); return new URLSearchParams(data).toString(); });
  const forced = await page.evaluate(async (b) => (await fetch("/notification", { method: "POST", body: b, headers: { "content-type": "application/x-www-form-urlencoded" } })).text(), body);
  assert.match(forced, /直してください（1件）/, "the server asks, not the button");
  await page.goto(`${address}/notification/new`);
  const live = page.waitForResponse((r) => r.url().endsWith("/notification/live"));
  await set(page, "institution_name", "さくら救急");
  assert.deepEqual((await (await live).json()).problems, [], "not a word while somebody still types");
  await set(page, "given_kana", "ふめい");
  await confirm(page);
  assert.match(await page.textContent("#confirm-dialog .in-line"), /診断分類/);
  assert.match(await page.textContent("#confirm-dialog .compact"), /電話番号\s*未入力/);
  await report(page);
});

test("what is missing is framed and listed, and 続ける still reports", async () => {
  await fill(page, person({ dose_count: [], severity: [] }));
  await confirm(page);
  const dialog = page.locator("#confirm-dialog");
  await assert.doesNotReject(dialog.waitFor({ state: "visible" }));
  assert.match(await dialog.textContent(), /入力のない項目があります（2件）/);
  assert.match(await page.textContent("#confirm-dialog .in-line"), /ワクチン接種回数/);
  const summary = (await page.textContent("#confirm-dialog .compact")).replace(/\s+/g, "");
  assert.match(summary, /氏名試験太郎\d+フリガナシケンタロウ.*所在地（居所の住所）愛知県名古屋市中区栄1-1-1.*電話番号090-1234-/);
  assert.match(await page.textContent("#report-button"), /続ける/);
  await inspect(page, "notification-confirm-desktop");
  await page.click("#confirm-dialog a >> nth=0");
  assert.equal(await page.evaluate(() => document.activeElement.name), "dose_count");
  await inspect(page, "notification-missing-desktop");
  const since = messages().length;
  const { id } = await report(page);
  assert.match(await page.textContent(".receipt .number"), /受付番号 \d{5}-\d{5}-\d-01/);
  assert.match(await page.textContent(".receipt"), /入力のない項目が2件/);
  await inspect(page, "receipt-desktop");
  const mail = await message(since, (m) => m.kind === "mail" && m.to.startsWith("hoken"));
  const phoneId = (await page.textContent(".receipt")).match(/[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]/)[0];
  assert.match(mail.text, new RegExp(phoneId));
  assert.doesNotMatch(mail.text + mail.subject, /試験|太郎|陽性|コロナ/);
  assert.equal(id.length, 11);
});

test("pressing twice, going back and replaying make one report", async () => {
  await fill(page, person());
  await confirm(page);
  const body = await page.evaluate(() => new URLSearchParams(new FormData(document.getElementById("notification"))).toString() + "&action=report");
  const post = () => page.evaluate(async (b) => (await fetch("/notification", { method: "POST", body: b, headers: { "content-type": "application/x-www-form-urlencoded" } })).url, body);
  const answers = await Promise.all([post(), post(), post()]);
  const ids = new Set(answers.map((url) => url.match(/patient\/(\d+)/)?.[1]));
  assert.equal(ids.size, 1, "three posts of one form gave one patient");
  await page.goto(answers[0]);
  assert.match(await page.textContent("main"), /受付番号/);
});

test("an impossible date must be corrected, a doubtful one may be confirmed, and nothing typed is lost", async () => {
  await fill(page, person({ onset_date: "2022/9/31" }));
  await confirm(page);
  assert.match(await page.textContent("#errors"), /発病年月日.*カレンダーにない日付/);
  assert.equal(await page.inputValue("#onset_date"), "2022/9/31");
  assert.equal(await page.locator("#confirm-dialog").count(), 0);
  await inspect(page, "notification-errors-desktop");
  await set(page, "onset_date", "2022/10/3");
  await confirm(page);
  assert.match(await page.textContent("#confirm-dialog"), /発病年月日が診断年月日より後です/);
  await report(page);
});

test("the form follows the diagnosis date through all five versions and keeps what was typed", async () => {
  await page.goto(`${address}/notification/new`);
  await set(page, "family_name", "様式");
  for (const [date, version] of [["2020/6/1", "2020-05"], ["2021/3/1", "2021-02"], ["2022/7/1", "2022-06"], ["2022/8/10", "2022-08"], ["2022/10/1", "2022-09"]]) {
    await switchDate(page, date);
    assert.equal(await page.inputValue("[name=form]"), version);
    assert.equal(await page.inputValue("#family_name"), "様式");
    await inspect(page, `form-${version}-desktop`);
  }
});

test("the full form of 2021: symptoms, four tests, vaccine, route, travel with passport", async () => {
  await fill(page, person({ diagnosis_date: "2021/6/10", onset_date: "2021/6/8", occupation: "会社員", home_address: "愛知県愛知郡東郷町春木1-1",
    symptoms: ["fever", "other"], spo2: "９６", test1_method: "naat", test1_specimen: "saliva", test1_sampled_on: "2021/6/9",
    test1_result: "positive", first_visit_date: "2021/6/9", route_certainty: "presumed", place_kind: "karaoke", area: "japan",
    entry_date: "2021/5/14", dose1_given: "no", remote_visit: "no" }));
  await page.waitForResponse((r) => r.url().endsWith("/notification/live"));
  await set(page, "symptom_other", "耳の痛み");
  for (const [item, value] of [["test2_method", "antigen_quantitative"], ["test2_specimen", "saliva"], ["test2_sampled_on", "2021/6/10"], ["test2_result", "negative"],
    ["test3_method", "isolation"], ["test3_specimen", "sputum"], ["test3_sampled_on", "2021/6/10"], ["test3_result", "pending"],
    ["test4_method", "other"], ["test4_specimen", "other"], ["test4_sampled_on", "2021/6/10"], ["test4_result", "unknown"],
    ["place_name", "カラオケ店"], ["passport_number", "ｔｋ１２３４５６７"]]) {
    await page.locator(`[name="${item}"]`).first().waitFor({ state: "visible" });
    await set(page, item, value);
  }
  await confirm(page);
  await inspect(page, "notification-2021-full-desktop");
  const { id } = await report(page);
  await page.goto(`${address}/patient/${id}`);
  const text = await page.textContent("main");
  for (const expected of ["発熱、その他", "耳の痛み", "96％", "検査4 検査方法", "TK1234567", "カラオケ店", "2021年5月14日（令和3年）", "愛知県愛知郡東郷町春木1-1"])
    assert.ok(text.includes(expected), expected);
  await inspect(page, "patient-notification-desktop");
});

test("the passport is asked for to the 28th day counted from the entry, not on the 29th", async () => {
  for (const [entry, asked] of [["2021/5/14", true], ["2021/5/13", false]]) {
    await page.goto(`${address}/notification/new`);
    await switchDate(page, "2021/6/10");
    const answer = page.waitForResponse((r) => r.url().endsWith("/notification/live"));
    await set(page, "entry_date", entry);
    await answer;
    await page.waitForTimeout(100);
    assert.equal(await page.locator("#passport_number").isVisible(), asked, entry);
  }
});

test("みなし陽性 fills the その他 values and 臨床診断 by itself", async () => {
  await page.goto(`${address}/notification/new?deemed=1`);
  await switchDate(page, "2022/3/1");
  for (const item of ["family_name", "given_name", "sex", "birth_date", "stay_address"]) await set(page, item, person()[item]);
  await inspect(page, "notification-deemed-desktop");
  const { id } = await report(page);
  await page.goto(`${address}/patient/${id}`);
  const text = await page.textContent("main");
  for (const expected of ["疑似症患者", "みなし陽性", "臨床診断"]) assert.ok(text.includes(expected), expected);
  assert.match(text, /検査1 検査方法\s*その他/);
  assert.match(text, /検査1 検体採取日\s*2022年3月1日/);
});

test("the short form asks for the seven, and the rest stays as work for later", async () => {
  await page.goto(`${address}/notification/new`);
  await switchDate(page, "2021/6/10");
  await page.click("button[value=short]");
  assert.ok((await page.locator("[data-item]").count()) <= 20);
  assert.equal(await page.locator("#occupation").count(), 0);
  await inspect(page, "notification-short-desktop");
  for (const [item, value] of Object.entries({ category: "confirmed", family_name: "急増", given_name: "花", sex: "female", birth_date: "H2.2.2", stay_address: "名古屋市中区丸の内1-1", onset_date: "2021/6/9", test1_method: "naat", test1_specimen: "saliva", test1_sampled_on: "2021/6/10", test1_result: "positive" }))
    await set(page, item, value);
  const { id } = await report(page);
  await page.goto(`${address}/todo/items_missing`);
  const row = page.locator(`text=${id.slice(0, 5)}-${id.slice(5, 10)}-${id[10]}`);
  while ((await row.count()) === 0) await page.click("text=次の50件"); // the newest of this list stands on its last page
});

test("a family member's report has what a family shares and nothing of the first one's body", async () => {
  const shared = { diagnosis_date: "2021/6/10", family_name: "試験", family_kana: "シケン", home_postal_code: "460-0001", home_address: "愛知県名古屋市中区三の丸1-1",
    stay_postal_code: "460-0011", stay_address: "愛知県名古屋市中区大須3-3", phone: "0521112222", stay_phone: "0521113333", guardian_name: "試験 親",
    guardian_address: "愛知県名古屋市中区大須3-3", guardian_phone: "090-1111-2222", route_certainty: "presumed", route: "droplet", route_detail: "会食", place_kind: "karaoke",
    place_name: "カラオケ店", area: "japan", area_certainty: "presumed", area_detail: "名古屋市", institution_name: "共通医院", institution_address: "名古屋市中区栄2-2",
    institution_phone: "0521114444" };
  const own = { category: "confirmed", birth_date: "2010/1/2", occupation: "小学生", symptoms: ["fever", "other"], symptom_other: "耳の痛み", spo2: "96", sex: "male",
    test1_method: "naat", test1_specimen: "saliva", test1_sampled_on: "2021/6/9", test1_result: "positive", first_visit_date: "2021/6/9", onset_date: "2021/6/8",
    infected_date: "2021/6/5", dose1_given: "yes", dose1_date: "2021/6/1", severity: "mild", hospitalised: "no", risk: "no", remote_visit: "no",
    entry_date: "2021/5/14", remarks: "備考", given_name: "一", given_kana: "ハジメ" };
  await page.goto(`${address}/notification/new`);
  await switchDate(page, shared.diagnosis_date);
  for (const [name, value] of Object.entries({ ...own, ...shared })) {
    if (name === "diagnosis_date") continue;
    await page.locator(`[name="${name}"]`).first().waitFor({ state: "visible" }); // some appear with what was typed before
    await set(page, name, value);
  }
  await report(page);
  await page.click("text=家族も陽性");
  await page.waitForSelector("#notification");
  const values = await page.evaluate(() => {
    const found = {};
    for (const field of document.querySelectorAll("[data-item] input, [data-item] select, [data-item] textarea"))
      if (!["radio", "checkbox"].includes(field.type) || field.checked) found[field.name] = field.value;
    return found;
  });
  const expected = { ...shared, doctor_name: "医師 坂本", doctor_checked: "yes" }; // the doctor who writes now, as on every fresh form
  for (const [name, value] of Object.entries(values)) assert.equal(value, expected[name] ?? "", name);
  for (const name of Object.keys(shared)) assert.equal(values[name], shared[name], name);
  const clerk = await (await open(browser, desktop)).newPage();
  await signIn(clerk, "sakura-jimu");
  await clerk.goto(page.url());
  assert.equal(await clerk.inputValue("#doctor_name"), "医師 坂本");
  assert.equal(await clerk.locator("[name=doctor_checked]:checked").count(), 0, "nobody has checked this one yet");
  await clerk.context().close();
});

test("a template keeps the clinic's values and no person", async () => {
  await fill(page, person({ severity: "moderate_1" }));
  await page.click("main summary");
  await page.fill("#template_name", "発熱外来");
  await page.click("button[value=template]");
  assert.match(await page.textContent("#save-state"), /発熱外来/);
  await page.goto(`${address}/drafts`);
  await inspect(page, "drafts-desktop");
  await page.click("text=「発熱外来」で書き始める");
  assert.equal(await page.inputValue("#family_name"), "");
  assert.equal(await page.inputValue("#phone"), "");
  assert.ok(await page.isChecked("[name=severity][value=moderate_1]"));
});

test("a draft survives the tab, and an interrupted network is said and made good", async () => {
  const context = page.context();
  await page.goto(`${address}/notification/new`);
  await set(page, "family_name", "途中");
  await page.waitForResponse((r) => r.url().endsWith("/notification/live"));
  await context.setOffline(true);
  await set(page, "given_name", "次郎");
  await page.waitForFunction(() => document.getElementById("save-state").textContent.includes("まだ保存できていません"));
  await context.setOffline(false);
  await page.waitForFunction(() => document.getElementById("save-state").textContent.includes("下書きに保存しました"), null, { timeout: 15000 });
  await page.goto(`${address}/drafts`);
  await page.click("text=途中 次郎");
  assert.equal(await page.inputValue("#given_name"), "次郎");
});

test("a form that comes after its session ended is there after signing in again", async () => {
  const other = await (await open(browser, desktop)).newPage();
  await signIn(other, "kodomo");
  await fill(other, person({ family_name: "時間切れ" }));
  const { execFileSync } = await import("node:child_process");
  execFileSync("deploy/stand.sh", ["psql", "-c", "UPDATE app.session SET idle_until = now() - interval '1 minute' WHERE account_id = (SELECT account_id FROM app.account WHERE login = 'kodomo')"]);
  await other.locator(".form-foot button[value=confirm]").click();
  await other.waitForURL(/sign-in\?expired/);
  assert.match(await other.textContent("main"), /下書きから続けられます/);
  await inspect(other, "sign-in-expired-desktop");
  await signIn(other, "kodomo");
  await other.goto(`${address}/drafts`);
  await other.click("text=時間切れ");
  assert.equal(await other.inputValue("#family_name"), "時間切れ");
  await other.context().close();
});

test("two people on one record: what does not clash is merged, what clashes is shown", async () => {
  await fill(page, person());
  const { id, no } = await report(page);
  const edit = `${address}/patient/${id}/notification/${no}/edit`;
  const second = await page.context().newPage();
  await page.goto(edit);
  await second.goto(edit);
  await set(second, "remarks", "先に保存");
  await set(second, "severity", "severe");
  await confirm(second);
  await second.click("#report-button");
  await second.waitForURL(/receipt/);
  await set(page, "doctor_name", "医師 別人");
  await set(page, "severity", "moderate_2");
  await confirm(page);
  await page.click("#report-button");
  await page.waitForLoadState("load");
  assert.match(await page.textContent(".errors"), /届出時点の重症度.*中等症Ⅱ.*重症/s);
  assert.equal(await page.inputValue("#remarks"), "先に保存");
  assert.equal(await page.inputValue("#doctor_name"), "医師 別人");
  await inspect(page, "notification-clash-desktop");
  await report(page);
  await page.goto(`${address}/patient/${id}`);
  const text = await page.textContent("main");
  assert.ok(text.includes("先に保存") && text.includes("医師 別人") && text.includes("中等症Ⅱ"));
  await second.close();
});

test("追加登録 freezes the older report, and a category keeps its first 提出日", async () => {
  await fill(page, person({ category: "suspected" }));
  const { id } = await report(page);
  await page.goto(`${address}/patient/${id}`);
  await page.click("text=追加登録");
  await switchDate(page, "2022/10/1");
  await set(page, "category", "confirmed");
  const added = await report(page);
  assert.equal(added.no, "2");
  await page.goto(`${address}/patient/${id}`);
  const text = await page.textContent("main");
  assert.match(text, /疑似症患者：\d{4}\/\d\d\/\d\d/);
  assert.match(text, /患者（確定例）：\d{4}\/\d\d\/\d\d/);
  await inspect(page, "patient-two-notifications-desktop");
  await page.goto(`${address}/patient/${id}/notification/1/edit`);
  assert.match(await page.textContent("main"), /以前の発生届は変更できません/);
});

test("deleting needs a reason, and is at once and for good for the clinic", async () => {
  await fill(page, person({ family_name: "削除" }));
  const { id } = await report(page);
  await page.goto(`${address}/patient/${id}/notification/1/delete`);
  await inspect(page, "notification-delete-desktop");
  assert.match(await page.textContent("main"), /担当保健所は、30日の間、元に戻せます/);
  await page.fill("#reason", "二重の届出");
  await page.click("button:has-text('削除する')");
  await page.waitForURL(/\/patients/);
  const gone = await page.goto(`${address}/patient/${id}`);
  assert.equal(gone.status(), 404);
  assert.doesNotMatch(await page.textContent("main"), /削除/);
});

test("on the phone, with the thumb", async () => {
  const small = await (await open(browser, phone)).newPage();
  await signIn(small, "minato");
  await inspect(small, "today-clinic-phone");
  await fill(small, person());
  await inspect(small, "notification-phone");
  await confirm(small);
  await inspect(small, "notification-confirm-phone");
  await report(small);
  await inspect(small, "receipt-phone");
  await small.click("text=届出の内容を見る");
  await inspect(small, "patient-notification-phone");
  await small.context().close();
});

test("without JavaScript everything works", async () => {
  const plain = await (await open(browser, { ...desktop, javaScriptEnabled: false })).newPage();
  await signIn(plain, "sakura-jimu");
  await plain.goto(`${address}/notification/new`);
  await plain.fill("#diagnosis_date", "2021/6/10");
  await plain.locator(".form-foot button[value=confirm]").click();
  assert.match(await plain.textContent("main"), /2021年2月様式に切り替えました/);
  await plain.fill("#family_name", "無効");
  await plain.fill("#given_name", "花子");
  await plain.check("[name=category][value=confirmed]");
  await plain.click("button[value=no_risk]");
  assert.ok(await plain.isChecked("[name=risk][value=no]"));
  assert.equal(await plain.inputValue("#family_name"), "無効");
  await plain.locator(".form-foot button[value=confirm]").click();
  assert.match(await plain.textContent("#confirm-dialog"), /入力のない項目があります/);
  await plain.click("#report-button");
  assert.match(await plain.textContent("main"), /受付番号/);
  await plain.context().close();
});

test("by keyboard alone", async () => {
  await page.goto(`${address}/notification/new`);
  await set(page, "category", "confirmed");
  await page.focus("#family_name");
  await page.keyboard.type("鍵盤");
  await page.keyboard.press("Tab");
  await page.keyboard.type("一");
  for (let i = 0; i < 3; i++) await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.name), "sex");
  await page.keyboard.press("Space");
  assert.ok((await page.locator("[name=sex]:checked").count()) === 1);
  await page.focus("#given_name");
  await page.keyboard.press("Enter"); // Enter goes to the confirmation, never to the report
  await page.waitForSelector("#confirm-dialog[open]");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#confirm-dialog[open]").count(), 0);
});
