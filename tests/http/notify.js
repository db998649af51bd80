// notify.js - a notification as plain form fields, for tests that report many of them without a browser.
import crypto from "node:crypto";

let number = 0;

// The fields of a new notification; each call another synthetic person. `draft_id` decides which report it is.
export function notification(overrides = {}) {
  number++;
  const values = { family_name: "負荷", given_name: `花${number}`, family_kana: "フカ", given_kana: "ハナ", sex: "female", birth_date: "1990-05-05",
    category: "confirmed", diagnosis_date: "2022-10-01", onset_date: "2022-09-30", stay_address: "愛知県名古屋市中区栄1-1",
    phone: `080${String(process.pid % 10000).padStart(4, "0")}${String(number).padStart(4, "0")}`, severity: "mild", risk: "no", ...overrides };
  return { action: "report", draft_id: crypto.randomUUID(), kind: "new", patient: "", no: "", base_version: "", form: "2022-09", short: "", deemed: "",
    items: Object.keys(values).join(" "), ...values };
}

// The patient and number in a receipt's address, or null when the answer is no receipt.
export function receipt(answer) {
  const found = answer.location?.match(/\/patient\/(\d+)\/notification\/(\d+)\/receipt/);
  return found ? { id: found[1], no: Number(found[2]) } : null;
}

// Somebody who looks like nobody else: for tests that report many people and are not about who is the same person.
export function stranger() {
  const kana = () => Array.from(crypto.randomBytes(6), (byte) => "アイウエオカキクケコサシスセソタチツテト"[byte % 20]).join("");
  const born = new Date(Date.UTC(1930, 0, 1 + crypto.randomInt(25000))).toISOString().slice(0, 10);
  return { family_kana: kana(), given_kana: kana(), given_name: `見${kana()}`, birth_date: born };
}
