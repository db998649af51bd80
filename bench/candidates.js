// candidates.js - a report with the search for the same person against the same report without it, with a million patients in
// the country (HERSYS_CANDIDATES names another number). The people reported are like those whom the centre knows already, with
// a telephone of their own: every one of them is found again. Without: the database's function for it does nothing.
import { notification } from "../tests/http/notify.js";
import { signIn } from "../tests/http/client.js";
import { sql } from "../tests/http/database.js";
import { freshStand, load, median, requestLine, rounded, stand } from "./stand.js";

const PATIENTS = Number(process.env.HERSYS_CANDIDATES ?? 1_000_000);
const CLIENTS = 2, SECONDS = 8, ROUNDS = 5, SAMPLE = 4000;
const SIGNATURE = "app.same_find(bigint, jsonb, integer[], integer)";

const psql = (...commands) => stand("psql", "-q", ...commands.flatMap((command) => ["-c", command]));

// Reports of people whom the centre of this clinic has in its lists.
function reports(client) {
  const [[centre]] = sql("SELECT organisation_id FROM app.account WHERE login = 'hoken1'");
  return sql(`SELECT p.family_name, p.given_name, p.family_kana, p.given_kana, p.birth_date, p.home_address
    FROM (SELECT patient_id FROM app.access WHERE organisation_id = ${centre} ORDER BY hashint8(patient_id) LIMIT ${SAMPLE}) a
    JOIN app.patient p USING (patient_id)`).map(([family_name, given_name, family_kana, given_kana, birth_date, home_address]) => {
    const fields = notification({ family_name, given_name, family_kana, given_kana, birth_date, home_address, phone: "080%NUMBER%" });
    return requestLine(client, "POST", "/notification", { ...fields, draft_id: "%UUID%" });
  });
}

export async function run() {
  freshStand();
  stand("hersys", "demo", "generate", `--patients=${PATIENTS}`);
  psql("VACUUM (ANALYZE)", "CHECKPOINT");
  const lines = reports(await signIn("sakura"));
  const [[whole]] = sql(`SELECT replace(pg_get_functiondef('${SIGNATURE}'::regprocedure), E'\\n', ' ')`);
  const idle = whole.replace(/AS \$function\$.*\$function\$/, "AS $function$ BEGIN END $function$");
  const rates = { whole: [], idle: [] };
  load(lines, CLIENTS, SECONDS / 2); // warm
  for (let i = 0; i < ROUNDS; i++)
    for (const [name, definition] of Object.entries({ idle, whole })) {
      psql(definition, "CHECKPOINT");
      rates[name].push(load(lines, CLIENTS, SECONDS).rate);
      console.log(`  ${name === "idle" ? "without" : "with"} the search: ${rates[name].at(-1)} reports/s`);
    }
  const [[pairs]] = sql("SELECT count(*) FROM app.same_pair");
  if (Number(pairs) < lines.length) throw new Error(`only ${pairs} pairs were found`);
  return [{ name: "candidate_cost", value: rounded(median(rates.idle) / median(rates.whole)), unit: "ratio", bar: 1.5, better: "lower",
    how: `time of a report with the search for the same person / without it; ${PATIENTS} patients; ${CLIENTS} clients over TLS and nginx; medians of ${ROUNDS} runs of ${SECONDS} s` }];
}
