// cases_size.js - p95 of the pages of figures, for staff and for everybody, at the size that the stand has now, as JSON. A process of its own,
// because no connection outlives the making of millions of cases.
import { signIn } from "../tests/http/client.js";
import { load, median, requestLine } from "./stand.js";

const CLIENTS = 2, SECONDS = 6, ROUNDS = 5;
const from = "2022-06-01", to = "2022-08-31", day = "2022-08-19";
const pages = { overview: ["/figures"], daily: [1, 2, 5, 6, 8, 10].map((n) => `/figures?indicator=${n}&area=23&from=${from}&to=${to}`),
  weekly: [3, 4, 7, 9].map((n) => `/figures?indicator=${n}&area=23&from=${from}&to=${to}`),
  list: Object.entries({ new: 1, care: 10, released: 10, severe: 6, death: 8 }).map(([series, n]) => `/figures/list?indicator=${n}&area=23&series=${series}&day=${day}`),
  signals: ["/signals"] };

const client = await signIn("aichi"), p95 = {};
for (const [name, paths] of Object.entries(pages)) {
  const lines = paths.map((path) => requestLine(client, "GET", path));
  load(lines, CLIENTS, SECONDS / 2); // warm
  p95[name] = median(Array.from({ length: ROUNDS }, () => load(lines, CLIENTS, SECONDS).p95));
}
console.log(JSON.stringify({ p95, how: `${CLIENTS} clients over TLS and nginx; medians of ${ROUNDS} runs of ${SECONDS} s` }));
