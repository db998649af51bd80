// data.test.js - オープンデータ: with the official figures as an edition, our files are the ministry's, byte for byte; hidden cells, the long
// form, JSON, the feed of corrections, and what a cache is told.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";
import { address } from "./client.js";
import { asRole, sql, sqlHolding } from "./database.js";
import { clear, forget, psql, publish, putAside, putBack, written } from "./published.js";

const official = "../shared/data/official";
const there = fs.existsSync(official) ? false : "the official files are not here";
const get = async (path) => fetch(`${address}${path}`);
const text = async (path) => Buffer.from(await (await get(path)).arrayBuffer()).toString(); // with its byte order mark

before(putAside);
after(putBack);

const pad = (n) => String(n).padStart(2, "0");
const iso = (day) => day.split("/").map((part) => pad(part)).join("-");
// The rows of an official wide file; `cells` name the columns of one area.
function readWide(name, indicator, cells = [""]) {
  const [, ...lines] = fs.readFileSync(`${official}/${name}`, "utf8").trim().split("\r\n");
  return lines.flatMap((line) => { const [day, ...values] = line.split(","); return values.map((value, i) => [indicator, pad(Math.floor(i / cells.length)), iso(day), cells[i % cells.length], value]); });
}

// Days of the ministry's newly_confirmed_cases_per_100_thousand_population_daily.csv, out of a public copy of it (github.com/h10kb-1ki/sampleApp).
const per100000 = [
  "2020/4/5,0.3,0,0,0,0.1,0,0.2,0.1,0.2,0,0,0.3,0.4,1,0.3,0,0,1,0.9,0.5,0,0.3,0,0.1,0,0.1,0.3,0.2,0.2,0.1,0.2,0,0,0.1,0,0,0,0,0.1,1,0.3,0.4,0.1,0.1,0,0.2,0,0",
  "2020/4/13,0.3,0.1,0,0,0.1,0,0.1,0.1,0,0.1,2.7,0.4,0.3,0.7,0.2,0,1.8,0.7,0.5,0.1,0.3,0.4,0.1,0.1,0,0.1,0.5,0.3,0.3,0.2,0,0,0.1,0,0.1,0.1,0,0.8,0.5,0,0.2,0,0,0.1,0.1,0,0,0.5",
  "2022/9/1,118.8,107.9,164.5,96,91.4,111.6,161.9,119.6,104.7,82.7,99.3,102,96.3,102.9,62.4,133.6,137.4,167.3,151.9,90,104.8,128.1,90.6,133.9,153.5,135.1,142.9,125.5,135.6,123.6,111.6,99.6,105.1,166,170.5,121.2,203.9,137.7,126.4,165.6,147.9,143.3,185.7,135,123,157,182.8,139.1",
  "2022/9/14,79.5,71.2,67.6,65.6,56.3,78.1,112.2,80.3,72.2,69.3,74.3,82.2,70.3,75.4,55.6,74.1,101.7,91.3,121.3,57.8,72.2,76.8,96.5,94.9,129.4,85.5,99.9,87.3,83.7,106.8,71.6,49.4,59.9,96,110.5,69.7,90,105.3,68,109.7,52.3,72.3,57.9,84.3,68.6,107.3,116.7,56.2",
];

