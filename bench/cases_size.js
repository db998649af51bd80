// cases_size.js - how long the pages of figures take at the size that the stand has now, as JSON: of those of staff the least p95 of some runs, of the public
// ones, of which nginx has kept nothing, the least time of some: what the page takes when nothing else on the machine has its turn. A process of its own, because no connection outlives the making of millions of cases.
import fs from "node:fs";
import { setTimeout } from "node:timers/promises";
import { address, Client, signIn } from "../tests/http/client.js";
import { forget } from "../tests/http/published.js";
import { load, requestLine, state } from "./stand.js";

const CLIENTS = 2, SECONDS = 4, ROUNDS = 3, TIMES = 15;
const from = "2022-06-01", to = "2022-08-31", day = "2022-08-19";
const country = [1, 2, 5, 6, 8, 10], weekly = [3, 4, 7, 9], figures = (area) => (n) => `/figures?indicator=${n}&area=${area}&from=${from}&to=${to}`;
// Not here: what reads whole records (報道発表, クロス集計, 総数報告), as the cases of this stand are slim and have none.
const staff = {
  aichi: { overview: ["/figures"], daily: country.map(figures("23")), weekly: weekly.map(figures("23")),
    list: Object.entries({ new: 1, care: 10, released: 10, severe: 6, death: 8 }).map(([series, n]) => `/figures/list?indicator=${n}&area=23&series=${series}&day=${day}`),
    difference: ["/figures/difference"], inquiries: ["/figures/inquiries"], signals: ["/signals"] },
  kuni: { overview: ["/figures"], daily: country.map(figures("00")), weekly: weekly.map(figures("00")), difference: ["/figures/difference"],
    editions: ["/figures/editions"], signals: ["/signals"] },
};

async function milliseconds(path) {
  forget();
  await setTimeout(25); // slower than the public's limit
  const began = performance.now(), answer = await fetch(address + path);
  await answer.arrayBuffer();
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
  return performance.now() - began;
}

const clients = {};
for (const login of Object.keys(staff)) clients[login] = await signIn(login);
// Jobs have sent the codes. Now they would compare slim cases with records that are not there, each night that has not been, beside us.
process.kill(Number(fs.readFileSync(`${state}/run/jobs.pid`, "utf8")));

const times = {};
for (const [login, pages] of Object.entries(staff)) {
  const client = clients[login];
  for (const [name, paths] of Object.entries(pages)) {
    const lines = paths.flatMap((path) => Array(CLIENTS).fill(requestLine(client, "GET", path))); // each client has all of them
    load(lines, CLIENTS, SECONDS / 2); // warm
    times[`${login} ${name}`] = Math.min(...Array.from({ length: ROUNDS }, () => load(lines, CLIENTS, SECONDS).p95));
  }
}
await setTimeout(100); // connections that nginx closed during the loads are noticed
const first = (await new Client().get("/data")).text;
const files = [...new Set([...first.matchAll(/href="(\/data\/(?:file|long)\/[^"]+)"/g)].map(([, path]) => path))];
const range = `area=23&from=${from}&to=${to}`;
const open = ["/data", "/data/corrections.atom", ...[...country, ...weekly, 11].flatMap((n) => [`/data/indicator/${n}?${range}`, `/data/api/${n}?${range}`]), ...files];
for (const path of open) {
  const taken = [];
  for (let i = 0; i < TIMES; i++) taken.push(await milliseconds(path));
  times[path] = Math.min(...taken);
}
console.log(JSON.stringify({ times, how: `staff: p95, ${CLIENTS} clients over TLS and nginx, the least of ${ROUNDS} runs of ${SECONDS} s; public: the least of ${TIMES} past the cache` }));
