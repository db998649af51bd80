// round_trips.js - how often a page goes to the database, as the worker counts itself. There is one worker in each pool, and it has
// met each page before: a new connection prepares each statement once, which is a trip of its own.
import crypto from "node:crypto";
import { signIn } from "../tests/http/client.js";
import { colleague } from "../tests/http/colleague.js";
import { notification, receipt } from "../tests/http/notify.js";
import { freshStand } from "./stand.js";

export async function run() {
  process.env.HERSYS_WORKERS = process.env.HERSYS_HEAVY_WORKERS = "1";
  freshStand();
  const clinic = await signIn("sakura"), centre = await signIn("hoken1"), prefecture = await signIn("aichi"), ministry = await signIn("kuni"), city = await signIn("nagoya");
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
    [centre, `${patient}/timeline`], [centre, `${patient}/tab/residence`], [centre, `${patient}/tab/residence/new`], [centre, `${patient}/cocoa`],
    [centre, "/closing"], [centre, "/same"], [centre, "/handovers"], [centre, "/bulk"], [centre, "/bulk/batches"],
    [centre, "/completeness"], [prefecture, "/completeness"], [ministry, "/completeness"], [ministry, "/completeness?prefecture=23"],
    [centre, `${patient}/tab/local`], [centre, `${patient}/tab/local_shared`], [city, "/local-items"], [city, "/local-items/new"], [city, "/local-items/1"],
    [prefecture, "/"], [prefecture, "/patients"], [prefecture, patient],
    ...Array.from({ length: 12 }, (_, i) => [prefecture, `/figures?indicator=${i}`]), [ministry, "/figures?indicator=1&area=23"],
    [prefecture, "/figures/difference"], [centre, "/figures/published"], [centre, "/figures/inquiries"],
    [ministry, "/figures/editions"], [prefecture, "/signals"], [prefecture, "/press"], [prefecture, "/press/template"], [prefecture, "/cross"],
    [clinic, "/daily"], [prefecture, "/daily/area/23"], [city, "/extracts"], [city, "/extracts/new"], [clinic, "/data"],
  ];
  const today = new Date(Date.now() + 9 * 3600e3).toISOString().slice(0, 10);
  for (const [number, series] of [[1, "new"], [5, "new"], [10, "confirming"]]) pages.push([prefecture, `/figures/list?indicator=${number}&area=23&series=${series}&day=${today}`]);
  for (const query of [`area=23&series=new&published=1&from=${today}&to=${today}`, `row=age&column=sex&row_is=30&from=${today}&to=${today}`]) pages.push([prefecture, `/figures/list?${query}`]);
  for (const series of ["new", "severe", "death"]) pages.push([prefecture, `/figures/missing?area=23&series=${series}&day=${today}`]);
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
  const hidden = (page, name) => [...page.text.matchAll(new RegExp(`name="${name}" value="([^"]+)"`, "g"))].map((found) => found[1]);
  const press = async (path, fields, from = path) => { await centre.get(from); return centre.post(path, fields); };
  await count("POST /patient/:id/tab/residence/new", () => press(`${patient}/tab/residence/new`, { items: "residence_kind residence_from residence_to", residence_kind: "hotel", residence_from: "2022/10/1", residence_to: "2022/10/3" }));
  await count("POST /patient/:id/cocoa", () => press(`${patient}/cocoa`, { wished: "1" }));
  let turn = 0;
  const change = () => ({ action: "status", to_status: ["hotel", "home"][turn++ % 2], since: "2022/10/2", ids: id });
  await count("POST /bulk/preview", () => centre.post("/bulk/preview", change()));
  await count("POST /bulk", async () => {
    const fields = change(), shown = await centre.post("/bulk/preview", fields);
    return centre.post("/bulk", { ...fields, digest: hidden(shown, "digest")[0], form_id: hidden(shown, "form_id")[0] });
  });
  for (let i = 0; i < 4; i++) { // in care, and the days are over
    const path = `/patient/${receipt(await clinic.post("/notification", notification())).id}/status`;
    await press(path, { status: "home", since: "2022/10/1" });
  }
  const closing = async (change) => {
    const page = await centre.get("/closing"), [chosen] = hidden(page, "patient");
    return centre.post("/closing", { form_id: hidden(page, "form_id")[0], patient: change(chosen) });
  };
  await count("POST /closing", () => closing((chosen) => chosen));
  await count("POST /closing, changed meanwhile", () => closing((chosen) => chosen.replace(/\.\d+\./, ".999.")));
  await count("POST /closing/undo", async () => {
    const page = await centre.get("/closing");
    return centre.post("/closing/undo", { form_id: hidden(page, "form_id").at(-1), batch: hidden(page, "batch").at(-1) });
  });
  const [, centreId] = (await centre.get("/completeness")).text.match(/\/completeness\/(\d+)\//);
  for (const kind of ["", "/status_missing"]) pages.push([prefecture, `/completeness/${centreId}${kind}`]);
  await centre.get(`${patient}/tab/local_shared/new`);
  await count("POST /patient/:id/tab/local_shared/new", () => centre.post(`${patient}/tab/local_shared/new`, { items: "local_1", entry_version: "0", local_1: "1" }));
  await count("POST /figures/published, checked", () => centre.post("/figures/published", { text: `${today},1,0,0`, step: "check" }));
  await count("POST /figures/published", async () => {
    const shown = await centre.post("/figures/published", { text: `${today},${turn++},0,0`, step: "check" });
    return centre.post("/figures/published", { text: `${today},${turn},0,0`, step: "save", form_id: hidden(shown, "form_id")[0] });
  });
  await count("POST /figures/inquiry", async () => {
    const area = `o${centreId}`, shown = await prefecture.get(`/figures/difference?area=${area}`);
    return prefecture.post("/figures/inquiry", { area, step: "ask", series: "new", day: today, question: "理由", form_id: hidden(shown, "form_id").at(-1) });
  });
  await count("POST /local-items/values.csv", () => city.post("/local-items/values.csv", { from: "2022/1/1", to: "R12.1.1" }));
  const second = await signIn(colleague("nagoya-2", "nagoya", "09000000092"));
  const extract = (path, fields) => city.post(path, { purpose: "負荷", recipient: "負荷", from: today, to: today, k: "5", small: "leave_out", times: "until", until: today, key: "drop",
    column_route: "1", form_id: crypto.randomUUID(), ...fields });
  for (let i = 0; i < 5; i++) await clinic.post("/notification", notification());
  await count("POST /extracts/new", () => extract("/extracts/new"));
  await count("POST /extracts/new, wrong", () => extract("/extracts/new", { k: "1" }));
  await count("POST /extracts", () => extract("/extracts"));
  await count("POST /extracts, hopeless", () => extract("/extracts", { k: "1000" }));
  const request = counted.find(([name]) => name === "POST /extracts")[1].location.replace(/\?.*/, "");
  pages.push([city, request]);
  await count("POST /extracts/:id/decide, without a reason", () => second.post(`${request}/decide`, { decision: "refuse" }));
  await count("POST /extracts/:id/decide", async () => second.post((await extract("/extracts")).location.replace(/\?.*/, "/decide"), { decision: "approve" }));
  await second.post(`${request}/decide`, { decision: "approve" });
  await count("POST /extracts/:id/decide, late", () => second.post(`${request}/decide`, { decision: "approve" }));
  await count("POST /extracts/:id/table.csv", () => city.post(`${request}/table.csv`, { format: "csv" }));
  for (const [client, path] of pages) await count(path.replace(id, ":id"), () => client.get(path));
  for (const [path, answer] of counted)
    if (answer.status !== 200 && answer.status !== 303 && !(answer.status === 409 && /(meanwhile|late)$/.test(path))) throw new Error(`${path}: ${answer.status}`);
  const trips = counted.map(([path, answer]) => [path, Number(answer.headers.get("x-round-trips"))]);
  console.log(trips.map(([path, count]) => `  ${count}  ${path}`).join("\n"));
  return [{ name: "page_round_trips", value: Math.max(...trips.map(([, count]) => count)), unit: "round trips", bar: 3, better: "lower",
    how: `the most of ${trips.length} pages and actions, as counted by the worker` }];
}