test("with the official figures the files are the official files, byte for byte", { skip: there }, async () => {
  const files = [["newly_confirmed_cases_daily.csv", 1, [""]], ["deaths_cumulative_daily.csv", 8, [""]],
    ["requiring_inpatient_care_etc_daily.csv", 10, ["care", "released", "confirming"]]];
  publish(1, "2023-03-03 16:00+09", files.flatMap(([name, indicator, cells]) => readWide(`wide_to_20230302_${name}`, indicator, cells)));
  for (const [name] of files) {
    const ours = Buffer.from(await (await get(`/data/file/${name}`)).arrayBuffer()), theirs = fs.readFileSync(`${official}/wide_to_20230302_${name}`);
    assert.ok(ours.equals(theirs), `${name}: differs from byte ${ours.findIndex((byte, i) => byte !== theirs[i])} on; ${ours.length} and ${theirs.length} bytes`);
  }
  const [head, ...lines] = (await text("/data/file/newly_confirmed_cases_per_100_thousand_population_daily.csv")).split("\r\n");
  const [header, ...cases] = fs.readFileSync(`${official}/wide_to_20230302_newly_confirmed_cases_daily.csv`, "utf8").split("\r\n");
  assert.equal(head, header);
  assert.deepEqual(lines.map((line) => line.split(",")[0]), cases.map((line) => line.split(",")[0]), "the days of ①");
  assert.match(lines[0], /^2020\/1\/16(,0){48}$/);
  assert.ok(lines.slice(0, -1).every((line) => /^[\d/]+(,\d+(\.[1-9])?){48}$/.test(line)), "one digit behind the point, and none that is 0");
  for (const day of per100000) assert.ok(lines.includes(day), day.slice(0, 20));
  const long = (await text("/data/long/newly_confirmed_cases_per_100_thousand_population_daily.csv")).split("\r\n");
  assert.equal(long[0], "\ufeffDate,Prefecture,Newly confirmed cases per 100 thousand population");
  assert.ok(long.includes("2022/9/14,Okinawa,56.2") && long.includes("2020/4/5,ALL,0.3"));
  assert.deepEqual(JSON.parse(await text("/data/api/2?area=47&from=2022-09-14&to=2022-09-14")).values, [{ day: "2022-09-14", cell: "", value: 56.2 }]);
  clear();
});

test("weeks by sex and age: two header rows, 961 columns, * for what is hidden; the long form by prefecture", async () => {
  publish(2, "2021-08-05 16:00+09", [[3, "00", "2021-07-28", "m0", 12], [3, "00", "2021-07-28", "f90", null], [3, "47", "2021-07-28", "f90", 0], [3, "13", "2021-08-04", "m10", 5],
    [3, "00", "2021-07-28", "xunknown", 7]]);
  const [areas, heads, first, second, end] = (await text("/data/file/newly_confirmed_cases_detail_weekly.csv")).split("\r\n");
  assert.equal(end, "");
  assert.deepEqual([areas.split(",").length, heads.split(",").length, first.split(",").length], [961, 961, 961]);
  assert.equal(areas.split(",").slice(0, 22).join(","), "\ufeff,ALL,,,,,,,,,,,,,,,,,,,,Hokkaido");
  assert.equal(heads.split(",").slice(0, 22).join(","), "Week,Male Under 10,Male 10s,Male 20s,Male 30s,Male 40s,Male 50s,Male 60s,Male 70s,Male 80s,Male Over 90,Female Under 10,Female 10s,Female 20s,Female 30s,Female 40s,Female 50s,Female 60s,Female 70s,Female 80s,Female Over 90,Male Under 10");
  assert.equal(first.split(",").slice(0, 21).join(","), "2021/07/28~2021/08/03,12,,,,,,,,,,,,,,,,,,,*");
  assert.equal(first.split(",").at(-1), "0");
  assert.equal(second.split(",")[1 + 13 * 20 + 1], "5", "Tokyo, Male 10s");
  const long = (await text("/data/long/newly_confirmed_cases_detail_weekly.csv")).split("\r\n");
  assert.equal(long[0].split(",").slice(0, 3).join(","), "\ufeffWeek,Prefecture,Male Under 10");
  assert.equal(long[1].split(",").slice(0, 3).join(","), "2021/07/28~2021/08/03,ALL,12");
  assert.equal(long.length, 1 + 2 * 48 + 1);
});

