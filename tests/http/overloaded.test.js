// overloaded.test.js - what a pool answers to a request that has waited too long in front of it: a promise that it can keep.
import assert from "node:assert/strict";
import fs from "node:fs";
import net from "node:net";
import { test } from "node:test";

const state = process.env.HERSYS_STATE ?? "var";
const [, directory] = fs.readFileSync(`${state}/hersys.conf`, "utf8").match(/^run_directory = (.*)$/m);

// Asks a pool as nginx would, with a request that nginx took in at this time (seconds since 1970).
function ask(pool, queuedAt) {
  const headers = { CONTENT_LENGTH: "0", SCGI: "1", REQUEST_METHOD: "GET", DOCUMENT_URI: "/", QUERY_STRING: "", HERSYS_QUEUED_AT: queuedAt };
  const text = Object.entries(headers).map(([name, value]) => `${name}\0${value}\0`).join("");
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = net.connect(`${directory}/${pool}.sock`, () => socket.write(`${text.length}:${text},`));
    socket.setEncoding("utf8").on("data", (part) => (answer += part)).on("end", () => resolve(answer)).on("error", reject);
  });
}

for (const [pool, drafts] of [["staff", true], ["door", false], ["heavy", false], ["public", false]])
  test(`${pool}: a late request is told to come again${drafts ? ", and where its input is" : ""}`, async () => {
    const late = await ask(pool, String(Date.now() / 1000 - 60));
    assert.match(late, /^Status: 503/);
    assert.match(late, /Retry-After: 5/);
    assert.match(late, /もう一度お試しください/);
    assert.equal(/下書きに残っています/.test(late), drafts);
    assert.doesNotMatch(await ask(pool, String(Date.now() / 1000)), /^Status: 503/);
  });
