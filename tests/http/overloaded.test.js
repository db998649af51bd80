// overloaded.test.js - what a pool answers to a request that has waited too long in front of it: a promise that it can keep.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ask } from "./scgi.js";

for (const [pool, drafts] of [["staff", true], ["door", false], ["heavy", false], ["public", false]])
  test(`${pool}: a late request is told to come again${drafts ? ", and where its input is" : ""}`, async () => {
    const late = await ask(pool, { HERSYS_QUEUED_AT: String(Date.now() / 1000 - 60) });
    assert.match(late, /^Status: 503/);
    assert.match(late, /Retry-After: 5/);
    assert.match(late, /もう一度お試しください/);
    assert.equal(/下書きに残っています/.test(late), drafts);
    assert.doesNotMatch(await ask(pool), /^Status: 503/);
  });
