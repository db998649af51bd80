// my_account.test.js - My HER-SYS by mail and password: registering, signing in, the code by mail, a family; what a stranger with an address, a
// password or a code is answered; when an account ends.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import { Client, signIn } from "./client.js";
import { sql } from "./database.js";
import { atHome, birthFields, linkOf, phoneOf, tokyo } from "./my.js";

let clinic, centre;
before(async () => { clinic = await signIn("sakura"); centre = await signIn("hoken1"); });
const home = (days, overrides) => atHome(clinic, centre, days, overrides);
const state = process.env.HERSYS_STATE ?? "var";
const password = "asagao to semi no koe", other = "kumo no ue no mori";
const address = () => `kazoku-${crypto.randomBytes(6).toString("hex")}@example.jp`;
const mails = (to) => fs.readFileSync(path.join(state, "log", "messages.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line)).filter((m) => m.kind === "mail" && m.to === to);
async function code(to, count = 1) {
  for (let i = 0; i < 100 && mails(to).length < count; i++) await new Promise((resolve) => setTimeout(resolve, 100));
  return mails(to)[count - 1].text.match(/確認コード：(\d{6})/)[1];
}
const wrongCode = (right) => String((Number(right) + 1) % 1e6).padStart(6, "0");
const unlock = () => sql("DELETE FROM app.sign_in_throttle WHERE bucket LIKE 'my %'");
const ask = async (phone, mail, secret = password) => { await phone.get("/my/account"); return phone.post("/my/account", { mail, password: secret }); };
const signInBy = (phone, mail, secret = password) => phone.post("/my/mail", { mail, password: secret });

// A telephone whose people are registered under a fresh address.
async function registered(patient) {
  const phone = await phoneOf(patient), mail = address();
  assert.equal((await ask(phone, mail)).location, "/my/code");
  assert.equal((await phone.post("/my/code", { code: await code(mail) })).location, "/my/account?done=1");
  return { phone, mail };
}

test("registered with a code by mail, signed in with a code in a new browser, and with the password alone from then on", async () => {
  const patient = await home(), { phone, mail } = await registered(patient);
  assert.match((await phone.get("/my/account?done=1")).text, /登録しました[^]*メールアドレスの登録を消す/);
  const browser = new Client();
  assert.equal((await signInBy(browser, ` ${mail.toUpperCase()} `)).location, "/my/code");
  const answer = await browser.post("/my/code", { code: (await code(mail, 2)).replace(/(...)(...)/, "$1 $2") });
  assert.equal(answer.location, "/my");
  assert.match(answer.headers.get("set-cookie"), /__Host-my-device=[0-9a-f]{64}; Path=\/; Secure; HttpOnly; SameSite=Strict/);
  assert.equal((await browser.get("/my")).location, "/my/entry/1");
  assert.match((await browser.get("/my/entry/1")).text, new RegExp(patient.name));
  await browser.post("/my/leave");
  assert.equal((await signInBy(browser, mail)).location, "/my", "no further code");
  assert.equal(mails(mail).length, 2);
  assert.match((await browser.get("/my/entry/1")).text, new RegExp(patient.name));
  assert.deepEqual(sql(`SELECT count(*) FROM app.audit WHERE patient_id = ${patient.id} AND action = 'my_sign_in' AND outcome = 'allowed'`), [["3"]]);
  assert.deepEqual(sql(`SELECT count(*) FROM app.audit WHERE patient_id = ${patient.id} AND action = 'my_account'`), [["1"]]);
});

test("a mail names nobody and no illness; neither address nor password is kept", async () => {
  const patient = await home(), { mail } = await registered(patient);
  const [{ subject, text }] = mails(mail);
  assert.doesNotMatch(subject + text, new RegExp(`${patient.name}|負荷|HER-SYS|保健所|コロナ|COVID|感染|陽性|療養|health|infect|positive`, "i"));
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.deepEqual(sql(`SELECT code FROM app.outbox WHERE to_address = '${mail}' AND code IS NOT NULL`), [], "nor the code, once it is sent");
  const [[row]] = sql(`SELECT row_to_json(a) FROM app.my_account a JOIN app.my_account_person p USING (mail_hash) WHERE p.patient_id = ${patient.id}`);
  for (const secret of [mail, password, crypto.createHash("sha256").update(mail).digest("hex")]) assert.ok(!row.includes(secret));
  for (const name of fs.readdirSync(path.join(state, "log")).filter((file) => !/^messages|^receiver/.test(file))) assert.ok(!fs.readFileSync(path.join(state, "log", name), "utf8").includes(mail), name);
});

test("a family: who is added later belongs to the account, and is there on another telephone", async () => {
  const [first, second] = [await home(), await home()], { phone, mail } = await registered(first);
  await phone.get("/my/add");
  assert.equal((await phone.post("/my/add", { link: second.link, ...birthFields(second.birth) })).status, 303);
  const browser = new Client();
  await signInBy(browser, mail);
  await browser.post("/my/code", { code: await code(mail, 2) });
  assert.match((await browser.get("/my")).text, new RegExp(`${first.name}[^]*${second.name}`));
  await centre.get(`${first.path}/status`);
  await centre.post(`${first.path}/status`, { status: "released", since: tokyo(0) });
  const people = (await browser.get("/my/people")).text;
  assert.match(people, new RegExp(`${first.name}[^]*健康観察は終わっています[^]*/my/entry/2`));
});

test("an account opens in a session of its own, whoever has used the browser before, and their link does not bring them into it", async () => {
  const [first, second, third] = [await home(), await home(), await home()], one = await registered(first), two = await registered(second);
  assert.equal((await signInBy(one.phone, two.mail)).location, "/my/code");
  await one.phone.post("/my/code", { code: await code(two.mail, 2) });
  const theirs = (await one.phone.get("/my/people")).text;
  assert.match(theirs, new RegExp(second.name));
  assert.doesNotMatch(theirs, new RegExp(first.name));
  const guest = await phoneOf(third);
  await signInBy(guest, two.mail);
  await guest.post("/my/code", { code: await code(two.mail, 3) });
  const opened = (await guest.get("/my/people")).text;
  assert.match(opened, new RegExp(second.name));
  assert.doesNotMatch(opened, new RegExp(third.name));
  await phoneOf({ ...third, link: linkOf(third) }, guest); // the next day's SMS
  assert.match((await guest.get("/my/people")).text, new RegExp(`${second.name}[^]*${third.name}`), "on this telephone they have opened it");
  const again = new Client();
  await signInBy(again, two.mail);
  await again.post("/my/code", { code: await code(two.mail, 4) });
  assert.doesNotMatch((await again.get("/my/people")).text, new RegExp(third.name), "but are none of the account");
  assert.deepEqual(sql(`SELECT 1 FROM app.my_account_person WHERE patient_id = ${third.id}`), []);
});

test("an address that is not registered is answered as a wrong password: same page, same code, same time, same wait", async () => {
  const { mail } = await registered(await home()), pages = [], times = [[], []];
  for (const to of [mail, address()]) {
    const phone = new Client();
    pages.push([]);
    for (let i = 0; i < 5; i++) {
      const answer = await signInBy(phone, to, other);
      pages.at(-1).push(answer.status, answer.text.replaceAll(to, "MAIL"));
    }
  }
  assert.deepEqual(pages[0], pages[1]);
  assert.match(pages[0][1], /メールアドレスかパスワードがちがいます/);
  assert.match(pages[0][9], /いまは入力できません/, "three are free");
  assert.match((await signInBy(new Client(), mail)).text, /いまは入力できません/, "even the right one");
  unlock();
  for (let i = 0; i < 12; i++)
    for (const [k, to] of [mail, address()].entries()) {
      unlock();
      const began = performance.now();
      await signInBy(new Client(), to, other);
      times[k].push(performance.now() - began);
    }
  const ratio = Math.min(...times[0]) / Math.min(...times[1]); // the least of each: what else the machine does only adds
  assert.ok(ratio > 0.6 && ratio < 1.6, `${ratio}`);
});

test("a browser that is known is not locked out by a stranger's guesses; of many at once as few are judged", async () => {
  const { phone, mail } = await registered(await home());
  const answers = await Promise.all(Array.from({ length: 20 }, () => signInBy(new Client(), mail, other)));
  assert.equal(answers.filter(({ text }) => /パスワードがちがいます/.test(text)).length, 4);
  await phone.post("/my/leave");
  assert.equal((await signInBy(phone, mail)).location, "/my");
  unlock();
});

test("a code is good for five tries, for ten minutes, once, in the browser that asked for it", async () => {
  const { mail } = await registered(await home()), browser = new Client();
  await signInBy(browser, mail);
  const right = await code(mail, 2);
  assert.match((await new Client().post("/my/code", { code: right })).text, /このコードはもう使えません/);
  const stranger = new Client();
  stranger.cookies.set("__Host-my-code", crypto.randomBytes(32).toString("hex"));
  assert.match((await stranger.post("/my/code", { code: right })).text, /このコードはもう使えません/);
  for (let i = 0; i < 4; i++) { assert.match((await browser.post("/my/code", { code: wrongCode(right) })).text, /確認コードがちがいます/); unlock(); }
  assert.match((await browser.post("/my/code", { code: wrongCode(right) })).text, /もう使えません/);
  assert.match((await browser.post("/my/code", { code: right })).text, /もう使えません/);
  unlock();
  await signInBy(browser, mail);
  const late = await code(mail, 3);
  sql("UPDATE app.my_code SET made_at = made_at - interval '10 minutes'");
  assert.match((await browser.post("/my/code", { code: late })).text, /もう使えません/);
  await signInBy(browser, mail);
  const once = await code(mail, 4), pending = new Map(browser.cookies);
  const posts = await Promise.all(Array.from({ length: 30 }, () => { const one = new Client(); one.cookies = new Map(pending); return one.post("/my/code", { code: once }); }));
  assert.equal(posts.filter(({ location }) => location === "/my").length, 1, "also when it is posted many times at once");
});

test("whoever asks for codes to another's address and enters wrong ones does not lock its owner out", async () => {
  const { mail } = await registered(await home()), enemy = await phoneOf(await home()), browser = new Client();
  await ask(enemy, mail, other);
  await code(mail, 2);
  let answer;
  for (let i = 0; i < 5; i++) answer = await enemy.post("/my/code", { code: "abcdef" });
  assert.match(answer.text, /いまは入力できません/);
  assert.equal((await signInBy(browser, mail)).location, "/my/code");
  assert.equal((await browser.post("/my/code", { code: await code(mail, 3) })).location, "/my");
  assert.match((await enemy.post("/my/code", { code: await code(mail, 2) })).text, /いまは入力できません/, "nor does the owner's right one forgive theirs");
  unlock();
});

test("three mails in a quarter of an hour for an address, and from a telephone", async () => {
  unlock();
  const phone = await phoneOf(await home()), mail = address();
  for (let i = 0; i < 3; i++) assert.equal((await ask(phone, mail)).location, "/my/code");
  assert.match((await ask(phone, mail)).text, /続けて何度もメールを送れません/);
  assert.match((await ask(phone, address())).text, /続けて何度もメールを送れません/);
  await code(mail, 3);
  assert.equal(mails(mail).length, 3);
  unlock();
});

test("what cannot be an address or a good password is told before anything is sent; the password is never shown again", async () => {
  const phone = await phoneOf(await home()), wrong = async (mail, secret) => (await ask(phone, mail, secret)).text;
  for (const mail of ["", "a", "a@b", "a b@example.jp", "a@example.jp\r\nBcc: b@example.jp", "a@@example.jp", `${"a".repeat(250)}@example.jp`]) assert.match(await wrong(mail, password), /メールアドレスをお確かめください/, mail);
  const mail = address();
  assert.match(await wrong(mail, "short"), /13文字以上/);
  for (const weak of ["passwordpassword", "1234567890123456", "aaaaaaaaaaaaaaaa"]) {
    const text = await wrong(mail, weak);
    assert.match(text, /当てられやすい/);
    assert.ok(!text.includes(weak) && text.includes(mail));
  }
  assert.equal(mails(mail).length, 0);
});

test("whoever has the mail and one of its links changes the password; mail alone, or another's link, does not", async () => {
  const mine = await home(), { phone, mail } = await registered(mine), stranger = await phoneOf(await home());
  await ask(stranger, mail, other);
  assert.match((await stranger.post("/my/code", { code: await code(mail, 2) })).text, /すでに登録されています/);
  assert.doesNotMatch((await stranger.get("/my/people")).text, new RegExp(mine.name));
  unlock();
  const again = await phoneOf(mine);
  await ask(again, mail, other);
  assert.equal((await again.post("/my/code", { code: await code(mail, 3) })).location, "/my/account?done=1");
  assert.equal((await phone.get("/my/people")).status, 403, "what was open by the old one is closed");
  assert.match((await signInBy(new Client(), mail, password)).text, /パスワードがちがいます/);
  assert.equal((await signInBy(phone, mail, other)).location, "/my/code", "no browser is known any more");
  unlock();
  const partner = await phoneOf(await home());
  await ask(partner, mail, other);
  assert.equal((await partner.post("/my/code", { code: await code(mail, 5) })).location, "/my/account?done=1", "who knows the password joins");
  assert.match((await partner.get("/my/people")).text, /my\/account/);
  unlock();
});

test("an account is ended by its owner, and by itself with the last of its people", async () => {
  const patient = await home(), { phone, mail } = await registered(patient), other = await registered(await home());
  await phone.get("/my/account");
  await phone.post("/my/account/delete");
  assert.doesNotMatch((await phone.get("/my/account")).text, /登録を消す/);
  assert.equal((await phone.get("/my/entry/1")).status, 200, "the telephone stays open");
  assert.match((await signInBy(new Client(), mail)).text, /パスワードがちがいます/);
  const [[id, hash]] = sql(`SELECT patient_id, mail_hash FROM app.my_account_person ORDER BY added_at DESC LIMIT 1`);
  const rows = () => ["my_account", "my_account_person", "my_device"].map((table) => sql(`SELECT count(*) FROM app.${table} WHERE mail_hash = '${hash}'`)[0][0]).join();
  assert.equal(rows(), "1,1,1");
  sql(`UPDATE app.access SET status = 'released' WHERE patient_id = ${id}`);
  sql(`SELECT app.follow_refresh(${id})`);
  sql("SELECT app.my_purge()");
  assert.equal(rows(), "1,1,1", "for three days still");
  sql(`UPDATE app.my_end SET ends_at = now() - interval '1 second' WHERE patient_id = ${id}`);
  assert.match((await signInBy(new Client(), other.mail)).text, /パスワードがちがいます/, "also before it is cleared away");
  sql("SELECT app.my_purge()");
  assert.equal(rows(), "0,0,0");
  unlock();
});

test("a form from elsewhere or without the session's token registers, ends and opens nothing", async () => {
  const { phone, mail } = await registered(await home());
  for (const target of ["/my/account", "/my/account/delete"]) {
    assert.equal((await phone.post(target, { csrf: "0".repeat(64), mail: address(), password })).status, 403, target);
    assert.equal((await new Client().post(target, { mail: address(), password })).status, 403, target);
    assert.equal((await phone.post(target, {}, { origin: "https://elsewhere.example" })).status, 400, target);
  }
  for (const target of ["/my/mail", "/my/code"]) assert.equal((await new Client().post(target, { mail, password, code: "000000" }, { "sec-fetch-site": "cross-site" })).status, 400, target);
  assert.match((await phone.get("/my/account")).text, /登録を消す/);
});
