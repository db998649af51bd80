// twiml.test.js - hersys-voice by itself, with an application that says what ours never says: every verb, documents that must be refused, orders
// that must not be taken, an application that is gone, and its own end.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { after, before, test } from "node:test";
import { Application, Lines } from "./lines.js";
import { sleep, until } from "./world.js";

const application = new Application(), lines = new Lines();
const say = (words) => `<Say language="ja-JP">${words}</Say>`;
const respond = (...verbs) => `<?xml version="1.0" encoding="UTF-8"?>\n<Response>${verbs.join("")}</Response>`;
let last = 0;

before(async () => {
  await application.start();
  await lines.start(application.url, { calls_most: "14" }, "tcp");
});
after(async () => {
  await lines.stop();
  application.stop();
});

// A call to somebody of these words; under `name` stands what the call does first. Gives the number.
async function dial(name, words, first, more = {}) {
  const number = `+8190${String(++last).padStart(8, "0")}`;
  lines.person(number, ...words);
  application.answers[`/${name}`] = first;
  application.answers[`/${name}/ended`] ??= 204;
  await sleep(50); // the person is there before it rings
  const answer = await lines.order({ To: number, Url: `${application.url}/${name}`, StatusCallback: `${application.url}/${name}/ended`, ...more });
  assert.equal(answer.status, 201);
  return number;
}
const ended = async (name) => (await application.when(`/${name}/ended`)).fields;
const pressed = (path) => application.asked.filter((request) => request.path === path).map(({ fields }) => fields.Digits);

// A WAV as an office would record it: `seconds` of 440 Hz, 8000 samples a second.
function recording(seconds, rate = 8000) {
  const data = Buffer.alloc(seconds * rate * 2), head = Buffer.alloc(44);
  for (let i = 0; i < data.length / 2; i++) data.writeInt16LE(Math.round(8000 * Math.sin((i * 440 * 2 * Math.PI) / rate)), 2 * i);
  head.write("RIFF", 0), head.writeUInt32LE(36 + data.length, 4), head.write("WAVEfmt ", 8), head.writeUInt32LE(16, 16), head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22), head.writeUInt32LE(rate, 24), head.writeUInt32LE(rate * 2, 28), head.writeUInt16LE(2, 32), head.writeUInt16LE(16, 34);
  head.write("data", 36), head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

test("every verb: a recording, a pause, words, keys, another address, the end; each request is signed", async () => {
  application.answers["/verbs/sound.wav"] = recording(2);
  application.answers["/verbs/keys"] = respond("<Redirect>/verbs/last</Redirect>", say("これは聞こえません。"));
  application.answers["/verbs/last"] = respond(say("おわりです。"), "<Hangup/>", say("これも聞こえません。"));
  const number = await dial("verbs", ["event", "-", "12*#"], respond("<Play>/verbs/sound.wav</Play>", '<Pause length="5"/>',
    `<Gather input="dtmf" timeout="5" action="/verbs/keys">${say("番号を押してください。")}</Gather>`));
  const { CallStatus, CallDuration, To } = await ended("verbs");
  assert.deepEqual([CallStatus, To], ["completed", number]);
  assert.ok(Number(CallDuration) >= 7, "two seconds of sound and five of silence at least");
  assert.deepEqual(pressed("/verbs/keys"), ["12*"]);
  const { sentences, packets } = await lines.heard(number);
  assert.equal(sentences, 3);
  assert.ok(packets >= 100, `${packets} packets of 20 ms: the recording has 100`);
  for (const { path, method, signed } of application.asked) if (method === "POST") assert.ok(signed, path);
});

test("a key is a key for the question that is being asked, and ends its sentence", async () => {
  application.answers["/eager/a"] = respond(`<Gather numDigits="1" timeout="1" action="/eager/b">${say("つぎの質問です。")}</Gather>`);
  const long = "たいへん長い文章です。".repeat(20);
  await dial("eager", ["event", "5", "hangup"], respond(`<Gather numDigits="1" timeout="5" action="/eager/a">${say(long)}${say(long)}</Gather>`));
  assert.ok(Number((await ended("eager")).CallDuration) < 10);
  assert.deepEqual(pressed("/eager/a"), ["5"]);
});

