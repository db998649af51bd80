// channels.test.js - mail and SMS through Kannel and an SMTP server: delivered, late, refused, lost, answered; a proxy that cuts the
// gateway's answer off; limits, night and the switch; and what people send back.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import { after, before, test } from "node:test";
import { address } from "../http/client.js";
import { hersys, sql } from "../http/database.js";
import { World, hurry, phone, queue, row, sleep, undelivered, until } from "./world.js";

const world = new World();
const { carrier, mail } = world;
const centre = sql("SELECT organisation_id FROM app.account WHERE login = 'hoken1'")[0][0];
const arrived = (message) => carrier.received.filter(({ text }) => text.includes(message.code));

// Between the jobs and Kannel. `cut`: "" lets all pass, "answer" gives Kannel the request and the jobs nothing, "request" neither.
// `reports` has the address for the reports of each message that passed.
const proxy = { cut: "", cuts: 0, reports: new Map() };
async function startProxy(target) {
  proxy.server = net.createServer((client) => {
    const cut = proxy.cut, kannel = cut === "request" ? null : net.connect(target, "127.0.0.1");
    client.on("error", () => {}).on("close", () => kannel?.end());
    client.on("data", (data) => {
      const url = data.toString("latin1").match(/X-Kannel-DLR-Url: (\S+\/report\/(\d+)\/\S+)/);
      if (url) proxy.reports.set(url[2], url[1]);
      if (kannel) kannel.write(data);
      else proxy.cuts++, client.destroy();
    });
    kannel?.on("error", () => client.destroy()).on("close", () => client.destroy());
    kannel?.on("data", (data) => (cut === "" ? client.write(data) : client.destroy()));
  }).listen(0, "127.0.0.1");
  await once(proxy.server, "listening");
  return proxy.server.address().port;
}
const report = (message, type) => fetch(proxy.reports.get(message.id).replace("%d", type));

before(async () => {
  for (const table of ["channel", "message_kind"]) sql(`CREATE TABLE IF NOT EXISTS public.saved_${table} AS SELECT * FROM app.${table}`);
  sql("UPDATE app.channel SET settle_seconds = 2, daily_most = NULL, address_most = NULL, quiet_from = NULL, quiet_until = NULL");
  await world.start();
  world.configure(await startProxy(world.ports.send));
  world.startJobs();
});
after(async () => {
  sql("UPDATE app.channel c SET settle_seconds = s.settle_seconds, daily_most = s.daily_most, address_most = s.address_most, quiet_from = s.quiet_from, quiet_until = s.quiet_until FROM public.saved_channel s WHERE s.channel = c.channel");
  sql("UPDATE app.message_kind k SET urgent = s.urgent, waits_at_night = s.waits_at_night FROM public.saved_message_kind s WHERE s.template = k.template");
  sql("DROP TABLE public.saved_channel, public.saved_message_kind");
  proxy.server?.close();
  await world.stop();
});

test("an SMS goes out once, in Japanese, and its delivery is seen on the row", async () => {
  const message = queue();
  const [sms] = await until("the SMS", () => arrived(message).length > 0 && arrived(message));
  assert.equal(sms.text, `接触確認アプリの処理番号 ${message.code} （1時間以内に1回だけ使えます。登録は任意です）`);
  assert.equal(sms.to, message.to);
  await until("the carrier took it", () => row(message).reports === 8);
  assert.equal(row(message).sent, true);
  await carrier.report(sms, 1);
  await until("it was delivered", () => row(message).reports === 9);
  assert.deepEqual(undelivered(message), []);
  assert.equal(arrived(message).length, 1);
});

