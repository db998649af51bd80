// signals.test.js - 早期の兆し: found by the published method and no other way, who sees which, looked at once, and the growth beside it.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { before, test } from "node:test";
import { signIn } from "./client.js";
import { hersys, sql } from "./database.js";
import { notification, receipt, stranger } from "./notify.js";

const clients = {};
let centre, week, patients;
const one = (query) => sql(query)[0][0];
// The list from that week on; newer ones come first.
const below = () => `/signals?all=1&week=${one(`SELECT '${week}'::date + 1`)}&area=&kind=&cell=`;
const find = () => one(`SELECT app.signal_find('${week}')`);

before(async () => {
  for (const login of ["sakura", "hoken1", "kasugai", "nagoya", "aichi", "kuni", "follow"]) clients[login] = await signIn(login);
  // So long ago that nobody else is there; another time, another week.
  week = one(`SELECT app.figure_week_of(app.today(), 3) - 7 * ${60 + crypto.randomInt(140)}`);
  patients = [];
  for (let i = 0; i < 8; i++) {
    const made = receipt(await clients.sakura.post("/notification", notification(stranger())));
    patients.push(hersys("id", made.id).split(" ")[0]);
  }
  sql(`UPDATE app.submission SET submitted_at = '${week} 12:00+09' WHERE patient_id IN (${patients})`);
  sql(`UPDATE app.notification SET place_kind = 'elderly' WHERE patient_id IN (${patients})`);
  sql(`UPDATE app.access SET age_years = 33, sex = CASE patient_id % 2 WHEN 0 THEN 'male' ELSE 'female' END WHERE patient_id IN (${patients})`);
  sql(`SELECT app.figure_follow(VARIADIC ARRAY[${patients}]); SELECT app.figure_fold(100000)`);
  centre = one(`SELECT organisation_id FROM app.figure_case WHERE patient_id = ${patients[0]}`);
});

test("a week of eight where none was before is a signal, of all and of the place, for every area above", () => {
  assert.ok(Number(find()) >= 8);
  const found = sql(`SELECT area, kind, cell, count, mean, threshold FROM app.signal WHERE week = '${week}'`);
  for (const area of ["00", "23", `o${centre}`])
    for (const [kind, cell] of [["all", ""], ["place", "elderly"]])
      assert.deepEqual(found.find(([a, k, c]) => a === area && k === kind && c === cell)?.slice(3), ["8", "0.00", "3.00"], `${area} ${kind}`);
  assert.ok(found.every(([, , , count]) => Number(count) >= 5));
});

test("the threshold is the mean of seven weeks, two weeks back, and three standard deviations", () => {
  // Weeks 3 to 9 before: 1, 3, 1, 3, 1, 3, 2 have the mean 2 and the standard deviation 1; below that 1 stands; weeks 1 and 2 do not count.
  const before = [100, 100, 1, 3, 1, 3, 1, 3, 2];
  sql(`INSERT INTO app.figure_week (area, series, week, cell, count)
       SELECT 'o0', 'new', '${week}'::date - 7 * n::integer, 'm30', c FROM unnest(ARRAY[${before}]) WITH ORDINALITY x (c, n)`);
  for (const [count, is] of [[5, false], [6, true]]) {
    sql(`INSERT INTO app.figure_week VALUES ('o0', 'new', '${week}', 'f30', ${count}) ON CONFLICT (area, series, week, cell) DO UPDATE SET count = EXCLUDED.count`);
    find();
    assert.equal(sql(`SELECT kind FROM app.signal WHERE area = 'o0' AND week = '${week}'`).length, is ? 2 : 0, `${count}`);
  }
  assert.deepEqual(sql(`SELECT mean, threshold, array_to_string(weeks, ' ') FROM app.signal WHERE area = 'o0' AND kind = 'age'`)[0], ["2.00", "5.00", "2 3 1 3 1 3 1 100 100"]);
  sql("DELETE FROM app.figure_week WHERE area = 'o0'");
  find();
  assert.equal(sql("SELECT 1 FROM app.signal WHERE area = 'o0'").length, 0, "what holds no more goes");
});

test("offices see those of their reach, and nobody else any", async () => {
  const page = async (login) => (await clients[login].get(below())).text;
  for (const login of ["aichi", "kuni"]) assert.match(await page(login), /場所：高齢者福祉施設/, login);
  const own = { hoken1: "o" + one("SELECT organisation_id FROM app.account WHERE login = 'hoken1'"), kasugai: "o" + one("SELECT organisation_id FROM app.account WHERE login = 'kasugai'") };
  for (const [login, area] of Object.entries(own))
    assert[area === `o${centre}` ? "match" : "doesNotMatch"](await page(login), new RegExp(`value="${week}"|${week.replaceAll("-", "/").replaceAll("/0", "/")}`), login);
  for (const login of ["sakura", "follow"]) assert.equal((await clients[login].get("/signals")).status, 404, login);
});