test("clusters by kind of place have the ministry's columns; per 100,000 is reckoned of the day", async () => {
  const days = [1, 2, 3, 4, 5, 6, 7, 8].map((d) => [1, "13", `2022-01-0${d}`, "", 1000 * d]);
  publish(3, "2022-01-10 16:00+09", [...Array.from({ length: 11 }, (_, i) => [11, "23", "2022-01-03", String(i), i]), ...days.filter(([, , day]) => day !== "2022-01-04")]);
  const [head, ...rows] = (await text("/data/file/cluster_events_weekly.csv")).split("\r\n");
  assert.equal(head, '\ufeffWeek,Prefecture,Total,Medical institutions,Welfare facilities,(For the elderly),(For children),(For persons with disabilities),Restaurants,"Sports facilities, etc.","Schools,  etc.","Companies, etc.",Others');
  assert.equal(rows[23], "2022/01/03~2022/01/09,Aichi,0,1,2,3,4,5,6,7,8,9,10");
  const rates = (await text("/data/file/newly_confirmed_cases_per_100_thousand_population_daily.csv")).split("\r\n").slice(1).map((line) => line.split(","));
  // 14,048,000 people; nothing is said of other prefectures, and nothing of the 4th.
  assert.deepEqual(rates.slice(0, -1).map((line) => [line[0], line[14], line[1]]), [1, 2, 3, 5, 6, 7, 8].map((d) => [`2022/1/${d}`, (1000 * d / 140.48).toFixed(1).replace(".0", ""), ""]));
});

test("a correction: beside the figure on its page, in JSON, and in the feed", async () => {
  publish(4, "2022-02-01 16:00+09", [[5, "23", "2022-01-31", "", 100], [9, "00", "2022-01-26", "m80", 7]]);
  publish(5, "2022-02-02 16:00+09", [[5, "23", "2022-01-31", "", 103], [5, "23", "2022-02-01", "", 110], [9, "00", "2022-01-26", "m80", null]]);
  const page = await text("/data/indicator/5?area=23&from=2022-01-20&to=2022-02-02");
  assert.match(page, /103 <span class="sub nowrap">（はじめ 100）/);
  assert.match(page, /data-value="110">110<\/td>/);
  assert.match(await text("/data/indicator/9?from=2022-01-20&to=2022-02-02"), /data-value="">＊/);
  const json = JSON.parse(await text("/data/api/5?area=23&from=2022-01-20&to=2022-02-02"));
  assert.deepEqual(json.values, [{ day: "2022-01-31", cell: "", value: 103 }, { day: "2022-02-01", cell: "", value: 110 }]);
  assert.equal(JSON.parse(await text("/data/api/9?from=2022-01-20&to=2022-02-02")).values[0].value, null);
  const feed = await text("/data/corrections.atom");
  assert.match(feed, /^<\?xml version="1.0" encoding="utf-8"\?>\n<feed xmlns="http:\/\/www.w3.org\/2005\/Atom"/);
  assert.match(feed, /2022\/1\/31 ⑤ 陽性者数（累積）（愛知県）：100 → 103/);
  assert.match(feed, /2022\/01\/26~2022\/02\/01 ⑨ 性別・年代別死亡者数（累積）（全国、男 80代）：7 → \*/);
  assert.doesNotMatch(feed, /110/, "a new day is no correction");
});

test("the feed has the newest editions that corrected something, each with all that it corrected and the first twenty of it", async () => {
  const days = Array.from({ length: 25 }, (_, i) => `2022-02-${pad(i + 1)}`), feed = async () => (await text("/data/corrections.atom")).split("<entry>").slice(1);
  const before = (await feed()).length;
  try {
    publish(11, "2022-03-05 16:00+09", days.map((day) => [8, "27", day, "", 10]));
    assert.equal((await feed()).length, before, "new days correct nothing");
    publish(12, "2022-03-06 16:00+09", days.map((day) => [8, "27", day, "", 11]));
    psql(Array.from({ length: 31 }, (_, i) => written(13 + i, "2022-03-07 16:00+09", [[8, "27", `2022-03-${pad(i + 1)}`, "", 5]])).join("\n"));
    forget();
    const [entry, ...others] = await feed();
    assert.match(entry, /訂正 25件/);
    assert.equal(entry.match(/（大阪府）：10 → 11/g).length, 20);
    assert.equal(others.length, before);
  } finally {
    psql(["edition", "edition_count", "published", "published_now"].map((table) => `DELETE FROM app.${table} WHERE edition_id > 10;`).join("\n"));
    forget();
  }
});

