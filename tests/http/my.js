// my.js - My HER-SYS from a test: somebody who is cared for at home, their link, and their telephone.
import { Client } from "./client.js";
import { hersys, sql } from "./database.js";
import { notification, receipt, stranger } from "./notify.js";

export const tokyo = (days) => new Date(Date.now() + 9 * 3600e3 + days * 86400e3).toISOString().slice(0, 10);

// Reported by `clinic` today, ill since `days` ago, at home in the care of `centre`.
export async function atHome(clinic, centre, days = -1, overrides = {}) {
  const values = { ...stranger(), diagnosis_date: tokyo(0), onset_date: tokyo(days), ...overrides };
  const { id } = receipt(await clinic.post("/notification", notification(values)));
  const patient = { path: `/patient/${id}`, id: hersys("id", id).split(" ")[0], birth: values.birth_date, name: values.given_name };
  await centre.get(`${patient.path}/status`);
  await centre.post(`${patient.path}/status`, { status: "home", since: tokyo(0) });
  return { ...patient, link: linkOf(patient) };
}

// A link as the next message to them would carry it: the one before is dead. They count as asked for today, so that none is sent meanwhile.
export function linkOf(patient, contact = 0) {
  sql(`UPDATE app.follow SET asked_on = app.today(), next_ask = NULL WHERE patient_id = ${patient.id} AND contact_no = ${contact}`);
  return sql(`SELECT app.follow_link_new(${patient.id}, ${contact})`)[0][0];
}

export const birthFields = (birth) => { const [year, month, day] = birth.split("-"); return { year, month, day }; };

// A telephone that has opened the link.
export async function phoneOf(patient, phone = new Client()) {
  await phone.get(`/my/${patient.link}`);
  const answer = await phone.post(`/my/${patient.link}`, birthFields(patient.birth));
  if (!answer.location?.startsWith("/my/entry/")) throw new Error(`not opened (${answer.status})`);
  return Object.assign(phone, { entry: answer.location });
}

// Opens the page of the entry and posts it; `fields` may take its key away.
export async function answer(phone, fields, path = phone.entry) {
  const { text } = await phone.get(path);
  return phone.post(path, { key: text.match(/name="key" value="([^"]+)"/)?.[1], ...fields });
}

export const stored = (patient, columns = "items") => sql(`SELECT ${columns} FROM app.entry WHERE patient_id = ${patient.id} AND tab = 'observation' ORDER BY entry_no`);
