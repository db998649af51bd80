// sign_in.test.js - the second steps: SMS, authenticator app, passkey, recovery codes; waiting after failures; devices.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { inspect } from "./inspect.js";
import { address, desktop, launch, message, messages, open, password, phone, signIn } from "./stand.js";

let browser, page, secret, codes;

before(async () => {
  browser = await launch();
  page = await (await open(browser, desktop)).newPage();
  await signIn(page, "hoken2");
});
after(() => browser.close());

const sql = (text) => execFileSync("deploy/stand.sh", ["psql", "-At", "-c", text], { encoding: "utf8" }).trim();

// RFC 6238 as an authenticator app does it.
function totp(base32, when = Date.now()) {
  const bits = [...base32].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(when / 30000)));
  const hash = crypto.createHmac("sha1", key).update(counter).digest();
  const offset = hash[19] & 15;
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1000000).padStart(6, "0");
}

// The password of an account in a fresh browser; leaves at the second step.
async function firstStep(login, options = desktop) {
  const fresh = await (await open(browser, options)).newPage();
  await fresh.goto(`${address}/sign-in`);
  await fresh.fill("#login", login);
  await fresh.fill("#password", password);
  await Promise.all([fresh.waitForNavigation(), fresh.click("text=次へ")]);
  return fresh;
}

const press = (on, selector) => Promise.all([on.waitForNavigation(), on.click(selector)]);

test("a wrong password and an unknown ID get the same answer", async () => {
  const stranger = await (await open(browser, phone)).newPage();
  const answers = [];
  for (const login of ["shukuhaku", "nobody-here"]) {
    await stranger.goto(`${address}/sign-in`);
    await stranger.fill("#login", login);
    await stranger.fill("#password", "not the password");
    await press(stranger, "text=次へ");
    answers.push((await stranger.textContent(".errors")).trim());
    assert.equal(await stranger.inputValue("#login"), login);
  }
  assert.equal(answers[0], answers[1]);
  await inspect(stranger, "sign-in-wrong-phone");
});

test("guessing makes strangers wait, but not the owner's own browser", async () => {
  const owner = await (await open(browser, desktop)).newPage();
  await signIn(owner, "shukuhaku");
  await press(owner, "button:has-text('サインアウト')");
  const stranger = await (await open(browser, desktop)).newPage();
  for (let i = 0; i < 6; i++) {
    await stranger.goto(`${address}/sign-in`);
    await stranger.fill("#login", "shukuhaku");
    await stranger.fill("#password", `guess number ${i}`);
    await press(stranger, "text=次へ");
  }
  assert.match(await stranger.textContent(".errors"), /あと\d+秒お待ちください/);
  await stranger.fill("#password", password);
  await press(stranger, "text=次へ");
  assert.match(await stranger.textContent(".errors"), /お待ちください/);
  await signIn(owner, "shukuhaku"); // unhindered
});

test("an authenticator app: enrolled with the QR code, good once for each code", async () => {
  await page.goto(`${address}/me`);
  await inspect(page, "me-desktop");
  await page.click("main summary");
  secret = (await page.textContent("details code")).trim();
  await inspect(page, "me-totp-desktop");
  await page.fill("#totp-code", totp(secret));
  await page.fill("#totp-old", "not the password");
  await press(page, "form[action='/me/totp'] button");
  assert.match(await page.textContent(".errors"), /いまのパスワードが正しくありません/);
  await page.click("main summary");
  await page.fill("#totp-code", totp(secret)); // still the secret that the app has read
  await page.fill("#totp-old", password);
  await press(page, "form[action='/me/totp'] button");
  assert.match(await page.textContent("main"), /認証アプリを登録しました/);
  const fresh = await firstStep("hoken2");
  await inspect(fresh, "sign-in-second-desktop");
  await fresh.fill("#totp-code", totp(secret, Date.now() - 300000));
  await press(fresh, "form[action='/sign-in/totp'] button");
  assert.match(await fresh.textContent(".errors"), /正しくない/);
  const code = totp(secret, Date.now() + 30000); // one step ahead is accepted, so that the test need not wait
  await fresh.fill("#totp-code", code);
  await press(fresh, "form[action='/sign-in/totp'] button");
  assert.equal(new URL(fresh.url()).pathname, "/");
  const again = await firstStep("hoken2");
  await again.fill("#totp-code", code);
  await press(again, "form[action='/sign-in/totp'] button");
  assert.match(await again.textContent(".errors"), /正しくない/);
});

test("a passkey: made, used, deleted", async () => {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", { options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
  await page.goto(`${address}/me`);
  await page.fill("#passkey-label", "保健所の端末");
  await page.fill("#passkey-old", password);
  await press(page, "form[action='/me/passkey'] button");
  assert.match(await page.textContent("main"), /パスキーを登録しました/);
  assert.match(await page.textContent("main"), /保健所の端末/);
  await press(page, "button:has-text('サインアウト')");
  await page.fill("#login", "hoken2");
  await page.fill("#password", password);
  await press(page, "text=次へ");
  await press(page, "button:has-text('パスキーで確認する')");
  assert.equal(new URL(page.url()).pathname, "/");
  await page.goto(`${address}/me`);
  assert.match(await page.textContent("main"), /パスキー/);
  await press(page, "form[action='/me/passkey/delete'] button");
  assert.match(await page.textContent("main"), /パスキーを削除しました/);
});

