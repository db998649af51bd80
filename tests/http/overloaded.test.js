// overloaded.test.js - what a pool answers to a request that has waited too long in front of it, or whose database connection broke: a
// promise that it can keep.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, signIn } from "./client.js";
import { losing, sqlHolding } from "./database.js";
import { notification } from "./notify.js";
import { forget } from "./published.js";
import { ask } from "./scgi.js";

for (const [pool, drafts] of [["staff", true], ["door", false], ["heavy", false], ["public", false]])
  test(`${pool}: a late request is told to come again${drafts ? ", and where its input is" : ""}`, async () => {
    const late = await ask(pool, { HERSYS_QUEUED_AT: String(Date.now() / 1000 - 60) });
    assert.match(late, /^Status: 503/);
    assert.match(late, /Retry-After: 5/);
    assert.match(late, /もう一度お試しください/);
    assert.equal(/発生届に入力した内容は下書きに残っています/.test(late), drafts);
    assert.doesNotMatch(await ask(pool), /^Status: 503/);
  });

test("a draft is promised where there is one, and nobody who only looked is told of saving", async () => {
  const clinic = await signIn("sakura"), office = await signIn("aichi");
  for (const [client, method, path, table, fields, words] of [
    [clinic, "post", "/notification", "app.receipt", notification(), /確認できませんでした。入力した内容は下書きに残っています/],
    [office, "post", "/press/template", "app.press_template", { title: "表題", cutoff: "17:00", first_no: "1", version: "0" }, /確認できませんでした。少し待ってから前の画面を開き直し/],
    [office, "get", "/extracts", "app.extract", undefined, /<p>少し待ってから、もう一度お試しください。<\/p>/],
  ]) {
    const answer = await losing(table, () => client[method](path, fields), method === "get" ? "ACCESS EXCLUSIVE" : "EXCLUSIVE");
    assert.equal(answer.status, 503, path);
    assert.match(answer.text, words, path);
    assert.equal(/下書き/.test(answer.text.replace(/<div class="idle-warning[\s\S]*?<\/div>/, "")), path === "/notification", path);
  }
});

test("published figures keep half of the public workers at most; who comes then is told to come again, and the others serve My HER-SYS", async () => {
  forget();
  const { over } = await sqlHolding(2, "LOCK TABLE app.edition, app.published_now IN ACCESS EXCLUSIVE MODE");
  const asked = Array.from({ length: 6 }, (_, i) => new Client().get(`/data/indicator/1?area=23&from=2021-01-0${i + 1}&to=2021-02-01`));
  const first = await Promise.any(asked);
  assert.equal((await new Client().get("/my")).status, 200);
  await over;
  assert.equal(first.status, 503);
  assert.match(first.headers.get("content-type"), /^text\/html/, "it is shown, not saved");
  assert.match(first.text, /ただいま混み合っています[\s\S]*もう一度お試しください/);
  assert.deepEqual((await Promise.all(asked)).map((answer) => answer.status).sort(), [200, 200, 200, 200, 503, 503]);
});
