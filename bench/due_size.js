// due_size.js - p95 of the lists of 健康観察 at the size that the stand has now, as JSON: the page of all sections, each section, a page far
// down in one, and 今日.
import { signIn } from "../tests/http/client.js";
import { load, median, requestLine } from "./stand.js";

const CLIENTS = 2, SECONDS = 8, ROUNDS = 5;

const client = await signIn("hoken1");
// Behind the tenth page of those who have not answered.
let deep = "/follow/silent";
for (let i = 0; i < 10; i++) {
  const next = (await client.get(deep)).text.match(/href="(\/follow\/silent\?[^"]+)"/)?.[1];
  if (next === undefined) break;
  deep = next.replaceAll("&amp;", "&");
}
const lines = ["/follow", "/follow/urgent", "/follow/silent", "/follow/ending", "/follow/later", deep, "/"].map((path) => requestLine(client, "GET", path));
load(lines, CLIENTS, SECONDS / 2); // warm
const p95 = median(Array.from({ length: ROUNDS }, () => load(lines, CLIENTS, SECONDS).p95));
console.log(JSON.stringify({ p95, how: `${lines.length} pages, ${CLIENTS} clients over TLS and nginx; median of ${ROUNDS} runs of ${SECONDS} s` }));
