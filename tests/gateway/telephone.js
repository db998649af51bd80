// telephone.js - the other end of automatic calls: a telephone service that takes orders and speaks TwiML to us, and the people whom it rings.
// It understands what our calls use: Say, Gather, Redirect, Hangup.
import { once } from "node:events";
import http from "node:http";

const absolute = (path, base) => new URL(path, base).href;
const texts = (xml) => [...xml.matchAll(/<Say[^>]*>([^<]*)<\/Say>/g)].map((found) => found[1]);

// `answers(number)` says who picks up: { status } without a talk ("busy", "no-answer", "failed"), or { keys(words, turn) }, which gives the
// keys pressed after hearing the words, without #; undefined: silence; "hang up". `orders` holds what was ordered, `heard` the words of each call.
export class TelephoneService {
  orders = [];
  heard = new Map();
  answers = () => ({ status: "no-answer" });
  refuses = () => 0; // a status with which an order is refused, at once or later

  async start() {
    this.server = http.createServer(async (request, response) => {
      let body = "";
      for await (const part of request) body += part;
      const order = Object.fromEntries(new URLSearchParams(body));
      const refusal = await this.refuses(order.To);
      if (request.headers.authorization !== `Basic ${Buffer.from("account:secret").toString("base64")}`) return response.writeHead(401).end();
      if (refusal) return response.writeHead(refusal).end();
      this.orders.push({ ...order, number: order.To.replace(/^\+81/, "0") });
      response.writeHead(201, { "content-type": "application/json" }).end('{"sid":"CA1","status":"queued"}');
      this.ring(this.orders.at(-1)).catch((error) => { this.failure = error; });
    }).listen(0, "127.0.0.1");
    await once(this.server, "listening");
    this.url = `http://127.0.0.1:${this.server.address().port}/2010-04-01/Accounts/account/Calls.json`;
  }

  stop() {
    this.server.closeAllConnections?.();
    this.server.close();
    if (this.failure) throw this.failure;
  }

  async ring(order) {
    const person = this.answers(order.number);
    const words = person.status ? [] : await this.talk(order.Url, person.keys);
    this.heard.set(order.number, [...(this.heard.get(order.number) ?? []), words]);
    const ended = await post(order.StatusCallback, { CallStatus: person.status ?? "completed" });
    if (ended.status !== 200) throw new Error(`the end of a call was answered ${ended.status}`);
  }

  // Follows the TwiML from an address on; all that was said. `asks` is told of each request.
  async talk(url, keys, first = {}, asks = () => {}) {
    const said = [];
    let fields = { CallStatus: "in-progress", ...first };
    for (let turn = 0; turn < 60; turn++) {
      asks(url, fields);
      const { status, text } = await post(url, fields);
      if (status !== 200) throw new Error(`${status} instead of TwiML`);
      const words = texts(text);
      said.push(words.join(""));
      const gather = text.match(/<Gather([^>]*)>/), redirect = text.match(/<Redirect[^>]*>([^<]*)</);
      fields = {};
      if (gather) {
        const pressed = keys(words.join(""), turn);
        if (pressed === "hang up") return said;
        if (!pressed) url = absolute(redirect[1], url); // as with # alone: nothing to bring back
        else {
          url = absolute(gather[1].match(/action="([^"]*)"/)[1], url);
          fields = { Digits: pressed };
        }
      } else if (redirect) url = absolute(redirect[1], url);
      else return said;
    }
    throw new Error("a call without end");
  }
}

async function post(url, fields) {
  const answer = await fetch(url, { method: "POST", body: new URLSearchParams(fields) });
  return { status: answer.status, text: await answer.text() };
}