// What a page says of itself and whom it lists, page by page.
async function listed(login, path) {
  const people = new Set();
  let lead, title;
  while (path) {
    const { status, text } = await clients[login].get(path);
    assert.equal(status, 200, path);
    lead ??= text.match(/この数値が数えている(\d+)人です/)[1];
    title ??= text.match(/<h1[^>]*>([^<]*)</)[1];
    for (const [, patient] of text.matchAll(/<tr><td><a href="(\/patient\/\d{11})"/g)) people.add(patient);
    assert.match(text, /<a href="\/signals\?[^"]*">早期の兆しへ戻る/);
    path = text.match(/href="(\/figures\/list\?[^"]*)">次の/)?.[1].replaceAll("&amp;", "&");
  }
  return { lead, title, people: people.size };
}

test("each number opens exactly the people that it counts: all, an age of both sexes, a kind of place", async () => {
  for (const login of ["aichi", "kuni"]) {
    const { text } = await clients[login].get(below());
    const links = [...text.matchAll(/<h3>([^<]*)<\/h3>\s*<p>[^\n]*?<a href="(\/figures\/list\?[^"]*)"[^>]*>(\d+)人<\/a>/g)].map(([, name, path, count]) => ({ name, path: path.replaceAll("&amp;", "&"), count }));
    const ours = links.filter(({ path }) => path.includes(`from=${week}&`));
    for (const [words, title] of [["新規陽性者数", /^新規陽性者（[^、]*、[^、]*～[^、]*）$/], ["年代：", /、年代：(10歳未満|[1-9]0代|90歳以上)）$/], ["場所：", /、場所：高齢者福祉施設）$/]]) {
      const link = ours.find(({ name }) => name.includes(words));
      assert.ok(link, `${login} ${words}`);
      const behind = await listed(login, link.path);
      assert.deepEqual([behind.lead, behind.people], [link.count, Number(link.count)], link.path);
      assert.match(behind.title, title);
    }
  }
  const day = (n) => one(`SELECT '${week}'::date + ${n}`), list = (query) => clients.aichi.get(`/figures/list?area=23&${query}`);
  assert.equal((await list(`series=new&from=${week}&to=${day(6)}`)).status, 200);
  for (const query of [`series=new&from=${week}&to=${day(7)}`, `series=new&from=${week}`, `series=death&from=${week}&to=${day(6)}`, `series=place&from=${week}&to=${day(6)}`,
    `series=place&from=${week}&to=${day(6)}&cell=30`, `series=new&from=${week}&to=${day(6)}&cell=elderly`, `series=new&from=${week}&to=${day(6)}&cell=m30`,
    `series=place&from=${day(1)}&to=${day(7)}&cell=elderly`])
    assert.equal((await list(query)).status, 404, query);
  assert.equal((await clients.kasugai.get(`/figures/list?area=23&series=new&from=${week}&to=${day(6)}`)).status, 404);
});

test("looked at once, with a note; it stays for the others, and stays when it holds no more", async () => {
  const key = { area: "23", week, kind: "all", cell: "" };
  await clients.aichi.get("/signals");
  assert.equal((await clients.aichi.post("/signals", { ...key, note: "保健所に確認した" })).status, 303);
  assert.equal((await clients.aichi.post("/signals", { ...key, note: "保健所に確認した" })).status, 303, "pressed twice");
  const [[holder]] = sql("SELECT holder FROM app.account WHERE login = 'aichi'"), second = await clients.aichi.post("/signals", { ...key, note: "二度目" });
  assert.equal(second.status, 409, "a note that is not kept is not said to be");
  assert.match(second.text, new RegExp(`${holder}さん（[\\d/ :]+）が先に見ています。メモは記録していません。`));
  assert.match(second.text, /<input id="unsent-note" value="二度目" readonly>/);
  const seen = () => sql(`SELECT note FROM app.signal_seen WHERE area = '23' AND week = '${week}'`);
  assert.deepEqual(seen(), [["保健所に確認した"]]);
  assert.doesNotMatch((await clients.aichi.get("/signals")).text, new RegExp(`name="area" value="23"><input type="hidden" name="week" value="${week}"><input type="hidden" name="kind" value="all">`));
  assert.match((await clients.kuni.get(below())).text, /保健所に確認した/);
  assert.equal((await clients.kasugai.post("/signals", { ...key, note: "x" })).status, 404, "not of its reach");
  assert.equal((await clients.sakura.post("/signals", { ...key, note: "x" })).status, 404);
  assert.equal((await clients.aichi.post("/signals", { ...key, kind: "none", note: "x" })).status, 404);
  assert.equal(seen().length, 1);
  sql(`UPDATE app.figure_week SET count = count - 7 WHERE area = '23' AND series = 'new' AND week = '${week}' AND count >= 7`);
  find();
  assert.equal(sql(`SELECT 1 FROM app.signal WHERE area = '23' AND kind = 'all' AND week = '${week}'`).length, 1);
  hersys("figures", "recount");
});

