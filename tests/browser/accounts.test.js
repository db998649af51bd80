// accounts.test.js - accounts, organisations, jurisdiction and applications as the people concerned see them.
//
// Each page is photographed on a desktop and at the width of a telephone ($HERSYS_STATE/shots), checked with axe-core
// and for sideways scrolling. The way from the application to the first sign-in is gone once without JavaScript.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import { after, before, test } from "node:test";
import { inspect } from "./inspect.js";
import { address, desktop, launch, message, messages, open, phone, signIn } from "./stand.js";

const shots = `${process.env.HERSYS_STATE ?? "var"}/shots`;
const run = crypto.randomBytes(3).toString("hex"); // so that the tests may run again on the same stand
let browser;
const states = {}; // login -> cookies

before(async () => {
  browser = await launch();
});
after(async () => {
  await browser.close();
  sql("DELETE FROM app.account WHERE login LIKE 'k232011%'");
  sql("DELETE FROM app.organisation WHERE code LIKE 'K232011%'");
});

const sql = (text) =>
  execFileSync("deploy/stand.sh", ["psql", "-At", "-c", text], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();

// A page of somebody who has signed in; the second time with the cookies of the first.
async function pageOf(login, options = desktop) {
  const context = await open(browser, { ...options, storageState: states[login] });
  const page = await context.newPage();
  if (!states[login]) {
    await signIn(page, login);
    states[login] = await context.storageState();
  }
  return page;
}

// The page wide and narrow (inspect.js: picture, axe, no sideways scrolling).
async function look(page, name) {
  for (const [size, viewport] of [["desktop", desktop.viewport], ["phone", phone.viewport]]) {
    await page.setViewportSize(viewport);
    await inspect(page, `accounts-${name}-${size}`);
  }
  await page.setViewportSize(desktop.viewport);
}

// Presses the button of the letter page and reads the two sheets.
async function readLetter(page) {
  const [popup] = await Promise.all([page.context().waitForEvent("page"), page.click("text=印刷する手紙を開く")]);
  await popup.close();
  const csrf = await page.inputValue("form[action$='/letter'] input[name=csrf]");
  const answer = await page.context().request.post(address + new URL(page.url()).pathname, { form: { csrf }, headers: { origin: address } });
  assert.equal(answer.headers()["content-type"], "application/pdf");
  const text = execFileSync("pdftotext", ["-layout", "-", "-"], { input: await answer.body(), encoding: "utf8" });
  const [first, second] = text.split("\f");
  return { first, second, password: second.match(/[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/)[0] };
}

test("apply: mistakes are kindly named, nothing typed is lost, numbers in any width will do", async () => {
  const page = await (await open(browser)).newPage();
  await page.goto(`${address}/sign-in`);
  await page.click("text=IDの発行を申請");
  await look(page, "apply");
  await page.click("main p > button");
  assert.equal(await page.locator(".errors li").count(), 6);
  await page.click(".errors a >> text=医師の氏名");
  assert.match(page.url(), /#f-doctor$/);
  assert.equal(await page.evaluate(() => document.activeElement.name), "doctor");
  await look(page, "apply-errors");

  await page.fill("#f-institution", `㐂多川ﾅｲｶ ${run}`);
  await page.fill("#f-postal_code", "４６００００８");
  await page.fill("#f-phone", "09-12");
  await page.fill("#f-email", "kitagawa@");
  await page.click("text=住所を入れる");
  assert.equal(await page.inputValue("#f-address"), "愛知県名古屋市中区栄");
  assert.equal(await page.inputValue("#f-institution"), `㐂多川ﾅｲｶ ${run}`, "as typed");
  assert.equal(await page.locator(".errors").count(), 0, "asking for the address checks nothing yet");
  assert.equal(await page.evaluate(() => document.activeElement.name), "address");
  await page.fill("#f-address", "どこか遠く");
  await page.fill("#f-doctor", "髙﨑　健");
  await page.press("#f-doctor", "Enter");
  assert.deepEqual(await page.locator(".errors li").allTextContents(), [
    "市区町村が分かりません。「愛知県名古屋市中区…」のように、都道府県から入力してください。",
    "電話番号は、市外局番から10桁か11桁の数字で入力してください。",
    "メールアドレスは「name@example.jp」の形で入力してください。"]);
  for (const [name, value] of [["postal_code", "４６００００８"], ["phone", "09-12"], ["email", "kitagawa@"], ["address", "どこか遠く"]])
    assert.equal(await page.inputValue(`#f-${name}`), value);
  await look(page, "apply-mistakes");

  await page.fill("#f-address", "名古屋市中区栄２－３－４");
  await page.fill("#f-phone", "（０５２）５５５－０１８８");
  await page.fill("#f-email", "ｋｉｔａｇａｗａ＠example.jp");
  const since = messages().length;
  await page.click("main p > button");
  assert.equal(await page.textContent("h1"), "申請を受け付けました");
  assert.match(await page.textContent(".receipt"), /名古屋市保健所/);
  await look(page, "apply-done");
  assert.deepEqual(
    sql(`SELECT institution, postal_code, municipality_code, address, phone, doctor, email FROM app.application WHERE institution LIKE '%${run}'`),
    `㐂多川ﾅｲｶ ${run}|4600008|23106|名古屋市中区栄２－３－４|0525550188|髙﨑　健|kitagawa@example.jp`);
  const mail = await message(since, (m) => m.kind === "mail" && m.subject.includes("申請"));
  assert.doesNotMatch(mail.text, /髙﨑|㐂多川/, "the mail names nobody");

  await page.goto(`${address}/apply`);
  await page.fill("#f-postal_code", "9999999");
  await page.click("text=住所を入れる");
  assert.match(await page.textContent(".errors"), /見つかりませんでした/);
});

test("without JavaScript: apply, approve, letter, first sign-in, own password, phone, terms", async () => {
  const plain = { ...desktop, javaScriptEnabled: false };
  const guest = await (await open(browser, plain)).newPage();
  const institution = `紙とえんぴつ診療所 ${run}`, mobile = `090${String(Date.now()).slice(-8)}`;
  await guest.goto(`${address}/apply`);
  for (const [name, value] of [["institution", institution], ["postal_code", "460-0008"], ["address", "愛知県名古屋市中区栄5-6-7"],
    ["phone", "0525550166"], ["doctor", "紙山 筆子"], ["email", "kamiyama@example.jp"]]) await guest.fill(`#f-${name}`, value);
  await guest.click("main p > button");
  const receipt = (await guest.textContent(".receipt .number")).trim();

  await pageOf("hoken1").then((page) => page.context().close());
  const issuer = await pageOf("hoken1", plain);
  await issuer.goto(`${address}/`);
  await issuer.click("nav >> text=ID発行申請");
  const card = issuer.locator("article.card", { hasText: institution });
  assert.match(await card.textContent(), new RegExp(receipt));
  await issuer.screenshot({ path: `${shots}/accounts-applications-plain-desktop.png`, fullPage: true });
  await card.locator("text=承認してIDを発行する").click();
  assert.match(await issuer.textContent(".notice"), /申請を承認しました/);
  const letter = await readLetter(issuer);
  const login = letter.first.match(/ユーザーID\s+(\S+)/)[1];
  assert.match(letter.first, new RegExp(`${address}[\\s\\S]*紙山 筆子[\\s\\S]*医師（利用者認証実施者）`));
  assert.ok(!letter.second.includes(login) && !letter.first.includes(letter.password));

  await guest.goto(`${address}/sign-in`);
  await guest.fill("#login", login.toUpperCase());
  await guest.fill("#password", letter.password.toLowerCase()); // as people copy from paper
  await guest.click("text=次へ");
  await guest.screenshot({ path: `${shots}/accounts-first-password-desktop.png`, fullPage: true });
  await guest.fill("#password", `enpitsu-no-oto-${run}`);
  await guest.fill("#again", `enpitsu-no-oto-${run}`);
  await guest.click("text=このパスワードにする");
  await guest.fill("#phone", mobile);
  const since = messages().length;
  await guest.click("text=番号を送る");
  const sms = await message(since, (m) => m.kind === "sms" && m.to.endsWith(mobile.slice(1)));
  await guest.fill("#sms-code", sms.text.match(/\d{6}/)[0]);
  await guest.click("form[action='/sign-in/enrol/code'] button");
  assert.match(await guest.textContent("h2"), new RegExp(`利用規約（第${sql("SELECT value FROM app.setting WHERE name = 'terms_version'")}版）`));
  await guest.click("text=同意して利用を始める");
  assert.equal(new URL(guest.url()).pathname, "/");
  assert.match(await guest.textContent(".who"), /紙山 筆子/);
  await guest.click("nav >> text=アカウント");
  assert.equal(await guest.locator("tbody tr").count(), 1, "the clinic's own account and no other");
  assert.equal(sql(`SELECT count(*) FROM app.account_letter l JOIN app.account a USING (account_id) WHERE login = '${login}'`), "0",
    "after the first sign-in the letter is gone");
});

test("an issuer gives an account to a clinic, prints the letter, corrects, resets, suspends and resumes it", async () => {
  const page = await pageOf("hoken1");
  await page.goto(`${address}/accounts`);
  await look(page, "list");
  await page.click("text=機関の一覧");
  await page.click("text=名古屋みなと病院");
  await look(page, "organisation");
  await page.click("text=この機関のIDを発行する");
  const proposed = await page.inputValue("#f-login");
  assert.match(proposed, /^k2310002-\d+$/);
  await look(page, "new");
  await page.fill("#f-login", "Minato");
  await page.fill("#f-email", "だめ");
  await page.click("text=発行して手紙の画面へ進む");
  assert.deepEqual(await page.locator(".errors li").allTextContents(),
    ["名前・部署を入力してください。", "役割を選んでください。", "メールアドレスの形になっていません。"]);
  assert.equal(await page.inputValue("#f-login"), "Minato");
  await look(page, "new-errors");
  await page.fill("#f-holder", `××病棟２ ${run}`);
  await page.check("input[name=personal][value=section]");
  await page.check("input[name=role][value=staff]");
  await page.fill("#f-email", "");
  await page.click("text=発行して手紙の画面へ進む");
  assert.match(await page.textContent(".errors"), new RegExp(`すでに使われています。「${proposed}」なら使えます`));
  await page.fill("#f-login", `Ｂyoto-${run}`);
  await page.click("text=発行して手紙の画面へ進む");
  await look(page, "letter");
  const letter = await readLetter(page);
  assert.match(letter.first, new RegExp(`byoto-${run}`));

  await page.click("text=アカウントの画面へ");
  await look(page, "account");
  await page.fill("#f-holder", "");
  await page.click("text=保存する");
  assert.match(await page.textContent(".errors"), /名前・部署を入力してください/);
  await page.fill("#f-holder", `××病棟３ ${run}`);
  await page.check("input[name=role][value=doctor]");
  await page.click("text=保存する");
  assert.match(await page.textContent(".facts"), new RegExp(`××病棟３ ${run}[\\s\\S]*医師`));
  await page.click("button >> text=停止する");
  assert.match(await page.textContent(".warning"), /停止中/);
  await look(page, "suspended");
  await page.click("button >> text=停止を解除する");
  assert.match(await page.textContent(".notice"), /停止を解除しました/);
  await page.click("text=再発行して手紙の画面へ進む");
  assert.match(await page.textContent(".notice"), /再発行しました/);
  assert.notEqual((await readLetter(page)).password, letter.password);
});

test("accounts that nobody has used for 90 days are found", async () => {
  const page = await pageOf("hoken1");
  sql("UPDATE app.account SET last_used_at = now() - interval '91 days' WHERE login = 'hoken2'");
  sql("UPDATE app.account SET last_used_at = now() - interval '89 days' WHERE login = 'minato'");
  await page.goto(`${address}/accounts`);
  await page.click("text=90日以上使われていない");
  const logins = await page.locator("tbody tr td:nth-child(2)").allTextContents();
  assert.ok(logins.includes("hoken2") && !logins.includes("minato") && !logins.includes("hoken1"));
  await look(page, "unused");
  sql("UPDATE app.account SET last_used_at = now() WHERE login = 'hoken2'");
});

test("the issuing of accounts is handed over", async () => {
  const page = await pageOf("aichi");
  const id = sql("SELECT organisation_id FROM app.organisation WHERE code = 'A2310001'");
  for (const [n, issuer] of [["1", true], ["2", false]]) {
    await page.goto(`${address}/accounts/new?organisation=${id}`);
    await page.fill("#f-holder", `引継 ${n} ${run}`);
    await page.check("input[name=role][value=staff]");
    await page.fill("#f-login", `hikitsugi-${n}-${run}`);
    if (issuer) await page.check("#f-issuer");
    await page.click("text=発行して手紙の画面へ進む");
  }
  await page.goto(`${address}/accounts?organisation=${id}`);
  await page.click(`text=引継 1 ${run}`);
  await page.selectOption("#successor", { label: `引継 2 ${run}（hikitsugi-2-${run}）` });
  await look(page, "hand-over");
  await page.click("button >> text=引き継ぐ");
  assert.match(await page.textContent(".notice"), /引き継ぎました/);
  assert.equal(sql(`SELECT string_agg(login, ' ') FROM app.account WHERE issuer AND login LIKE 'hikitsugi-%-${run}'`), `hikitsugi-2-${run}`);
});

test("an organisation is registered, found, corrected, closed and opened again", async () => {
  const page = await pageOf("hoken1");
  await page.goto(`${address}/organisations`);
  await look(page, "organisations");
  await page.click("text=機関を登録する");
  await look(page, "organisation-new");
  await page.fill("#f-idle_minutes", "121");
  await page.click("main p > button");
  assert.equal(await page.locator(".errors li").count(), 5);
  await look(page, "organisation-new-errors");
  await page.check("input[name=kind][value=followup]");
  await page.fill("#f-name", `みまもり会 ${run}`);
  await page.fill("#f-postal_code", "460 0001");
  await page.click("text=住所を入れる");
  assert.equal(await page.inputValue("#f-address"), "愛知県名古屋市中区三の丸");
  assert.ok(await page.isChecked("input[name=kind][value=followup]"));
  await page.fill("#f-address", "愛知県名古屋市中区三の丸１－１");
  await page.fill("#f-phone", "052-555-0155");
  await page.fill("#f-idle_minutes", "１５");
  await page.uncheck("#f-section_accounts");
  await page.click("main p > button");
  assert.match(await page.textContent(".facts"), /F23106\d+[\s\S]*健康フォローアップ機関[\s\S]*名古屋市保健所/);
  assert.equal(await page.inputValue("#f-idle_minutes"), "15");

  await page.fill("#f-name", `みまもり隊 ${run}`);
  await page.fill("#f-address", "愛知県春日井市鳥居松町1");
  await page.click("section p > button >> text=保存する");
  assert.match(await page.textContent(".notice"), /保存しました/);
  assert.equal(sql(`SELECT municipality_code FROM app.organisation WHERE name = 'みまもり隊 ${run}'`), "23206");
  await page.click("text=この機関のIDを発行する");
  assert.equal(await page.locator("input[name=personal]").count(), 0, "no section accounts here");
  await page.goBack();
  await page.click("button >> text=閉鎖する");
  assert.match(await page.textContent(".warning"), /閉鎖しました/);
  await look(page, "organisation-closed");
  await page.click("button >> text=閉鎖を取り消す");
  await page.goto(`${address}/organisations`);
  await page.fill("#q", `隊 ${run}`);
  await page.click("text=探す");
  assert.deepEqual(await page.locator("tbody td:first-child a").allTextContents(), [`みまもり隊 ${run}`]);
  await page.fill("#q", "k2310002");
  await page.click("text=探す");
  assert.deepEqual(await page.locator("tbody td:first-child a").allTextContents(), ["名古屋みなと病院"]);
});

test("long lists come in pages, each organisation and each account once", async () => {
  const page = await pageOf("aichi");
  sql(`INSERT INTO app.organisation (kind, code, name, prefecture_code, municipality_code, address, phone, parent_id)
       SELECT 'clinic', 'K23201' || 1000 + n, '豊橋' || n || '医院', '23', '23201', '愛知県豊橋市今橋町' || n, '0532550000',
              (SELECT organisation_id FROM app.organisation WHERE code = 'P23')
         FROM generate_series(1, 120) n ON CONFLICT DO NOTHING`);
  sql(`INSERT INTO app.account (login, organisation_id, holder, personal, role, password_hash)
       SELECT lower(code) || '-1', organisation_id, '院長', true, 'doctor', '' FROM app.organisation
        WHERE code ~ '^K232011[0-9]{3}$' ON CONFLICT DO NOTHING`);
  for (const [path, cells] of [["/organisations", "tbody td:first-child .sub"], ["/accounts", "tbody td:nth-child(2)"]]) {
    await page.goto(address + path);
    const total = Number((await page.textContent("main")).match(/(\d+)件。/)[1]), seen = [];
    for (;;) {
      seen.push(...await page.locator(cells).allTextContents());
      if (await page.locator("text=次の50件").count() === 0) break;
      await page.click("text=次の50件");
    }
    assert.ok(total > 120);
    assert.equal(seen.length, total, path);
    assert.equal(new Set(seen).size, total, path);
  }
  await look(page, "list-last-page");
});

test("jurisdiction: a guess is confirmed, a wrong one corrected", async () => {
  const page = await pageOf("aichi");
  sql("UPDATE app.jurisdiction SET derived = true WHERE municipality_code = '23303'");
  await page.goto(`${address}/organisations`);
  await page.click("text=管轄を見る・直す");
  await look(page, "jurisdiction");
  const row = page.locator("tr", { hasText: "愛知県豊山町" });
  await row.locator("text=確かめる・直す").click();
  await page.selectOption("#centre", { label: "師勝保健所" });
  await look(page, "jurisdiction-place");
  await page.click("main p > button");
  assert.match(await page.textContent(".notice"), /管轄を保存しました/);
  assert.match(await row.textContent(), /師勝保健所[\s\S]*確認済み/);

  const ministry = await pageOf("kuni");
  await ministry.goto(`${address}/jurisdiction`);
  await look(ministry, "jurisdiction-ministry");
  await ministry.selectOption("#prefecture", { label: "沖縄県" });
  await ministry.click("text=表示する");
  assert.match(await ministry.textContent("table"), /沖縄県那覇市/);
});

test("an application is passed over, and the list remembers it", async () => {
  const page = await pageOf("hoken1"), guest = await (await open(browser)).newPage();
  for (const institution of ["さくら坂内科クリニック", `見送り医院 ${run}`]) {
    await guest.goto(`${address}/apply`);
    for (const [name, value] of [["institution", institution], ["postal_code", "4600008"], ["address", "愛知県名古屋市中区栄8-8"],
      ["phone", "0525550144"], ["doctor", "見 送"], ["email", "miokuri@example.jp"]]) await guest.fill(`#f-${name}`, value);
    await guest.click("main p > button");
    assert.equal(await guest.textContent("h1"), "申請を受け付けました");
  }
  await page.goto(`${address}/applications`);
  assert.match(await page.locator("article.card", { hasText: "さくら坂内科クリニック" }).first().textContent(), /同じ医療機関がすでにあります/);
  await look(page, "applications");
  await page.locator("article.card", { hasText: `見送り医院 ${run}` }).locator("button >> text=見送る").click();
  assert.match(await page.textContent(".notice"), /見送りにしました/);
  assert.match(await page.locator("tbody tr", { hasText: `見送り医院 ${run}` }).textContent(), /見送り[\s\S]*保健師 さくら/);
});