test("what the carrier refuses, or cannot deliver, a person sees; a late delivery takes it back", async () => {
  const refused = queue({ office: centre }), lost = queue({ office: centre });
  carrier.rule = ({ text }) => (text.includes(refused.code) ? "refuse" : "take");
  await until("the refusal", () => row(refused).failure === "rejected");
  assert.deepEqual(undelivered(refused), [[centre, `080-****-${refused.to.slice(-4)}`, "rejected", ""]]);
  const [sms] = await until("the SMS", () => arrived(lost).length > 0 && arrived(lost));
  await carrier.report(sms, 2);
  await until("not delivered", () => row(lost).failure === "undelivered");
  assert.deepEqual(undelivered(lost), [[centre, `080-****-${lost.to.slice(-4)}`, "undelivered", ""]]);
  assert.equal(sql(`SELECT failures FROM app.bounced WHERE address = '${lost.to}'`)[0][0], "1");
  carrier.rule = () => "take";
});

test("reports in any order and any number leave the same", async () => {
  for (const order of [[1, 8, 4], [2, 8, 1], [16, 1, 2], [4, 4, 2, 1, 1, 8]]) {
    const message = queue({ office: centre });
    await until("the carrier took it", () => row(message).reports === 8);
    for (const type of order) assert.equal((await report(message, type)).status, 200);
    assert.equal(row(message).reports, order.reduce((bits, type) => bits | type, 8));
    assert.equal(row(message).failed, false, `delivered in the end: ${order}`);
    assert.deepEqual(undelivered(message).filter(([, , , ending]) => ending !== "arrived"), []);
    assert.deepEqual(sql(`SELECT 1 FROM app.bounced WHERE address = '${message.to}'`), []);
  }
});

test("a wrong token, number or type is refused and counted", async () => {
  const message = queue(), counted = () => Number(sql("SELECT coalesce(sum(refused), 0) FROM app.channel_day WHERE channel = 'sms'")[0][0]);
  await until("the carrier took it", () => row(message).reports === 8);
  const before = counted(), url = proxy.reports.get(message.id).replace("%d", "1");
  const wrong = [url.replace(/[0-9a-f]{64}/, "0".repeat(64)), url.replace(`/${message.id}/`, "/1/"), url.replace(/1$/, "3"), url.replace(/1$/, "x"), url.replace(/[0-9a-f]{64}/, "x")];
  for (const one of wrong) assert.equal((await fetch(one)).status, 403, one);
  assert.equal(counted(), before + wrong.length);
  assert.equal(row(message).reports, 8);
  assert.equal((await fetch(url.replace(/\/gateway.*/, "/sign-in"))).status, 404, "nothing else is served there");
  assert.notEqual((await fetch(address + new URL(url).pathname, { redirect: "manual" })).status, 200, "and not to the world");
  assert.equal(row(message).reports, 8);
});

test("when the gateway's answer is lost, its report says that it had the message: it is not sent again", async () => {
  proxy.cut = "answer";
  const message = queue();
  await until("the report", () => row(message).reports & 8);
  proxy.cut = "";
  assert.deepEqual({ ...row(message), reports: 8 }, { sent: true, failed: false, reports: 8, held: "", failure: "", tries: 1, trying: false });
  await sleep(3000); // longer than settle_seconds
  assert.equal(arrived(message).length, 1);
});

test("when it cannot be written down that the gateway has a message, the mark stays: it is not sent again", async () => {
  const [[settle]] = sql("SELECT settle_seconds FROM app.channel WHERE channel = 'sms'"), to = phone();
  sql(`UPDATE app.channel SET settle_seconds = 60 WHERE channel = 'sms'; ALTER TABLE app.outbox ADD CONSTRAINT test_forgets CHECK (to_address <> '${to}' OR sent_at IS NULL) NOT VALID`);
  try {
    const message = queue({ to });
    await until("the SMS", () => arrived(message).length === 1);
    await until("the jobs know that they could not write it down", () => world.jobsLog().includes(`"message_not_recorded"`));
    await sleep(1500);
    assert.deepEqual([row(message).trying, row(message).sent, row(message).tries], [true, false, 1]);
    assert.equal(sql(`SELECT next_at > now() + interval '40 seconds' FROM app.outbox WHERE outbox_id = ${message.id}`)[0][0], "t");
    sql("ALTER TABLE app.outbox DROP CONSTRAINT test_forgets");
    assert.equal((await report(message, 8)).status, 200);
    assert.deepEqual([row(message).trying, row(message).sent], [false, true], "a report settles it");
    assert.equal(arrived(message).length, 1);
  } finally {
    sql(`ALTER TABLE app.outbox DROP CONSTRAINT IF EXISTS test_forgets; UPDATE app.channel SET settle_seconds = ${settle} WHERE channel = 'sms'`);
  }
});

