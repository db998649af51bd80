// processes.js - processes of the stand, ended for sure: one that was only told to end goes on for a moment, and `stand.sh up` would take it
// for one that runs.
import { execFileSync } from "node:child_process";
import fs from "node:fs";

const state = process.env.HERSYS_STATE ?? "var";
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const pidOf = (service) => Number(fs.readFileSync(`${state}/run/${service}.pid`, "utf8"));

// Does it still run? A zombie does not.
export function lives(pid) {
  try {
    return !/^State:\s+[ZX]/m.test(fs.readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

export async function end(pid, signal) {
  process.kill(pid, signal);
  for (let i = 0; i < 6000; i++) {
    if (!lives(pid)) return;
    await sleep(10);
  }
  throw new Error(`${pid} does not end by ${signal}`);
}

// What the jobs do once in a while, a fresh process does at once.
export async function freshJobs() {
  await end(pidOf("jobs"), "SIGTERM");
  execFileSync("deploy/stand.sh", ["up"], { stdio: "ignore" });
}
