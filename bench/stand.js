// stand.js - what the benchmarks share: a fresh stand, signed-in people, the load client, medians.
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { execFile, execFileSync } from "node:child_process";

export const state = process.env.HERSYS_STATE;

// A stand of which HERSYS_STATE and HERSYS_PORT are given; without them, that of the benchmarks.
export const standWith = (environment) => (...args) =>
  execFileSync("deploy/stand.sh", args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...environment } });
export const stand = standWith({});

// Ends the jobs of a stand until it goes up again: the nightly comparison would go on beside a measurement, over cases without records.
export const stopJobs = (folder) => process.kill(Number(fs.readFileSync(`${folder}/run/jobs.pid`, "utf8")));

export function freshStand() {
  stand("wipe");
  stand("up");
}

const quantile = (share) => (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length * share)];
export const median = quantile(1 / 2), quartile = quantile(1 / 4);
export const rounded = (value) => Number(value.toFixed(3));

// One line of the load client's file.
export function requestLine(client, method, target, fields) {
  const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const body = fields ? new URLSearchParams({ csrf: client.csrf, ...fields }).toString().replace(/%25(UUID|NUMBER)%25/g, "%$1%") : "";
  return [method, target, cookie, body].join("\t");
}

// Presses the stand; the answer's figures as numbers. Any answer but 200 and 303 ends the benchmark.
export function load(lines, clients, seconds) {
  const file = path.join(state, "load.txt");
  fs.writeFileSync(file, lines.join("\n") + "\n");
  const out = execFileSync("build/load", [process.env.HERSYS_PORT, String(seconds), String(clients), file], { encoding: "utf8" });
  return figures(out);
}

function figures(out) {
  return Object.fromEntries(out.trim().split(" ").map((pair) => pair.split("=")).map(([name, value]) => [name, Number(value)]));
}

// The same by the clock, `rate` requests in each second whatever becomes of them, while others go on: `failures` counts what was refused.
export function loadByClock(name, lines, clients, seconds, rate) {
  const file = path.join(state, `load-${name}.txt`);
  fs.writeFileSync(file, lines.join("\n") + "\n");
  return promisify(execFile)("build/load", [process.env.HERSYS_PORT, seconds, clients, file, rate].map(String)).then(({ stdout }) => figures(stdout));
}
