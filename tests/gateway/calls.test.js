// calls.test.js - 自動架電 and 健康コール with a telephone service on loopback that executes our TwiML, and people who press keys: rightly,
// wrongly, not at all, who hang up in the middle, are busy, do not pick up, want to be called back, or call themselves.
import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import { after, before, test } from "node:test";
import { signIn } from "../http/client.js";
import { asRole, hersys, sql } from "../http/database.js";
import { again, byTelephone, call, clients, entries, Jobs, limits, now, state_of, tokyo } from "./asked.js";
import { TelephoneService } from "./telephone.js";
import { leaders, sleep, until } from "./world.js";

const service = new TelephoneService(), jobs = new Jobs();
const people = new Map(); // number -> who picks up

before(async () => {
  clients.kuni = await signIn("kuni");
  await service.start();
  service.answers = (to) => people.get(to) ?? { status: "no-answer" };
  await jobs.begin({ call_url: service.url, call_user: "account", call_password: "secret", call_from: "+81312345678" });
});
after(async () => {
  await jobs.end();
  sql("UPDATE app.sending_stop SET resumed_at = now() WHERE resumed_at IS NULL");
  service.stop();
});

const trail = (patient) => sql(`SELECT action, session_tag, outcome, count(*) FROM app.audit WHERE patient_id = ${patient.id} AND action IN ('my_observe', 'call_open') GROUP BY 1, 2, 3 ORDER BY 1`);
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
  assert.deepEqual(trail(patient), [["my_observe", "call", "allowed", "1"]]);
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
  const [said] = await heard(patient);
  assert.match(said.at(-1), /ここまでのご回答を受け付けました/);
  assert.doesNotMatch(said.at(-1), /またおかけします/);
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

test("of somebody without a birth date nothing is taken but the wish to be called back: nobody can say that it is they", async () => {
  const patient = await byTelephone(), said = { "お誕生日": "0503" };
  sql(`UPDATE app.follow SET birth_date = NULL WHERE patient_id = ${patient.id}`);
  people.set(patient.phone, { keys: (words) => healthy(said).keys(words) });
  now(patient);
  await state_of(patient, "waiting");
  assert.deepEqual(entries(patient), []);
  for (const words of (await heard(patient))[0]) assert.doesNotMatch(words, /体温|息/);
  said["お誕生日"] = "0";
  again(patient);
  await state_of(patient, "stored");
  assert.deepEqual(entries(patient).map((items) => [items.observation_call_back, items.observation_temperature]), [["yes", undefined]]);
});

