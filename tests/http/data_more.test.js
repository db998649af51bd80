// data_more.test.js - オープンデータ beside the indicators: the page and file of what an edition corrected, the deaths of each day, and how what the
// prefectures published differs from the edition; that nothing comes out before it is released, and nothing of a city or a centre at all.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";
import { address } from "./client.js";
import { asRole, sql } from "./database.js";
import { clear, forget, publish, putAside, putBack } from "./published.js";

const official = "../shared/data/official/wide_to_20230302_deaths_cumulative_daily.csv";
const there = fs.existsSync(official) ? false : "the official files are not here";
const get = async (path) => fetch(`${address}${path}`);
const text = async (path) => Buffer.from(await (await get(path)).arrayBuffer()).toString(); // with its byte order mark
const pad = (n) => String(n).padStart(2, "0");
const lines = async (path) => {
  const file = await text(path);
  assert.ok(file.startsWith("\ufeff") && file.endsWith("\r\n") && !/[^\r]\n/.test(file), `${path}: a byte order mark, and CRLF at the end of each line`);
  return file.slice(1, -2).split("\r\n");
};
// The rows of the table of corrections, as a person reads them.
const rows = (page) => [...page.matchAll(/<tr><td>[^]*?<\/tr>/g)].map(([row]) => row.replace(/<\/td>/g, "|").replace(/<[^>]+>/g, "").trim().replace(/\|$/, ""));
const next = (page) => page.match(/href="(\/data\/edition\/[^"]*)">次の100件/)?.[1];

before(putAside);
after(() => {
  sql("DELETE FROM app.published_figure WHERE entered_by = 0");
  putBack();
});

// ---- the corrections of an edition ---------------------------------------------------------------------------------------------------

const days = Array.from({ length: 150 }, (_, i) => new Date(Date.UTC(2022, 0, 1 + i)).toISOString().slice(0, 10));

test("all that an edition corrected is reached page by page, each once, and stands in its file", async () => {
  publish(1, "2022-06-01 16:00+09", [...["00", "27"].flatMap((area) => days.map((day) => [8, area, day, "", 10])), [10, "13", "2022-01-01", "care", 7], [3, "23", "2022-01-05", "m80", 9], [11, "23", "2022-01-03", "1", 2]]);
  publish(2, "2022-06-02 16:00+09", [...["00", "27"].flatMap((area) => days.map((day) => [8, area, day, "", 11])), [8, "27", "2022-06-01", "", 12],
    [10, "13", "2022-01-01", "care", 6], [3, "23", "2022-01-05", "m80", null], [11, "23", "2022-01-03", "1", 3]]);
  const found = [];
  let pages = 0;
  for (let path = "/data/edition/2"; path; pages++) {
    const page = await text(path);
    assert.match(page, /<h1[^>]*>2022\/6\/1までの版の訂正<\/h1>/);
    assert.match(page, /2022\/06\/02 16:00 公表[^]*<strong class="nowrap">303件<\/strong>/);
    found.push(...rows(page));
    path = next(page);
  }
  assert.equal(pages, 4);
  assert.equal(found.length, 303);
  assert.equal(new Set(found).size, 303);
  assert.equal(found[0], "③ 性別・年代別新規陽性者数（週別）|愛知県|2022/01/05~2022/01/11|男 80代|9|＊");
  assert.ok(found.includes("⑧ 死亡者数（累積）|全国|2022/1/1|全体|10|11"));
  assert.ok(found.includes("⑩ 入院治療等を要する者等推移|東京都|2022/1/1|入院治療等を要する者|7|6"));
  assert.equal(found.at(-1), "⑪ 集団感染等発生状況|愛知県|2022/01/03~2022/01/09|医療機関|2|3");
  const [head, ...file] = await lines("/data/edition/2/corrections.csv");
  assert.equal(head, "指標,地域,日・週,内訳,訂正前,訂正後");
  assert.deepEqual(file, found.map((row) => row.replaceAll("|", ",").replace(",全体,", ",,").replace("＊", "*")));
  assert.doesNotMatch(file.join("\n"), /2022\/6\/1,/, "a new day is no correction");
});

test("the feed and the front page lead there, and each edition to the one before", async () => {
  const feed = await text("/data/corrections.atom");
  assert.match(feed, new RegExp(`<id>${address}/data/edition/2</id>\\s*<link href="/data/edition/2"/>`));
  assert.match(feed, /ほか283件/);
  assert.match(await text("/data"), /href="\/data\/edition\/2">この版の訂正/);
  assert.match(await text("/data/edition/2"), /href="\/data\/edition\/1">一つ前の版の訂正/);
  const first = await text("/data/edition/1");
  assert.match(first, /訂正はありません/);
  assert.doesNotMatch(first, /一つ前の版|次の100件/);
  assert.deepEqual(await lines("/data/edition/1/corrections.csv"), ["指標,地域,日・週,内訳,訂正前,訂正後"]);
});

