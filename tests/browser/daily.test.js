// daily.test.js - 総数報告 in the browser: the clinic's form with the keyboard, the table of the prefecture, desktop and phone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "./inspect.js";
import { address, desktop, launch, open, phone, signIn } from "./stand.js";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

async function as(login, device) {
  const page = await (await open(browser, device)).newPage();
  await signIn(page, login);
  return page;
}

test("a clinic types its numbers with the keyboard, is told what is wrong, and sees its total", async () => {
  for (const device of [desktop, phone]) {
    const name = device === desktop ? "desktop" : "phone", page = await as("sakura", device);
    await page.goto(`${address}/daily`);
    await inspect(page, `daily-${name}`);
    await page.focus("#band0");
    for (const typed of ["1", "", "x", "4"]) {
      await page.keyboard.press("ControlOrMeta+A");
      await page.keyboard.type(typed);
      await page.keyboard.press("Tab");
    }
    await Promise.all([page.waitForNavigation(), page.click("text=保存する")]);
    assert.match(await page.textContent(".errors"), /5～9歳：.*入力：x/);
    await inspect(page, `daily-wrong-${name}`);
    await page.fill("#band2", "2");
    await Promise.all([page.waitForNavigation(), page.click("text=保存する")]);
    assert.match(await page.textContent("main"), /合計 7人/);
    await inspect(page, `daily-saved-${name}`);
  }
});

test("the prefecture opens the table of the day, who has reported, and corrects", async () => {
  for (const device of [desktop, phone]) {
    const name = device === desktop ? "desktop" : "phone", page = await as("aichi", device);
    await page.goto(`${address}/daily`);
    await page.click("text=次の日");
    await inspect(page, `daily-table-${name}`);
    await page.click("tbody td a");
    await inspect(page, `daily-area-${name}`);
    await page.click("tbody th a");
    assert.equal(await page.locator("#reason").count(), 1);
    await inspect(page, `daily-correct-${name}`);
  }
});