test("what cannot be read is said, and nothing else answers", async () => {
  for (const path of ["/data/indicator/0", "/data/indicator/12", "/data/indicator/x", "/data/file/none.csv", "/data/file/..%2fx", "/data/edition"]) assert.equal((await get(path)).status, 404, path);
  for (const number of [0, 12, "x"]) assert.equal((await get(`/data/api/${number}`)).status, 404, number);
  for (const area of ["1", "48", "99", "o5", "%32%33"]) {
    const answer = await get(`/data/api/1?area=${area}`);
    assert.equal(answer.status, 400, area);
    assert.match((await answer.json()).error, /areas are 00, the country, and 01 to 47/);
  }
  for (const query of ["from=2022-13-01", "to=x", "from=2022-02-01&to=2022-01-01", "from=2020-01-01&to=2022-01-01"]) assert.equal((await get(`/data/api/1?${query}`)).status, 400, query);
  assert.match(await text("/data/indicator/1?area=99&from=zz"), /全国/);
});

test("answers may be kept a minute, and are asked for again by their edition", async () => {
  const path = "/data", first = await fetch(`${address}${path}`);
  assert.equal(first.headers.get("cache-control"), "public, max-age=60");
  assert.match(first.headers.get("etag"), /edition-5/);
  assert.equal(first.headers.get("set-cookie"), null);
  assert.equal((await fetch(`${address}${path}`, { headers: { "if-none-match": first.headers.get("etag") } })).status, 304);
});

test("indicator 2 in JSON is reckoned from 1, as on its page and in its file", async () => {
  publish(6, "2022-02-03 16:00+09", Array.from({ length: 10 }, (_, i) => [1, "13", `2022-01-1${i}`, "", 100 * i]));
  const { values } = JSON.parse(await text("/data/api/2?area=13&from=2022-01-15&to=2022-01-18"));
  // 14,048,000 people
  assert.deepEqual(values, [{ day: "2022-01-15", cell: "", value: 3.6 }, { day: "2022-01-16", cell: "", value: 4.3 }, { day: "2022-01-17", cell: "", value: 5 }, { day: "2022-01-18", cell: "", value: 5.7 }]);
  const page = await text("/data/indicator/2?area=13&from=2022-01-15&to=2022-01-18");
  assert.match(page, /人口10万人当たり<\/th><th [^>]*>直近7日間<\/th>/);
  // beside the day its seven days, from the first on that has seven: 2 + ... + 8 hundred are 3,500
  assert.deepEqual([...page.matchAll(/data-value="([^"]*)"/g)].map(([, value]) => value), ["5.7", "24.9", "5", "19.9", "4.3", "14.9", "3.6", ""]);
  assert.match(page, /2020\/10\/1から 14,048,000人（総務省統計局 令和2年国勢調査/);
  assert.match(page, /その日の新規陽性者数を、人口10万人当たり[^<]*「直近7日間」は、その日までの7日間の合計/);
  assert.match(await text("/data/indicator/2"), /href="\/data\/api\/2\?area=00"/);
});

test("what is kept is asked for by what the page reads alone: an invented word makes no new page", async () => {
  publish(7, "2022-03-01 16:00+09", [[1, "00", "2022-02-28", "", 111], [1, "23", "2022-02-28", "", 222]]);
  const paths = ["/data", "/data/file/newly_confirmed_cases_daily.csv", "/data/corrections.atom", "/data/indicator/1", "/data/api/1?area=23&to=2022-02-28"];
  const kept = [];
  for (const path of paths) kept.push(await text(path)); // one by one: a busy public pool turns away
  for (const page of kept) assert.doesNotMatch(page, /混み合って/);
  psql(written(8, "2022-03-02 16:00+09", [[1, "00", "2022-02-28", "", 333], [1, "23", "2022-02-28", "", 444]]));
  for (const [i, path] of paths.entries()) assert.equal(await text(`${path}${path.includes("?") ? "&" : "?"}t=${i}&area=23&x=`.replace("/indicator/1?t=3&area=23", "/indicator/1?t=3")), kept[i], path);
  assert.notEqual(await text("/data/api/1?area=00&to=2022-02-28"), kept[4], "another area is another page");
  for (const wrong of ["from=x", "from=yy", "to=2022%2D02%2D28"]) assert.equal((await get(`/data/api/1?${wrong}`)).status, 400, wrong);
  forget();
  assert.match(await text("/data/api/1?area=23&to=2022-02-28"), /444/);
  assert.equal((await fetch(`${address}/data/file/newly_confirmed_cases_daily.csv`, { method: "HEAD" })).status, 200);
  assert.match(await text("/data/file/newly_confirmed_cases_daily.csv"), /2022\/2\/28,333/, "who asks for the head leaves no empty file");
});

test("a file is of one edition, also when the next is released while it is made", async () => {
  const path = "/data/file/confirmed_cases_cumulative_daily.csv";
  publish(9, "2022-03-04 16:00+09", [[5, "00", "2022-03-02", "", 1], [5, "00", "2022-03-03", "", 1]]);
  const held = await sqlHolding(3, "LOCK TABLE app.published_now IN ACCESS EXCLUSIVE MODE", `INSERT INTO app.edition OVERRIDING SYSTEM VALUE VALUES (10, now(), '2022-03-03', now(), NULL);
    UPDATE app.published_now SET value = 2, edition_id = 10 WHERE indicator = 5`);
  const asked = get(path);
  while (sql("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'app.published_now'::regclass")[0][0] === "0") await new Promise((resolve) => setTimeout(resolve, 50));
  await held.over;
  const answer = await asked;
  assert.match(answer.headers.get("etag"), /edition-9/);
  assert.match(await answer.text(), /2022\/3\/2,1,[^]*2022\/3\/3,1,/);
  forget();
  assert.match(await text(path), /2022\/3\/2,2,[^]*2022\/3\/3,2,/);
});

test("without all its prefectures there is no file, and none that is empty is kept", async () => {
  const rename = (from, to) => psql(`SET session_replication_role = replica; UPDATE app.prefecture SET code = '${to}' WHERE code = '${from}'`);
  forget();
  rename("47", "99");
  try {
    assert.equal((await get("/data/file/deaths_cumulative_daily.csv")).status, 503);
  } finally {
    rename("99", "47");
  }
  const answer = await get("/data/file/deaths_cumulative_daily.csv");
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /Okinawa/);
});

