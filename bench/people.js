// people.js - people who are observed and whose telephones are known, for the benchmarks of My HER-SYS. An entry is the POST of the answers
// of a day with a session that is open, as the page sends it.
import crypto from "node:crypto";
import fs from "node:fs";
import { execFileSync } from "node:child_process";
import { Client } from "../tests/http/client.js";
import { requestLine, stand } from "./stand.js";

export const answers = { observation_temperature: "36.8", observation_spo2: "97", observation_face: "no", observation_cough: "yes", observation_breathless: "no",
  observation_fatigue: "yes", observation_nausea: "no", observation_diarrhoea: "no", observation_consciousness: "no", observation_eating: "no", observation_urination: "no" };
const tokenOf = (place) => crypto.createHash("sha256").update(`observe${place}`).digest("hex");

export function makePeople(count) {
  stand("hersys", "demo", "generate", `--patients=${Math.ceil(count * 1.1) + 500}`); // hospitals have some of them
  const out = execFileSync("deploy/stand.sh", ["psql", "-At", "-q", "-v", `people=${count}`], { input: fs.readFileSync("bench/observe.sql"), encoding: "utf8" });
  const people = Number(out.trim().split("\n").at(-1));
  if (people !== count) throw new Error(`only ${people} people are observed`);
}

// One line of the load client for each person: their telephone posts the entry of the day.
export async function entriesOf(count) {
  const lines = [];
  for (let place = 1; place <= count; place++) {
    const phone = new Client();
    phone.cookies.set("__Host-my", tokenOf(place));
    await phone.get("/my/entry/1"); // gives its token and the person's mark
    lines.push(requestLine(phone, "POST", "/my/entry/1", { key: "%UUID%", mark: phone.guard.mark, ...answers }));
  }
  return lines;
}

export const stored = () => Number(stand("psql", "-At", "-c", "SELECT count(*) FROM app.observation_key").trim());
