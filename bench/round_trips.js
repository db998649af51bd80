// round_trips.js - how often a page goes to the database, as the worker counts itself. There is one worker, and it has met
// each page before: a new connection prepares each statement once, which is a trip of its own.
import { signIn } from "../tests/http/client.js";
import { notification, receipt } from "../tests/http/notify.js";
import { freshStand } from "./stand.js";

export async function run() {
  process.env.HERSYS_WORKERS = "1";
  freshStand();
  const clinic = await signIn("sakura"), centre = await signIn("hoken1"), prefecture = await signIn("aichi");
  const reported = await clinic.post("/notification", notification());
  const { id } = receipt(reported);
  const patient = `/patient/${id}`, report = `${patient}/notification/1`;
  const pages = [
    [clinic, "/"], [clinic, "/notification/new"], [clinic, "/drafts"], [clinic, "/patients"], [clinic, report], [clinic, `${report}/edit`],
    [clinic, `${report}/add`], [clinic, `${report}/receipt`], [clinic, `${report}/delete`], [clinic, "/search"],
    [centre, "/"], [centre, "/patients"], [centre, "/todo/unconfirmed"], [centre, patient], [centre, `${patient}/status`],
    [centre, `${patient}/assignment`], [centre, `${patient}/history`], [centre, `${patient}/viewers`], [centre, "/viewers"], [centre, "/sealed"],
    [centre, `${patient}/contacts`], [centre, "/contacts"], [centre, "/follow"], [centre, "/follow/urgent"], [centre, `${patient}/tab/observation`], [prefecture, "/follow/rules"], [centre, `/notification/new?contact=${id}-1`],
    [centre, `${patient}/papers`], [centre, `${patient}/papers?kind=work_restriction`], [centre, "/papers/issued"], [centre, "/papers/batch?todo=unconfirmed"],
    [centre, `${patient}/tab/link`], [centre, `${patient}/chain`], [centre, `${patient}/chain/data`], [centre, "/clusters"], [centre, "/clusters/1"],
    [prefecture, "/"], [prefecture, "/patients"], [prefecture, patient],
  ];
  const counted = [];
  const count = async (name, ask) => { await ask(); counted.push([name, await ask()]); };
  await count("POST /search", () => centre.post("/search", { key: "負荷" }));
  await count("POST /notification", () => clinic.post("/notification", notification()));
  const household = () => centre.post(`${patient}/contacts`, { action: "household", rows: "0", columns: "", names: "負荷 花\n負荷 次郎", names_day: "2022/10/1" });
  await centre.get(`${patient}/contacts`);
  await count("POST /patient/:id/contacts", household);
  await centre.get(`${patient}/papers?kind=work_restriction`);
  await count("POST /patient/:id/papers/issue.pdf", () => centre.post(`${patient}/papers/issue.pdf`, { kind: "work_restriction", v_restricted_until: "2022/10/11" }));
  await count("POST /papers/batch", () => centre.post("/papers/batch", { kind: "certificate", ids: id }));
  for (const [client, path] of pages) await count(path.replace(id, ":id"), () => client.get(path));
  for (const [path, answer] of counted)
    if (answer.status !== 200 && answer.status !== 303) throw new Error(`${path}: ${answer.status}`);
  const trips = counted.map(([path, answer]) => [path, Number(answer.headers.get("x-round-trips"))]);
  console.log(trips.map(([path, count]) => `  ${count}  ${path}`).join("\n"));
  return [{ name: "page_round_trips", value: Math.max(...trips.map(([, count]) => count)), unit: "round trips", bar: 3, better: "lower",
    how: `the most of ${trips.length} pages and actions, as counted by the worker` }];
}