test("an edition that is none, or was held back, is not found; and one that is released is kept a minute", async () => {
  sql("INSERT INTO app.edition OVERRIDING SYSTEM VALUE VALUES (3, now(), '2022-06-02', NULL, '監査が認めない')");
  sql("INSERT INTO app.published (indicator, area, day, cell, edition_id, value) VALUES (8, '27', '2022-01-01', '', 3, 999)");
  sql("INSERT INTO app.edition_count VALUES (3, 8, '27', 0, 1, 0)");
  forget();
  for (const number of ["3", "4", "0", "-1", "02", "x", "99999999999999999999", "2.0", "2%20"]) {
    for (const below of ["", "/corrections.csv"]) {
      const answer = await get(`/data/edition/${number}${below}`);
      assert.equal(answer.status, 404, number + below);
      const said = await answer.text();
      assert.doesNotMatch(said, /監査|999件/);
    }
  }
  sql("DELETE FROM app.edition WHERE edition_id = 3; DELETE FROM app.published WHERE edition_id = 3; DELETE FROM app.edition_count WHERE edition_id = 3");
  for (const path of ["/data/edition/2", "/data/edition/2/corrections.csv"]) {
    const answer = await get(path);
    assert.equal(answer.headers.get("cache-control"), "public, max-age=60");
    assert.equal(answer.headers.get("etag").includes("edition-2"), true);
    assert.equal(answer.headers.get("set-cookie"), null);
  }
});

test("where a page begins is read out of the address, or is the beginning; other words make no new page", async () => {
  const first = rows(await text("/data/edition/2"));
  for (const after of ["x", "8.27", "8.27.2022-13-01.", "99.27.2022-01-01.", "8.27.2022-01-01.' OR 1=1", "8.27.2022-01-01."])
    assert.equal((await get(`/data/edition/2?after=${encodeURIComponent(after)}`)).status, 200, after);
  for (const after of ["x", "99.27.2022-01-01."]) assert.deepEqual(rows(await text(`/data/edition/2?after=${after}`)), first, after);
  const behind = await text("/data/edition/2?after=8.27.2022-05-29.");
  assert.equal(rows(behind)[0], "⑧ 死亡者数（累積）|大阪府|2022/5/30|全体|10|11");
  assert.match(behind, /href="\/data\/edition\/2">初めの100件/);
  const kept = await text("/data/edition/2");
  sql("UPDATE app.published SET value = 12 WHERE edition_id = 2 AND indicator = 8 AND area = '00' AND day = '2022-01-01'");
  assert.equal(await text("/data/edition/2?t=1&area=23"), kept);
  clear();
});

// ---- the deaths of each day ----------------------------------------------------------------------------------------------------------

test("deaths of each day: the form of ①, the difference to the day before, below 0 where the cumulated ones were corrected", async () => {
  publish(4, "2022-03-04 16:00+09", [["00", 5], ["13", 3], ["47", 2]].flatMap(([area, n]) => [["2022-03-01", 0], ["2022-03-02", 4], ["2022-03-03", -1]].map(([day, more]) => [8, area, day, "", 10 * n + more]))
    .concat([[8, "13", "2022-02-20", "", 1]]));
  const [head, ...days] = await lines("/data/file/number_of_deaths_daily.csv");
  assert.equal(head, (await lines("/data/file/deaths_cumulative_daily.csv"))[0]);
  assert.equal(head.split(",").length, 49);
  assert.deepEqual(days.map((line) => [0, 1, 2, 14, 48].map((i) => line.split(",")[i])), [["2022/3/2", "4", "", "4", "4"], ["2022/3/3", "-5", "", "-5", "-5"]], "no day without the day before");
  const [long, ...each] = await lines("/data/long/number_of_deaths_daily.csv");
  assert.equal(long, "Date,Prefecture,Deaths");
  assert.equal(each[14 - 1], "2022/3/2,Tokyo,4");
  assert.equal(each.length, 2 * 48);
  clear();
});

test("of the official cumulated deaths they add up to the last day", { skip: there }, async () => {
  const [, ...all] = fs.readFileSync(official, "utf8").trim().split("\r\n").map((line) => line.split(","));
  const iso = (day) => day.split("/").map(pad).join("-");
  publish(5, "2023-03-03 16:00+09", all.flatMap(([day, ...values]) => values.map((value, area) => [8, pad(area), iso(day), "", value])));
  const [, ...ours] = (await lines("/data/file/number_of_deaths_daily.csv")).map((line) => line.split(","));
  assert.equal(ours.length, all.length - 1);
  for (const area of [1, 14, 28, 48])
    assert.equal(ours.reduce((sum, line) => sum + Number(line[area]), Number(all[0][area])), Number(all.at(-1)[area]), `column ${area}`);
  clear();
});

// ---- what the prefectures published --------------------------------------------------------------------------------------------------

const entered = (area, series, day, version, count, at) =>
  sql(`INSERT INTO app.published_figure (area, series, day, version, count, organisation_id, entered_by, entered_at) VALUES ('${area}', '${series}', '${day}', ${version}, ${count}, 0, 0, '${at}')`);
