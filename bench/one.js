// one.js FILE - runs one benchmark and leaves its figures to run.js.
import fs from "node:fs";
import path from "node:path";

const { run } = await import(`./${process.argv[2]}.js`);
fs.writeFileSync(path.join(process.env.HERSYS_STATE, "results.json"), JSON.stringify(await run()));