test("when the gateway never had it, no report comes, and it is sent again", async () => {
  proxy.cut = "request";
  proxy.cuts = 0;
  const message = queue();
  await until("the try", () => proxy.cuts > 0 && row(message).trying);
  assert.equal(arrived(message).length, 0);
  proxy.cut = "";
  await until("another try, and its report", () => row(message).reports & 8);
  assert.ok(row(message).tries >= 2);
  assert.equal(arrived(message).length, 1);
});

test("a gateway that is down is asked again later, and gets the message once", async () => {
  await world.stopKannel();
  const { port } = proxy.server.address();
  proxy.server?.close();
  const message = queue();
  await until("the try", () => row(message).tries === 1 && !row(message).trying);
  await world.startKannel();
  proxy.server.listen(port, "127.0.0.1");
  await once(proxy.server, "listening");
  hurry(message);
  await until("the SMS", () => row(message).reports & 8);
  assert.equal(arrived(message).length, 1);
});

test("what a carrier loses stays sent, and is not sent again", async () => {
  carrier.rule = () => "silence";
  const message = queue();
  await until("the SMS", () => arrived(message).length === 1);
  await until("the gateway has it", () => row(message).sent);
  await sleep(3000);
  assert.deepEqual([arrived(message).length, row(message).reports, row(message).tries], [1, 0, 1]);
  carrier.rule = () => "take";
});

test("a number that refused twice in a row is left alone, but for codes", async () => {
  const to = phone(), make = (template = "assigned_related_many") => queue({ to, template, office: centre });
  carrier.rule = (message) => (message.to === to ? "refuse" : "take");
  for (const message of [make(), make()]) await until("the refusal", () => row(message).failure === "rejected");
  const third = make();
  await until("it is not tried", () => row(third).failure === "bounced");
  assert.equal(row(third).tries, 0);
  assert.equal(undelivered(third)[0][2], "bounced");
  const asked = make("cocoa_number");
  await until("a code is tried: somebody asked for it", () => row(asked).failure === "rejected");
  carrier.rule = () => "take";
});

test("a code that comes too late is not sent; only who is concerned learns of it", async () => {
  const late = (template) => sql(`INSERT INTO app.outbox (channel, template, to_address, code, office_id, queued_at) VALUES ('sms', '${template}', '${phone()}', '12345678', ${centre}, now() - interval '61 minutes') RETURNING outbox_id`)[0][0];
  const number = { id: late("cocoa_number") }, code = { id: late("sign_in_code") };
  await until("both ended", () => row(number).failure === "expired" && row(code).failure === "expired");
  assert.equal(undelivered(number)[0][2], "expired");
  assert.deepEqual(undelivered(code), []);
  assert.deepEqual(sql(`SELECT code FROM app.outbox WHERE outbox_id IN (${number.id}, ${code.id}) AND code IS NOT NULL`), []);
});

// ---- limits, night, switch -------------------------------------------------------------------------------------------------

const ordinary = (to = phone()) => queue({ to, template: "assigned_related_many" });
const arrivedAt = (message) => carrier.received.filter(({ to }) => to === message.to).length;
const now = (minutes) => sql(`SELECT to_char((now() AT TIME ZONE 'Asia/Tokyo')::time + interval '${minutes} minutes', 'HH24:MI')`)[0][0];

test("the limit of a day holds ordinary messages, not urgent ones, and lets them go when it is raised", async () => {
  sql("UPDATE app.channel SET daily_most = (SELECT tried FROM app.channel_day WHERE channel = 'sms' AND day = app.day_of(now())) + 1 WHERE channel = 'sms'");
  const first = ordinary();
  await until("the first", () => row(first).sent);
  const second = ordinary(), urgent = queue();
  await until("it is held", () => row(second).held === "limit");
  await until("urgent", () => row(urgent).sent);
  sql("UPDATE app.channel SET daily_most = NULL WHERE channel = 'sms'");
  await until("the second", () => row(second).sent);
  assert.deepEqual([arrivedAt(first), arrivedAt(second)], [1, 1]);
});

