// stand.js - what the browser tests share: the running stand, a browser, signing in as a demonstration account.
import fs from "node:fs";
import { chromium } from "playwright-core";

export const address = `https://localhost:${process.env.HERSYS_PORT ?? 8443}`;
export const password = "asagao-to-semi-no-koe";
const messagesFile = `${process.env.HERSYS_STATE ?? "var"}/log/messages.jsonl`;

export const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
export const desktop = { viewport: { width: 1280, height: 900 } };

export async function launch() {
  return chromium.launch({
    env: { ...process.env, LC_ALL: "C.UTF-8" }, // as people have it: a file may have a Japanese name
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--ignore-certificate-errors"],
  });
}

// A context with Japanese settings; `options` are Playwright's (viewport, javaScriptEnabled ...).
export async function open(browser, options = desktop) {
  return browser.newContext({ locale: "ja-JP", timezoneId: "Asia/Tokyo", ignoreHTTPSErrors: true, ...options });
}

export function messages() {
  if (!fs.existsSync(messagesFile)) return [];
  return fs.readFileSync(messagesFile, "utf8").trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

// Waits for a message that fits and came after `since` of them were there.
export async function message(since, fits) {
  for (let i = 0; i < 100; i++) {
    const found = messages().slice(since).find(fits);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("no such message came");
}

// Signs in with the password and the code that comes by SMS.
export async function signIn(page, login) {
  await page.goto(`${address}/sign-in`);
  await page.fill("#login", login);
  await page.fill("#password", password);
  await page.click("text=次へ");
  const since = messages().length;
  await page.click("button[name=phone]");
  const sms = await message(since, (m) => m.kind === "sms" && m.text.includes("確認コード"));
  await page.fill("#sms-code", sms.text.match(/\d{6}/)[0]);
  await page.click("form[action='/sign-in/code'] button");
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}
