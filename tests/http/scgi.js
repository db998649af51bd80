// scgi.js - asks a pool as nginx would, past nginx: for what depends on the pool.
import fs from "node:fs";
import net from "node:net";

const state = process.env.HERSYS_STATE ?? "var";
const [, directory] = fs.readFileSync(`${state}/hersys.conf`, "utf8").match(/^run_directory = (.*)$/m);

// The whole answer to a request without a body, which nginx has just taken in; `headers` has what is otherwise.
export function ask(pool, headers = {}) {
  const all = { CONTENT_LENGTH: "0", SCGI: "1", REQUEST_METHOD: "GET", DOCUMENT_URI: "/", QUERY_STRING: "", HERSYS_QUEUED_AT: String(Date.now() / 1000), ...headers };
  const text = Object.entries(all).map(([name, value]) => `${name}\0${value}\0`).join("");
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = net.connect(`${directory}/${pool}.sock`, () => socket.write(`${text.length}:${text},`));
    socket.setEncoding("utf8").on("data", (part) => (answer += part)).on("end", () => resolve(answer)).on("error", reject);
  });
}
