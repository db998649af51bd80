// chain.test.js - the chain of infections and the clusters in a browser: drawn and clicked, as a table without JavaScript, on a
// phone; axe finds nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "./inspect.js";
import { address, desktop, launch, open, phone, signIn } from "./stand.js";
import { signIn as httpSignIn } from "../http/client.js";
import { notification, receipt } from "../http/notify.js";

let browser, people;

before(async () => {
  browser = await launch();
  const clinic = await httpSignIn("sakura"), centre = await httpSignIn("hoken1");
  const report = async (name) => receipt(await clinic.post("/notification", notification({ family_name: "連鎖", given_name: name }))).id;
  people = [];
  for (const name of ["一", "二", "三", "四"]) people.push(await report(name));
  for (const [i, source] of [[1, 0], [2, 0], [3, 1]]) {
    const path = `/patient/${people[i]}/tab/link/new`;
    await centre.get(path);
    const link_certainty = ["", "confirmed", "presumed", "unknown"][i];
    await centre.post(path, { items: "link_certainty link_source_case link_found_on", link_certainty, link_source_case: people[source], link_found_on: "2022/10/4" });
  }
});
after(() => browser.close());

const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);

test("from the tab to the chain: four people are drawn, pointed at, and opened by a click", async () => {
  const page = await (await open(browser, desktop)).newPage();
  const errors = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  page.on("console", (message) => { if (message.type() === "error") errors.push(message.text()); });
  await signIn(page, "hoken1");
  await page.goto(`${address}/patient/${people[3]}/tab/link`);
  await inspect(page, "link-desktop");
  await press(page, "text=感染のつながり（図と表）を見る");
  await page.waitForSelector("#chain-drawing[data-drawn='4']");
  assert.match(await page.textContent("main"), /4人、3世代/);
  await inspect(page, "chain-desktop");
  await page.locator("#chain-drawing").scrollIntoViewIfNeeded();
  const box = await page.locator("#chain-drawing").boundingBox();
  await page.mouse.move(box.x + 24, box.y + box.height / 2); // the first of all stands at the left, in the middle of its two halves
  await page.waitForFunction(() => document.getElementById("chain-word").textContent.includes("連鎖　一"));
  for (const id of ["#chain-in", "#chain-out", "#chain-all"]) await page.click(id);
  await page.mouse.move(box.x + 24, box.y + box.height / 2);
  await Promise.all([page.waitForNavigation(), page.mouse.click(box.x + 24, box.y + box.height / 2)]);
  assert.equal(new URL(page.url()).pathname, `/patient/${people[0]}`);
  assert.deepEqual(errors, [], "the content policy and the script agree");
});

test("without JavaScript the table says all of it; on a phone nothing sticks out", async () => {
  for (const [name, options] of [["plain", { ...desktop, javaScriptEnabled: false }], ["phone", phone]]) {
    const page = await (await open(browser, options)).newPage();
    await signIn(page, "hoken1");
    await page.goto(`${address}/patient/${people[1]}/chain`);
    if (name === "phone") await page.waitForSelector("#chain-drawing[data-drawn='4']");
    else assert.equal(await page.isVisible("#chain-drawing"), false);
    const rows = await page.$$eval("tbody tr", (list) => list.map((row) => row.textContent));
    assert.equal(rows.length, 4);
    // Of the two of one generation either may stand first.
    const sure = rows.findIndex((row) => row.includes("1番（確定）"));
    for (const [i, words] of [[0, "第1世代"], [sure, "第2世代"], [3 - sure, "1番（推定）"], [3, `${sure + 1}番（不明）`]]) assert.ok(rows[i]?.includes(words), `${name}: ${rows[i]}`);
    if (name === "phone") await inspect(page, "chain-phone");
    await press(page, "tbody a >> nth=0");
    assert.equal(new URL(page.url()).pathname, `/patient/${people[0]}`);
  }
});

test("a chain that ends before its patient is drawn, and looked at from the first; a change of height alone draws nothing anew", async () => {
  const page = await (await open(browser, desktop)).newPage();
  await signIn(page, "hoken1");
  const count = 3000;
  const data = { here: 0, ids: Array(count).fill(0), sources: Array.from({ length: count }, (_, i) => (i === 0 ? 0 : Math.ceil(i / 3))), names: Array(count).fill(""),
    days: Array(count).fill(0), links: "-" + "c".repeat(count - 1) };
  await page.route("**/chain/data", (route) => route.fulfill({ contentType: "application/json", body: JSON.stringify(data) }));
  await page.goto(`${address}/patient/${people[3]}/chain`);
  await page.waitForSelector(`#chain-drawing[data-drawn='${count}']`);
  const painted = () => page.$eval("#chain-drawing canvas", (canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.reduce((n, value, i) => n + (i % 4 === 3 && value > 0), 0));
  const all = await painted();
  for (let i = 0; i < 3; i++) await page.click("#chain-in");
  await page.waitForTimeout(500);
  const near = await painted();
  assert.ok(near > 500 && near !== all, `${near} of ${all}`);
  const { width, height } = page.viewportSize();
  await page.setViewportSize({ width, height: height - 100 });
  await page.waitForTimeout(500);
  assert.equal(await painted(), near, "what is looked at stays");
  await page.setViewportSize({ width: width - 200, height });
  await page.waitForTimeout(500);
  assert.notEqual(await painted(), near);
});

test("a cluster is made, gets members from both sides, and ends: by keyboard, without JavaScript, on a phone", async () => {
  const page = await (await open(browser, { ...phone, javaScriptEnabled: false })).newPage();
  await signIn(page, "hoken1");
  await page.goto(`${address}/clusters/new`);
  await page.fill("#f-name", "試験通り 食堂");
  await page.press("#f-name", "Enter");
  await page.waitForSelector(".errors");
  await page.check("input[value=restaurant]");
  await page.fill("#f-municipality", "名古屋市中区");
  await page.fill("#f-first_day", "R4.10.1");
  await press(page, "text=保存する");
  assert.match(await page.textContent(".notice"), /保存しました/);
  await page.fill("#patient", people[0]);
  await page.selectOption("#role", "staff");
  await press(page, ".button:has-text('加える')");
  const cluster = page.url().split("?")[0];
  await page.goto(`${address}/patient/${people[1]}/tab/link`);
  await page.selectOption("#cluster", { label: "試験通り 食堂" });
  await page.selectOption("#role", "user");
  await press(page, "text=この方を加える");
  assert.match(await page.textContent("main"), /試験通り 食堂/);
  await page.goto(cluster);
  assert.match(await page.textContent("main"), /連鎖　一[^]*連鎖　二/);
});

test("the pages of clusters pass axe at both widths", async () => {
  for (const [name, options] of [["desktop", desktop], ["phone", phone]]) {
    const page = await (await open(browser, options)).newPage();
    await signIn(page, "hoken1");
    await page.goto(`${address}/clusters`);
    await inspect(page, `clusters-${name}`);
    await press(page, "tbody a >> nth=0");
    await inspect(page, `cluster-${name}`);
    await press(page, "text=変更する・終息にする");
    await inspect(page, `cluster-form-${name}`);
  }
});
