// account.test.js - `hersys account first`: the one account that no issuer can issue.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, test } from "node:test";
import { firstSignIn } from "../http/client.js";
import { sql } from "../http/database.js";

const run = (...options) => spawnSync("deploy/stand.sh", ["hersys", "account", ...options], { encoding: "utf8" });
const accounts = () => sql("SELECT count(*) FROM app.account")[0][0];
const issuers = sql("SELECT account_id FROM app.account JOIN app.organisation USING (organisation_id) WHERE kind = 'ministry' AND issuer").flat();
const retire = (issuer) => sql(`UPDATE app.account SET issuer = ${issuer} WHERE account_id IN (${issuers.join(",")})`);
const name = "--name=最初の 実施者", email = "--email=first@example.jp";
const made = [];

before(() => assert.ok(issuers.length > 0, "the stand has an issuer of the ministry"));
after(() => {
  for (const table of ["account_phone", "session", "sign_in", "device", "account"])
    for (const id of made) sql(`DELETE FROM app.${table} WHERE account_id = ${id}`);
  retire(true);
});

test("with an issuer there it refuses, and says who issues", () => {
  const before = accounts();
  const { status, stderr, stdout } = run("first", name, email);
  assert.equal(status, 1);
  assert.match(stderr, /has an issuer already/);
  assert.equal(stdout, "");
  assert.equal(accounts(), before);
});

test("without name or with an address that is none it says how it is used", () => {
  for (const options of [["first", email], ["first", name], ["first", name, "--email=nobody"], ["first", "--name= ", email], [name, email]])
    assert.equal(run(...options).status, 2, options.join(" "));
});

test("the first issuer signs in with the password shown, must choose an own one, and issues accounts", async () => {
  retire(false);
  const { status, stdout, stderr } = run("first", name, email);
  assert.equal(status, 0, stderr);
  const [, login] = stdout.match(/ユーザーID\s+(\S+)/), [, initial] = stdout.match(/初期パスワード\s+(\S+)/);
  const [[id, holder, kind, issuer, isInitial, hash]] = sql(`SELECT account_id, holder, kind, issuer, password_initial, password_hash
    FROM app.account JOIN app.organisation USING (organisation_id) WHERE login = '${login}'`);
  made.push(id);
  assert.deepEqual([holder, kind, issuer, isInitial], ["最初の 実施者", "ministry", "t", "t"]);
  assert.ok(!hash.includes(initial) && hash.startsWith("$argon2id$"), "only a hash is stored");
  assert.deepEqual(sql(`SELECT action, session_tag FROM app.audit WHERE detail LIKE 'account ${id} %'`), [["account_issue", "operator"]]);
  const client = await firstSignIn(login, initial, "kaze-to-yama-no-uta", "09088887777");
  assert.match((await client.get("/accounts")).text, /最初の 実施者/);
  assert.equal(run("first", name, email).status, 1, "only once");
});