test("a page is looked at in one press, and one stays where one was; what cannot be read is said, and nothing typed is lost", async () => {
  // By default the last eight weeks: forty signals of the ministry's country, in a week that others have left alone.
  const old = one(`SELECT app.figure_week_of(app.today(), 3) - 70`), recent = one(`SELECT app.figure_week_of(app.today(), 3) - 14`);
  const plain = (text) => text.replaceAll("&amp;", "&"), mine = `area = '00' AND kind = 'place' AND cell LIKE 'test%'`;
  sql(`INSERT INTO app.signal (area, week, kind, cell, count, mean, threshold, weeks) SELECT '00', w, 'place', 'test' || 100 + n, 9, 0, 3, '{0,0,0,0,0,0,0,0,0}'
         FROM generate_series(1, 40) n, unnest('{${old},${recent}}'::date[]) w`);
  const seen = () => sql(`SELECT week, count(*) FROM app.signal_seen WHERE ${mine} GROUP BY 1 ORDER BY 1`);
  const fields = (form) => Object.fromEntries([...form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map(([, name, value]) => [name, value]));
  const behind = (week, all) => `/signals?all=${all}&of=23&week=${week}&area=00&kind=place&cell=test141`;
  try {
    assert.doesNotMatch((await clients.kuni.get(behind(old, 0))).text, /class="signals">\s*<li>/, "older ones only when asked for");
    const page = (await clients.kuni.get(behind(recent, 0))).text, [, action, form] = page.match(/<form method="post" action="([^"]*)">((?:(?!<form)[\s\S])*?このページの20件をすべて)/);
    assert.equal(plain(action), `/signals?all=0&of=23&area=00&week=${recent}&kind=place&cell=test141`);
    assert.match(page, /<option value="23" selected>/);
    const pressed = await clients.kuni.post(plain(action), fields(form));
    assert.equal(pressed.status, 303);
    assert.equal(pressed.location, `${plain(action)}&notice=signal_seen`);
    assert.deepEqual(seen(), [[recent, "20"]]);
    assert.match((await clients.kuni.get(behind(recent, 0))).text, /value="test120"/);
    const long = await clients.kuni.post(behind(recent, 0), { area: "00", week: recent, kind: "place", cell: "test120", note: "長".repeat(201) });
    assert.equal(long.status, 422);
    assert.match(long.text, /メモは200文字まで/);
    assert.ok(long.text.includes(`name="note" maxlength="200" value="${"長".repeat(201)}"`));
    for (const week of ["きのう", ""]) {
      const unread = await clients.kuni.post("/signals", { area: "00", week, kind: "place", cell: "test120", note: "x" });
      assert.equal(unread.status, 400);
      assert.doesNotMatch(unread.text, /文字まで/);
    }
    assert.deepEqual(seen(), [[recent, "20"]]);
    const bad = await clients.kuni.post(`/signals?all=1&of=${encodeURIComponent("23\r\nx: y")}`, { area: "00", week: recent, kind: "place", cell: "test120", note: "" });
    assert.equal(bad.location, "/signals?all=1&notice=signal_seen", "nothing but a key goes into an address");
  } finally {
    sql(`DELETE FROM app.signal_seen WHERE ${mine}; DELETE FROM app.signal WHERE ${mine}`);
  }
});

test("the growth of an area: its own, none of another office's, and no number where there are too few", async () => {
  const other = one(`SELECT organisation_id FROM app.organisation WHERE kind = 'centre' AND prefecture_code = '13' LIMIT 1`);
  assert.match((await clients.aichi.get("/signals")).text, /この日まで/);
  assert.match((await clients.aichi.get(`/signals?of=o${other}`)).text, /この地域の数値は表示できません/);
  assert.match((await clients.aichi.get("/signals")).text, /Cori/);
});
