// cases_page.js - a process that asks one stand for pages of figures and tells how long each took, in milliseconds: for cases.js, which has one
// of these for each of two stands and asks them in turn. A public page is asked for past what nginx has kept of it.
import { setTimeout } from "node:timers/promises";
import { Client, signIn } from "../tests/http/client.js";
import { forget } from "../tests/http/published.js";
import { state, stopJobs } from "./stand.js";

const clients = { public: new Client() };
for (const login of process.argv.slice(2)) clients[login] = await signIn(login);
stopJobs(state); // they have sent the codes

process.on("message", async ({ login, path }) => {
  if (login === "public") {
    forget();
    await setTimeout(25); // slower than the public's limit
  }
  const began = performance.now(), { status, text } = await clients[login].get(path), took = performance.now() - began;
  if (status !== 200) throw new Error(`${path}: ${status}`);
  process.send({ took, text: path === "/data" ? text : "" });
});
process.send("ready");
