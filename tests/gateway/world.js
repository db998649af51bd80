// world.js - real ways out on loopback: Kannel with a carrier behind it that the test plays, a mail server that the test plays,
// and a `hersys jobs` of its own in place of the stand's.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { SMTPServer } from "smtp-server";
import PostalMime from "postal-mime";
import { hersys, sql } from "../http/database.js";
import { end as endProcess, pidOf } from "../http/processes.js";

const state = process.env.HERSYS_STATE ?? "var";
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Asks again and again until the answer is one; says what it waited for when none comes.
export async function until(what, ask, tries = 150) {
  for (let i = 0; i < tries; i++) {
    const answer = await ask();
    if (answer) return answer;
    await sleep(100);
  }
  throw new Error(`waited in vain: ${what}`);
}

export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => { server.close(); return once(server, "close"); }));
  return ports;
}

export async function end(child) {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

// ---- the carrier ---------------------------------------------------------------------------------------------------------

// Takes what Kannel sends to its HTTP carrier. `rule(message)` says what becomes of it: "take" (the default), "refuse", or "silence",
// which answers nothing at all. `received` holds every message that came, in order, also those that were refused.
export class Carrier {
  received = [];
  rule = () => "take";

  async start(port) {
    this.server = http.createServer((request, response) => {
      const query = new Map(new URL(request.url, "http://carrier").search.slice(1).split("&").map((part) => part.split("=")));
      const raw = Buffer.from(unescapeBytes(query.get("text")), "latin1");
      const text = query.get("coding") === "2" ? raw.swap16().toString("utf16le") : raw.toString("utf8");
      const message = { to: decodeURIComponent(query.get("to")).replace(/^\+81/, "0"), text, id: `c${this.received.length + 1}` };
      this.received.push(message);
      const verdict = this.rule(message);
      if (verdict === "take") response.end(`OK id=${message.id}`);
      else if (verdict === "refuse") response.end("PERM bad number");
    }).listen(port, "127.0.0.1");
    await once(this.server, "listening");
  }

  // Says later what became of a message: 1 delivered, 2 not, 4 buffered.
  report(message, type) {
    return this.call({ from: message.to.replace(/^0/, "+81"), to: "0005", "dlr-mask": type, "dlr-mid": message.id });
  }

  // Somebody sends an SMS to us.
  send(from, text) {
    const bytes = Buffer.from(text, "utf16le").swap16();
    return this.call({ from, to: "0005", coding: 2, charset: "UTF-16BE" }, `&text=${[...bytes].map((b) => `%${b.toString(16).padStart(2, "0")}`).join("")}`);
  }

  async call(values, more = "") {
    const answer = await fetch(`http://127.0.0.1:${this.kannelPort}/sms?${new URLSearchParams({ username: "carrier", password: "carrier", ...values })}${more}`);
    await answer.text();
    if (answer.status >= 300) throw new Error(`Kannel answered ${answer.status} to its carrier`);
  }

  stop() {
    this.server?.closeAllConnections?.();
    this.server?.close();
  }
}

const unescapeBytes = (text) => text.replaceAll("+", " ").replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));

// ---- the mail server -----------------------------------------------------------------------------------------------------

// `rule(address)` gives a number to refuse an address with (452, 550 ...), or nothing to take it. `received` holds what was taken.
export class MailServer {
  received = [];
  rule = () => undefined;
  fromRule = () => undefined;

  async start(port) {
    const refusal = (code) => (code ? Object.assign(new Error("refused by the test"), { responseCode: code }) : null);
    this.server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS", "AUTH"],
      onMailFrom: (address, session, done) => done(refusal(this.fromRule(address.address))),
      onRcptTo: (address, session, done) => done(refusal(this.rule(address.address))),
      onData: (stream, session, done) => this.take(stream, session).then(() => done(), done),
    });
    this.server.on("error", () => {}); // a client that was killed in the middle
    this.server.listen(port, "127.0.0.1");
    await once(this.server.server, "listening");
  }

  // Fails when the client was killed in the middle of its mail: then it was not taken.
  async take(stream, session) {
    const parts = [];
    for await (const part of stream) parts.push(part);
    const mail = await PostalMime.parse(Buffer.concat(parts));
    this.received.push({ to: session.envelope.rcptTo[0].address, sender: session.envelope.mailFrom.address, id: mail.messageId, subject: mail.subject, text: mail.text });
  }

  stop() {
    this.server?.close();
  }
}

