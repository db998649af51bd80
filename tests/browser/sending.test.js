// sending.test.js - 連絡の送信 and 送れなかった連絡 in the browser: the switch with its reason, the limits, and a message sent again; on a
// desk and on a phone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { sql } from "../http/database.js";
import { inspect } from "./inspect.js";
import { address, desktop, launch, open, phone, signIn } from "./stand.js";

let browser, ministry, centre, small;
before(async () => {
  browser = await launch();
  const office = sql("SELECT organisation_id FROM app.account WHERE login = 'hoken1'")[0][0];
  for (const [channel, to, template, failure] of [["sms", "09077770001", "assigned_related_many", "undelivered"], ["sms", "09077770002", "cocoa_number", "expired"],
    ["mail", "nurse@example.jp", "completeness", "refused"], ["mail", "nurse@example.jp", "handover_asked", "bounced"]]) {
    const id = sql(`INSERT INTO app.outbox (channel, template, to_address, office_id, sent_at) VALUES ('${channel}', '${template}', '${to}', ${office}, now()) RETURNING outbox_id`)[0][0];
    sql(`SELECT app.outbox_fail(${id}, '${failure}')`);
  }
  [ministry, centre] = await Promise.all([desktop, desktop].map(async (size) => (await open(browser, size)).newPage()));
  await signIn(ministry, "kuni");
  await signIn(centre, "hoken1");
  small = await (await open(browser, phone)).newPage();
  await signIn(small, "kuni");
});
after(async () => {
  sql("UPDATE app.sending_stop SET resumed_at = now() WHERE resumed_at IS NULL");
  sql("DELETE FROM app.bounced WHERE address IN ('09077770001', 'nurse@example.jp')");
  await browser.close();
});

test("the centre opens what was not delivered from the page of the day, and sends it again", async () => {
  await centre.goto(`${address}/`);
  await centre.click(".count >> text=送れなかった連絡");
  await inspect(centre, "undelivered-centre-desktop");
  const row = centre.locator("tr", { hasText: "090-****-0001" }).first();
  await row.locator("text=もう一度送る").focus();
  await Promise.all([centre.waitForURL(/notice=undelivered_resent/), centre.keyboard.press("Enter")]);
  const mail = centre.locator("tr", { hasText: "n***@example.jp" }).first();
  await mail.locator("text=対応済みにする").click();
  await centre.waitForURL(/notice=undelivered_settled/);
  assert.match(await centre.textContent("[role=status]"), /対応済みにしました/);
  assert.doesNotMatch(await centre.textContent("main"), /0907777|nurse@/);
});

test("the ministry changes the limits of a channel, and a mistake is shown beside its field", async () => {
  await ministry.goto(`${address}/sending`);
  await inspect(ministry, "sending-desktop");
  await ministry.click("text=SMSの送り方を変える");
  await ministry.fill("#f-from", "25時");
  await ministry.click("text=保存する");
  assert.match(await ministry.textContent(".errors"), /夜間の始まりは、21:00のように/);
  await inspect(ministry, "sending-limits-wrong-desktop");
  await ministry.fill("#f-from", "21:00");
  await ministry.fill("#f-until", "8:00");
  await ministry.click("text=保存する");
  await ministry.waitForURL(/notice=channel_saved/);
  assert.match(await ministry.textContent("main"), /21:00～08:00/);
});

test("on a phone: stop all sending with a reason, and resume", async () => {
  await small.goto(`${address}/sending`);
  await inspect(small, "sending-phone");
  await small.click("summary >> text=すべての送信を止める");
  await small.click("button >> text=すべての送信を止める");
  assert.match(await small.textContent(".errors"), /止める理由を/);
  await inspect(small, "sending-reason-phone");
  await small.fill("#reason", "文面の誤りを確かめるため");
  await small.check("[name=keeps_codes]"); // other tests sign in meanwhile
  await small.click("button >> text=すべての送信を止める");
  await small.waitForURL(/notice=sending_stopped/);
  await inspect(small, "sending-stopped-phone");
  await ministry.goto(`${address}/sending`);
  await inspect(ministry, "sending-stopped-desktop");
  await small.click("text=送信を再開する");
  await small.waitForURL(/notice=sending_resumed/);
  await small.goto(`${address}/undelivered`);
  await inspect(small, "undelivered-phone");
  await small.goto(`${address}/sending/sms`);
  await inspect(small, "sending-limits-phone");
});
