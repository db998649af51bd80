// contacts.test.js - the contacts of a case and of a centre in a browser: desktop, phone, keyboard, and without JavaScript.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "./inspect.js";
import { address, desktop, launch, open, phone, signIn } from "./stand.js";
import { signIn as httpSignIn } from "../http/client.js";
import { notification, receipt } from "../http/notify.js";

let browser, patient;
const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);

before(async () => {
  browser = await launch();
  const clinic = await httpSignIn("sakura");
  patient = `/patient/${receipt(await clinic.post("/notification", notification())).id}`;
});
after(() => browser.close());

test("a household, rows by keyboard, a pasted sheet with a wrong cell, and the list of the centre", async () => {
  const context = await open(browser, desktop), page = await context.newPage();
  await signIn(page, "hoken1");
  await page.goto(`${address}${patient}/tab/contact`);
  await press(page, "text=接触者の一覧表");
  await inspect(page, "contacts-empty-desktop");
  await page.fill("#names", "同居　花,ドウキョ ハナ\n同居　次郎");
  await press(page, "text=同居の家族を登録する");
  assert.equal(await page.inputValue("[name=contact_name-1]"), "同居　次郎");
  assert.match(await page.textContent("tbody tr:first-child .acts"), /最終接触日から5日/);
  await page.focus("[name=contact_name-2]");
  await page.keyboard.type("職場　一");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowDown");
  assert.equal(await page.inputValue("[name=contact_relation-2]"), "work");
  await page.focus("[name=contact_phone-2]");
  await page.keyboard.type("090-1111-0000");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.equal(await page.inputValue("[name=contact_name-2]"), "職場　一");
  await page.fill("#pasted", "氏名\t電話番号\t最終接触日\t住所\n貼付　花\t09022223333\t2022/9/30\t中区\n貼付　実\t電話なし\t先週\t");
  await press(page, "text=読み取って表に入れる");
  assert.match(await page.textContent(".notice"), /2行を読み取りました（1行に直すところがあります）/);
  assert.equal(await page.locator("td.is-wrong").count(), 2);
  await inspect(page, "contacts-pasted-desktop");
  await page.fill("[name=contact_phone-4]", "");
  await page.fill("[name=contact_last_on-4]", "R4.9.29");
  await press(page, "main .buttons >> text=登録する");
  assert.equal(await page.inputValue("[name=contact_last_on-4]"), "2022/9/29");
  await inspect(page, "contacts-desktop");
  await press(page, "nav >> text=接触者");
  assert.match(await page.textContent("main"), /貼付　花/);
  await inspect(page, "contacts-list-desktop");
  const row = page.locator("tr", { hasText: "職場　一" });
  await Promise.all([page.waitForNavigation(), row.first().getByRole("button", { name: /^連絡済/ }).click()]);
  assert.match(await page.textContent(".notice"), /登録しました/);
  await page.goto(`${address}${patient}/contacts`);
  assert.equal(await page.inputValue("[name=contact_reached-2]"), "reached");
  await press(page, "tr:nth-child(3) >> text=陽性になった");
  assert.equal(await page.inputValue("#family_name"), "職場");
  assert.equal(await page.inputValue("#phone"), "090-1111-0000");
  await page.goto(`${address}/`);
  assert.match(await page.textContent(".counts"), /未連絡の接触者/);
  await inspect(page, "contacts-today-desktop");
});

test("on a phone and without JavaScript: each row is a card, more rows by a button, and others only read", async () => {
  const context = await open(browser, { ...phone, javaScriptEnabled: false }), page = await context.newPage();
  await signIn(page, "hoken2");
  await page.goto(`${address}${patient}/contacts`);
  const before = await page.locator("tbody tr").count();
  // Of the empty rows a phone shows three; those who want more ask for them.
  const last = await page.locator("tbody tr:visible").count() - 1;
  assert.ok(last < before - 1);
  await page.fill(`[name=contact_name-${last}]`, "電話　花");
  await press(page, "text=行を増やす");
  assert.equal(await page.locator("tbody tr").count(), before + 10);
  assert.equal(await page.locator("tbody tr:visible").count(), before + 10);
  assert.equal(await page.inputValue(`[name=contact_name-${last}]`), "電話　花");
  await press(page, "main .buttons >> text=登録する");
  assert.match(await page.textContent(".notice"), /登録しました/);
  const withScript = await (await open(browser, phone)).newPage();
  await signIn(withScript, "aichi");
  await withScript.goto(`${address}${patient}/contacts`);
  assert.match(await withScript.textContent("tbody"), /電話　花/);
  assert.equal(await withScript.locator("tbody input, tbody select").count(), 0);
  await inspect(withScript, "contacts-read-phone");
  const centre = await (await open(browser, phone)).newPage();
  await signIn(centre, "hoken1");
  for (const [name, path] of [["contacts", `${patient}/contacts`], ["contacts-list", "/contacts"]]) {
    await centre.goto(`${address}${path}`);
    await inspect(centre, `${name}-phone`);
  }
});
