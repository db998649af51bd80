// outbox.test.js - kill -9 of the jobs at many points while they send, with Kannel, its carrier and a mail server real: every message
// arrives, no SMS twice, and a mail twice only with the same Message-ID.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "../http/database.js";
import { World, queue, sleep, until } from "../gateway/world.js";

const KILLS = 40, EACH = 120;
const world = new World();

before(async () => {
  sql("UPDATE app.channel SET settle_seconds = 3");
  await world.start();
});
after(async () => {
  sql("UPDATE app.channel SET settle_seconds = CASE channel WHEN 'sms' THEN 300 WHEN 'call' THEN 600 ELSE 60 END");
  await world.stop();
});

test(`${KILLS} kills of the jobs while they send`, { timeout: 300000 }, async () => {
  const messages = queue({ count: EACH });
  const ids = queue({ channel: "mail", to: `kill${process.pid}@example.jp`, count: EACH }).map(({ id }) => id);
  const all = [...messages.map(({ id }) => id), ...ids].join(",");
  const count = (where) => Number(sql(`SELECT count(*) FROM app.outbox WHERE outbox_id IN (${all}) AND ${where}`)[0][0]);
  const met = new Set(); // tries that a kill left without an answer
  let kills = 0;
  for (; kills < KILLS; kills++) {
    const seen = world.carrier.received.length + world.mail.received.length;
    world.startJobs();
    // Somewhere behind its first message: the more it sends, the later; so the points lie all over the way of a message.
    for (let i = 0; i < 200 && world.carrier.received.length + world.mail.received.length === seen && count("sent_at IS NULL") > 0; i++) await sleep(10);
    await sleep(Math.random() * 25);
    await world.stopJobs();
    for (const [id, tries] of sql(`SELECT outbox_id, tries FROM app.outbox WHERE outbox_id IN (${all}) AND trying_at IS NOT NULL`)) met.add(`${id}/${tries}`);
    if (count("sent_at IS NULL") === 0) break;
  }
  world.startJobs();
  await until("everything to be sent", () => count("sent_at IS NULL") === 0, 600);
  await until("the carrier's reports", () => count("channel = 'sms' AND reports & 8 = 0") === 0);

  const sms = messages.map(({ code }) => world.carrier.received.filter(({ text }) => text.includes(code)).length);
  assert.deepEqual(sms.filter((times) => times !== 1), [], "every SMS came once");
  const copies = ids.map((id) => world.mail.received.filter((mail) => mail.id === `<${id}@example.jp>`).length);
  assert.deepEqual(copies.filter((times) => times < 1), [], "every mail came");
  assert.ok(copies.reduce((sum, times) => sum + times - 1, 0) <= kills, "a kill doubles one mail at most, under its own Message-ID");
  assert.ok(met.size > 0, "some kill met a message on its way");
  console.log(`# ${kills} kills, ${met.size} messages met on their way, ${copies.filter((times) => times > 1).length} mails with a second copy`);
});
