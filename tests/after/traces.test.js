// traces.test.js - what the whole run has left behind: no log names a patient, no process met a sanitizer, the trail is whole.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { hersys, sql } from "../http/database.js";

const state = process.env.HERSYS_STATE ?? "var";
const logs = [path.join(state, "postgresql.log"), path.join(state, "migrate.log"), ...fs.readdirSync(path.join(state, "log"))
  .filter((name) => !name.startsWith("messages") && name !== "receiver.log")
  .map((name) => path.join(state, "log", name))];
const text = new Map(logs.map((file) => [file, fs.readFileSync(file, "utf8")]));

// What would identify a patient: names of two characters and more, telephone numbers, addresses, remarks.
const secrets = () => sql(`SELECT DISTINCT v FROM app.patient p,
    LATERAL (VALUES (p.family_name || p.given_name), (p.given_name), (p.family_kana || p.given_kana), (p.phone), (p.home_address)) x (v)
  WHERE length(v) >= 3
  UNION SELECT v FROM app.notification n JOIN app.notification_person h USING (patient_id, notification_no),
    LATERAL (VALUES (h.stay_address), (h.stay_phone), (n.remarks)) x (v) WHERE length(v) >= 4`).map(([value]) => value);

test("no log names a patient", () => {
  const known = secrets();
  assert.ok(known.length > 50, `only ${known.length} values to look for`);
  for (const [file, content] of text)
    assert.deepEqual(known.filter((value) => content.includes(value)), [], file);
});

test("no mail or SMS names a patient", () => {
  const sent = fs.readFileSync(path.join(state, "log", "messages.jsonl"), "utf8");
  assert.ok(sent.length > 1000);
  assert.deepEqual(secrets().filter((value) => sent.includes(value)), []);
});

test("no address that was asked for holds a person's data", () => {
  const asked = [...text].filter(([file]) => /nginx/.test(file)).map(([, content]) => content).join("");
  assert.doesNotMatch(asked, /[?&](q|name|login|phone|birth)=/);
});

test("no process met a sanitizer", () => {
  for (const [file, content] of text)
    assert.doesNotMatch(content, /(Address|Leak|UndefinedBehavior)Sanitizer|runtime error:/, file);
});

test("nothing dumped core", () => {
  const filesBelow = (directory) => fs.readdirSync(directory, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(path.join(directory, entry.name)) : [entry.name]));
  const cores = filesBelow(state).filter((name) => /^core(\.\d+)?$/.test(name));
  assert.deepEqual(cores, []);
});

test("the chains of the trail are whole", () => assert.match(hersys("audit", "verify"), / 0 problems/));
