// figures_pages.test.js - the pages of 数値: who may see which area, each number with its definition, how a day has moved since it was
// published, and that a number opens exactly the patients that it counts.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { signIn } from "./client.js";
import { hersys, sql } from "./database.js";
import { notification, receipt, stranger } from "./notify.js";

const clients = {}, office = {};
const tokyo = (days) => new Date(Date.now() + 9 * 3600e3 + days * 86400e3).toISOString().slice(0, 10);
const slashed = (iso) => iso.split("-").map(Number).join("/");
const plain = (text) => text.replaceAll("&amp;", "&");
let foreign;

before(async () => {
  for (const login of ["sakura", "follow", "shukuhaku", "hoken1", "kasugai", "nagoya", "aichi", "kuni"]) {
    clients[login] = await signIn(login);
    [[office[login]]] = sql(`SELECT organisation_id FROM app.account WHERE login = '${login}'`);
  }
  [[foreign]] = sql("SELECT organisation_id FROM app.organisation WHERE kind = 'centre' AND prefecture_code = '13' AND NOT laboratory ORDER BY 1 LIMIT 1");
});

async function reported(values = {}) {
  const made = receipt(await clients.sakura.post("/notification", notification({ ...stranger(), ...values })));
  return { path: `/patient/${made.id}`, id: hersys("id", made.id).split(" ")[0] };
}

const page = async (login, query) => clients[login].get(`/figures?${new URLSearchParams(query)}`);
// The row of a day or week: its cells as { number, path, words }.
function row(text, day) {
  const found = text.match(new RegExp(`<tr data-day="${day}">[\\s\\S]*?</tr>`))?.[0] ?? "";
  return [...found.matchAll(/<td class="number" data-value="([^"]*)">([\s\S]*?)<\/td>/g)].map(([, number, inside]) => ({
    number, path: plain(inside.match(/href="([^"]+)"/)?.[1] ?? ""), words: inside.replace(/<[^>]+>/g, " ") }));
}

// All patients of a list, page by page; `unseen`: how many it says are counted and not shown.
async function listed(login, path) {
  const found = [];
  for (let lead; path; ) {
    const { status, text } = await clients[login].get(path);
    assert.equal(status, 200, path);
    lead ??= text.match(/この数値が数えている[^（]*/)[0];
    found.lead = lead;
    found.unseen = Number(lead.match(/うち(\d+)人は、この機関では表示できません/)?.[1] ?? 0);
    found.push(...[...text.matchAll(/<tr><td><a href="(\/patient\/\d{11})"/g)].map(([, patient]) => patient));
    path = plain(text.match(/href="(\/figures\/list\?[^"]*)">次の/)?.[1] ?? "");
  }
  return found;
}

test("each of the eleven has its page, with how it counts; clinics and agencies have none", async () => {
  const overview = (await clients.hoken1.get("/figures")).text;
  for (let number = 1; number <= 11; number++) {
    assert.match(overview, new RegExp(`href="/figures\\?indicator=${number}&amp;area=o${office.hoken1}"`));
    const { status, text } = await page("hoken1", { indicator: number });
    assert.equal(status, 200);
    const definition = text.match(/<p class="figures-definition"><strong>数え方<\/strong>　([^<]+)<\/p>/)[1];
    assert.ok(overview.includes(definition), `${number}`);
  }
  for (const login of ["sakura", "follow", "shukuhaku"]) {
    assert.equal((await clients[login].get("/figures")).status, 404, login);
    assert.equal((await clients[login].get(`/figures/list?indicator=1&area=o${office.hoken1}&series=new&day=${tokyo(0)}`)).status, 404, login);
    assert.doesNotMatch((await clients[login].get("/")).text, /href="\/figures"/);
  }
  assert.match((await clients.hoken1.get("/")).text, /href="\/figures">数値</);
});