// ---- the jobs ------------------------------------------------------------------------------------------------------------

// How many processes lead, or hold the lock of the one that does.
export const leaders = () => Number(sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 20200529 AND granted")[0][0]);

export async function stopStandJobs() {
  await endProcess(pidOf("jobs"), "SIGTERM");
  await until("the stand's jobs to lead no more", () => leaders() === 0);
}

export function startJobs(conf, logFile) {
  const log = fs.openSync(logFile, "a");
  // As the user that the stand's own run as: what they write must stay theirs.
  const user = process.getuid() === 0 ? ["setpriv", "--reuid=www-data", "--regid=www-data", "--clear-groups"] : [];
  const [command, ...rest] = [...user, `${state}/app/hersys`, "jobs"];
  const jobs = spawn(command, rest, { stdio: ["ignore", log, log], env: { ...process.env, HERSYS_CONF: conf } });
  fs.closeSync(log);
  return jobs;
}

// ---- all of it -----------------------------------------------------------------------------------------------------------

const kannelConf = (directory, ports, carrierPort, received) => `
group = core
admin-port = ${ports.admin}
admin-interface = 127.0.0.1
admin-password = admin
status-password = status
smsbox-port = ${ports.smsbox}
smsbox-interface = 127.0.0.1
log-file = "${directory}/bearerbox.log"
log-level = 1
store-type = file
store-location = "${directory}/store"
dlr-storage = internal
sms-resend-freq = 1
sms-resend-retry = 1
box-allow-ip = "127.0.0.1"
box-deny-ip = "*.*.*.*"

group = smsc
smsc = http
smsc-id = CARRIER
system-type = generic
port = ${ports.carrier}
connect-allow-ip = 127.0.0.1
smsc-username = carrier
smsc-password = carrier
send-url = "http://127.0.0.1:${carrierPort}/send?to=%p&from=%P&text=%b&coding=%c&charset=%C"
status-success-regex = "OK"
status-permfail-regex = "PERM"
status-tempfail-regex = "TEMP"
generic-foreign-id-regex = "id=([A-Za-z0-9]+)"

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = ${ports.smsbox}
sendsms-port = ${ports.send}
sendsms-interface = 127.0.0.1
log-file = "${directory}/smsbox.log"
log-level = 1
http-request-retry = 20
http-queue-delay = 1

group = sendsms-user
username = hersys
password = demonstration
concatenation = true
max-messages = 10
user-deny-ip = "*.*.*.*"
user-allow-ip = "127.0.0.1"

${received}`;

export class World {
  carrier = new Carrier();
  mail = new MailServer();

  async start() {
    this.directory = fs.mkdtempSync(path.join(os.tmpdir(), "hersys-gateway-"));
    fs.chmodSync(this.directory, 0o755);
    const [admin, smsbox, carrier, send, carrierServer, mail] = await freePorts(6);
    this.ports = { admin, smsbox, carrier, send, mail };
    this.carrier.kannelPort = carrier;
    await this.carrier.start(carrierServer);
    await this.mail.start(mail);
    this.kannel = `${this.directory}/kannel.conf`;
    fs.writeFileSync(this.kannel, kannelConf(this.directory, this.ports, carrierServer, hersys("kannel")));
    await this.startKannel();
    await stopStandJobs();
    this.configure(send);
  }

  async stopKannel() {
    await Promise.all([this.smsbox, this.bearerbox].map(end));
  }

  async startKannel() {
    const log = fs.openSync(`${this.directory}/console.log`, "a");
    this.bearerbox = spawn("/usr/sbin/bearerbox", [this.kannel], { stdio: ["ignore", log, log] });
    const status = async (sign) => (await fetch(`http://127.0.0.1:${this.ports.admin}/status.txt?password=status`).then((a) => a.text(), () => "")).includes(sign);
    await until("Kannel's bearerbox", () => status("Status: running"));
    this.smsbox = spawn("/usr/sbin/smsbox", [this.kannel], { stdio: ["ignore", log, log] });
    await until("Kannel's smsbox", () => status("smsbox:"));
  }

  // The settings of the jobs: the stand's, with these ways out. `smsPort` may be a proxy's.
  configure(smsPort) {
    this.conf = `${this.directory}/hersys.conf`;
    fs.writeFileSync(this.conf, fs.readFileSync(`${state}/hersys.conf`, "utf8")
      .replace(/^mail_url = .*$/m, `mail_url = smtp://127.0.0.1:${this.ports.mail}`)
      .replace(/^sms_url = .*$/m, `sms_url = http://127.0.0.1:${smsPort}`));
  }

  startJobs() {
    this.jobs = startJobs(this.conf, `${this.directory}/jobs.log`);
  }

  stopJobs() {
    return end(this.jobs);
  }

  // As a service manager ends them; gives the exit status.
  async endJobs() {
    this.jobs.kill("SIGTERM");
    const [status] = await once(this.jobs, "exit");
    return status;
  }

  jobsLog() {
    return fs.readFileSync(`${this.directory}/jobs.log`, "utf8");
  }

  async stop() {
    await this.stopJobs();
    await this.stopKannel();
    this.carrier.stop();
    this.mail.stop();
    fs.rmSync(this.directory, { recursive: true });
    execFileSync("deploy/stand.sh", ["up"]);
  }
}

// ---- messages ------------------------------------------------------------------------------------------------------------

let last = 0;
const run = String(process.pid % 1000).padStart(3, "0");
// A telephone number and a code that nobody else in this run has.
export const phone = () => `0809${run}${String(++last).padStart(4, "0")}`;
const code = () => `${run}${String(++last).padStart(5, "0")}`;

// Queues an SMS (of a kind with a code, unless `template` says another) or a mail; gives what the row is called.
export function queue({ channel = "sms", to = phone(), template = channel === "sms" ? "cocoa_number" : "assigned_related_many", office = "NULL", count = 1 } = {}) {
  const rows = Array.from({ length: count }, () => `('${channel}', '${template}', '${to}', ${template === "cocoa_number" ? `'${code()}'` : "NULL"}, ${office})`);
  const made = sql(`INSERT INTO app.outbox (channel, template, to_address, code, office_id) VALUES ${rows.join(",")} RETURNING outbox_id, coalesce(code, '')`)
    .filter(([id]) => /^\d+$/.test(id)).map(([id, digits]) => ({ id, code: digits, to }));
  return count === 1 ? made[0] : made;
}

const columns = ["sent_at IS NOT NULL", "failed_at IS NOT NULL", "reports", "held", "failure", "tries", "trying_at IS NOT NULL"];
export function row(message) {
  const [values] = sql(`SELECT ${columns.map((column) => `coalesce((${column})::text, '')`).join(", ")} FROM app.outbox WHERE outbox_id = ${message.id}`);
  const [sent, failed, reports, held, failure, tries, trying] = values;
  return { sent: sent === "true", failed: failed === "true", reports: Number(reports), held, failure, tries: Number(tries), trying: trying === "true" };
}

export const undelivered = (message) => sql(`SELECT organisation_id, to_masked, failure, coalesce(ending, '') FROM app.undelivered WHERE outbox_id = ${message.id}`);

// What waits for its next try is due now; what is being tried is not touched.
export const hurry = (message) => sql(`UPDATE app.outbox SET next_at = now() WHERE outbox_id = ${message.id} AND sent_at IS NULL AND trying_at IS NULL`);
