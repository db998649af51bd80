// client.js - a browser without a screen: plain HTTPS with cookies, the token of the forms, and sign-in by SMS.
//
//     const hoken = await signIn("hoken1");
//     const page = await hoken.get("/accounts");           // { status, text, headers }
//     await hoken.post("/accounts/5/suspend");              // adds the session's token itself
//
// The stand's certificate is its own, so it is not checked. HERSYS_STATE and HERSYS_PORT say which stand.
import fs from "node:fs";

process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
process.removeAllListeners("warning"); // Node's remark on the line above

export const address = `https://localhost:${process.env.HERSYS_PORT ?? 8443}`;
export const demoPassword = "asagao-to-semi-no-koe";
const messagesFile = `${process.env.HERSYS_STATE ?? "var"}/log/messages.jsonl`;

function messages() {
  if (!fs.existsSync(messagesFile)) return [];
  return fs.readFileSync(messagesFile, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

// +819000000004, as the gateway has it, is 09000000004.
const plain = (number) => number.replace(/^\+81/, "0");

// The six digits that come by SMS, after the first `since` messages, to a number that begins and ends like this.
async function codeBySms(since, first, last) {
  for (let i = 0; i < 100; i++) {
    const sms = messages().slice(since).find((m) => m.kind === "sms" && plain(m.to).startsWith(first) && m.to.endsWith(last));
    if (sms) return sms.text.match(/\d{6}/)[0];
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no code came to ${first}...${last}`);
}

// Connections are kept, and the server closes what nobody uses for a minute. A test that has just worked that long without a turn of the event
// loop does not know it yet; after a moment it does.
let asked = Date.now();
async function noticeWhatIsClosed() {
  if (Date.now() - asked > 30_000) await new Promise((resolve) => setTimeout(resolve, 100));
  asked = Date.now();
}

export class Client {
  cookies = new Map();
  csrf = "";
  guard = {}; // of the last form that was seen: from which version and what document of a patient it was made, and which form it is; whose entry

  async request(method, path, body, headers = {}) {
    const sent = { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "), ...headers };
    for (;;) {
      await noticeWhatIsClosed();
      const ask = () => fetch(address + path, { method, body, headers: sent, redirect: "manual" });
      // A kept connection may be closed by the server at the very moment: a look is asked for again, a press never.
      const answer = await (method === "GET" ? ask().catch(ask) : ask());
      const bytes = Buffer.from(await answer.arrayBuffer());
      if (answer.status === 429) { // nginx's limit by address; a person is slower
        await new Promise((resolve) => setTimeout(resolve, 500));
        continue;
      }
      // Debian's Node.js 18 has no getSetCookie; our cookies hold no comma
      for (const line of answer.headers.get("set-cookie")?.split(", ") ?? []) {
        const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
        if (/Max-Age=0/.test(line)) this.cookies.delete(name);
        else this.cookies.set(name, value);
      }
      const text = bytes.toString("utf8");
      this.csrf = text.match(/name="csrf" value="([^"]+)"/)?.[1] ?? this.csrf;
      for (const name of ["version", "form_id", "shown", "mark"]) this.guard[name] = text.match(new RegExp(`name="${name}" value="([^"]+)"`))?.[1] ?? this.guard[name];
      return { status: answer.status, headers: answer.headers, location: answer.headers.get("location"), bytes, text };
    }
  }

  get(path) {
    return this.request("GET", path);
  }

  // Posts a form as a page of ours would; `fields` is an object, `headers` may take our own away.
  post(path, fields = {}, headers = { origin: address }) {
    const { version, form_id, shown, mark } = this.guard;
    const guard = path.startsWith("/patient/") ? { ...(version && { version }), ...(form_id && { form_id }), ...(shown && { shown }) } : path.startsWith("/my/entry/") ? { mark } : {};
    if (guard.form_id) delete this.guard.form_id; // each form is filled in once
    return this.request("POST", path, new URLSearchParams({ ...(this.csrf && { csrf: this.csrf }), ...guard, ...fields }), headers);
  }
}

// The client after password and second step. The message is told by the number that the page shows in part, so that
// several people may sign in at once.
export async function signIn(login, { password = demoPassword } = {}) {
  const client = new Client();
  let answer = await client.post("/sign-in", { login, password });
  if (answer.location !== "/sign-in/second") throw new Error(`${login}: password refused (${answer.status})`);
  const page = await client.get("/sign-in/second");
  const [, first, last] = page.text.match(/(\d{3})-\*{4}-(\d{4})/);
  const since = messages().length;
  answer = await client.post("/sign-in/send", { phone: "0" });
  if (!/6桁の番号を送りました/.test(answer.text)) throw new Error(`${login}: no code was sent`);
  const code = await codeBySms(since, first, last);
  answer = await client.post("/sign-in/code", { code });
  if (answer.location !== "/") throw new Error(`${login}: code refused`);
  await client.get("/me"); // brings the session's token
  return client;
}

// The first sign-in of a fresh account: initial password from the letter, own password, mobile number, terms.
export async function firstSignIn(login, initialPassword, password, phone) {
  const client = new Client();
  await client.post("/sign-in", { login, password: initialPassword });
  await client.post("/sign-in/password", { password, again: password });
  const since = messages().length;
  await client.post("/sign-in/enrol/phone", { phone });
  const answer = await client.post("/sign-in/enrol/code", { code: await codeBySms(since, phone, "") });
  if (answer.location !== "/") throw new Error(`${login}: not signed in (${answer.status})`);
  await client.get("/terms");
  await client.post("/terms");
  await client.get("/me");
  return client;
}
