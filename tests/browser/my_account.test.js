// my_account.test.js - My HER-SYS in a browser: the 療養証明書 and the page that confirms it, registering by mail and signing in, on a
// telephone, on a desktop by keyboard, and without JavaScript.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import { after, before, test } from "node:test";
import { inspect } from "./inspect.js";
import { address, desktop, launch, message, messages, open, phone } from "./stand.js";
import { signIn as httpSignIn } from "../http/client.js";
import { atHome } from "../http/my.js";

let browser, clinic, centre;
before(async () => { browser = await launch(); clinic = await httpSignIn("sakura"); centre = await httpSignIn("hoken1"); });
after(() => browser.close());

const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);
const password = "kawa no oto to tsuki";
const mailTo = () => `denwa-${crypto.randomBytes(6).toString("hex")}@example.jp`;

// A browser in which the patient's link was opened with the birth date.
async function opened(patient, options = phone) {
  const context = await open(browser, options), page = await context.newPage();
  await page.goto(`${address}/my/${patient.link}`);
  const [year, month, day] = patient.birth.split("-");
  for (const [name, value] of Object.entries({ year, month, day })) await page.fill(`#${name}`, value);
  await press(page, ".my-send");
  return page;
}
async function confirmed() {
  const patient = await atHome(clinic, centre);
  await centre.get(patient.path);
  assert.equal((await centre.post(`${patient.path}/notification/1/confirm`)).status, 303);
  return patient;
}
async function typeCode(page, mail, since) {
  const { text } = await message(since, (m) => m.kind === "mail" && m.to === mail);
  await page.fill("#code", text.match(/\d{6}/)[0]);
}

test("the certificate on a telephone fits a picture of its screen, comes by itself when it is made, and is confirmed by its number", async () => {
  const page = await opened(await confirmed());
  await press(page, "text=療養証明書を表示する");
  await page.waitForSelector(".certificate");
  await inspect(page, "my-certificate-phone");
  const box = await page.$eval(".certificate", (one) => one.getBoundingClientRect().height);
  assert.ok(box < phone.viewport.height, `${box} px`);
  const squares = await page.$eval(".certificate-code", (one) => one.getBoundingClientRect().width / one.viewBox.baseVal.width);
  assert.ok(squares >= 3, `a square of the QR code is ${squares} px wide`);
  const picture = `${process.env.HERSYS_STATE ?? "var"}/shots/my-certificate-phone.png`;
  const scanned = execFileSync("zbarimg", ["-q", "--raw", picture], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  const [code, facts] = [await page.textContent(".certificate b"), await page.innerText(".certificate-facts")];
  const other = await (await open(browser, phone)).newPage();
  await other.goto(`${address}/verify`);
  await inspect(other, "verify-phone");
  await other.fill("#code", code.replace(/.$/, (c) => (c === "7" ? "8" : "7")));
  await press(other, ".my-send");
  assert.match(await other.textContent(".errors"), /確認できません/);
  await inspect(other, "verify-wrong-phone");
  await other.fill("#code", code.toLowerCase());
  await press(other, ".my-send");
  assert.match(await other.textContent(".notice"), /本物の療養証明書です/);
  assert.equal(await other.innerText(".certificate-facts"), facts);
  assert.equal(scanned, `${address}/verify/${code.replaceAll("-", "")}`, "a camera reads the address in a picture of the screen");
  await other.goto(scanned);
  await inspect(other, "verify-genuine-phone");
});

test("before the centre has read the report the page says so; on a desktop, in English, by keyboard", async () => {
  const patient = await atHome(clinic, centre), page = await opened(patient, desktop);
  await page.goto(`${address}/my/certificate/1?lang=en`);
  assert.match(await page.textContent("[role=status]"), /once the health centre has checked/);
  await inspect(page, "my-certificate-wait-desktop");
  await centre.get(patient.path);
  await centre.post(`${patient.path}/notification/1/confirm`);
  await page.reload();
  await page.waitForSelector(".certificate");
  await inspect(page, "my-certificate-desktop");
});

test("registering by mail on a telephone, and signing in with it on another", async () => {
  const patient = await atHome(clinic, centre), page = await opened(patient), mail = mailTo();
  await page.goto(`${address}/my/people`);
  await inspect(page, "my-people-account-phone");
  await press(page, "text=メールアドレスで開けるようにする");
  await inspect(page, "my-account-phone");
  await page.fill("#mail", mail);
  await page.fill("#password", "123");
  await press(page, ".my-send");
  assert.match(await page.textContent(".errors"), /13文字以上/);
  assert.equal(await page.inputValue("#mail"), mail);
  assert.equal(await page.inputValue("#password"), "");
  await inspect(page, "my-account-wrong-phone");
  await page.fill("#password", password);
  let since = messages().length;
  await press(page, ".my-send");
  await inspect(page, "my-code-phone");
  await page.fill("#code", "12345");
  await press(page, ".my-send");
  assert.match(await page.textContent(".errors"), /確認コードがちがいます/);
  await typeCode(page, mail, since);
  await press(page, ".my-send");
  assert.match(await page.textContent(".notice"), /登録しました/);
  await inspect(page, "my-account-done-phone");

  const other = await (await open(browser, phone)).newPage();
  await other.goto(`${address}/my`);
  await inspect(other, "my-shut-phone");
  await press(other, "text=メールアドレスで開く");
  await inspect(other, "my-mail-phone");
  await other.fill("#mail", mail);
  await other.fill("#password", "kawa no oto to hoshi");
  await press(other, ".my-send");
  assert.match(await other.textContent(".errors"), /メールアドレスかパスワードがちがいます/);
  assert.equal(await other.inputValue("#mail"), mail);
  await other.fill("#password", password);
  since = messages().length;
  await press(other, ".my-send");
  await typeCode(other, mail, since);
  await press(other, ".my-send");
  assert.match(await other.textContent(".my-name"), new RegExp(patient.name));
});

test("by keyboard on a desktop, and without JavaScript, all of it works, and the registration goes with a press", async () => {
  const patient = await confirmed(), mail = mailTo();
  for (const [i, options] of [desktop, { ...phone, javaScriptEnabled: false }].entries()) {
    const page = await opened(patient, options), since = messages().length;
    await page.goto(`${address}/my/account`);
    await page.fill("#mail", mail);
    await page.fill("#password", password);
    await Promise.all([page.waitForNavigation(), page.press("#password", "Enter")]);
    await typeCode(page, mail, since);
    await Promise.all([page.waitForNavigation(), page.press("#code", "Enter")]);
    assert.match(await page.textContent(".notice"), /登録しました/);
    if (i === 0) await inspect(page, "my-account-done-desktop");
    await page.goto(`${address}/my/certificate/1`);
    await page.waitForSelector(".certificate"); // the header asks for the page again, no script does
    await page.goto(`${address}/my/account`);
    await press(page, "text=メールアドレスの登録を消す");
    assert.equal(await page.$("text=メールアドレスの登録を消す"), null);
  }
});
