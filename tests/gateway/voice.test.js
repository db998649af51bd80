// voice.test.js - 自動架電 and 健康コール through hersys-voice: our jobs order, our gateway dials over SIP, simulated telephones hear real speech and
// press real keys, and the answers stand in the database.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { hersys, sql } from "../http/database.js";
import { again, byTelephone, clients, entries, Jobs, now, state_of } from "./asked.js";
import { abroad, account, Lines, password } from "./lines.js";
import { until } from "./world.js";

const lines = new Lines(), jobs = new Jobs();
const minute = 600; // tries of a wait: a call goes as fast as people hear and press
// What is pressed at each sentence: the birth date, temperature, oxygen, and nine questions.
const healthy = ["0503", "368", "97#", "2", "1", "2", "2", "2", "9", "2", "2", "2"];
const instead = (place, ...words) => [...healthy.slice(0, place), ...words];

// All are called at the same time; each test looks at one of them.
const people = {
  event: ["event", ...healthy],
  info: ["info", ...healthy],
  tone: ["tone", ...healthy],
  wrong: ["event", "0503", "999", "371", ...healthy.slice(2)],
  hopeless: ["event", ...instead(3, "7", "7", "7")],
  leaving: ["event", ...instead(4, "hangup")],
  zero: ["event", ...instead(5, "0")],
  stranger: ["event", "0101", "0102", "0103"],
  busy: ["busy"],
  declined: ["declined"],
  absent: ["absent"],
};

before(async () => {
  const incoming = hersys("telephone").trim(), trunk = { trunk_user: "0312345678", trunk_password: "carrier", trunk_register: "yes" };
  await lines.start(new URL(incoming).origin, { incoming, peers: "127.0.0.1", ...trunk });
  await jobs.begin({ call_url: lines.url, call_user: account, call_password: password, call_from: "0312345678" });
  for (const [name, words] of Object.entries(people)) {
    const patient = await byTelephone();
    lines.person(abroad(patient.phone), ...words);
    people[name] = patient;
  }
  Object.values(people).forEach(now);
});
after(async () => {
  await jobs.end();
  await lines.stop();
});

test("the carrier knows where the gateway is, and that it may call", () => until("the registration", () => lines.happened.includes("registered -")));

for (const way of ["event", "info", "tone"]) {
  test(`a whole call with keys by ${{ event: "RFC 4733 events", info: "SIP INFO", tone: "tones in the sound" }[way]}: the answers stand in the record, from 自動架電`, async () => {
    const patient = people[way];
    await state_of(patient, "stored", minute);
    const [items] = entries(patient);
    assert.deepEqual([items.observation_temperature, items.observation_spo2, items.observation_face, items.observation_cough, items.observation_diarrhoea, items.observation_urination,
      items.observation_source], ["36.8", "97", "no", "yes", "unknown", "no", "call"]);
    const { sentences, packets } = await lines.heard(abroad(patient.phone));
    assert.equal(sentences, 13, "greeting with the birth date, eleven questions, thanks");
    assert.ok(packets > 13 * 5, `${packets} packets of speech`);
    assert.match((await clients.hoken1.get(`${patient.path}/tab/observation`)).text, /自動の電話/);
  });
}

test("wrong keys are asked for again", async () => {
  await state_of(people.wrong, "stored", minute);
  const [items] = entries(people.wrong);
  assert.deepEqual([items.observation_temperature, items.observation_urination], ["37.1", "no"]);
});

test("three wrong keys in a row end the call; what was answered is kept", async () => {
  await state_of(people.hopeless, "stored", minute);
  const [items] = entries(people.hopeless);
  assert.deepEqual([items.observation_temperature, items.observation_spo2, items.observation_face], ["36.8", "97", undefined]);
});

test("who hangs up between two answers keeps them", async () => {
  await state_of(people.leaving, "stored", minute);
  const [items] = entries(people.leaving);
  assert.deepEqual([items.observation_temperature, items.observation_face, items.observation_cough], ["36.8", "no", undefined]);
});

test("0 asks for a call back, urgent in the list of the centre", async () => {
  await state_of(people.zero, "stored", minute);
  assert.equal(entries(people.zero)[0].observation_call_back, "yes");
  assert.match(sql(`SELECT array_to_string(reasons, '・') FROM app.follow WHERE patient_id = ${people.zero.id}`)[0][0], /折り返し/);
});

test("a stranger who picks up can enter nothing, and it is tried again", async () => {
  assert.deepEqual(await state_of(people.stranger, "waiting", minute), ["waiting", "1", "t"]);
  assert.deepEqual(entries(people.stranger), []);
});

for (const name of ["busy", "declined", "absent"])
  test(`${name}: called again half an hour later`, async () => {
    assert.deepEqual(await state_of(people[name], "waiting", minute), ["waiting", "1", "t"]);
    assert.equal(lines.happened.filter((text) => text === `rang ${abroad(people[name].phone)}`).length, 1);
  });

test("健康コール: somebody rings the gateway and is known by number and birth date", async () => {
  const patient = await byTelephone();
  lines.ring(patient.phone, "tone", ...healthy);
  assert.equal((await lines.heard(patient.phone)).sentences, 13);
  const [items] = entries(patient);
  assert.deepEqual([items.observation_temperature, items.observation_source], ["36.8", "call_in"]);
});

test("the gateway's log knows of calls, and of nobody", () => {
  const log = lines.log();
  assert.ok(log.match(/"event":"call_ordered"/g).length >= Object.keys(people).length);
  for (const { phone } of Object.values(people)) assert.ok(!log.includes(phone.slice(1)), "a number in the log");
  assert.doesNotMatch(log, /gateway\/call|[ぁ-ん]/);
  assert.doesNotMatch(log, /"level":"(error|fatal)"|Sanitizer/);
});

test("a gateway that is killed in a call takes no answer with it", async () => {
  const patient = await byTelephone();
  lines.person(abroad(patient.phone), "event", "0503", "368");
  now(patient);
  await until("the first answer", () => sql(`SELECT answers ? 'observation_temperature' FROM app.call WHERE patient_id = ${patient.id}`)[0]?.[0] === "t", minute);
  lines.gateway.kill("SIGKILL");
  again(patient); // ten minutes later
  await state_of(patient, "stored");
  assert.equal(entries(patient)[0].observation_temperature, "36.8");
});
