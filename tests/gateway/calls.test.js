// calls.test.js - 自動架電 and 健康コール with a telephone service on loopback that executes our TwiML, and people who press keys: rightly,
// wrongly, not at all, who hang up in the middle, are busy, do not pick up, want to be called back, or call themselves.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { asRole, hersys, sql } from "../http/database.js";
import { again, byTelephone, call, clients, entries, Jobs, lock, now, state_of, tokyo } from "./asked.js";
import { TelephoneService } from "./telephone.js";
import { sleep, until } from "./world.js";

const service = new TelephoneService(), jobs = new Jobs();
const people = new Map(); // number -> who picks up

before(async () => {
  await service.start();
  service.answers = (to) => people.get(to) ?? { status: "no-answer" };
  await jobs.begin({ call_url: service.url, call_user: "account", call_password: "secret", call_from: "+81312345678" });
});
after(async () => {
  await jobs.end();
  service.stop();
});

const heard = (patient) => until("the end of the talk", () => service.heard.get(patient.phone));

// Who answers each question; `over` changes what is pressed after certain words.
const healthy = (over = {}) => ({ keys: (words) => {
  for (const [part, keys] of Object.entries(over)) if (words.includes(part)) return typeof keys === "function" ? keys() : keys;
  return words.includes("お誕生日") ? "0503" : words.includes("体温") ? "368" : words.includes("酸素") ? "97" : "2";
} });

test("a whole call: the birth date, every question, and the answers stand in the record with their source", async () => {
  const patient = await byTelephone();
  people.set(patient.phone, healthy({ "せきや": "1", "下痢": "9" }));
  now(patient);
  await state_of(patient, "stored");
  const [items] = entries(patient);
  assert.deepEqual([items.observation_temperature, items.observation_spo2, items.observation_cough, items.observation_diarrhoea, items.observation_face, items.observation_source],
    ["36.8", "97", "yes", "unknown", "no", "call"]);
  const [said] = await heard(patient);
  assert.match(said[0], /保健所/);
  assert.equal(said.length, 13, "greeting with the birth date, eleven questions, thanks");
  for (const words of said) assert.doesNotMatch(words, /コロナ|感染|陽性|フカ/);
  assert.match((await clients.hoken1.get(`${patient.path}/tab/observation`)).text, /自動の電話/);
});

test("wrong keys are asked for again; three times, and the call ends with what was answered", async () => {
  const patient = await byTelephone();
  let tried = 0;
  people.set(patient.phone, healthy({ "体温": () => (++tried === 1 ? "999" : "371"), "顔色": "7" }));
  now(patient);
  await state_of(patient, "stored");
  assert.equal(tried, 2);
  const [items] = entries(patient);
  assert.equal(items.observation_temperature, "37.1");
  assert.equal(items.observation_face, undefined);
  assert.match((await heard(patient))[0].at(-1), /またおかけします/);
});

test("who hangs up in the middle keeps what was answered; no meter is an answer too", async () => {
  const patient = await byTelephone();
  people.set(patient.phone, healthy({ "酸素": "9", "せきや": "hang up" }));
  now(patient);
  await state_of(patient, "stored");
  const [items] = entries(patient);
  assert.deepEqual([items.observation_temperature, items.observation_spo2_why, items.observation_face, items.observation_cough], ["36.8", "cannot", "no", undefined]);
});

test("silence at the question for oxygen is no answer: it does not become \"cannot be measured\"", async () => {
  const patient = await byTelephone();
  people.set(patient.phone, healthy({ "酸素": () => undefined }));
  now(patient);
  await state_of(patient, "stored");
  const [items] = entries(patient);
  assert.deepEqual([items.observation_temperature, items.observation_spo2, items.observation_spo2_why], ["36.8", undefined, undefined]);
});

test("0 asks for a call back, at once and urgent in the list of the centre", async () => {
  const patient = await byTelephone();
  people.set(patient.phone, healthy({ "息苦しさ": "0" }));
  now(patient);
  await state_of(patient, "stored");
  assert.equal(entries(patient)[0].observation_call_back, "yes");
  assert.match(sql(`SELECT array_to_string(reasons, '・') FROM app.follow WHERE patient_id = ${patient.id}`)[0][0], /折り返し/);
});

test("a stranger who picks up hears nothing of anybody and can enter nothing", async () => {
  const patient = await byTelephone();
  people.set(patient.phone, healthy({ "お誕生日": "0101" }));
  now(patient);
  await state_of(patient, "waiting");
  assert.deepEqual(entries(patient), []);
  for (const words of (await heard(patient))[0]) assert.doesNotMatch(words, /体温|息/);
});

