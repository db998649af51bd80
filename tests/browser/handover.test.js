// handover.test.js - 引継ぎ in a browser: asked on a phone, refused, asked again and accepted.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "./inspect.js";
import { address, desktop, launch, open, phone, signIn } from "./stand.js";
import { signIn as httpSignIn } from "../http/client.js";
import { notification, receipt } from "../http/notify.js";

let browser, patient, sender, asked;

before(async () => {
  browser = await launch();
  patient = `/patient/${receipt(await (await httpSignIn("sakura")).post("/notification", notification())).id}/assignment`;
  sender = await (await open(browser, phone)).newPage();
  asked = await (await open(browser, desktop)).newPage();
  await signIn(sender, "hoken1");
  await signIn(asked, "kasugai");
});
after(() => browser.close());

const press = (page, selector) => Promise.all([page.waitForNavigation(), page.click(selector)]);

async function ask(reason) {
  await sender.goto(address + patient);
  await sender.selectOption("#to", { label: "愛知県　春日井保健所" });
  await sender.fill("#reason", reason);
  await press(sender, "text=依頼する >> nth=-1");
  assert.match(await sender.textContent("main"), /引継ぎを依頼しました/);
}

test("asked on a phone, refused with a reason", async () => {
  await sender.goto(address + patient);
  await inspect(sender, "assignment-phone");
  await ask("春日井市へ転居");
  await inspect(sender, "handover-asked-phone");
  await asked.goto(`${address}/`);
  await press(asked, ".count >> text=引継ぎの依頼");
  await press(asked, "table a >> nth=-1");
  await press(asked, ".tabs >> text=担当・関係保健所");
  await inspect(asked, "handover-asked-desktop");
  await press(asked, "text=断る >> nth=-1");
  assert.match(await asked.textContent("main"), /お断りする理由を入力してください/);
  await inspect(asked, "handover-no-reason-desktop");
  await asked.fill("#answer", "住所が未定です");
  await press(asked, "text=断る >> nth=-1");
  assert.match(await asked.textContent("main"), /お断り/);
  await inspect(asked, "handovers-desktop");
  await sender.goto(address + patient);
  assert.match(await sender.textContent("main"), /住所が未定です/);
  await inspect(sender, "handover-refused-phone");
  await press(sender, "text=確かめました");
});

test("asked again and accepted", async () => {
  await ask("住所が決まりました");
  await asked.goto(address + patient);
  await press(asked, "text=受け入れて担当になる");
  assert.match(await asked.textContent("main"), /担当保健所になりました/);
  await sender.goto(`${address}/handovers?way=out`);
  assert.match(await sender.textContent("main"), /受入れ/);
  await inspect(sender, "handovers-phone");
});