test("an office sees its own area and those below; of the country and the prefectures everybody the totals of a day", async () => {
  const areas = { own: `o${office.hoken1}`, city: `o${office.nagoya}`, other: `o${office.kasugai}`, prefecture: "23", elsewhere: "13", country: "00", foreign: `o${foreign}` };
  const within = { hoken1: ["own"], nagoya: ["own", "city"], aichi: ["own", "city", "other", "prefecture"], kuni: Object.keys(areas) };
  for (const [login, reach] of Object.entries(within))
    for (const [name, area] of Object.entries(areas)) {
      const totals = !area.startsWith("o");
      const daily = await page(login, { indicator: 1, area }), weekly = await page(login, { indicator: 3, area });
      assert.equal(daily.status, reach.includes(name) || totals ? 200 : 404, `${login} ${name}`);
      assert.equal(weekly.status, daily.status);
      if (daily.status === 200) assert.equal(daily.text.includes("/figures/list?"), reach.includes(name) && /data-value="[1-9]/.test(daily.text.replace(/<td[^>]*data-value="[\d.]+">[\d.]+<\/td>(?=<\/tr>)/g, "")), `${login} ${name}`);
      if (weekly.status === 200) assert.equal(weekly.text.includes("管内の地域だけを表示できます"), !reach.includes(name), `${login} ${name}`);
      const list = await clients[login].get(`/figures/list?indicator=1&area=${area}&series=new&day=${tokyo(0)}`);
      assert.equal(list.status, reach.includes(name) ? 200 : 404, `${login} ${name} list`);
    }
  assert.match((await page("kuni", { area: "13" })).text, new RegExp(`<option value="o${foreign}"`)); // chosen by its prefecture
});

test("a number opens exactly the patients that it counts, page by page, and every look is in the trail", async () => {
  const patient = await reported({ sex: "male", birth_date: "1950-01-01", diagnosis_date: "2022-10-01" });
  for (const login of ["hoken1", "aichi", "kuni"]) {
    const { text } = await page(login, { indicator: 1, area: `o${office.hoken1}` });
    const [{ number, path }] = row(text, tokyo(0));
    const people = await listed(login, path);
    assert.equal(people.length, Number(number), login);
    assert.equal(new Set(people).size, people.length);
    assert.ok(people.includes(patient.path));
    assert.ok(people.lead.includes(`${number}人です。${number > 200 ? "200人まで確かめ、その全員をこの機関で表示できます。" : ""}保健所ごと`), people.lead);
    assert.match(sql(`SELECT string_agg(action, ' ') FROM app.audit WHERE patient_ids @> ARRAY[${patient.id}]::bigint[] AND organisation_id = ${office[login]}`)[0][0], /list/);
  }
  const [there] = row((await page("hoken1", { indicator: 1, from: tokyo(-3), to: tokyo(0) })).text, tokyo(0));
  const back = plain((await clients.hoken1.get(there.path)).text.match(/<a href="([^"]*)">数値へ戻る/)[1]);
  assert.match((await clients.hoken1.get(back)).text, new RegExp(`name="from" class="date-input" value="${slashed(tokyo(-3))}"`), "back to the days that were shown");
  const week = sql(`SELECT app.figure_week_of('${tokyo(0)}', 3)`)[0][0];
  const cells = row((await page("hoken1", { indicator: 3 })).text, week);
  assert.equal(cells.length, 22);
  assert.equal(cells.slice(1).reduce((sum, { number }) => sum + Number(number), 0), Number(cells[0].number));
  const [men70, others, all] = [cells[8], cells[21], cells[0]];
  assert.match(men70.path, /cell=m70/);
  const people = await listed("hoken1", men70.path);
  assert.equal(people.length, Number(men70.number));
  assert.ok(people.includes(patient.path));
  assert.equal((await listed("hoken1", all.path)).length, Number(all.number));
  if (others.path) assert.equal((await listed("hoken1", others.path)).length, Number(others.number));
});

test("a list of more than a page goes on where it ended", async () => {
  const { text } = await page("aichi", { indicator: 5, area: "23" });
  const [{ number, path }] = row(text, tokyo(0));
  assert.ok(Number(number) > 100);
  if (Number(number) < 2000) assert.equal((await listed("aichi", path)).length, Number(number));
  const first = (await clients.aichi.get(path)).text, next = plain(first.match(/href="(\/figures\/list\?[^"]*)">次の/)[1]);
  const patients = (html) => [...html.matchAll(/href="(\/patient\/\d{11})"/g)].map(([, patient]) => patient);
  const second = patients((await clients.aichi.get(next)).text);
  assert.equal(patients(first).length, 50);
  assert.ok(second.length > 0 && second.every((patient) => !patients(first).includes(patient)));
});

test("⑥, ⑧ and ⑩ open whoever is counted on that day", async () => {
  const patient = await reported();
  sql(`UPDATE app.submission SET submitted_at = submitted_at - interval '20 days' WHERE patient_id = ${patient.id}; SELECT app.figure_follow(${patient.id})`);
  const press = async (below, fields) => {
    await clients.hoken1.get(`${patient.path}/${below}`);
    assert.equal((await clients.hoken1.post(`${patient.path}/${below}`, fields)).status, 303, below);
  };
  await press("status", { status: "hospital", since: tokyo(-15) });
  await press("tab/grade/new", { entry_version: "0", items: "grade_on grade_severity", grade_on: tokyo(-12), grade_severity: "severe" });
  await press("status", { status: "dead", since: tokyo(-9), death_date: tokyo(-9), death_place: "medical" });
  const cases = [[6, 0, -12, true], [6, 0, -13, false], [6, 0, -9, false], [8, 0, -9, true], [8, 0, -10, false], [10, 0, -12, true], [10, 2, -18, true], [10, 2, -12, false]];
  for (const [indicator, column, ago, there] of cases) {
    const [cell] = [row((await page("hoken1", { indicator })).text, tokyo(ago))[column]];
    const people = cell.path ? await listed("hoken1", cell.path) : [];
    assert.equal(people.length, Number(cell.number), `${indicator} ${ago}`);
    assert.equal(people.includes(patient.path), there, `${indicator} ${column} ${ago}`);
  }
});

test("a day that has moved since it was published says by how much", async () => {
  const day = tokyo(-25), area = `o${office.hoken1}`;
  const moved = async (indicator) => row((await page("hoken1", { indicator })).text, day)[0];
  sql(`DELETE FROM app.figure_first WHERE day = '${day}'`);
  sql(`SELECT app.figure_keep('${day}')`);
  sql(`INSERT INTO app.figure_first SELECT '${area}', s, '${day}', 0, 0, now() FROM unnest('{new,death}'::text[]) s ON CONFLICT DO NOTHING`); // as of a day on which nothing was
  const before = Number((await moved(1)).number);
  assert.doesNotMatch((await moved(1)).words, /当日24時/);
  const patient = await reported();
  sql(`UPDATE app.submission SET submitted_at = submitted_at - interval '25 days' WHERE patient_id = ${patient.id}; SELECT app.figure_follow(${patient.id})`);
  assert.match((await moved(1)).words, new RegExp(`${before + 1}\\s+\\+1（当日24時 ${before}）`));
  assert.match((await moved(5)).words, /\+1（当日24時 \d+）/);
  await clients.hoken1.get(`${patient.path}/status`);
  assert.equal((await clients.hoken1.post(`${patient.path}/status`, { status: "negative", since: tokyo(0) })).status, 303);
  assert.doesNotMatch((await moved(1)).words, /当日24時/);
});

// As the ministry writes it: one digit behind the point, none where it is 0.
const rate = (count, people) => String(Math.floor((count * 1e6 + people / 2) / people) / 10);

test("② is of the day, beside it of seven, by the people there; each opens those whom it counts", async () => {
  const counts = (area, from, to) => Number(sql(`SELECT sum(count) FROM app.figure_daily('${area}', '{new}', '${from}', '${to}')`)[0][0]);
  for (const [area, people] of [["23", 7542000], [`o${office.nagoya}`, 2300000], [`o${office.hoken1}`, 2300000]]) {
    const { text } = await page("aichi", { indicator: 2, area });
    assert.match(text, /<th [^>]*>人口10万人当たり<\/th><th [^>]*>直近7日間<\/th>/);
    assert.ok(text.includes(`${people.toLocaleString("en")}人（`), "whose people they are stands there");
    for (const ago of [0, -2]) {
      const [day, seven] = row(text, tokyo(ago)), count = counts(area, tokyo(ago), tokyo(ago)), of7 = counts(area, tokyo(ago - 6), tokyo(ago));
      assert.deepEqual([day.number, seven.number], [rate(count, people), rate(of7, people)], `${area} ${ago}`);
      for (const [{ path }, all] of [[day, count], [seven, of7]]) {
        if (all === 0) { assert.equal(path, ""); continue; }
        assert.match(await (await clients.aichi.get(path)).text, new RegExp(`この数値が数えている${all}人です`), path);
        if (area === "23" || all > 200) continue; // of more only some are looked at
        const people = await listed("aichi", path);
        assert.equal(people.length + people.unseen, all, path);
      }
    }
  }
  assert.match((await page("aichi", { area: "23" })).text, /人口10万人当たり新規陽性者数[\s\S]*?<strong>(<a [^>]*>)?[\d.]+人(<\/a>)?（きょう）/);
});

test("where the people of a place are not known its ② says who enters them, and by which code", async () => {
  const [[centre, code]] = sql("SELECT organisation_id, code FROM app.organisation o WHERE kind = 'centre' AND prefecture_code = '23' AND NOT laboratory AND NOT EXISTS (SELECT FROM app.population p WHERE p.area = 'o' || o.organisation_id) ORDER BY 1 LIMIT 1");
  const { text } = await page("aichi", { indicator: 2, area: `o${centre}` });
  assert.match(text, new RegExp(`人口がまだ登録されていないため[\\s\\S]*hersys population load[\\s\\S]*「${code}」`));
  assert.deepEqual(row(text, tokyo(0)).map(({ number }) => number), ["", ""]);
});

test("② is reckoned with the people of its day: a number holds from its day on", async () => {
  const area = `o${office.kasugai}`, day = -25;
  const patient = await reported();
  sql(`UPDATE app.submission SET submitted_at = submitted_at - interval '25 days' WHERE patient_id = ${patient.id}; SELECT app.figure_follow(${patient.id});
    INSERT INTO app.population VALUES ('o${office.hoken1}', '${tokyo(day + 1)}', 1000000, 'newer people')`);
  try {
    const { text } = await page("hoken1", { indicator: 2, area: `o${office.hoken1}` }), on = (ago) => row(text, tokyo(ago))[0].number;
    const count = (ago) => Number(sql(`SELECT count FROM app.figure_daily('o${office.hoken1}', '{new}', '${tokyo(ago)}', '${tokyo(ago)}')`)[0][0]);
    assert.ok(count(day) > 0);
    assert.equal(on(day), rate(count(day), 2300000));
    assert.equal(on(0), rate(count(0), 1000000));
    assert.match(text, new RegExp(`${slashed(tokyo(day + 1))}から 1,000,000人（newer people）`));
  } finally {
    sql(`DELETE FROM app.population WHERE source = 'newer people'`);
  }
  assert.ok(!(await page("kasugai", { indicator: 2, area })).text.includes("newer people"));
});

test("whom the office may not see is counted, not listed, and the list says how many", async () => {
  const patient = await reported(), ago = -45; // when there are few: of many only some are looked at
  sql(`UPDATE app.submission SET submitted_at = submitted_at + interval '${ago} days' WHERE patient_id = ${patient.id}; SELECT app.figure_follow(${patient.id})`);
  const { text } = await page("aichi", { indicator: 1, area: `o${office.hoken1}`, from: tokyo(ago), to: tokyo(ago) });
  const [{ path }] = row(text, tokyo(ago));
  const all = await listed("aichi", path);
  sql(`UPDATE app.access SET sealed = true WHERE patient_id = ${patient.id} AND organisation_id = ${office.aichi}`);
  const others = await listed("aichi", path);
  sql(`UPDATE app.access SET sealed = false WHERE patient_id = ${patient.id} AND organisation_id = ${office.aichi}`);
  assert.equal(others.unseen, all.unseen + 1);
  assert.deepEqual([...others], all.filter((one) => one !== patient.path));
});

test("⑪ counts clusters by kind of place, and opens them", async () => {
  const name = `検査集団${Date.now()}`;
  await clients.hoken1.get("/clusters/new");
  const form = (await clients.hoken1.get("/clusters/new")).text;
  const made = await clients.hoken1.post("/clusters/new", { form_id: form.match(/name="form_id" value="([^"]+)"/)[1], name, kind: "school", place_name: "第一小学校" });
  assert.equal(made.status, 303, made.text.slice(0, 500));
  const week = sql(`SELECT app.figure_week_of('${tokyo(0)}', 1)`)[0][0];
  const cells = row((await page("aichi", { indicator: 11, area: "23" })).text, week);
  const sums = [1, 2, 6, 7, 8, 9, 10].map((i) => Number(cells[i].number)).reduce((a, b) => a + b);
  assert.equal(Number(cells[0].number), sums);
  for (const cell of [cells[0], cells[8]]) {
    const { text } = await clients.aichi.get(cell.path);
    assert.ok(text.includes(name));
    assert.equal(text.match(/<a href="\/clusters\/\d+">/g).length, Number(cell.number));
  }
  // More than a page of them are read page by page, each once.
  const [[of]] = sql("SELECT organisation_id FROM app.account WHERE login = 'hoken1'");
  sql(`INSERT INTO app.cluster (organisation_id, cluster_id, name, kind, place_name, note, entered_by, entered_at)
    SELECT organisation_id, cluster_id + n, name, 'school', '', '', entered_by, entered_at FROM app.cluster, generate_series(1000001, 1000060) n WHERE name = '${name}'`);
  const seen = [];
  for (let at = cells[8].path; at !== undefined; ) {
    const { text } = await clients.aichi.get(plain(at));
    seen.push(...text.match(/<a href="\/clusters\/\d+">/g));
    at = text.match(/href="([^"]+)">次の50件/)?.[1];
  }
  assert.equal(new Set(seen).size, seen.length);
  assert.equal(seen.length, Number(cells[8].number) + 60);
  sql(`DELETE FROM app.cluster WHERE organisation_id = ${of} AND name = '${name}' AND cluster_id > 1000000`);
  if (cells[6].path) assert.ok(!(await clients.aichi.get(cells[6].path)).text.includes(name));
  assert.equal((await clients.hoken1.get(plain(cells[0].path))).status, 404, "of the prefecture, for a centre");
});

test("days that cannot be read are said, and stay as they were typed; numbers that are none are not found", async () => {
  for (const [query, words] of [[{ from: "きのう" }, "初めの日「きのう」を日付として読み取れません。"], [{ from: "2020/1/1", to: "2022/1/1" }, "400日間まで"], [{ from: "2022/1/2", to: "2022/1/1" }, "初めの日が、終わりの日より後です。"]]) {
    const { status, text } = await page("hoken1", { indicator: 1, ...query });
    assert.equal(status, 200);
    assert.ok(text.includes(words));
    assert.ok(text.includes(`name="from" class="date-input" value="${query.from}"`));
  }
  assert.ok((await page("hoken1", { indicator: 1, from: "R2.12.1", to: "2020年12月3日" })).text.includes(`value="${slashed("2020-12-01")}"`));
  for (const query of ["", "indicator=1", "indicator=1&series=death&day=2022-01-01", "indicator=1&series=new&day=x", "indicator=3&series=new&day=2022-01-05&cell=z9", "indicator=12&series=new&day=2022-01-05"])
    assert.equal((await clients.hoken1.get(`/figures/list?${query}`)).status, 404, query);
});

test("the menu marks the page, or the entry below which the page lies, and never two", async () => {
  const marked = async (login, path) =>
    [...(await clients[login].get(path)).text.matchAll(/<a href="([^"]+)" aria-current="([a-z]+)"/g)].map(([, entry, how]) => `${entry} ${how}`);
  assert.deepEqual(await marked("aichi", "/figures"), ["/figures page"]);
  assert.deepEqual(await marked("aichi", "/figures/difference"), ["/figures true"]);
  assert.deepEqual(await marked("aichi", "/follow/rules"), ["/follow/rules page"]);
  assert.deepEqual(await marked("hoken1", "/papers/issued"), ["/papers/issued page"]);
  assert.deepEqual(await marked("hoken1", "/follow"), ["/follow page"]);
});

test("of very many some are looked at for those whom the office does not see, and it says so", async () => {
  const path = `/figures/list?${new URLSearchParams({ indicator: 1, area: "23", series: "new", day: "2018-06-01" })}`, first = 4e15;
  const counted = (sign) => `INSERT INTO app.figure_delta (organisation_id, series, day, cell, change) VALUES (${office.kasugai}, 'new', '2018-06-01', 'm30', ${sign * 201})`;
  sql(`INSERT INTO app.figure_case (patient_id, organisation_id, cell, place, new_on) SELECT ${first} + n, ${office.kasugai}, 'm30', 'unknown', '2018-06-01' FROM generate_series(1, 201) n; ${counted(1)}`);
  try {
    const { text } = await clients.aichi.get(path);
    assert.match(text, /この数値が数えている201人です。200人まで確かめ、200人は、この機関では表示できません。/);
  } finally {
    sql(`DELETE FROM app.figure_case WHERE patient_id > ${first}; ${counted(-1)}`);
  }
});
