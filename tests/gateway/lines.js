// lines.js - hersys-voice and a telephone network behind its trunk (phone.c), both on loopback, and an application in place of ours for what
// ours never says.
import { spawn } from "node:child_process";
import crypto from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { end, freePorts, until } from "./world.js";

const state = process.env.HERSYS_STATE ?? "var";
export const account = "account", password = "secret";
// How the gateway is told a number of ours.
export const abroad = (number) => number.replace(/^0/, "+81");

// `people` are in phone.c's words. `settings` come on top of what the gateway needs.
export class Lines {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "hersys-lines-"));
  happened = []; // what phone.c tells

  async start(application, settings = {}, transport = "udp") {
    [this.ordersPort, this.sipPort, this.phonePort] = await freePorts(3);
    this.url = `http://127.0.0.1:${this.ordersPort}/2010-04-01/Accounts/${account}/Calls.json`;
    const { trunk_user, trunk_password } = settings, secret = trunk_password ? [trunk_user, trunk_password] : [];
    this.phone = spawn(`${process.env.HERSYS_BUILD ?? "build"}/tests/phone`, [`127.0.0.1:${this.phonePort}`, `127.0.0.1:${this.sipPort}`, ...secret], { stdio: ["pipe", "pipe", "inherit"] });
    this.phone.stdout.on("data", (data) => this.happened.push(...String(data).trim().split("\n")));
    this.settings = { application, account, password, orders: `127.0.0.1:${this.ordersPort}`, sip: `127.0.0.1:${this.sipPort}`,
      trunk: `sip:127.0.0.1:${this.phonePort};transport=${transport}`, speech: `${state}/app/speak.sh`, ...settings };
    await until("the telephones", () => this.happened.includes("ready -"));
    this.startGateway();
    await until("the gateway", () => this.log().includes("voice_started"));
  }

  startGateway() {
    fs.writeFileSync(`${this.directory}/voice.conf`, Object.entries(this.settings).map((pair) => `${pair.join(" = ")}\n`).join(""));
    const log = fs.openSync(`${this.directory}/voice.log`, "a");
    this.gateway = spawn(`${state}/app/hersys-voice`, [], { stdio: ["ignore", log, log], env: { ...process.env, HERSYS_VOICE_CONF: `${this.directory}/voice.conf` } });
    fs.closeSync(log);
  }

  log() {
    return fs.readFileSync(`${this.directory}/voice.log`, "utf8");
  }

  // Somebody has this number: how they pick up, or not, and what they press at each sentence.
  person(number, ...words) {
    this.phone.stdin.write(`person ${number} ${words.join(" ")}\n`);
  }

  ring(number, ...words) {
    this.phone.stdin.write(`ring ${number} ${words.join(" ")}\n`);
  }

  // After the call with a number: how many sentences were heard, and packets with sound in them.
  async heard(number) {
    const line = await until(`the end of the call of ${number}`, () => this.happened.find((text) => text.startsWith(`heard ${number} `)), 600);
    const [sentences, packets] = line.split(" ").slice(2).map(Number);
    return { sentences, packets };
  }

  order(fields, secret = password) {
    return fetch(this.url, { method: "POST", body: new URLSearchParams({ From: "0312345678", Timeout: "5", ...fields }),
      headers: { authorization: `Basic ${Buffer.from(`${account}:${secret}`).toString("base64")}` } });
  }

  // As a service manager ends it; the exit status.
  async terminate() {
    this.gateway.kill("SIGTERM");
    const [status] = await once(this.gateway, "exit");
    return status;
  }

  async stop() {
    await Promise.all([this.gateway, this.phone].map(end));
    fs.rmSync(this.directory, { recursive: true });
  }
}

// Answers what the test puts under a path: a text (TwiML), a Buffer (sound), or a function of the fields that gives one, or a status. `asked` holds
// every request, with whether its signature is right.
export class Application {
  answers = {};
  asked = [];

  async start() {
    this.server = http.createServer(async (request, response) => {
      let body = "";
      for await (const part of request) body += part;
      const fields = Object.fromEntries(new URLSearchParams(body));
      const signed = crypto.createHmac("sha1", password).update(this.url + request.url + Object.keys(fields).sort().map((name) => name + fields[name]).join("")).digest("base64");
      this.asked.push({ path: request.url, method: request.method, fields, signed: request.headers["x-twilio-signature"] === signed });
      const known = this.answers[request.url], answer = typeof known === "function" ? known(fields) : known ?? 404;
      if (typeof answer === "number") response.writeHead(answer).end();
      else response.writeHead(200, { "content-type": "text/xml" }).end(answer);
    }).listen(0, "127.0.0.1");
    await once(this.server, "listening");
    this.url = `http://127.0.0.1:${this.server.address().port}`;
  }

  // The first request for a path.
  when(path) {
    return until(`${path} to be asked for`, () => this.asked.find((request) => request.path === path), 600);
  }

  stop() {
    this.server.closeAllConnections?.();
    this.server.close();
  }
}
