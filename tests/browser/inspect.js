// inspect.js - looks at a page as a strict reader would: a picture, axe, and its HTML kept for the validator.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const state = process.env.HERSYS_STATE ?? "var";
const shots = path.join(state, "shots");
const pages = path.join(state, "pages");
fs.mkdirSync(shots, { recursive: true });
fs.mkdirSync(pages, { recursive: true });

// Axe finds nothing, nothing sticks out to the right, and the page is kept for tests/after/html.test.js.
export async function inspect(page, name) {
  await page.screenshot({ path: path.join(shots, `${name}.png`), fullPage: true });
  const response = await page.context().request.get(page.url(), { ignoreHTTPSErrors: true }).catch(() => null);
  if (response?.headers()["content-type"]?.startsWith("text/html"))
    fs.writeFileSync(path.join(pages, `${name}.html`), await response.body());
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${name}: the page is ${wide} px wider than the screen`);
  await page.evaluate(axe).catch(() => {});
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(" | ")}`), [], name);
}
