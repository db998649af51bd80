// numbers.test.js - a number is a question: each figure on a page for staff that is not 0 leads to a list, and the list has exactly as many
// patients as the figure says, within the rights of who asks. The tables by day of 数値 themselves: figures_pages.test.js.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { signIn } from "./client.js";
import { hersys, sql } from "./database.js";
import { notification, receipt, stranger } from "./notify.js";

const clients = {}, office = {};
const one = (query) => sql(query)[0]?.[0];
const tokyo = (days) => new Date(Date.now() + 9 * 3600e3 + days * 86400e3).toISOString().slice(0, 10);
const slashed = (iso) => iso.split("-").map(Number).join("/");
const plain = (text) => text.replaceAll("&amp;", "&");
const FEW = 150; // a list of more is read for the number that it says alone
const days = [tokyo(-3), tokyo(-2), tokyo(-1)];

before(async () => {
  for (const login of ["sakura", "follow", "hoken1", "kasugai", "nagoya", "aichi", "kuni"]) {
    clients[login] = await signIn(login);
    office[login] = one(`SELECT organisation_id FROM app.account WHERE login = '${login}'`);
  }
  cleared();
  for (const ago of [3, 2, 2, 1]) await reported(ago);
  await severe(await reported(25));
  await severe(await reported(25), tokyo(0)); // not yet on the last day of a table whose cut-off is midnight
  await dead(await reported(25, { sex: "male" }));
});
after(() => cleared());
const cleared = () => sql(`DELETE FROM app.published_figure WHERE day = ANY ('{${days}}') AND area = 'o${office.hoken1}';
  DELETE FROM app.press_case; DELETE FROM app.press; DELETE FROM app.press_template`);

// Somebody of 中保健所 who was reported some days ago.
async function reported(ago, values = {}) {
  const made = receipt(await clients.sakura.post("/notification", notification({ ...stranger(), ...values })));
  const id = hersys("id", made.id).split(" ")[0];
  sql(`UPDATE app.submission SET submitted_at = submitted_at - interval '${ago} days' WHERE patient_id = ${id}; SELECT app.figure_follow(${id})`);
  return `/patient/${made.id}`;
}
async function press(login, path, fields) {
  await clients[login].get(path);
  assert.equal((await clients[login].post(path, fields)).status, 303, path);
}
const severe = (patient, since = tokyo(-20)) => press("hoken1", `${patient}/tab/grade/new`, { entry_version: "0", items: "grade_on grade_severity", grade_on: since, grade_severity: "severe" });
const dead = (patient) => press("hoken1", `${patient}/status`, { status: "dead", since: tokyo(-9), death_date: tokyo(-9), death_place: "medical" });

const page = async (login, path) => {
  const { status, text } = await clients[login].get(path);
  assert.equal(status, 200, path);
  return text;
};
const title = (text) => text.match(/<h1[^>]*>([^<]*)</)[1];

// Follows a number: its list says it, and has so many, page by page, each once. Returns the text of the first page.
async function opens(login, path, number) {
  const first = await page(login, path), people = [];
  const lead = first.match(/この数値が数えている(\d+)人です。(?:うち(\d+)人は、この機関では表示できません。)?/);
  assert.ok(lead, path);
  assert.equal(Number(lead[1]), Number(number), path);
  if (number > FEW) return first;
  for (let text = first; ; text = await page(login, path)) {
    people.push(...[...text.matchAll(/<tr><td><a href="(\/patient\/\d{11})"/g)].map(([, patient]) => patient));
    path = plain(text.match(/href="(\/figures\/list\?[^"]*)">次の/)?.[1] ?? "");
    if (!path) break;
  }
  assert.equal(new Set(people).size, people.length);
  assert.equal(people.length + Number(lead[2] ?? 0), Number(number), title(first));
  return first;
}

