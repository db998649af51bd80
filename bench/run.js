// run.js [WORD...] - all benchmarks, or those whose file name contains one of the words; writes bench/results.csv.
//
// Every figure is a ratio against a limit measured in the same run, or growth; never a bare time. Uses a stand of its own
// (var/bench, port 22443), which it wipes. Run it alone on the machine.
import fs from "node:fs";
import path from "node:path";
import { execFileSync } from "node:child_process";

process.env.HERSYS_STATE ??= "var/bench";
process.env.HERSYS_PORT ??= "22443";
process.env.HERSYS_MEASURE = "yes";
process.chdir(new URL("..", import.meta.url).pathname);
process.env.HERSYS_STATE = execFileSync("deploy/stand.sh", ["state"], { encoding: "utf8" }).trim();

const benchmarks = ["round_trips", "notify", "observe", "import", "chain", "growth", "candidates", "bulk", "due", "peak", "export"];

const FILE = "bench/results.csv";
const HEADER = "name,value,unit,bar,better,commit,date,how";
const words = process.argv.slice(2);
const wanted = (name) => words.length === 0 || words.some((word) => name.includes(word));

const text = fs.existsSync(FILE) ? fs.readFileSync(FILE, "utf8") : "";
const results = new Map(text.split("\n").slice(1).filter(Boolean).map((line) => [line.split(",")[0], line]));
const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
const date = new Date().toISOString().slice(0, 10);
let short = 0;

for (const benchmark of benchmarks.filter(wanted)) {
  console.log(`# ${benchmark}`);
  // A process each: connections to a stand that was wiped since must not be met again.
  execFileSync("node", ["bench/one.js", benchmark], { stdio: "inherit" });
  for (const { name, value, unit, bar, better, how } of JSON.parse(fs.readFileSync(path.join(process.env.HERSYS_STATE, "results.json"), "utf8"))) {
    const met = better === "higher" ? value >= bar : value <= bar;
    if (!met) short++;
    console.log(`${name} = ${value} ${unit} (${better === "higher" ? "at least" : "at most"} ${bar}: ${met ? "met" : "SHORT"})  ${how}`);
    results.set(name, [name, value, unit, bar, better, commit, date, `"${how.replaceAll('"', "'")}"`].join(","));
  }
  fs.writeFileSync(FILE, [HEADER, ...[...results.keys()].sort().map((key) => results.get(key))].join("\n") + "\n");
}
execFileSync("deploy/stand.sh", ["down"]);
process.exit(short === 0 ? 0 : 1);
