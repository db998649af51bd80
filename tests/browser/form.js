// form.js - fills the notification's form in a browser, by item name, whatever kind of field an item is.
import { address } from "./stand.js";

let number = 0;

// A synthetic person; every call another one.
export function person(overrides = {}) {
  number++;
  const kana = [..."アイウエオカキクケコサシスセソタチツテト"];
  const tag = kana[number % 20] + kana[Math.floor(number / 20) % 20];
  return { family_name: "試験", given_name: `太郎${number}`, family_kana: "シケン", given_kana: `タロウ${tag}`,
    sex: "male", birth_date: "S55.1.2", category: "confirmed", stay_address: "愛知県名古屋市中区栄1-1-1",
    phone: `0901234${String(1000 + number).slice(-4)}`, onset_date: "2022/9/28", diagnosis_date: "2022/9/30",
    test1_sampled_on: "2022/9/29", dose_count: "3", target_reasons: ["hospital"], severity: "mild", hospitalised: "no",
    needs_hospital: "no", risk: "no", immunosuppressed: "no", drug_needed: "no", oxygen_needed: "no", ...overrides };
}

export async function set(page, name, value) {
  const field = page.locator(`[name="${name}"]`).first();
  const type = await field.evaluate((f) => f.type);
  if (type === "radio" || type === "checkbox")
    for (const code of [value].flat()) await page.locator(`[name="${name}"][value="${code}"]`).check();
  else if (type === "select-one") await field.selectOption(value);
  else await field.fill(value);
}

// Opens a fresh form, sets the date first (it decides the form) and then every item that the form shows.
export async function fill(page, values, path = "/notification/new") {
  await page.goto(address + path);
  await switchDate(page, values.diagnosis_date);
  for (const [name, value] of Object.entries(values))
    if (name !== "diagnosis_date" && (await page.locator(`[name="${name}"]`).count()) > 0) await set(page, name, value);
}

// The form follows the date: with JavaScript by itself, without it at the next press.
export async function switchDate(page, date) {
  if (!date || (await page.inputValue("#diagnosis_date")) === date) return;
  await page.fill("#diagnosis_date", date);
  if (await page.evaluate(() => document.documentElement.classList.contains("js"))) {
    const answer = page.waitForResponse((r) => r.url().endsWith("/notification/live"));
    await page.locator("#family_name").focus();
    await answer;
    await page.waitForTimeout(150);
    await page.waitForLoadState("load");
  } else {
    await page.locator("button[value=confirm]").last().click();
  }
}

export async function confirm(page) {
  await page.locator(".form-foot button[value=confirm]").click();
  await page.waitForLoadState("load");
}

// Confirms and reports; returns the HER-SYS ID (digits) and the notification's number.
export async function report(page) {
  if ((await page.locator("#confirm-dialog[open]").count()) === 0) await confirm(page);
  await page.click("#report-button");
  await page.waitForURL(/\/receipt/);
  const [, id, no] = page.url().match(/patient\/(\d+)\/notification\/(\d+)\/receipt/);
  return { id, no };
}