test("a stranger who picks up hears nothing of anybody and can enter nothing", async () => {
  const patient = await byTelephone();
  people.set(patient.phone, healthy({ "お誕生日": "0101" }));
  now(patient);
  await state_of(patient, "waiting");
  assert.deepEqual(entries(patient), []);
  for (const words of (await heard(patient))[0]) assert.doesNotMatch(words, /体温|息/);
  assert.match((await heard(patient))[0].at(-1), /またおかけします/);
  assert.deepEqual(trail(patient), [["call_open", "call", "denied", "3"]]);
  sql(`UPDATE app.call SET tries = 2, next_at = now() WHERE patient_id = ${patient.id}`);
  await state_of(patient, "unanswered");
  assert.match((await until("the last call", () => service.heard.get(patient.phone)[1])).at(-1), /確認できませんでした。失礼/, "no call is promised that does not come");
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

test("nobody is called at night, nor beyond the limits of a day; the ministry sees what was called", async () => {
  const at = (hours) => new Date(Date.now() + (9 + hours) * 3600e3).toISOString().slice(11, 16);
  const patient = await byTelephone(), rings = () => service.orders.filter(({ number }) => number === patient.phone).length;
  const stands = () => sql(`SELECT state, tries, to_char(next_at AT TIME ZONE 'Asia/Tokyo', 'HH24:MI'), next_at > now() + interval '9 minutes' FROM app.call WHERE patient_id = ${patient.id}`)[0];
  const anew = () => sql(`UPDATE app.call SET next_at = now(), day = app.today(), state = 'waiting' WHERE patient_id = ${patient.id}`);
  const waits = (what) => until(what, () => stands()?.[3] === "t" || stands()?.[0] === "unanswered");
  const tried = () => Number(sql("SELECT coalesce(max(tried), 0) FROM app.channel_day WHERE channel = 'call' AND day = app.day_of(now())")[0][0]);
  people.set(patient.phone, healthy());
  const until_when = at(1);
  limits(`quiet_from = '${at(-1)}', quiet_until = '${until_when}'`);
  now(patient);
  await waits("the call to wait for the end of the night");
  if (tokyo(0) === new Date(Date.now() + 10 * 3600e3).toISOString().slice(0, 10)) assert.deepEqual(stands().slice(0, 3), ["waiting", "0", until_when]);
  else assert.equal(stands()[0], "unanswered", "its day ends in that night");
  const before = tried();
  for (const limit of [`daily_most = ${Math.max(before, 1)}`, "address_most = 1"]) {
    if (limit.startsWith("address")) sql(`INSERT INTO app.address_day VALUES ('call', '${patient.phone}', app.day_of(now()), 1)`);
    else sql("INSERT INTO app.channel_day (channel, day, tried) VALUES ('call', app.day_of(now()), 1) ON CONFLICT DO NOTHING");
    limits();
    limits(limit);
    anew();
    await waits(`the call to wait: ${limit}`);
    assert.equal(rings(), 0, limit);
  }
  limits();
  const counted = tried(), page = (await clients.kuni.get("/sending")).text;
  assert.match(page, /自動の電話<\/h2>[^]*きょうかけた回数/);
  anew();
  await state_of(patient, "stored");
  assert.equal(rings(), 1);
  assert.equal(tried(), counted + 1);
  assert.deepEqual(sql(`SELECT tried FROM app.address_day WHERE channel = 'call' AND address = '${patient.phone}'`), [["2"]]);
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
  await until("the new jobs lead", () => leaders() === 1);
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
  sql(`UPDATE app.call SET troubles = 9, next_at = now() WHERE patient_id = ${patient.id}`);
  assert.equal((await state_of(patient, "unanswered"))[0], "unanswered", "not without end");
  service.refuses = () => 0;
});

test("when no line is free a call waits a minute, as often as it takes, and counts for nothing", async () => {
  const patient = await byTelephone(), orders = () => service.orders.filter(({ number }) => number === patient.phone).length;
  const counted = () => sql(`SELECT (SELECT coalesce(sum(tried), 0) FROM app.channel_day WHERE channel = 'call'), (SELECT coalesce(sum(tried), 0) FROM app.address_day WHERE address = '${patient.phone}')`)[0];
  const before = counted()[0];
  let busy = 0;
  people.set(patient.phone, healthy());
  service.refuses = (to) => (to.endsWith(patient.phone.slice(1)) ? (busy++, 429) : 0);
  now(patient);
  for (let round = 1; round <= 12; round++) {
    await until(`the busy line, ${round}`, () => busy === round && call(patient)?.[0] === "waiting");
    assert.deepEqual(sql(`SELECT tries, troubles, next_at BETWEEN now() + interval '30 seconds' AND now() + interval '1 minute' FROM app.call WHERE patient_id = ${patient.id}`), [["0", "0", "t"]]);
    assert.deepEqual(counted(), [before, "0"]);
    if (round === 12) service.refuses = () => 0;
    again(patient);
  }
  await state_of(patient, "stored");
  assert.deepEqual([orders(), ...counted()], [1, String(Number(before) + 1), "1"]);
});

test("what the service says: an order is taken, about the number, about us, or uncertain", async () => {
  const verdicts = { 200: ["dialled", "1"], 202: ["dialled", "1"], 400: ["unanswered", "1"], 422: ["unanswered", "1"], 401: ["waiting", "0"], 403: ["waiting", "0"], 404: ["waiting", "0"],
    407: ["waiting", "0"], 429: ["waiting", "0"], 503: ["waiting", "0"], 500: ["dialled", "1"], 502: ["dialled", "1"], 504: ["dialled", "1"] };
  const asked = new Map(), patients = [];
  for (const status of Object.keys(verdicts)) patients.push({ ...(await byTelephone()), status });
  service.refuses = (to) => {
    const patient = patients.find(({ phone }) => to.endsWith(phone.slice(1)));
    asked.set(patient?.status, (asked.get(patient?.status) ?? 0) + 1);
    return Number(patient?.status ?? 0);
  };
  for (const patient of patients) now(patient);
  await until("all orders", () => asked.size === patients.length && call(patients.at(-1)));
  await sleep(900);
  service.refuses = () => 0;
  for (const { status, id } of patients) assert.deepEqual([status, ...call({ id }).slice(0, 2)], [status, ...verdicts[status]]);
  for (const { status } of patients) assert.equal(asked.get(status), 1, `${status} is not asked a second time at once`);
});

test("a slow service holds up no message, and a stop holds up the calls", async () => {
  const patients = [];
  for (let i = 0; i < 5; i++) patients.push(await byTelephone());
  const mine = (to) => patients.some(({ phone }) => to.endsWith(phone.slice(1))), tried = (id) => sql(`SELECT tries > 0 OR sent_at IS NOT NULL FROM app.outbox WHERE outbox_id = ${id}`)[0][0] === "t";
  let orders = 0, message, went = Infinity;
  service.refuses = async (to) => {
    if (!mine(to)) return 0;
    orders++;
    message ??= sql(`INSERT INTO app.outbox (channel, template, to_address) VALUES ('mail', 'assigned_related_many', 'slow${process.pid}@example.jp') RETURNING outbox_id`)[0][0];
    if (tried(message)) went = Math.min(went, orders);
    await sleep(1500);
    return 0;
  };
  sql("INSERT INTO app.sending_stop (stopped_at, stopped_by, reason, keeps_codes) VALUES (now(), 0, '試験', false)");
  for (const patient of patients) now(patient);
  await until("the calls to wait", () => patients.every((patient) => call(patient)?.[0] === "waiting"));
  await sleep(900);
  assert.equal(orders, 0);
  sql("UPDATE app.sending_stop SET resumed_at = now() WHERE resumed_at IS NULL");
  await until("the end of all calls", () => patients.every((patient) => call(patient).join() === "waiting,1,t"));
  assert.ok(went <= 4, `the message went before order ${went}`);
  const times = [];
  service.refuses = (to) => (mine(to) ? (times.push(Date.now()), 503) : 0);
  sql(`UPDATE app.call SET next_at = now(), tries = 0 WHERE patient_id IN (${patients.map(({ id }) => id)})`);
  await until("the trouble of all", () => times.length === 5);
  service.refuses = () => 0;
  assert.ok(times.slice(1).every((time, i) => time - times[i] > 200), "a round ends with the first trouble");
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

test("a guess counts for the number that it is about: who types another number, or rings from another, gets no more of them", async () => {
  const patient = await byTelephone(), url = hersys("telephone").trim(), elsewhere = "0399990001";
  const talk = (births, types, from = patient.phone) => service.talk(url, (words) => (words.includes("登録した電話番号") ? types : words.includes("お誕生日") ? births.shift() ?? "hang up" : "hang up"), { From: `+81${from.slice(1)}` });
  const guesses = (phone) => sql(`SELECT guesses FROM app.call_guess WHERE phone = '${phone}' AND day = app.today()`).flat().join();
  sql(`DELETE FROM app.call_guess WHERE phone = '${elsewhere}'`);
  assert.match((await talk(["0503"], "")).at(-1), /体温/);
  assert.equal(guesses(patient.phone), "0", "the right one is no guess");
  for (let i = 1; i <= 4; i++) {
    await talk(["0101"], elsewhere);
    assert.equal(guesses(patient.phone), String(i), "and then typed another number");
  }
  assert.deepEqual(sql(`SELECT DISTINCT phone, typed FROM app.call WHERE inbound AND typed = '${elsewhere}'`), [[patient.phone, elsewhere]], "from where they rang stays known");
  await talk(["0102", "0101"], patient.phone, "0399990002");
  assert.deepEqual([guesses(patient.phone), guesses("0399990002")], ["5", "1"]);
  for (const from of [patient.phone, "0399990003"]) for (const words of await talk(["0503", "0503"], patient.phone, from)) assert.doesNotMatch(words, /体温/, "not even the right one, for the day");
});

test("twins on one telephone are not told apart: whoever of them rings is nobody, as by SMS", async () => {
  const patient = await byTelephone(), twin = await byTelephone(), url = hersys("telephone").trim();
  const talk = () => service.talk(url, (words) => (words.includes("お誕生日") ? "0503" : words.includes("登録した電話番号") ? patient.phone : "hang up"), { From: `+81${patient.phone.slice(1)}` });
  assert.match((await talk()).at(-1), /体温/);
  sql(`UPDATE app.follow SET phone = '${patient.phone}' WHERE patient_id = ${twin.id}`);
  for (const words of await talk()) assert.doesNotMatch(words, /体温/);
});

test("calls of a month ago are cleared away by an index", () => {
  const [, statement] = fs.readFileSync("src/main/jobs.sql", "utf8").match(/-- name: purge_call\n([^;]*);/);
  assert.match(sql(`SET enable_seqscan = off; EXPLAIN ${statement}`).flat().join("\n"), /call_day/);
});

test("a number that is typed rightly is not said to be wrong, and who rang us is not told of a call that does not come", async () => {
  const patient = await byTelephone(), url = hersys("telephone").trim(), pressed = ["0101", "12", patient.phone, "0503"];
  const said = await service.talk(url, (words) => (words.includes("登録した電話番号") || words.includes("お誕生日") ? pressed.shift() : "hang up"), { From: `+81${patient.phone.slice(1)}` });
  assert.deepEqual(said.map((words) => (words.startsWith("入力を確認できません") ? "missed" : "") + (words.match(/電話番号|お誕生日|体温/)?.[0] ?? "")), ["", "お誕生日", "missed電話番号", "missed電話番号", "お誕生日", "体温"]);
  const stranger = await service.talk(url, () => "0101", { From: "" });
  assert.match(stranger.at(-1), /もう一度おかけください/);
  assert.doesNotMatch(stranger.at(-1), /またおかけします/);
});

test("the end of a call that is asked for again is said again and stores nothing twice; what is not taken any more is not thanked for", async () => {
  const patient = await byTelephone(), url = hersys("telephone").trim(), ended = [];
  const talk = async (before) => {
    let last;
    const said = await service.talk(url, (words) => {
      const keys = words.includes("お誕生日") ? "0503" : words.includes("体温") ? "365" : words.includes("酸素") ? "98" : "2";
      if (words.includes("尿")) before?.();
      return keys;
    }, { From: `+81${patient.phone.slice(1)}` }, (address, fields) => (last = [address, fields]));
    const again = await fetch(last[0], { method: "POST", body: new URLSearchParams(last[1]) });
    ended.push([said.at(-1), again.status, (await again.text()).match(/<Say[^>]*>([^<]*)/)?.[1]]);
  };
  await talk();
  assert.match(ended[0][0], /受け付けました/);
  assert.deepEqual(ended[0].slice(1), [200, ended[0][0]]);
  assert.equal(entries(patient).length, 1);
  await talk(() => sql(`DELETE FROM app.follow WHERE patient_id = ${patient.id}`));
  assert.match(ended[1][0], /受け付けられませんでした/);
  assert.doesNotMatch(ended[1][0], /受け付けました/);
  assert.equal(entries(patient).length, 1);
});

test("no role of the product reaches the calls but by their functions", async () => {
  for (const role of ["staff", "door", "public"])
    assert.equal(asRole(role, clients.hoken1.cookies.get("__Host-sid"), ["SELECT count(*) FROM app.call"])[0].state, "42501", role);
  assert.equal(asRole("staff", clients.hoken1.cookies.get("__Host-sid"), ["SELECT app.call_turn('x', '', NULL)"])[0].state, "42501");
});
