// stand.test.js - what deploy/stand.sh promises: it ends its own processes and no other, and gives each user no more than it
// needs.
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";

const state = process.env.HERSYS_STATE ?? "var";
const root = process.getuid() === 0 ? false : "needs root: a plain user is every role";

test("a process that has got the number of one of ours after a reboot is left alone", async () => {
  const other = fs.mkdtempSync(path.join(os.tmpdir(), "hersys-stand-")), foreign = spawn("sleep", ["600"]);
  try {
    fs.chmodSync(other, 0o755);
    fs.mkdirSync(`${other}/run`);
    fs.mkdirSync(`${other}/postgresql`);
    fs.writeFileSync(`${other}/run/staff.pid`, `${foreign.pid}\n`);
    fs.writeFileSync(`${other}/run/staff.birth`, "00000000-0000-0000-0000-000000000000\n4711\n");
    fs.writeFileSync(`${other}/postgresql/postmaster.pid`, `${foreign.pid}\n`);
    execFileSync("deploy/stand.sh", ["down"], { env: { ...process.env, HERSYS_STATE: other } });
    assert.match(fs.readFileSync(`/proc/${foreign.pid}/status`, "utf8"), /^State:\s+S/m);
  } finally {
    foreign.kill();
    fs.rmSync(other, { recursive: true });
  }
});

const [, socket] = fs.readFileSync(`${state}/hersys.conf`, "utf8").match(/host=(\S+)/);

// Can this user be that role in the database?
function may(user, role) {
  return spawnSync("setpriv", [`--reuid=${user}`, `--regid=${user}`, "--clear-groups", "psql", "-X", "-h", socket, "-U", role, "-d", "hersys", "-c", "SELECT 1"],
    { cwd: "/" }).status === 0;
}

test("the workers' user is no role but the workers', the operator's no superuser", { skip: root }, () => {
  const roles = ["postgres", "hersys_owner", "hersys_staff", "hersys_door", "hersys_public", "hersys_jobs"];
  assert.deepEqual(roles.filter((role) => may("www-data", role)), roles.slice(2));
  assert.deepEqual(roles.filter((role) => may("daemon", role)), roles.slice(1));
  assert.deepEqual(roles.filter((role) => may("games", role)), []);
});

test("keys are read by those who need them and written by nobody", { skip: root }, () => {
  for (const [user, group, readable] of [["www-data", "www-data", true], ["daemon", "www-data", true], ["postgres", "postgres", false]]) {
    const can = (how) => spawnSync("setpriv", [`--reuid=${user}`, `--regid=${group}`, "--clear-groups", "test", how, `${state}/keys/pepper.key`]).status === 0;
    assert.equal(can("-r"), readable, user);
    assert.equal(can("-w"), false, user);
  }
});

test("run says how to sign in, and Ctrl-C leaves nothing running", { timeout: 300000 }, async () => {
  const other = fs.mkdtempSync(path.join(os.tmpdir(), "hersys-run-"));
  fs.chmodSync(other, 0o755);
  const env = { ...process.env, HERSYS_STATE: other, HERSYS_PORT: String(Number(process.env.HERSYS_PORT ?? 8443) + 60) };
  const run = spawn("deploy/stand.sh", ["run"], { env, detached: true, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => run.on("exit", resolve));
  try {
    let said = "";
    await new Promise((resolve) => {
      run.stdout.on("data", (part) => (said += part).includes("Ctrl-C") && resolve());
      run.on("exit", resolve);
    });
    assert.match(said, new RegExp(`https://localhost:${env.HERSYS_PORT}`));
    process.kill(-run.pid, "SIGINT"); // as a terminal sends it: to all of them
    await ended;
    const left = () => execFileSync("ps", ["-eo", "args"], { encoding: "utf8" }).split("\n").filter((line) => line.includes(other));
    for (let tries = 0; tries < 50 && left().length > 0; tries++) // who has been told to end may take a moment
      await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(left(), []);
  } finally {
    run.stdout.destroy(); // whoever still holds it shall not hold us
    execFileSync("deploy/stand.sh", ["wipe"], { env });
  }
});
