// editions.test.js - 公表の版: the ministry orders an edition, which the jobs make once however often it was pressed; sees what it corrected
// and what was held back; sets the time of the day. Nobody else does, or sees, any of it.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { after, before, test } from "node:test";
import { signIn } from "./client.js";
import { asRole, sql } from "./database.js";
import { holdEditions, letEditions } from "./published.js";

const clients = {}, kept = {};
const others = ["aichi", "nagoya", "hoken1", "sakura", "follow"];
const one = (query) => sql(query)[0][0];
const value = (text, name, nth = 0) => [...text.matchAll(new RegExp(`name="${name}" value="([^"]*)"`, "g"))][nth][1];
const yesterday = () => one("SELECT app.today() - 1");
const slashed = (iso) => iso.split("-").map(Number).join("/");
const page = async () => (await clients.kuni.get("/figures/editions")).text;
const rows = (text) => [...text.slice(text.indexOf("これまでの版</h2>")).matchAll(/<tr><td[\s\S]*?<\/tr>/g)].map(([row]) => row.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ").trim());

// Someone of unknown sex and age more (or, -1, fewer) on a day: totals move, no table does.
let counted = 0;
function count(day, change) {
  counted += change;
  sql(`INSERT INTO app.figure_delta (organisation_id, series, day, cell, change)
  SELECT min(organisation_id), 'new', '${day}', 'xunknown', ${change} FROM app.organisation WHERE kind = 'centre' AND prefecture_code = '23'`);
}

// Presses 「いま公表する」 of a page and waits until the jobs have done it.
const order = (text, through = value(text, "through")) => clients.kuni.post("/figures/editions", { form_id: value(text, "form_id"), through });
async function done() {
  for (let i = 0; i < 300 && one("SELECT count(*) FROM app.edition_order WHERE done_at IS NULL") !== "0"; i++) await new Promise((resolve) => setTimeout(resolve, 1000));
  return sql("SELECT through, outcome FROM app.edition_order ORDER BY ordered_at DESC LIMIT 1")[0];
}

before(async () => {
  for (const login of ["kuni", ...others]) clients[login] = await signIn(login);
  await holdEditions();
  kept.day = one("SELECT app.today() - 3");
  count(kept.day, 1);
});
after(() => {
  if (counted !== 0) count(kept.day, -counted);
  letEditions();
  sql("DELETE FROM app.edition WHERE reason LIKE '試験%'");
});

test("the page names the day, and an order pressed twice is one edition", async () => {
  await done();
  const text = await page(), last = one("SELECT coalesce(max(edition_id), 0) FROM app.edition");
  assert.match(text, new RegExp(`<strong>${slashed(yesterday())}</strong>（きのう）までの数値`));
  const other = await page(); // the same page in another window
  for (const form of [text, text, other]) {
    const answer = await order(form);
    assert.equal(answer.location, "/figures/editions?notice=edition_ordered", answer.text.slice(0, 1000));
  }
  assert.deepEqual(await done(), [yesterday(), "released"]);
  const [[made, through, fresh]] = sql(`SELECT count(*), min(through), (SELECT sum(c.fresh) FROM app.edition_count c JOIN app.edition USING (edition_id) WHERE edition_id > ${last}) FROM app.edition WHERE edition_id > ${last}`);
  assert.deepEqual([made, through], ["1", yesterday()]);
  const after = await page();
  assert.match(after, /が押しました（[^）]*まで）。公表しました。/);
  assert.equal(rows(after)[0].split(" ")[4], fresh);
  assert.equal(one(`SELECT count(*) FROM app.audit WHERE action = 'edition_order' AND detail = '${yesterday()}' AND at > now() - interval '10 minutes'`) >= 1, true);
});

test("the counts are those of the numbers, and each correction stands below its indicator and area", async () => {
  count(kept.day, 2);
  assert.equal((await order(await page())).status, 303);
  assert.deepEqual(await done(), [yesterday(), "released"]);
  const edition = one("SELECT max(edition_id) FROM app.edition");
  const expected = sql(`SELECT p.indicator, p.area, count(*) FROM app.published p
                         WHERE p.edition_id = ${edition} AND EXISTS (SELECT FROM app.published q WHERE (q.indicator, q.area, q.day, q.cell) = (p.indicator, p.area, p.day, p.cell) AND q.edition_id < p.edition_id)
                         GROUP BY 1, 2 ORDER BY 1, 2`);
  assert.ok(expected.some(([indicator, area]) => indicator === "1" && area === "23"));
  const { text } = await clients.kuni.get(`/figures/editions/${edition}`);
  const linked = [...text.matchAll(/indicator=(\d+)&amp;area=(\d\d)#list"[^>]*>(\d+)</g)].map(([, ...cell]) => cell).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  assert.deepEqual(linked, expected);
  const [[, total, hidden]] = sql(`SELECT 1, sum(corrected), sum(hidden) FROM app.edition_count WHERE edition_id = ${edition}`);
  assert.deepEqual(rows(await page())[0].split(" ").slice(-3), [total, hidden, one(`SELECT withheld FROM app.edition WHERE edition_id = ${edition}`)]);
  const list = (await clients.kuni.get(`/figures/editions/${edition}?indicator=1&area=23`)).text;
  const [before, now] = [one(`SELECT value - 2 FROM app.published WHERE edition_id = ${edition} AND indicator = 1 AND area = '23'`), one(`SELECT value FROM app.published WHERE edition_id = ${edition} AND indicator = 1 AND area = '23'`)];
  assert.match(list, new RegExp(`${slashed(kept.day)}</th><td>全体</td><td class="number">${before}</td><td class="number">${now}</td>`));
  for (const query of ["indicator=1&area=99", "indicator=12&area=23", "area=23"]) assert.doesNotMatch((await clients.kuni.get(`/figures/editions/${edition}?${query}`)).text, /id="list"/, query);
});

test("an edition that was held back stands there with its reason, for the ministry alone", async () => {
  sql("INSERT INTO app.edition (made_at, through, reason) VALUES (now(), app.today() - 1, '試験：隠した人数が2件、ほかの数字から1人から2人までに絞れます。')");
  const [row] = rows(await page());
  assert.match(row, /見合わせ 試験：隠した人数が2件、ほかの数字から1人から2人までに絞れます。 ― ― ― ―/);
  assert.equal((await clients.kuni.get(`/figures/editions/${one("SELECT max(edition_id) FROM app.edition")}`)).status, 200);
  for (const none of ["999999", "9223372036854775807", "0", "x"]) assert.equal((await clients.kuni.get(`/figures/editions/${none}`)).status, 404, none);
});

test("figures that are not what the records say are told to the ministry, before it publishes, and no more when they are mended", async () => {
  const said = async () => {
    const { text } = await clients.kuni.get("/figures/editions"), { text: today } = await clients.kuni.get("/");
    return [/数値が、記録と合いません（<span class="nowrap">[^<]+<\/span> の照合）。数え方の違う患者が\d+人、違う数値が\d+個あります。/.test(text), /すべて合っています/.test(text),
      Number(today.match(/記録と合わない数値<\/span><strong>(\d+)</)?.[1])];
  };
  try {
    sql("INSERT INTO app.figure_check VALUES (now() + interval '1 hour', 1, 3)");
    assert.deepEqual(await said(), [true, false, 4]);
    sql("INSERT INTO app.figure_check VALUES (now() + interval '2 hours', 0, 0)");
    assert.deepEqual(await said(), [false, true, 0]);
    for (const login of others) assert.doesNotMatch((await clients[login].get("/")).text, /記録と合わない数値/, login);
  } finally {
    sql("DELETE FROM app.figure_check WHERE checked_at > now()");
  }
});

test("every edition is found, a page behind the other", async () => {
  sql("INSERT INTO app.edition (made_at, through, reason) SELECT now(), app.today() - 1, '試験：' || n FROM generate_series(1, 41) n");
  const found = [];
  for (let target = "/figures/editions"; target && found.length < 60;) {
    const { text } = await clients.kuni.get(target);
    found.push(...rows(text).map((row) => row.match(/試験：(\d+)/)?.[1]));
    target = text.match(/href="(\/figures\/editions\?from=\d+)">次の20件</)?.[1];
  }
  assert.deepEqual(found.slice(0, 41).map(Number), Array.from({ length: 41 }, (_, i) => 41 - i));
  sql("DELETE FROM app.edition WHERE reason LIKE '試験：%'");
});

test("an order for another day than yesterday is told, and orders nothing", async () => {
  const waiting = sql("SELECT * FROM app.edition_order ORDER BY through");
  const answer = await order(await page(), one("SELECT app.today() - 2"));
  assert.equal(answer.status, 409);
  assert.match(answer.text, /日付が変わりました/);
  assert.equal((await order(await page(), "きのう")).status, 400);
  assert.deepEqual(sql("SELECT * FROM app.edition_order ORDER BY through"), waiting);
});

test("the time of the day: set, emptied, refused with what was typed, and not over somebody else's", async () => {
  const set = async (time, text) => {
    text ??= await page();
    return clients.kuni.post("/figures/editions/time", { form_id: value(text, "form_id", 1), shown_time: value(text, "shown_time"), time });
  };
  const stored = () => one("SELECT value FROM app.setting WHERE name = 'publish_at'") ?? "";
  assert.equal((await set("２３：５９")).location, "/figures/editions?notice=edition_time");
  assert.equal(stored(), "23:59");
  assert.match(await page(), /いまは、毎日 23:59 です。/);
  for (const time of ["24:00", "夕方", "7:5", "16", "12:60", "1:000", ":30"]) {
    const answer = await set(time);
    assert.equal(answer.status, 422, time);
    assert.ok(answer.text.includes(`name="time" type="text" value="${time}"`), time);
    assert.match(answer.text, /時刻として読み取れません/);
  }
  const old = await page();
  assert.equal((await set(" 9:05 ")).status, 303);
  assert.equal(stored(), "09:05");
  const clash = await set("10:00", old);
  assert.equal(clash.status, 409);
  assert.match(clash.text, /ほかの人が時刻を変えました[\s\S]*name="time" type="text" value="10:00"/);
  assert.equal(stored(), "09:05");
  assert.equal((await set("10:00", clash.text)).status, 303);
  assert.equal((await set("")).status, 303);
  assert.deepEqual(sql("SELECT value = '' FROM app.setting WHERE name = 'publish_at'"), [["t"]]);
  assert.match(await page(), /いまは、自動では作りません。/);
});

test("nobody but the ministry: neither on the pages nor in the database", async () => {
  const before = sql("SELECT * FROM app.edition_order ORDER BY through"), day = yesterday();
  const form = await page();
  for (const login of others) {
    for (const path of ["/figures/editions", "/figures/editions/1"]) {
      const answer = await clients[login].get(path);
      assert.equal(answer.status, 403, `${login} ${path}`);
      assert.doesNotMatch(answer.text, /試験：/);
    }
    assert.equal((await clients[login].post("/figures/editions", { form_id: crypto.randomUUID(), through: value(form, "through") })).status, 403, login);
    assert.equal((await clients[login].post("/figures/editions/time", { form_id: crypto.randomUUID(), shown_time: "", time: "01:00" })).status, 403, login);
    assert.doesNotMatch((await clients[login].get("/figures")).text, /\/figures\/editions/);
    const tried = asRole("staff", clients[login].cookies.get("__Host-sid"), ["SELECT * FROM app.edition_list(NULL)", "SELECT * FROM app.edition_counts(1)", "SELECT * FROM app.edition_ordered()", "SELECT * FROM app.edition_checked()", "SELECT 1 FROM app.figure_check",
      `SELECT app.edition_order_now('${day}')`, "SELECT app.edition_time_set('', '01:00')", "SELECT 1 FROM app.edition_order", "SELECT 1 FROM app.edition_count", "UPDATE app.setting SET value = '' WHERE name = 'publish_at'"]);
    assert.deepEqual(tried.map((r) => r.state ?? r.rows.length), [0, 0, 0, 0, "42501", "HS403", "HS403", "42501", "42501", "42501"], login);
  }
  const may = asRole("staff", clients.kuni.cookies.get("__Host-sid"), ["SELECT count(*) > 0 FROM app.edition_list(NULL)", `SELECT app.edition_order_now('${day}')`, "SELECT app.edition_time_set('', '01:00')", "SELECT app.edition_time_set('', '29:00')"]);
  assert.deepEqual(may.map((r) => r.state ?? r.rows[0] ?? ""), ["t", "", "", "HS422"]);
  for (const role of ["door", "public", "heavy"].filter((name) => one(`SELECT count(*) FROM pg_roles WHERE rolname = 'hersys_${name}'`) === "1"))
    assert.deepEqual(asRole(role, null, ["SELECT * FROM app.edition_list(NULL)", `SELECT app.edition_order_now('${day}')`]).map((r) => r.state), ["42501", "42501"], role);
  assert.match((await clients.kuni.get("/figures")).text, /href="\/figures\/editions"/);
  assert.deepEqual(sql("SELECT * FROM app.edition_order ORDER BY through"), before);
});
