// figures_file.test.js - 数値 to take away: the table of a page as CSV has the page's columns and numbers, for whoever may see that page and
// nobody else; what left an office stands in the trail.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client, signIn } from "./client.js";
import { sql } from "./database.js";

const clients = {}, office = {};
const tokyo = (days) => new Date(Date.now() + 9 * 3600e3 + days * 86400e3).toISOString().slice(0, 10);
const slashed = (iso) => iso.split("-").map(Number).join("/");
const plain = (text) => text.replaceAll("&amp;", "&");
let foreign;
const theDay = tokyo(-9); // once, as midnight may come between

// A week with men, women, people of neither, and clusters' kinds beside it, at a centre of Aichi.
const counted = (sign) => sql(`INSERT INTO app.figure_delta (organisation_id, series, day, cell, change)
  SELECT ${office.kasugai}, s, '${theDay}', c, ${sign} * n FROM unnest(ARRAY['new', 'severe', 'death', 'care']) s, (VALUES ('m0', 1), ('m30', 3), ('f90', 7), ('xunknown', 2)) v (c, n)`);

before(async () => {
  for (const login of ["sakura", "follow", "hoken1", "kasugai", "nagoya", "aichi", "kuni"]) {
    clients[login] = await signIn(login);
    [[office[login]]] = sql(`SELECT organisation_id FROM app.account WHERE login = '${login}'`);
  }
  [[foreign]] = sql("SELECT organisation_id FROM app.organisation WHERE kind = 'centre' AND prefecture_code = '13' AND NOT laboratory ORDER BY 1 LIMIT 1");
  counted(1);
});
after(() => {
  counted(-1);
  sql(`DELETE FROM app.published_figure WHERE entered_by = 0`);
});

const query = (values) => new URLSearchParams(values);
// The file as rows of cells; it has a byte order mark, and CRLF at the end of each line.
async function file(login, path) {
  const answer = await clients[login].get(path);
  assert.equal(answer.status, 200, `${login} ${path}`);
  assert.ok(answer.text.startsWith("\ufeff") && answer.text.endsWith("\r\n") && !/[^\r]\n/.test(answer.text), path);
  return answer.text.slice(1, -2).split("\r\n").map((line) => line.split(","));
}
// The table of the page: what it says of each day or week.
const table = (text) => [...text.matchAll(/<tr data-day="[^"]*"><th[^>]*>([^<]*)<\/th>([^]*?)<\/tr>/g)].map(([, label, cells]) => [label, ...[...cells.matchAll(/data-value="([^"]*)"/g)].map(([, number]) => number)]);

test("each of the eleven: the numbers of the page, under its columns", async () => {
  const ages = ["10歳未満", ...[10, 20, 30, 40, 50, 60, 70, 80].map((age) => `${age}代`), "90歳以上"];
  for (let indicator = 1; indicator <= 11; indicator++) {
    const asked = query({ indicator, area: "23", from: tokyo(-20), to: tokyo(0) });
    const { text } = await clients.aichi.get(`/figures?${asked}`);
    const path = plain(text.match(/<a href="([^"]+)">CSVで保存<\/a>/)[1]);
    assert.equal(path, `/figures/table.csv?${asked}`);
    const [head, ...rows] = await file("aichi", path);
    assert.deepEqual(rows, table(text), `${indicator}`);
    assert.ok(rows.every((row) => row.length === head.length), `${indicator}: ${head}`);
    const columns = [...text.matchAll(/<th scope="col"[^>]*>([^<]*)<\/th>/g)].map(([, name]) => name);
    if ([3, 4, 7, 9].includes(indicator)) assert.deepEqual(head, ["週", "計", ...ages.map((age) => `男 ${age}`), ...ages.map((age) => `女 ${age}`), "その他・不明"]);
    else assert.deepEqual(head, columns, `${indicator}`);
  }
  const [, ...weeks] = await file("aichi", `/figures/table.csv?${query({ indicator: 3, area: `o${office.kasugai}`, from: tokyo(-20), to: tokyo(0) })}`);
  const sums = weeks.map((row) => row.slice(1).map(Number));
  assert.ok(sums.some((row) => row[1] >= 1 && row[4] >= 3 && row[20] >= 7 && row[21] >= 2 && row[0] === row.slice(1).reduce((a, b) => a + b)), "few people are not hidden within the office");
});