test("busy, not there, silent: called three times half an hour apart, then not any more", async () => {
  const patient = await byTelephone();
  const rings = () => service.orders.filter(({ number }) => number === patient.phone).length;
  people.set(patient.phone, { status: "busy" });
  now(patient);
  assert.deepEqual(await state_of(patient, "waiting"), ["waiting", "1", "t"]);
  people.set(patient.phone, { keys: () => undefined });
  again(patient);
  await until("the second call", () => rings() === 2 && call(patient)[0] === "waiting");
  people.delete(patient.phone);
  again(patient);
  assert.deepEqual(await state_of(patient, "unanswered"), ["unanswered", "3", "f"].map((v, i) => (i === 2 ? call(patient)[2] : v)));
  await sleep(700);
  assert.equal(rings(), 3);
  assert.deepEqual(entries(patient), []);
});

test("who is released, or dies, before the next try is not called any more", async () => {
  const patient = await byTelephone();
  const rings = () => service.orders.filter(({ number }) => number === patient.phone).length;
  people.set(patient.phone, { status: "busy" });
  now(patient);
  await state_of(patient, "waiting");
  await clients.hoken1.get(`${patient.path}/status`);
  await clients.hoken1.post(`${patient.path}/status`, { status: "dead", since: tokyo(0), death_date: tokyo(0), death_place: "home" });
  assert.deepEqual(sql(`SELECT 1 FROM app.follow WHERE patient_id = ${patient.id}`), []);
  again(patient);
  await state_of(patient, "unanswered");
  assert.equal(rings(), 1);
});

test("jobs that are killed while they order a call order it no second time", async () => {
  const patient = await byTelephone();
  people.set(patient.phone, { keys: () => "hang up" });
  const rings = () => service.orders.filter(({ number }) => number === patient.phone).length;
  service.refuses = (to) => { if (to.endsWith(patient.phone.slice(1))) jobs.process.kill("SIGKILL"); return 0; };
  now(patient);
  await once(jobs.process, "exit");
  service.refuses = () => 0;
  await until("the call ended", () => rings() === 1 && call(patient)[0] === "waiting");
  jobs.start();
  await until("the new jobs lead", () => lock() === "1");
  await sleep(900);
  assert.equal(rings(), 1);
});

test("a service that cannot be reached is asked again, one that refuses the number is not", async () => {
  const patient = await byTelephone(), other = await byTelephone();
  service.refuses = (to) => (to.endsWith(patient.phone.slice(1)) ? 503 : to.endsWith(other.phone.slice(1)) ? 400 : 0);
  now(patient);
  now(other);
  assert.deepEqual((await state_of(patient, "waiting")).slice(0, 2), ["waiting", "0"]);
  assert.equal((await state_of(other, "unanswered"))[0], "unanswered");
  service.refuses = () => 0;
});

test("健康コール: whoever rings is known by telephone number and birth date, also from another telephone; five wrong ones, and the number rests", async () => {
  const patient = await byTelephone(), url = hersys("telephone").trim();
  const talk = (birth, from = patient.phone) => service.talk(url, (words) => (words.includes("登録した電話番号") ? patient.phone : words.includes("お誕生日") ? birth
    : words.includes("体温") ? "365" : words.includes("酸素") ? "98" : "2"), { From: from && `+81${from.slice(1)}` });
  assert.match((await talk("0503")).at(-1), /受け付けました/);
  assert.deepEqual([entries(patient)[0].observation_temperature, entries(patient)[0].observation_source], ["36.5", "call_in"]);
  for (const from of ["", "0312345678"]) assert.match((await talk("0503", from)).at(-1), /受け付けました/, `from ${from}`);
  assert.equal(entries(patient).length, 3);
  for (let i = 0; i < 5; i++) assert.match((await talk("0101")).at(-1), /確認できませんでした/);
  assert.match((await talk("0503")).at(-1), /確認できませんでした/, "even the right one, for the day");
  assert.equal((await fetch(url.replace(/\w+$/, "0".repeat(64)), { method: "POST" })).status, 403);
  assert.equal((await fetch(url.replace(/call-in.*$/, `call/${"0".repeat(32)}`), { method: "POST" })).status, 403);
});

test("no role of the product reaches the calls but by their functions", async () => {
  for (const role of ["staff", "door", "public"])
    assert.equal(asRole(role, clients.hoken1.cookies.get("__Host-sid"), ["SELECT count(*) FROM app.call"])[0].state, "42501", role);
  assert.equal(asRole("staff", clients.hoken1.cookies.get("__Host-sid"), ["SELECT app.call_turn('x', '', NULL)"])[0].state, "42501");
});
