// signals.test.js - 早期の兆し in the browser: looked at with a note, the growth of an area, desktop and phone.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { inspect } from "./inspect.js";
import { address, desktop, launch, open, phone, signIn } from "./stand.js";

let browser;
before(async () => {
  browser = await launch();
  // What the jobs do once an hour: the demonstration's last weeks are enough for signals.
  execFileSync("deploy/stand.sh", ["psql", "-qAtc", "SELECT app.figure_fold(100000); SELECT sum(app.signal_find(app.figure_week_of(app.today(), 3) - 7 * n)) FROM generate_series(1, 2) n"]);
});
after(() => browser.close());

test("a signal is looked at and goes; the growth stands below", async () => {
  for (const device of [desktop, phone]) {
    const name = device === desktop ? "desktop" : "phone", page = await (await open(browser, device)).newPage();
    await signIn(page, "aichi");
    await page.goto(`${address}/signals`);
    const before = await page.locator(".signals li").count();
    assert.ok(before > 0);
    await inspect(page, `signals-${name}`);
    const first = await page.locator(".signals li").first().innerText();
    await page.locator(".signals input[name=note]").first().fill("保健所に確認しました");
    await Promise.all([page.waitForNavigation(), page.locator("text=見ました").first().click()]);
    assert.notEqual(await page.locator(".signals li").first().innerText().catch(() => ""), first);
    await page.click("text=見たものも表示する");
    assert.match(await page.textContent("main"), /見た機関：.*保健所に確認しました/);
  }
});