test("one number gets no more than its limit on a day; the rest waits until tomorrow", async () => {
  sql("UPDATE app.channel SET address_most = 2 WHERE channel = 'sms'");
  const to = phone(), three = [ordinary(to), ordinary(to), ordinary(to)];
  await until("it is held", () => three.some((message) => row(message).held === "number"));
  await until("the others", () => three.filter((message) => row(message).sent).length === 2);
  const [held] = three.filter((message) => row(message).held === "number");
  assert.equal(sql(`SELECT (next_at AT TIME ZONE 'Asia/Tokyo') = app.day_of(now()) + 1 FROM app.outbox WHERE outbox_id = ${held.id}`)[0][0], "t");
  assert.equal(arrivedAt(held), 2);
  sql("UPDATE app.channel SET address_most = NULL WHERE channel = 'sms'");
  sql(`UPDATE app.outbox SET next_at = now() WHERE outbox_id = ${held.id}`); // it is tomorrow
  await until("the third", () => row(held).sent);
});

test("at night messages to patients wait until morning; codes and mails to offices do not", async () => {
  sql("UPDATE app.message_kind SET waits_at_night = true WHERE template = 'assigned_related_many'");
  sql(`UPDATE app.channel SET quiet_from = '${now(-5)}', quiet_until = '${now(5)}' WHERE channel = 'sms'`);
  const patient = ordinary(), code = queue(), office = queue({ channel: "mail", to: "night@example.jp" });
  await until("it is held", () => row(patient).held === "night");
  await until("the code", () => row(code).sent);
  await until("the mail", () => mail.received.some(({ to }) => to === "night@example.jp"));
  assert.equal(row(office).held, "");
  assert.equal(arrivedAt(patient), 0);
  sql(`UPDATE app.channel SET quiet_until = '${now(-1)}' WHERE channel = 'sms'`);
  await until("the morning", () => row(patient).sent);
  sql("UPDATE app.message_kind SET waits_at_night = false WHERE template = 'assigned_related_many'");
});

test("the switch stops everything, or all but codes, and nothing is lost", async () => {
  const account = sql("SELECT account_id FROM app.account WHERE login = 'kuni'")[0][0];
  const stop = (codes) => sql(`INSERT INTO app.sending_stop (stopped_at, stopped_by, reason, keeps_codes) VALUES (now(), ${account}, '試験', ${codes})`);
  const resume = () => sql(`UPDATE app.sending_stop SET resumed_at = now(), resumed_by = ${account} WHERE resumed_at IS NULL`);
  stop(false);
  const all = [ordinary(), queue(), queue({ channel: "mail", to: "stopped@example.jp" })];
  await until("all are held", () => all.every((message) => row(message).held === "stopped"));
  resume();
  await until("all go", () => all.every((message) => row(message).sent));
  stop(true);
  const held = ordinary(), code = queue();
  await until("the code", () => row(code).sent);
  await until("the other is held", () => row(held).held === "stopped");
  resume();
  await until("the other goes", () => row(held).sent);
  for (const message of [all[0], held]) assert.equal(arrivedAt(message), 1);
});

// ---- what people send ------------------------------------------------------------------------------------------------------