// The figures in a piece of a page: [text of the link, its path]; what is left of digits outside links is returned beside.
function figures(html) {
  const links = [...html.matchAll(/<a href="(\/figures\/list\?[^"]*)">([^<]*)<\/a>/g)].map(([, path, words]) => ({ path: plain(path), words, number: Number(words.replace(/\D/g, "")) }));
  return { links, rest: html.replace(/<a href="\/figures\/list\?[^>]*>[^<]*<\/a>/g, "<a>").replace(/<[^>]+>/g, " ") };
}

test("数値: what each indicator says today opens those whom it counts; of an area elsewhere nothing does", async () => {
  for (const [login, area] of [["hoken1", `o${office.hoken1}`], ["aichi", "23"], ["aichi", `o${office.hoken1}`], ["kuni", "00"]]) {
    const values = [...(await page(login, `/figures?area=${area}`)).matchAll(/data-label="最新"><strong>(.*?)<\/strong>/g)].map(([, value]) => figures(value));
    assert.equal(values.length, 11);
    for (const [i, { links, rest }] of values.entries()) {
      assert.doesNotMatch(rest.replace("7日間", ""), /[1-9]/, `${login} ${i + 1}`);
      for (const { path, words, number } of links)
        if (i === 1) await opens(login, path, one(`SELECT count FROM app.figure_daily('${area}', '{new}', '${tokyo(0)}', '${tokyo(0)}')`));
        else if (i === 10) assert.equal((await page(login, path)).match(/<a href="\/clusters\/\d+">/g).length, Math.min(number, 50));
        else await opens(login, path, number, words);
    }
    for (const i of [0, 2, 3, 4, 5, 6, 7, 8]) if (area !== "00") assert.ok(i < 1 || values[i].links.length === 1, `${login} ${i + 1}`);
  }
  const elsewhere = await page("aichi", "/figures?area=13");
  assert.doesNotMatch(elsewhere, /\/figures\/list/);
  const [{ path }] = figures((await page("hoken1", "/figures")).match(/<table[\s\S]*<\/table>/)[0]).links;
  for (const [login, status] of [["nagoya", 200], ["kuni", 200], ["kasugai", 404], ["sakura", 404], ["follow", 404]])
    assert.equal((await clients[login].get(path)).status, status, login);
});

test("the mean of seven days opens those seven days", async () => {
  const row = (await page("hoken1", "/figures?indicator=1")).match(new RegExp(`<tr data-day="${tokyo(0)}">.*?</tr>`, "s"))[0], { links } = figures(row);
  const [[count]] = sql(`SELECT sum(count) FROM app.figure_daily('o${office.hoken1}', '{new}', '${tokyo(-6)}', '${tokyo(0)}')`);
  assert.ok(Math.abs(links.at(-1).words - count / 7) < 0.051, links.at(-1).words);
  await opens("hoken1", links.at(-1).path, count);
});

test("④, ⑦ and ⑨ open by sex and age whoever was counted until the end of the week", async () => {
  for (const indicator of [4, 7, 9]) {
    const text = await page("hoken1", `/figures?indicator=${indicator}`), rows = [...text.matchAll(/<tr data-day="[\d-]+">.*?<\/tr>/gs)].map(([row]) => row);
    const { links, rest } = figures(rows[0].replace(/<th.*?<\/th>/s, ""));
    assert.doesNotMatch(rest, /[1-9]/, `${indicator}`);
    assert.ok(links.length > 1, `${indicator}`);
    assert.equal(links.slice(1).reduce((sum, { number }) => sum + number, 0), links[0].number);
    for (const { path, number } of links) await opens("hoken1", path, number);
    assert.match(title(await page("hoken1", links[1].path)), /、[男女性][^、]*）$/);
    for (const [login, status] of [["aichi", 200], ["kasugai", 404], ["sakura", 404]]) assert.equal((await clients[login].get(links[1].path)).status, status, login);
  }
});

test("早期の兆し: the new cases of seven days open, of the areas that the office works with", async () => {
  for (const [login, area] of [["hoken1", `o${office.hoken1}`], ["aichi", "23"]]) {
    const table = (await page(login, `/signals?of=${area}`)).match(/<table.*?<\/table>/s)[0], { links } = figures(table);
    assert.doesNotMatch(table, /<td class="number">[1-9]/);
    assert.ok(links.length > 0);
    for (const { path, number } of links) await opens(login, path, number);
  }
  const totals = (await page("aichi", "/signals?of=00")).match(/<table.*?<\/table>/s)[0];
  assert.match(totals, /<td class="number">[1-9]\d*人/, "which everybody may read");
  assert.doesNotMatch(totals, /figures\/list/);
  assert.equal((await clients.aichi.get(`/figures/list?area=00&series=new&from=${tokyo(-7)}&to=${tokyo(-1)}`)).status, 404);
});

test("公表との差: a day opens its people, and a sum those of the days that were published alone", async () => {
  const area = `o${office.hoken1}`, published = [days[0], days[2]];
  sql(`INSERT INTO app.published_figure
    SELECT '${area}', s, d::date, 1, 1, organisation_id, account_id, now() FROM app.account, unnest('{new,severe,death}'::text[]) s, unnest('{${published}}'::text[]) d WHERE login = 'hoken1'`);
  const count = (series, column, on) => Number(one(`SELECT sum(${column}) FROM app.figure_daily('${area}', '{${series}}', '${days[0]}', '${days[2]}') WHERE day = ANY ('{${on}}')`));
  const span = `from=${days[0]}&to=${days[2]}`, text = await page("hoken1", `/figures/difference?area=${area}&${span}`);
  const row = (label) => figures(text.match(new RegExp(`<th scope="row"[^>]*>${label}</th>.*?</tr>`, "s"))[0]).links;
  for (const day of published) {
    const [fresh, bad] = row(slashed(day));
    assert.deepEqual([fresh.number, bad.number], [count("new", "count", day), count("severe", "level", day)]);
    await opens("hoken1", fresh.path, fresh.number);
    assert.ok(title(await opens("hoken1", bad.path, bad.number)).includes(`${slashed(day)}現在`));
  }
  const [sum] = row("期間の計");
  assert.equal(sum.number, count("new", "count", published));
  assert.ok(sum.number < count("new", "count", days), "somebody was reported between them");
  const list = await opens("hoken1", sum.path, sum.number);
  assert.match(title(list), /のうち公表した日/);
  assert.equal(plain(list.match(/<a href="([^"]*)">公表との差へ戻る/)[1]), `/figures/difference?area=${area}&${span}`);
  const below = (await page("aichi", `/figures/difference?${span}`)).split('id="below"')[1];
  const there = figures(below).links.find(({ path }) => path.includes(`area=${area}&`));
  assert.equal(there.number, sum.number);
  await opens("aichi", there.path, there.number);
  for (const [login, status] of [["nagoya", 200], ["kuni", 200], ["kasugai", 404], ["sakura", 404]]) assert.equal((await clients[login].get(sum.path)).status, status, login);
  for (const wrong of ["series=severe&published=1", "series=care&published=1", "series=new&published=1&cell=m30", `series=new&published=1&from=2019-01-01`])
    assert.equal((await clients.hoken1.get(`/figures/list?area=${area}&${wrong.includes("from") ? wrong : `${wrong}&${span}`}&to=${days[2]}`)).status, 404, wrong);
});

test("a day on which nobody of a published span died has no link, and one who died is found", async () => {
  const area = `o${office.hoken1}`, day = tokyo(-9);
  const number = Number(one(`SELECT count FROM app.figure_daily('${area}', '{death}', '${day}', '${day}')`));
  assert.ok(number > 0);
  await opens("hoken1", `/figures/list?area=${area}&series=death&published=1&day=${day}&from=${day}&to=${day}`, number);
});

// The lines of a press table: { part, label, number, path }.
function lines(text) {
  let part;
  return [...text.matchAll(/<tr><td class="nowrap">([^<]*)<\/td><td>([^<]*)<\/td><td class="number">(.*?)<\/td><\/tr>/g)].map(([, of, label, cell]) => {
    part = of || part;
    return { part, label, cell, ...figures(cell).links[0] };
  });
}
const facts = (text) => Object.fromEntries([...text.match(/<dl class="facts">.*?<\/dl>/s)[0].matchAll(/<dt>([^<]*)<\/dt><dd>(.*?)<\/dd>/g)].map(([, label, value]) => [label, { value, ...figures(value).links[0] }]));

test("報道発表: the new cases and their parts open, before the table is fixed and after; the levels as long as they are today's", async () => {
  const form = await page("hoken1", "/press/template"), version = form.match(/name="version" value="([^"]*)"/)[1];
  assert.equal((await clients.hoken1.request("POST", "/press/template", new URLSearchParams([["csrf", clients.hoken1.csrf], ["version", version], ["title", "発生状況"], ["prefix", "市内"], ["cutoff", "0:00"], ["first_no", "11"],
    ...["age", "sex", "municipality", "centre", "status"].map((part) => ["part", part]), ...["age", "sex"].map((attribute) => ["attribute", attribute])]), { origin: `https://localhost:${process.env.HERSYS_PORT ?? 8443}` })).status, 303);
  const due = await page("hoken1", "/press"), top = facts(due);
  assert.ok(top.新規陽性者数.number > 0);
  assert.equal(top["陽性者数（累計）"].path, undefined, "it goes on from a number that was given");
  for (const label of ["新規陽性者数", "入院治療等を要する者", "うち重症者", "死亡者数（累計）"])
    if (top[label].value !== "0人") await opens("hoken1", top[label].path, top[label].number);
  const before = lines(due);
  assert.ok(before.some(({ part }) => part === "居住地") && before.some(({ part }) => part === "担当保健所"));
  for (const { part, label, cell, path, number } of before) {
    if (cell === "0") continue;
    assert.doesNotMatch(path, /%|[^\x20-\x7e]/, "codes alone");
    const list = await opens("hoken1", path, number);
    assert.ok(title(list).includes(`${part}：${label}`), `${title(list)} ${part} ${label}`);
    assert.match(list, /<a href="\/press">報道発表へ戻る/);
  }
  for (const login of ["nagoya", "kasugai", "aichi", "kuni", "sakura", "follow"]) assert.equal((await clients[login].get(top.新規陽性者数.path)).status, 404, login);
  for (const wrong of ["press=x", `press=${tokyo(0)}&part=occupation&key=`, `press=${tokyo(0)}&part=age&key=zz`, "press=2019-01-01"]) assert.equal((await clients.hoken1.get(`/figures/list?${wrong}`)).status, 404, wrong);

  const value = (name) => due.match(new RegExp(`name="${name}" value="([^"]*)"`))[1].replaceAll("&quot;", '"');
  assert.equal((await clients.hoken1.post("/press", { day: value("day"), digest: value("digest"), levels: value("levels") })).status, 303);
  const fixed = await page("hoken1", `/press/${value("day")}`), said = facts(fixed);
  const list = await opens("hoken1", said.新規陽性者数.path, top.新規陽性者数.number);
  assert.match(list, new RegExp(`<a href="/press/${value("day")}">報道発表へ戻る`));
  assert.match(list, />11例目</);
  for (const label of ["入院治療等を要する者", "うち重症者", "死亡者数（累計）"]) assert.equal(said[label].path, undefined, "as it stood then");
  for (const { part, cell, path, number } of lines(fixed))
    if (["年代", "性別"].includes(part) && cell !== "0") await opens("hoken1", path, number);
    else assert.equal(path, undefined, "what was not published of a case is not kept");
  const [{ path, number }] = figures((await page("hoken1", "/press")).split("<h2>発表した表")[1]).links;
  await opens("hoken1", path, number);
  const [hidden] = sql(`SELECT patient_id FROM app.press_case WHERE organisation_id = ${office.hoken1} LIMIT 1`)[0];
  const sealed = (yes) => sql(`UPDATE app.access SET sealed = ${yes} WHERE patient_id = ${hidden} AND organisation_id = ${office.hoken1}`);
  sealed(true);
  try {
    assert.match(await opens("hoken1", path, number), /うち1人は、この機関では表示できません/);
  } finally {
    sealed(false);
  }
});

const cross = (login, fields) => clients[login].post("/cross", { from: "2019/1/1", to: "R12.12.31", ...fields });

test("クロス集計: every cell and total opens whom it counts, by its own two items", async () => {
  for (const [login, row, column] of [["hoken1", "age", "sex"], ["nagoya", "week", "centre"], ["hoken1", "severity", "status"], ["kuni", "sex", "severity"]]) {
    const table = (await cross(login, { row, column })).text.match(/<table>.*?<\/table>/s)[0], { links } = figures(table);
    assert.doesNotMatch(table, /<td class="number">[1-9]/);
    assert.ok(links.length > 3, row);
    for (const { path } of links) assert.doesNotMatch(path, /%|[^\x20-\x7e]/, "codes and days alone");
    // Of a full stand there are hundreds, and each counts everybody anew: cells and the total of a row, totals of columns and of all.
    for (const { path, number } of new Set([...links.slice(0, 3), ...links.slice(-2)])) await opens(login, path, number);
    const all = links.at(-1);
    assert.doesNotMatch(all.path, /_is=/);
    if (row === "severity") assert.ok(links.some(({ path }) => /[?&](row|column)_is=(&|$)/.test(path)), "nothing entered is a value too");
  }
  const { links } = figures((await cross("nagoya", { row: "age", column: "centre" })).text.match(/<table>.*?<\/table>/s)[0]);
  const list = await opens("nagoya", links[0].path, links[0].number);
  assert.match(title(list), /^クロス集計（2019\/1\/1～2030\/12\/31、年代：[^、]*、担当保健所：[^、o]*）$/);
  const back = plain(list.match(/<a href="([^"]*)">クロス集計へ戻る/)[1]);
  assert.ok((await page("nagoya", back)).includes(`<a href="${links[0].path.replaceAll("&", "&amp;")}">${links[0].words}</a>`), "the table stands there again");
  assert.match(one(`SELECT string_agg(action, ' ') FROM app.audit WHERE organisation_id = ${office.nagoya} AND at > now() - interval '1 minute'`), /list/);
});

test("クロス集計: whoever follows the number of another office gets its own people, and nobody by what the class does not show", async () => {
  const { links } = figures((await cross("hoken1", { row: "age", column: "sex" })).text.match(/<table>.*?<\/table>/s)[0]), all = links.at(-1);
  for (const login of ["kasugai", "aichi"]) {
    const own = figures((await cross(login, { row: "age", column: "sex" })).text.match(/<table>.*?<\/table>/s)[0]).links.at(-1);
    assert.equal(own.path, all.path);
    await opens(login, all.path, own.number);
  }
  for (const login of ["sakura", "follow"]) assert.equal((await clients[login].get(all.path)).status, 404, login);
  for (const wrong of [all.path.replace("row=age", "row=doctor_name"), all.path.replace("column=sex", "column=age"), all.path.replace("to=2030", "to=2018"), all.path.replace("row=age", "row=x")])
    assert.equal((await clients.hoken1.get(wrong)).status, 404, wrong);
  const [patient] = sql(`SELECT c.patient_id FROM app.figure_case c JOIN app.access a USING (organisation_id, patient_id) WHERE c.organisation_id = ${office.hoken1} AND NOT a.sealed AND a.relations & 2 <> 0 LIMIT 1`)[0];
  const sealed = (yes) => sql(`UPDATE app.access SET sealed = ${yes} WHERE patient_id = ${patient} AND organisation_id = ${office.hoken1}`);
  sealed(true);
  try {
    assert.doesNotMatch(await opens("hoken1", all.path, all.number - 1), /確かめ/, "who is not seen is not counted there");
  } finally {
    sealed(false);
  }
});