test("no key: what stands behind the question comes next; # alone is no key either", async () => {
  application.answers["/mute/again"] = ({ Digits }) => respond(Digits === undefined ? "<Hangup/>" : say("だめです。"));
  const question = `<Gather timeout="1" action="/mute/keys">${say("どうぞ。")}</Gather>`;
  await dial("mute", ["event", "#", "-"], respond(question, question, "<Redirect>/mute/again</Redirect>"));
  assert.equal((await ended("mute")).CallStatus, "completed");
  assert.deepEqual([pressed("/mute/keys"), pressed("/mute/again")], [[], [undefined]]);
});

const hostile = {
  entities: '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "あ"><!ENTITY b "&a;&a;&a;&a;">]><Response><Say>&b;</Say></Response>',
  file: '<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]><Response><Say>&f;</Say></Response>',
  unknown: respond(say("あ"), "<Dial>+81312345678</Dial>"),
  inside: respond('<Gather action="/x"><Redirect>/x</Redirect></Gather>'),
  elsewhere: respond("<Redirect>http://127.0.0.1:1/</Redirect>"),
  userinfo: null, // set below: looks like the application's, and is not
  broken: "<Response><Say>あ</Response>",
  large: respond(say("あ".repeat(30000))),
  many: respond(...Array(65).fill("<Pause/>")),
  page: "<html><body>Bad gateway</body></html>",
  nothing: "",
  error: 500,
  sound: respond("<Play>/hostile/sound.wav</Play>"),
};

test("what is no TwiML that we know, or leads elsewhere, is refused whole; the person hears an excuse", async () => {
  hostile.userinfo = respond(`<Redirect>${application.url}@127.0.0.1:1/</Redirect>`);
  application.answers["/hostile/sound.wav"] = recording(1, 44100);
  const calls = await Promise.all(Object.entries(hostile).map(async ([name, document]) => [name, await dial(name, ["event"], document)]));
  for (const [name, number] of calls) {
    assert.equal((await ended(name)).CallStatus, "completed", name);
    const { sentences, packets } = await lines.heard(number);
    assert.ok(sentences >= 1 && packets > 100, `${name}: ${sentences} sentences, ${packets} packets`);
  }
  assert.equal(lines.log().match(/"event":"talk_broken"/g).length, Object.keys(hostile).length);
});

test("nobody picks up, nobody is there, somebody is busy", async () => {
  await Promise.all([dial("silent", ["silent"], 404), dial("declined", ["declined"], 404), dial("absent", ["absent"], 404)]);
  const [silent, declined, absent] = await Promise.all(["silent", "declined", "absent"].map(ended));
  assert.deepEqual([silent.CallStatus, declined.CallStatus, absent.CallStatus], ["no-answer", "busy", "failed"]);
  assert.deepEqual([declined.SipResponseCode, absent.SipResponseCode, silent.CallDuration], ["603", "404", "0"]);
});

test("orders: only with the password, only to numbers, only to the application, not more than there may be calls", async () => {
  const good = { To: "+819000000000", Url: `${application.url}/order`, StatusCallback: `${application.url}/order/ended` };
  assert.equal((await lines.order(good, "wrong")).status, 401);
  assert.equal((await fetch(lines.url)).status, 401);
  const auth = { authorization: `Basic ${Buffer.from("account:secret").toString("base64")}` };
  assert.equal((await fetch(lines.url, { headers: auth })).status, 404);
  assert.equal((await fetch(lines.url.replace("Calls", "Messages"), { method: "POST", headers: auth })).status, 404);
  const bad = [{ To: "" }, { To: "sip:a@b" }, { To: "+81 90" }, { To: "1\r\nX: y" }, { To: "+8190000000000000000" }, { From: "a" }, { Url: "http://127.0.0.1:1/" }, { Url: `${application.url}x/` },
    { Url: `${application.url}/a\r\nb` }, { StatusCallback: "https://example.jp/" }, { Timeout: "1" }, { Timeout: "999" }, { Timeout: "x" }];
  for (const wrong of bad) assert.equal((await lines.order({ ...good, ...wrong })).status, 400, JSON.stringify(wrong));
  for (let i = 0; i < 14; i++) await dial(`most${i}`, ["event"], respond('<Pause length="3"/>'));
  assert.equal((await lines.order(good)).status, 429);
  await Promise.all(Array.from({ length: 14 }, (_, i) => ended(`most${i}`)));
});

