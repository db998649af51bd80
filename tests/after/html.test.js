// html.test.js - every page that the browser tests have looked at is valid HTML.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { test } from "node:test";

const require = createRequire(import.meta.url);
const pages = path.join(process.env.HERSYS_STATE ?? "var", "pages");
const validator = path.join(path.dirname(require.resolve("vnu-jar/package.json")), "build", "dist", "vnu.jar");

test("the pages are valid HTML", () => {
  const files = fs.readdirSync(pages).map((name) => path.join(pages, name));
  assert.ok(files.length >= 20, `only ${files.length} pages were kept`);
  const out = execFileSync("java", ["-jar", validator, "--format", "gnu", "--exit-zero-always", "--stdout", ...files], { encoding: "utf8" });
  // Names are stored and shown as typed: NFC would turn 神 (U+FA19) into another character (design.md 5).
  const found = out.split("\n").filter((line) => line !== "" && !line.includes("Text run is not in Unicode Normalization Form C"));
  assert.deepEqual(found.slice(0, 20), []);
});
