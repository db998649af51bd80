// Stands in for the mail server and the SMS gateway of the demonstration: takes everything, delivers nothing, reports every SMS as delivered.
// An order for a call is shown (with what is said first) and handed on to hersys-voice, which dials.
//
//     node demo/receiver.js MAIL-PORT SMS-PORT CALL-PORT
//
// Mail comes by SMTP, SMS in the form of Kannel's sendsms. Each message is printed, added to $HERSYS_MESSAGES (JSON
// lines) and shown on /demo/messages, newest first.
import fs from "node:fs";
import http from "node:http";
import { SMTPServer } from "smtp-server";
import PostalMime from "postal-mime";

const [mailPort, smsPort, callPort] = process.argv.slice(2).map(Number);
const file = process.env.HERSYS_MESSAGES;
const messages = [];
const names = { sms: "SMS", mail: "メール", call: "電話" };

function keep(message) {
  const entry = { at: new Date().toISOString(), ...message };
  messages.unshift(entry);
  messages.length = Math.min(messages.length, 200);
  if (file) fs.appendFileSync(file, JSON.stringify(entry) + "\n");
  console.log(`${names[entry.kind]} ${entry.to}  ${entry.subject ?? ""} ${entry.text.replaceAll("\n", " ")}`);
}

new SMTPServer({
  authOptional: true,
  disabledCommands: ["STARTTLS", "AUTH"],
  onData(stream, session, done) {
    const parts = [];
    stream.on("data", (part) => parts.push(part));
    stream.on("end", async () => {
      const mail = await PostalMime.parse(Buffer.concat(parts));
      keep({ kind: "mail", to: session.envelope.rcptTo.map((to) => to.address).join(" "), id: mail.messageId,
        subject: mail.subject, text: mail.text.trim() });
      done();
    });
  },
}).listen(mailPort, "127.0.0.1");

const escape = (text) =>
  text.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]);

const page = () => `<!doctype html><html lang="ja"><head><meta charset="utf-8"><title>届いたSMSとメール｜実演</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/static/hersys.css"></head>
<body><main id="main"><h1>届いたSMSとメール</h1>
<p>実演用の画面です。新しいものが上です。<a href="/demo/messages">最新の状態にする</a></p>
${messages.length === 0 ? "<p>まだ届いていません。</p>" : ""}
<ul class="rows">${messages.map((m) => `<li><div><p><strong>${names[m.kind]}</strong> ${escape(m.to)}
<span class="hint">${new Date(m.at).toLocaleString("ja-JP", { timeZone: "Asia/Tokyo" })}</span></p>
${m.subject ? `<p>${escape(m.subject)}</p>` : ""}<p class="message-text">${escape(m.text).replaceAll("\n", "<br>")}</p></div></li>`).join("\n")}</ul>
</main></body></html>`;

// What a carrier would say: 8 taken, 1 delivered.
async function report(url) {
  for (const type of [8, 1]) await fetch(url.replace("%d", type)).catch(() => {});
}

// The answer of the gateway, once it has taken the order or not.
async function dial(body, authorization) {
  const answer = await fetch(`http://127.0.0.1:${callPort}/2010-04-01/Accounts/hersys/Calls.json`, { method: "POST", body,
    headers: { authorization, "content-type": "application/x-www-form-urlencoded" } });
  if (answer.ok) show(Object.fromEntries(new URLSearchParams(body))).catch(() => {});
  return { status: answer.status, text: await answer.text() };
}

async function show({ To, Url }) {
  const twiml = await (await fetch(Url, { method: "POST" })).text();
  keep({ kind: "call", to: To, text: [...twiml.matchAll(/<Say[^>]*>([^<]*)</g)].map((found) => found[1]).join("") });
}

http.createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    if (request.method === "POST" && request.url === "/cgi-bin/sendsms") {
      keep({ kind: "sms", to: request.headers["x-kannel-to"], text: Buffer.concat(parts).toString("utf8") });
      response.writeHead(202).end("0: Accepted for delivery");
      if (request.headers["x-kannel-dlr-url"]) report(request.headers["x-kannel-dlr-url"]);
    } else if (request.method === "POST" && request.url === "/calls") {
      dial(Buffer.concat(parts).toString("utf8"), request.headers.authorization).then(
        ({ status, text }) => response.writeHead(status, { "content-type": "application/json" }).end(text), () => response.writeHead(503).end());
    } else if (request.method === "GET" && request.url === "/demo/messages") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" }).end(page());
    } else {
      response.writeHead(404).end();
    }
  });
}).listen(smsPort, "127.0.0.1");