test("what somebody sends by SMS is stored once, as it was written, and stands in no address", async () => {
  const from = phone(), stored = () => sql(`SELECT text FROM app.sms_received WHERE number = '${from}' ORDER BY received_at, gateway_id`).flat();
  await carrier.send(from.replace(/^0/, "+81"), "体温36.8　97 0 😷𠮷");
  await until("the message", () => stored().length === 1);
  await carrier.send(from.replace(/^0/, "81"), "36.8 97 0");
  await until("the second", () => stored().length === 2);
  assert.deepEqual(stored().sort(), ["36.8 97 0", "体温36.8　97 0 😷𠮷"]);
  const [, url] = hersys("kannel").match(/post-url = "(.*)"/);
  const post = (address, id, body, type = "text/plain; charset=utf-8") => fetch(address.replace("%I", id), { method: "POST", headers: { "content-type": type, "x-kannel-from": from }, body });
  for (let i = 0; i < 3; i++) assert.equal((await post(url, `same-${from}`, "37.1 95 1")).status, 200);
  assert.equal(stored().length, 3, "a repeat of the gateway stores nothing");
  assert.equal((await post(url.replace(/[0-9a-f]{64}/, "0".repeat(64)), `other-${from}`, "38 90 1")).status, 403);
  assert.equal((await post(url, `data-${from}`, Buffer.from([0, 1, 255]), "application/octet-stream")).status, 200);
  assert.equal((await post(url, `half-${from}`, Buffer.from([0x4f, 0x53, 0xd8]), 'text/plain; charset="UTF-16BE"')).status, 200);
  assert.ok(stored().includes("体\uFFFD"));
  assert.equal(stored().length, 4);
});

// ---- mail --------------------------------------------------------------------------------------------------------------------

let mails = 0;
const write = (local) => queue({ channel: "mail", to: `${local}${process.pid}-${++mails}@example.jp`, office: centre });
const mailsTo = (message) => mail.received.filter(({ to }) => to === message.to);

test("a mail is taken, greylisted, too full, or refused: later, later, never", async () => {
  const seen = new Set();
  mail.rule = (to) => {
    if (to.startsWith("grey") && !seen.has(to)) return seen.add(to) && 451;
    if (to.startsWith("full")) return 452;
    if (to.startsWith("box")) return 552;
    if (to.startsWith("nobody")) return 550;
  };
  const taken = write("taken"), grey = write("grey"), full = write("full"), box = write("box"), nobody = write("nobody");
  await until("taken", () => row(taken).sent);
  assert.equal(mailsTo(taken)[0].id, `<${taken.id}@example.jp>`);
  for (const message of [grey, full, box]) await until("a try", () => row(message).tries === 1 && !row(message).trying);
  hurry(grey);
  await until("after the greylist", () => row(grey).sent);
  assert.equal(mailsTo(grey).length, 1);
  for (const message of [full, box]) assert.deepEqual([row(message).failed, row(message).sent], [false, false]);
  await until("refused", () => row(nobody).failure === "refused");
  assert.deepEqual(undelivered(nobody), [[centre, "n***@example.jp", "refused", ""]]);
  const again = queue({ channel: "mail", to: nobody.to, office: centre });
  await until("it is not tried", () => row(again).failure === "bounced");
  assert.equal(row(again).tries, 0);
});

// A delivery report as Postfix writes it; `code` as it stands in it.
const deliveryReport = (message, action, code) => `Return-Path: <>
From: MAILER-DAEMON@example.jp (Mail Delivery System)
To: ${mailsTo(message)[0].sender}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="4A1B2C3D.1605950000/mx.example.jp"

--4A1B2C3D.1605950000/mx.example.jp
Content-Type: text/plain; charset=us-ascii

<${message.to}>: host mx.example.jp said: 550 User unknown

--4A1B2C3D.1605950000/mx.example.jp
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.jp
Arrival-Date: Sat, 21 Nov 2020 18:00:00 +0900 (JST)

Final-Recipient: rfc822; ${message.to}
Action: ${action}
Status: ${code}
Diagnostic-Code: smtp; 550 User unknown

--4A1B2C3D.1605950000/mx.example.jp
Content-Type: message/rfc822

Subject: ${mailsTo(message)[0].subject}
${"x".repeat(70_000)}
--4A1B2C3D.1605950000/mx.example.jp--
`.replaceAll("\n", "\r\n");

