// sign_in_limits.test.js - how often a password or a code may be guessed, many at once; and what asks for the password
// again. Over plain HTTPS against a running stand with its demonstration accounts.
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { Client, demoPassword, signIn } from "./client.js";
import { sql } from "./database.js";

const FREE = 4; // three failures without a wait, and the fourth that begins it
const AT_ONCE = 40;

// Each test begins with empty buckets, and leaves none: other tests sign in with these accounts, too.
const forget = () => sql("DELETE FROM app.sign_in_throttle");
beforeEach(forget);
after(forget);

const count = (what) => Number(sql(`SELECT count(*) FROM ${what}`)[0][0]);
const wrong = (login) => count(`app.sign_in_event e JOIN app.account a USING (account_id) WHERE a.login = '${login}' AND e.outcome = 'wrong'`);
const trail = (login, action, outcome) =>
  count(`app.audit u JOIN app.account a USING (account_id) WHERE a.login = '${login}' AND u.action = '${action}' AND u.outcome = '${outcome}'`);
const atOnce = (post) => Promise.all(Array.from({ length: AT_ONCE }, (_, i) => post(i)));
const waits = (answers) => answers.filter((answer) => /お待ちください/.test(answer.text)).length;

test("of many wrong passwords at once as few are judged as one after another, for a known ID and for an unknown", async () => {
  const before = wrong("shukuhaku");
  for (const login of ["shukuhaku", "nobody-at-all"]) {
    const answers = await atOnce((i) => new Client().post("/sign-in", { login, password: `guess number ${i}` }));
    assert.equal(waits(answers), AT_ONCE - FREE, login);
  }
  assert.equal(wrong("shukuhaku") - before, FREE);
});

test("the right password gives the failures back", async () => {
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < FREE - 1; i++) await new Client().post("/sign-in", { login: "aichi", password: "not this" });
    const answer = await new Client().post("/sign-in", { login: "aichi", password: demoPassword });
    assert.equal(answer.location, "/sign-in/second", `round ${round}`);
  }
});

test("the same holds for the second step", async () => {
  const client = new Client(), before = wrong("follow");
  await client.post("/sign-in", { login: "follow", password: demoPassword });
  await client.post("/sign-in/send", { phone: "0" });
  const answers = await atOnce((i) => client.post("/sign-in/code", { code: `-${i}` }));
  assert.equal(waits(answers), AT_ONCE - FREE);
  assert.equal(wrong("follow") - before, FREE);
});

test("the password that is asked for again may not be guessed either; every wrong one is in the trail", async () => {
  const owner = await signIn("aichi"), denied = trail("aichi", "password_confirm", "denied");
  const answers = await atOnce((i) => owner.post("/me/password", { old: `guess ${i}`, password: "a quite new password", again: "a quite new password" }));
  assert.equal(waits(answers), AT_ONCE - FREE);
  assert.equal(trail("aichi", "password_confirm", "denied") - denied, FREE);
  const other = await signIn("aichi"); // whoever holds one session cannot shut out the owner in another
  assert.doesNotMatch((await other.post("/me/recovery", { old: demoPassword })).text, /お待ちください/);
});

const hasCodes = (login) => count(`app.recovery_code r JOIN app.account a USING (account_id) WHERE a.login = '${login}'`);

test("a new way in asks for the password: number, authenticator app, passkey, recovery codes", async () => {
  const owner = await signIn("shukuhaku");
  for (const [path, fields] of [["/me/phone", { phone: "08011113333" }], ["/me/totp", { code: "123456" }],
    ["/me/passkey", { label: "x", client_data: "", attestation: "" }], ["/me/recovery", {}]]) {
    const answer = await owner.post(path, { ...fields, old: "not the password" });
    assert.match(answer.text, /いまのパスワードが正しくありません/, path);
    await owner.post(path, { ...fields, old: demoPassword }); // gives the failure back
  }
  assert.equal(hasCodes("shukuhaku"), 10);
  assert.ok(trail("shukuhaku", "recovery_new", "allowed") >= 1);
  sql("DELETE FROM app.recovery_code r USING app.account a WHERE r.account_id = a.account_id AND a.login = 'shukuhaku'");
});

test("a changed password and the end of the other sessions happen together or not at all", async () => {
  const mine = await signIn("follow"), other = await signIn("follow"), password = "a-new-password-for-all";
  const hash = () => sql("SELECT password_hash FROM app.account WHERE login = 'follow'")[0][0];
  const before = hash(), change = (old, fresh) => mine.post("/me/password", { old, password: fresh, again: fresh });
  // the second half cannot happen: then the first must not
  sql("ALTER TABLE app.session ADD CONSTRAINT none_ends CHECK (ended_at IS NULL) NOT VALID");
  try {
    assert.equal((await change(demoPassword, password)).status, 503);
  } finally {
    sql("ALTER TABLE app.session DROP CONSTRAINT none_ends");
  }
  assert.equal(hash(), before);
  const half = new Client(); // past the password, before the second step
  await half.post("/sign-in", { login: "follow", password: demoPassword });
  assert.equal((await half.get("/sign-in/second")).status, 200);
  assert.match((await change(demoPassword, password)).location, /notice=password_changed/);
  assert.equal((await other.get("/me")).status, 303);
  assert.equal((await half.get("/sign-in/second")).location, "/sign-in");
  assert.equal((await mine.get("/me")).status, 200);
  assert.match((await change(password, demoPassword)).location, /notice=password_changed/);
});

test("one's own page names the browsers that have signed in", async () => {
  const owner = await signIn("minato"), page = await owner.get("/me");
  assert.match(page.text, /これまでにサインインした端末[\s\S]*<td>不明な端末のブラウザ<\/td>/);
});
