// observe.js - entries of My HER-SYS, over TLS through nginx and the public pool, against pgbench with the same statements, as many
// clients, prepared, in pipelines, on the same cluster. Everybody is somebody else: as many people as there are sessions.
import fs from "node:fs";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { answers, entriesOf, makePeople, stored } from "./people.js";
import { freshStand, load, median, rounded, stand, state } from "./stand.js";

const PEOPLE = Number(process.env.OBSERVE_PEOPLE ?? 5000), CLIENTS = 8, SECONDS = Number(process.env.OBSERVE_SECONDS ?? 15), ROUNDS = 3;
// The statements as the program has them, for one of the people: two round trips, as a press of 送る makes them.
function script() {
  const text = fs.readFileSync("src/core/my.sql", "utf8");
  const statement = (name) => text.match(new RegExp(`-- name: ${name}\\n(?:--[^\\n]*\\n)*([^]*?;)`))[1].replace(/\s+/g, " ");
  const session = "encode(sha256(encode(sha256(('observe' || :place)::bytea), 'hex')::bytea), 'hex')";
  const key = "('00000000-0000-4000-8000-' || lpad(to_hex(:base + :client_id * 10000000 + :n), 12, '0'))";
  const filled = (name, ...values) => statement(name).replace(/\$(\d)/g, (_, number) => values[number - 1]);
  return ["\\set n :n + 1", `\\set place random(1, ${PEOPLE})`,
    "\\startpipeline", filled("my_enter", session), "\\endpipeline",
    "\\startpipeline", filled("my_store", session, "1", key, "NULL", ":items"), "\\endpipeline"].join("\n") + "\n";
}

const socket = () => fs.readFileSync(path.join(state, "hersys.conf"), "utf8").match(/host=(\S+)/)[1];

function pgbench(round) {
  const file = path.join(state, "observe.pgbench");
  fs.writeFileSync(file, script());
  const out = execFileSync("pgbench", ["-n", "-M", "prepared", "-c", String(CLIENTS), "-j", "2", "-T", String(SECONDS), "-f", file,
    "-D", "n=0", "-D", `base=${(round + 1) * 100_000_000}`, "-D", `items=${JSON.stringify(answers)}`, "-h", socket(), "-U", "hersys_public", "hersys"], { encoding: "utf8" });
  if (!/number of failed transactions: 0 /.test(out)) throw new Error(out);
  return Number(out.match(/tps = ([\d.]+)/)[1]);
}

export async function run() {
  freshStand();
  makePeople(PEOPLE);
  const lines = await entriesOf(PEOPLE), ours = [], theirs = [];
  for (let i = 0; i < ROUNDS; i++) {
    stand("psql", "-q", "-c", "CHECKPOINT");
    const before = stored(), sent = load(lines, CLIENTS, SECONDS);
    ours.push(sent.rate);
    if (stored() - before < sent.rate * SECONDS * 0.99) throw new Error("not every entry was stored");
    stand("psql", "-q", "-c", "CHECKPOINT");
    theirs.push(pgbench(i));
    console.log(`  HTTPS ${sent.rate}/s (p95 ${sent.p95} ms), pgbench ${theirs.at(-1)}/s`);
  }
  return [{ name: "observe_vs_pgbench", value: rounded(median(ours) / median(theirs)), unit: "ratio", bar: 0.6, better: "higher",
    how: `entries of My HER-SYS per second over TLS, nginx and the public pool / pgbench with the same 2 statements; ${PEOPLE} people, ${CLIENTS} clients each; medians of ${ROUNDS}` }];
}