test("the public role reads what is published and no other figure", () => {
  const tables = ["published_now", "published", "edition", "edition_corrected", "figure_day", "figure_week", "figure_case", "figure_delta", "figure_first", "signal"];
  assert.deepEqual(asRole("public", null, tables.map((table) => `SELECT count(*) > 0 FROM app.${table}`)).map((r) => r.state ?? r.rows[0]),
    ["t", "t", "t", "t", ...Array(6).fill("42501")]);
  assert.deepEqual(asRole("public", null, ["SELECT sum(corrected) IS NOT NULL FROM app.edition_count", "SELECT fresh FROM app.edition_count", "SELECT hidden FROM app.edition_count", "DELETE FROM app.edition_count"])
    .map((r) => r.state ?? r.rows[0]), ["t", "42501", "42501", "42501"]);
  sql("INSERT INTO app.edition OVERRIDING SYSTEM VALUE VALUES (99, now(), '2022-03-04', NULL, 'held back')");
  assert.deepEqual(asRole("public", null, ["SELECT 1 FROM app.edition_corrected WHERE edition_id = 99"])[0].rows, []);
  sql("DELETE FROM app.edition WHERE edition_id = 99");
});

test("a page shows the last days of the edition; without an edition there is no map", async () => {
  publish(11, "2022-03-06 16:00+09", [[1, "00", "2022-03-05", "", 5]]);
  assert.match(await text("/data/indicator/1"), /name="to" type="date" value="2022-03-05"/);
  assert.equal(JSON.parse(await text("/data/api/1")).values.at(-1).day, "2022-03-05");
  assert.match(await text("/data"), /都道府県の地図/);
  clear();
  const page = await text("/data");
  assert.match(page, /まだ公表していません/);
  assert.doesNotMatch(page, /地図|0人/);
});