test("recovery codes: ten, shown once, each good once", async () => {
  await page.goto(`${address}/me`);
  await page.fill("#recovery-old", password);
  await press(page, "form[action='/me/recovery'] button");
  codes = await page.locator("#codes code").allTextContents();
  assert.equal(codes.length, 10);
  await page.goto(`${address}/me`);
  assert.equal(await page.locator("#codes").count(), 0);
  assert.match(await page.textContent("main"), /残り10個/);
  for (const expected of ["/", "/sign-in/recovery"]) {
    const fresh = await firstStep("hoken2");
    await fresh.fill("#recovery-code", codes[0].toLowerCase());
    await press(fresh, "form[action='/sign-in/recovery'] button");
    assert.equal(new URL(fresh.url()).pathname, expected);
  }
});

test("numbers are added and deleted, but never the last way in", async () => {
  await page.goto(`${address}/me`);
  await page.fill("#phone", "０８０－１１１１－２２２２");
  await page.fill("#phone-old", password);
  const since = messages().length;
  await press(page, "form[action='/me/phone'] button");
  const sms = await message(since, (m) => m.to === "+818011112222");
  await page.fill("#phone-code", "000000");
  await press(page, "form[action='/me/phone/confirm'] button");
  assert.match(await page.textContent(".errors"), /正しくない/);
  await page.fill("#phone-code", sms.text.match(/\d{6}/)[0]);
  await press(page, "form[action='/me/phone/confirm'] button");
  assert.match(await page.textContent("main"), /080-1111-2222/);
  await press(page, "li:has-text('080-1111-2222') button");
  await press(page, "form[action='/me/totp/delete'] button");
  await press(page, "form[action='/me/phone/delete'] button");
  assert.match(await page.textContent(".errors"), /先に別の方法を登録/);
});

test("a code by SMS is accepted once, even when posted many times at once", async () => {
  const fresh = await firstStep("eiken");
  const since = messages().length;
  await press(fresh, "button[name=phone]");
  const code = (await message(since, (m) => m.kind === "sms")).text.match(/\d{6}/)[0];
  const before = Number(sql("SELECT count(*) FROM app.session s JOIN app.account a USING (account_id) WHERE a.login = 'eiken'"));
  await fresh.evaluate((c) => Promise.all(Array.from({ length: 20 }, () => fetch("/sign-in/code", { method: "POST", body: new URLSearchParams({ code: c }) }))), code);
  const made = Number(sql("SELECT count(*) FROM app.session s JOIN app.account a USING (account_id) WHERE a.login = 'eiken'")) - before;
  assert.equal(made, 1);
});

test("sign out everywhere ends the other sessions at once", async () => {
  const other = await (await open(browser, desktop)).newPage();
  await signIn(other, "hoken1");
  const mine = await (await open(browser, desktop)).newPage();
  await signIn(mine, "hoken1");
  await mine.goto(`${address}/me`);
  await press(mine, "button:has-text('他の端末をすべてサインアウトする')");
  await other.goto(`${address}/patients`);
  assert.match(other.url(), /sign-in/);
  await mine.goto(`${address}/patients`);
  assert.match(mine.url(), /patients/);
});

test("a weak new password is refused with the reason, a good one signs out the others", async () => {
  const mine = await (await open(browser, desktop)).newPage();
  await signIn(mine, "follow");
  await mine.goto(`${address}/me`);
  for (const [typed, reason] of [["short", /13文字以上/], ["passwordpassword", /よく使われる/], ["follow-follow-1", /IDや機関名/]]) {
    await mine.fill("#old", password);
    await mine.fill("#password", typed);
    await mine.fill("#again", typed);
    await press(mine, "form[action='/me/password'] button");
    assert.match(await mine.textContent(".errors"), reason);
  }
});

test("the session warns before it ends, and a press keeps it", async () => {
  const mine = await (await open(browser, desktop)).newPage();
  await signIn(mine, "aichi");
  await mine.goto(`${address}/patients`);
  await mine.evaluate(() => (document.body.dataset.idle = "100"));
  await mine.clock.install();
  await mine.goto(`${address}/patients`);
  await mine.clock.fastForward(26 * 60 * 1000);
  await mine.waitForSelector("#idle-warning:not([hidden])");
  assert.match(await mine.textContent("#idle-title"), /あと\d+(分|秒)でサインアウト/);
  await inspect(mine, "idle-warning-desktop");
  await mine.click("#idle-keep");
  await mine.clock.runFor(2000);
  await mine.waitForSelector("#idle-warning", { state: "hidden" });
});