test("the end of a call is told again until the application has heard it", async () => {
  let times = 0;
  application.answers["/told/ended"] = () => (++times === 1 ? 503 : 204);
  await dial("told", ["busy"], 404);
  await until("it to be told twice", () => times === 2, 100);
});

test("a carrier that wants a password that the settings have not, or another, is not called through", async () => {
  const other = new Lines();
  try {
    await other.start(application.url, { trunk_user: "0312345678", trunk_password: "carrier" });
    await other.terminate();
    other.settings.trunk_password = "wrong";
    other.startGateway();
    await until("the gateway", () => other.log().match(/voice_started/g).length === 2);
    other.person("+819011112222", "event", "-");
    application.answers["/carrier/ended"] = 204;
    assert.equal((await other.order({ To: "+819011112222", Url: `${application.url}/carrier`, StatusCallback: `${application.url}/carrier/ended` })).status, 201);
    assert.equal((await ended("carrier")).CallStatus, "failed");
    assert.ok(!other.happened.includes("rang +819011112222"));
  } finally {
    await other.stop();
  }
});

test("nobody rings us unless the settings say from where", async () => {
  lines.ring("0311112222", "event", "-");
  assert.equal((await lines.heard("0311112222")).sentences, 0);
  assert.ok(!lines.happened.includes("answered 0311112222"));
});

test("words are no argument of a program, and lie in no file", async () => {
  const words = "この文は見えてはいけません。";
  await dial("seen", ["event"], respond(say(words), '<Pause length="2"/>'));
  let seen = 0;
  for (let i = 0; i < 20; i++, await sleep(20))
    for (const pid of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        if (fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(words)) seen++;
      } catch { /* it has ended */ }
    }
  await ended("seen");
  assert.equal(seen, 0);
  assert.ok(!lines.log().includes(words));
  assert.deepEqual(fs.readdirSync(lines.directory).sort(), ["voice.conf", "voice.log"]);
});

test("told to end, it hangs up, says so, and ends well", async () => {
  const talking = await dial("ending", ["event", "-"], respond(say("こんにちは。"), '<Pause length="60"/>'));
  await dial("ringing", ["silent"], 404);
  await until("the talk", () => lines.happened.includes(`answered ${talking}`));
  assert.equal(await lines.terminate(), 0);
  assert.deepEqual([(await ended("ending")).CallStatus, (await ended("ringing")).CallStatus], ["completed", "canceled"]);
  await lines.heard(talking);
  assert.doesNotMatch(lines.log(), /Sanitizer|runtime error/);
});

test("without a voice it does not begin: nobody is rung by a gateway that cannot speak", async () => {
  for (const speech of ["/nowhere/speak", "/bin/false", "/bin/cat"]) {
    lines.settings.speech = speech;
    lines.startGateway();
    const [status] = await once(lines.gateway, "exit");
    assert.equal(status, 1, speech);
    assert.match(lines.log().trim().split("\n").at(-1), /no_voice/);
  }
});

test("settings that would fail only in a call are refused at once, with the reason", () => {
  const wrong = { application: "http://localhost:80", trunk: "tel:0312345678", media_ports: "20000", sip: "127.0.0.1", incoming: "http://127.0.0.1:1/", password: "", calls_most: "0", trunk_register: "yes", colour: "red" };
  for (const [name, value] of Object.entries(wrong)) {
    fs.writeFileSync(`${lines.directory}/voice.conf`, Object.entries({ ...lines.settings, [name]: value }).map((pair) => `${pair.join(" = ")}\n`).join(""));
    const { status, stderr } = spawnSync(`${process.env.HERSYS_STATE ?? "var"}/app/hersys-voice`, { env: { ...process.env, HERSYS_VOICE_CONF: `${lines.directory}/voice.conf` }, encoding: "utf8", timeout: 5000 });
    assert.equal(status, 2, name);
    assert.match(stderr, /voice\.conf:\d+: /, name);
  }
});