test("the first line is what tells a spreadsheet the encoding; the name says what it is", async () => {
  const answer = await clients.aichi.get(`/figures/table.csv?${query({ indicator: 1, area: "23" })}`);
  assert.deepEqual([...answer.bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
  assert.match(answer.headers.get("content-type"), /text\/csv; charset=utf-8/);
  assert.match(decodeURIComponent(answer.headers.get("content-disposition")), /新規陽性者数の推移（日別）_愛知県_\d{4}-\d\d-\d\d\.csv/);
});

test("whoever may see the page may take its table away, and nobody else", async () => {
  const areas = { own: `o${office.hoken1}`, city: `o${office.nagoya}`, other: `o${office.kasugai}`, prefecture: "23", elsewhere: "13", country: "00", foreign: `o${foreign}` };
  const within = { hoken1: ["own"], nagoya: ["own", "city"], aichi: ["own", "city", "other", "prefecture"], kuni: Object.keys(areas), sakura: [], follow: [] };
  for (const [login, reach] of Object.entries(within))
    for (const [name, area] of Object.entries(areas)) {
      const may = reach.includes(name), totals = !area.startsWith("o") && reach.length > 0;
      const status = async (path, values) => (await clients[login].get(`${path}?${query({ area, ...values })}`)).status;
      assert.equal(await status("/figures/table.csv", { indicator: 1 }), may || totals ? 200 : 404, `${login} ${name}`);
      for (const indicator of [3, 11]) assert.equal(await status("/figures/table.csv", { indicator }), may ? 200 : 404, `${login} ${name} ${indicator}`);
      assert.equal(await status("/figures/difference/table.csv", {}), may ? 200 : 404, `${login} ${name} difference`);
      if (totals && !may) assert.doesNotMatch((await clients[login].get(`/figures?${query({ area, indicator: 3 })}`)).text, /CSVで保存/);
    }
  for (const path of ["/figures/table.csv?indicator=1", "/figures/difference/table.csv"]) assert.equal((await new Client().get(path)).status, 303, "signed out");
});

test("what left the office stands in the trail, and what was refused", async () => {
  const last = (outcome) => sql(`SELECT detail FROM app.audit WHERE action = 'figures_file' AND outcome = '${outcome}' AND organisation_id = ${office.hoken1} ORDER BY at DESC LIMIT 1`)[0]?.[0];
  await clients.hoken1.get(`/figures/table.csv?${query({ indicator: 3, area: `o${office.hoken1}`, from: tokyo(-20), to: tokyo(0) })}`);
  assert.equal(last("allowed"), `3 o${office.hoken1} ${tokyo(-20)} ${tokyo(0)}`);
  await clients.hoken1.get(`/figures/table.csv?${query({ indicator: 3, area: "23" })}`);
  assert.equal(last("denied"), "3 area 23");
});

test("days that cannot be read are said, and no other days are saved in their place", async () => {
  for (const [values, words] of [[{ from: "きのう", indicator: 1 }, /初めの日「きのう」を日付として読み取れません/], [{ from: "2020/1/1", to: "2022/1/1", indicator: 1 }, /400日間まで/], [{}, /指標を選んでから/], [{ indicator: 12 }, /指標を選んでから/]]) {
    const { status, text } = await clients.hoken1.get(`/figures/table.csv?${query(values)}`);
    assert.equal(status, 400);
    assert.match(text, words);
  }
  assert.equal((await clients.hoken1.get("/figures/difference/table.csv?from=x")).status, 400);
});

test("公表との差: what was published, what is counted and the difference, also below 0; nothing where nothing was published", async () => {
  const area = `o${office.kasugai}`, day = tokyo(-9), [[counted]] = sql(`SELECT count FROM app.figure_daily('${area}', '{new}', '${day}', '${day}')`);
  sql(`DELETE FROM app.published_figure WHERE area = '${area}' AND day BETWEEN '${tokyo(-10)}' AND '${day}'`);
  sql(`INSERT INTO app.published_figure (area, series, day, version, count, organisation_id, entered_by, entered_at) VALUES ('${area}', 'new', '${day}', 1, ${counted - 2}, 0, 0, now()), ('${area}', 'new', '${tokyo(-10)}', 1, 5000, 0, 0, now())`);
  const asked = query({ area, from: tokyo(-10), to: day }), { text } = await clients.aichi.get(`/figures/difference?${asked}`);
  const path = plain(text.match(/<a href="([^"]+)">日ごとの差をCSVで保存<\/a>/)[1]);
  const [head, latest, before] = await file("aichi", path);
  assert.deepEqual(head, ["日", ...["新規陽性者", "重症者", "死亡者"].flatMap((name) => [`${name}（公表）`, `${name}（HER-SYS）`, `${name}（差）`])]);
  assert.deepEqual(latest, [slashed(day), String(counted - 2), counted, "-2", "", "", "", "", "", ""]);
  assert.match(before[3], /^\d+$/, "no plus, which a spreadsheet takes for a formula");
  assert.match(text, new RegExp(`>-2<[^]*公表 ${counted - 2}、HER-SYS (<a [^>]*>)?${counted}<`));
});
