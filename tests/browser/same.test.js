// same.test.js - the same person in a browser: similar patients while a report is typed, the queue, merging and its undoing;
// on a phone and without JavaScript too.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { after, before, test } from "node:test";
import { confirm, fill, report } from "./form.js";
import { inspect } from "./inspect.js";
import { address, desktop, launch, open, phone, signIn } from "./stand.js";
import { signIn as httpSignIn } from "../http/client.js";
import { notification, receipt } from "../http/notify.js";

let browser, clinic;
const letters = (count) => Array.from(crypto.randomBytes(count), (byte) => "アイウエオカキクケコサシスセソタチツテト"[byte % 20]).join("");
const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);

function someone() {
  const family = letters(6), given = letters(4);
  return { family_name: `類${family}`, given_name: `似${given}`, family_kana: family, given_kana: given, birth_date: `${crypto.randomInt(1920, 2000)}-04-05`, home_address: "愛知県名古屋市中区栄1-2-3" };
}

async function reported(values) {
  return receipt(await clinic.post("/notification", notification(values))).id;
}

before(async () => {
  browser = await launch();
  clinic = await httpSignIn("sakura");
});
after(() => browser.close());

test("while the report is typed the similar patient appears, leads to 追加登録, and stands in nobody's way", async () => {
  const base = someone();
  const id = await reported(base);
  const page = await (await open(browser, desktop)).newPage();
  await signIn(page, "sakura");
  await fill(page, { ...base, diagnosis_date: "2022/9/30", category: "confirmed" });
  await page.locator("#family_name").focus();
  await page.waitForSelector("#same .same-found");
  assert.match(await page.textContent("#same"), /似た方がいます（1人）/);
  assert.equal(await page.getAttribute("#same a:has-text('追加登録へ')", "href"), `/patient/${id}/notification/1/add`);
  await inspect(page, "same-live-desktop");
  await page.check("#same input[name=different]");
  await confirm(page);
  assert.ok(await page.isChecked("#confirm-dialog input[name=different]"), "what was said is kept");
  await inspect(page, "same-confirm-desktop");
  await report(page);
});

test("without JavaScript, on a phone, the confirmation shows the similar patient", async () => {
  const base = someone();
  await reported(base);
  const page = await (await open(browser, { ...phone, javaScriptEnabled: false })).newPage();
  await signIn(page, "sakura");
  await fill(page, { ...base, diagnosis_date: "2022/9/30", category: "confirmed" });
  await confirm(page);
  assert.match(await page.textContent("#confirm-dialog .same-found"), /似た方がいます（1人）/);
  await report(page);
});

// The card of the pair, over the pages of the queue.
async function findPair(page, ids) {
  await page.goto(`${address}/same`);
  for (;;) {
    const card = page.locator("article.pair").filter({ has: page.locator(`a[href="/patient/${ids[0]}"]`) }).filter({ has: page.locator(`a[href="/patient/${ids[1]}"]`) });
    if ((await card.count()) > 0) return card;
    await press(page, "text=次の20組");
  }
}

for (const [name, options] of [["desktop", desktop], ["phone", { ...phone, javaScriptEnabled: false }]])
  test(`the queue on a ${name}: differences are marked, the two are merged, and the merge is undone`, async () => {
    const base = someone();
    const ids = [await reported(base), await reported({ ...base, given_name: "似違", home_address: "" })];
    const page = await (await open(browser, options)).newPage();
    await signIn(page, "hoken1");
    const card = await findPair(page, ids);
    assert.match(await card.textContent(), /フリガナと生年月日が同じ/);
    assert.match(await card.locator("mark").first().textContent(), /^類/);
    const sides = await Promise.all([0, 1].map((i) => card.locator(".side").nth(i).boundingBox()));
    assert.equal(sides[0].y === sides[1].y, name === "desktop", "side by side, or one below the other");
    if (name === "desktop") await inspect(page, "same-queue-desktop");
    await Promise.all([page.waitForNavigation(), card.locator("button[value=merge]").click()]);
    assert.match(await page.textContent(".notice"), /統合しました/);
    await page.goto(`${address}/patient/${ids[1]}`);
    assert.match(page.url(), new RegExp(`/patient/${ids[0]}`));
    assert.match(await page.textContent(".notice"), /統合先の記録/);
    if (name === "desktop") await inspect(page, "same-merged-desktop");
    await press(page, "text=統合を取り消す");
    assert.match(await page.textContent(".notice"), /統合を取り消しました/);
    const again = await findPair(page, ids);
    await Promise.all([page.waitForNavigation(), again.locator("button[value=link]").click()]);
    await page.goto(`${address}/patient/${ids[0]}`);
    assert.equal(await page.getAttribute(".same a", "href"), `/patient/${ids[1]}`);
    if (name === "desktop") await inspect(page, "same-linked-desktop");
  });

test("on a phone with JavaScript the queue and the pages of the two are as they should be", async () => {
  const base = someone();
  const ids = [await reported(base), await reported({ ...base, given_name: "似違", home_address: "" })];
  const page = await (await open(browser, phone)).newPage();
  await signIn(page, "hoken2");
  await page.goto(`${address}/same`);
  await inspect(page, "same-queue-phone");
  const card = await findPair(page, ids);
  await Promise.all([page.waitForNavigation(), card.locator("button[value=merge]").click()]);
  await page.goto(`${address}/patient/${ids[0]}`);
  await inspect(page, "same-merged-phone");
});
