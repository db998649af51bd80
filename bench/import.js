// import.js - `hersys import cases` as a part of plain COPY of the same rows; import.sh does the work.
import fs from "node:fs";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { rounded } from "./stand.js";

export function run() {
  const cases = path.join(process.env.HERSYS_SHARED ?? "../shared", "data", "cases");
  if (!fs.existsSync(cases)) {
    console.log("import_vs_copy is left out: the real cases are not here");
    return [];
  }
  const files = fs.readdirSync(cases).map((name) => path.resolve(cases, name));
  const out = execFileSync("bench/import.sh", files, { encoding: "utf8" });
  console.log(out.trim());
  const value = rounded(Number(out.match(/COPY\/import = ([\d.]+)/)[1]));
  return [{ name: "import_vs_copy", value, unit: "ratio", bar: 0.15, better: "higher",
    how: "COPY of the same rows into the same tables / import of the three real files; medians of 3 in turn" }];
}