test("each mail has its own sender, and what comes back there later is what the server would have said at once", async () => {
  mail.rule = () => undefined;
  const messages = { gone: ["failed", "5.1.1"], late: ["delayed", "4.4.1"], tired: ["failed", "4.4.7"], full: ["failed", "5.2.2"] };
  for (const name of Object.keys(messages)) messages[name].push(write(name));
  for (const [, , message] of Object.values(messages)) await until("sent", () => row(message).sent);
  const gateway = fs.readFileSync(world.conf, "utf8").match(/^gateway_address = (.*)$/m)[1];
  const mark = (message) => mailsTo(message)[0].sender.match(/^bounce\+(\d+-[0-9a-f]{32})@example\.jp$/)[1];
  const hand = (input, ...words) => spawnSync("deploy/mail-return.sh", words, { input }).status;
  assert.equal(new Set(Object.values(messages).map(([, , message]) => mark(message))).size, 4);
  for (const [action, code, message] of [...Object.values(messages), messages.gone]) assert.equal(hand(deliveryReport(message, action, code), gateway, mark(message)), 0);
  const { gone: [, , gone], late: [, , late], tired: [, , tired], full: [, , full] } = messages;
  assert.deepEqual([gone, late, tired, full].map((message) => row(message).failure), ["refused", "", "given_up", "given_up"]);
  assert.deepEqual([gone, late, tired, full].map((message) => sql(`SELECT failures FROM app.bounced WHERE address = '${message.to}'`).flat()), [["1"], [], [], []], "once, whatever comes again");
  assert.deepEqual(undelivered(gone), [[centre, "g***@example.jp", "refused", ""]]);
  assert.deepEqual(undelivered(late), []);
  const again = queue({ channel: "mail", to: gone.to, office: centre });
  await until("it is not tried", () => row(again).failure === "bounced");

  // Whoever does not have the message can say nothing about it.
  const counted = () => Number(sql("SELECT coalesce(sum(refused), 0) FROM app.channel_day WHERE channel = 'mail'")[0][0]), before = counted();
  const post = (words) => fetch(`${gateway}/gateway/mail/returned/${words}`, { method: "POST", headers: { "content-type": "message/rfc822" }, body: deliveryReport(late, "failed", "5.1.1").slice(0, 2000) });
  for (const words of [mark(late).replace(/-.*/, `-${"0".repeat(32)}`), mark(tired).replace(/^\d+/, late.id), late.id, "x"]) assert.equal((await post(words)).status, 403);
  assert.equal(counted(), before + 4);
  assert.equal(row(late).failed, false);
  assert.equal(hand("", gateway, "../../sign-in"), 0, "none of ours");
  assert.equal(hand("", "http://127.0.0.1:1", mark(late)), 75, "the mail server keeps it");
  assert.doesNotMatch(fs.readFileSync(`${process.env.HERSYS_STATE ?? "var"}/log/public.log`, "utf8"), /User unknown|g(one)?\d+-\d+@/);
});

test("when the server refuses our own address, nobody's address is blamed", async () => {
  mail.fromRule = () => 550;
  const message = write("innocent");
  await until("a try", () => row(message).tries === 1 && !row(message).trying);
  assert.equal(row(message).failed, false);
  mail.fromRule = () => undefined;
  hurry(message);
  await until("sent", () => row(message).sent);
});

test("after two days of trying it is given up, and seen", async () => {
  mail.rule = (to) => (to.startsWith("never") ? 421 : undefined);
  const message = write("never");
  sql(`UPDATE app.outbox SET tries = 11 WHERE outbox_id = ${message.id}`);
  await until("given up", () => row(message).failure === "given_up");
  assert.equal(undelivered(message)[0][2], "given_up");
  assert.equal(sql(`SELECT count(*) FROM app.bounced WHERE address = '${message.to}'`)[0][0], "0", "that was not the address");
});

test("the jobs end when they are told to, and their log has no number, address or text", async () => {
  assert.equal(await world.endJobs(), 0);
  const log = world.jobsLog();
  assert.doesNotMatch(log, /Sanitizer|runtime error/);
  assert.match(log, /message_given_up/);
  assert.doesNotMatch(log, /0809\d{7}|\+81809|@example\.jp|処理番号/);
});