const file = "/data/file/newly_confirmed_cases_difference.csv";

test("the difference of a prefecture: what stood when the edition was released, of the days that it holds, from April 2021 on", async () => {
  sql("DELETE FROM app.published_figure WHERE day BETWEEN '2021-03-01' AND '2021-05-31'");
  const released = "2021-05-04 16:00+09", earlier = "2021-05-03 10:00+09";
  publish(6, released, ["2021-03-31", "2021-04-01", "2021-05-01", "2021-05-02", "2021-05-03"].flatMap((day, i) => [[1, "00", day, "", 900], [1, "13", day, "", 100 + i], [1, "23", day, "", 50 + i]]));
  for (const [day, count] of [["2021-03-31", 1], ["2021-04-01", 103], ["2021-05-01", 99], ["2021-05-04", 5]]) entered("13", "new", day, 1, count, earlier);
  entered("13", "new", "2021-05-01", 2, 95, earlier);   // corrected
  entered("13", "new", "2021-05-01", 3, 500, "2021-05-04 17:00+09"); // since
  entered("23", "new", "2021-05-02", 1, 53, earlier);
  entered("23", "new", "2021-05-03", 1, 60, "2021-05-05 09:00+09"); // since
  entered("23", "death", "2021-05-01", 1, 77, earlier);
  for (const area of ["00", "o1", "o12", "99"]) entered(area, "new", "2021-05-02", 1, 88, earlier); // no prefecture
  forget();
  assert.deepEqual(await lines(file), ["Date,Prefecture,Published by municipalities,HER-SYS,Difference", "2021/4/1,Tokyo,103,101,2", "2021/5/1,Tokyo,95,102,-7", "2021/5/2,Aichi,53,53,0"]);
  assert.equal((await get(file)).headers.get("etag").includes("edition-6"), true);
  assert.equal((await get("/data/long/newly_confirmed_cases_difference.csv")).status, 404, "there is one form of it");
});

test("its page: all prefectures, or one by day, for a person and for the drawing", async () => {
  const page = await text("/data/difference?from=2021-04-01&to=2021-05-03");
  assert.deepEqual([...page.matchAll(/<tr><th scope="row" class="nowrap"><a href="([^"]+)">([^<]+)<\/a><\/th>([^]*?)<\/tr>/g)].map(([, path, name, cells]) => [path.replaceAll("&amp;", "&"), name, cells.replace(/<\/td>/g, "|").replace(/<[^>]+>/g, "")]),
    [["/data/difference?area=13&from=2021-04-01&to=2021-05-03", "東京都", "-5|198|203|2日|"], ["/data/difference?area=23&from=2021-04-01&to=2021-05-03", "愛知県", "0|53|53|1日|"]]);
  const one = await text("/data/difference?area=13");
  assert.match(one, /<option value="13" selected>東京都/);
  assert.match(one, /data-day="2021-05-01"[^]*data-value="-7">-7<[^]*data-day="2021-04-01"[^]*data-value="2">\+2</);
  assert.match(await text("/data/difference?area=27"), /公表した数の入力はありません/);
  assert.match(await text("/data"), /href="\/data\/difference">都道府県が公表した新規陽性者数との差<[^]*href="\/data\/file\/newly_confirmed_cases_difference.csv"/);
});

test("what is entered later comes with the next edition; without an edition there is nothing", async () => {
  publish(7, "2021-05-06 16:00+09", [[1, "13", "2021-05-04", "", 7]]);
  assert.deepEqual((await lines(file)).slice(1), ["2021/4/1,Tokyo,103,101,2", "2021/5/1,Tokyo,500,102,398", "2021/5/2,Aichi,53,53,0", "2021/5/3,Aichi,60,54,6", "2021/5/4,Tokyo,5,7,-2"]);
  clear();
  assert.equal((await lines(file)).length, 1);
  assert.equal((await lines("/data/file/number_of_deaths_daily.csv")).length, 1);
  assert.match(await text("/data/difference"), /まだ公表していません/);
});

test("the public role gets at it by that function alone, and by it at nothing of a city, a centre, or another series", () => {
  publish(8, "2021-05-04 16:00+09", [[1, "13", "2021-05-01", "", 7], [1, "o12", "2021-05-02", "", 7], [1, "00", "2021-05-02", "", 7]]);
  const ask = (area) => `SELECT area FROM app.open_difference(${area}, '-infinity', 'infinity')`;
  const answers = asRole("public", null, [ask("NULL"), ask("'o12'"), ask("'00'"), "SELECT count FROM app.published_figure", "SELECT * FROM app.published_seen('13', '2021-05-01', '2021-05-31')"]);
  assert.deepEqual(answers.map((answer) => answer.state ?? answer.rows.join()), ["13", "", "", "42501", "42501"]);
  for (const role of ["staff", "door"]) assert.equal(asRole(role, null, [ask("NULL")])[0].state, "42501", role);
  clear();
});
