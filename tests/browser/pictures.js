// pictures.js - makes docs/pictures/*.png for the README out of the running demonstration: node tests/browser/pictures.js
//
// Every person in them is synthetic. Uses the stand that HERSYS_STATE and HERSYS_PORT name; it adds a notification.
import fs from "node:fs";
import { confirm, fill, report } from "./form.js";
import { address, desktop, launch, open, phone, signIn } from "./stand.js";

const today = new Date().toLocaleDateString("ja-JP", { timeZone: "Asia/Tokyo" });
const patient = { diagnosis_date: today, category: "confirmed", family_name: "山田", given_name: "花子", family_kana: "ヤマダ",
  given_kana: "ハナコ", sex: "female", birth_date: "S55.1.2", stay_address: "愛知県名古屋市中区栄1-1-1", phone: "090-1234-5678",
  test1_sampled_on: today, dose_count: "3", risk: "no", immunosuppressed: "no", pregnant: "no" };

const take = (page, name, options) => page.screenshot({ path: `docs/pictures/${name}.png`, animations: "disabled", ...options });

const browser = await launch();
const clinic = await (await open(browser, desktop)).newPage();
await signIn(clinic, "sakura");
await fill(clinic, patient);
await clinic.evaluate(() => { document.activeElement.blur(); window.scrollTo(0, 0); });
await take(clinic, "notification");
await fill(clinic, { ...patient, dose_count: [], pregnant: [] });
await confirm(clinic);
await take(clinic, "confirm", { clip: { x: 270, y: 0, width: 740, height: 900 } });
const { id } = await report(clinic);

const centre = await (await open(browser, desktop)).newPage();
await signIn(centre, "hoken1");
await take(centre, "today");
await centre.goto(`${address}/patient/${id}`);
await centre.goto(`${address}/patient/${id}/viewers`);
await take(centre, "viewers");

const nurse = await (await open(browser, { ...phone, deviceScaleFactor: 1 })).newPage();
await signIn(nurse, "hoken2");
await nurse.goto(`${address}/todo/unconfirmed`);
await take(nurse, "phone");

// The link of the demonstration (hersys demo seed).
const demo = fs.readFileSync(`${process.env.HERSYS_STATE ?? "var"}/demo.log`, "utf8");
const [, link] = demo.match(/(https:\S+\/my\/\w+)/), [, ...birth] = demo.match(/生年月日 (\d+)\/(\d+)\/(\d+)/);
const person = await (await open(browser, { ...phone, deviceScaleFactor: 1 })).newPage();
await person.goto(link);
for (const [i, part] of ["year", "month", "day"].entries()) await person.fill(`#${part}`, birth[i]);
await Promise.all([person.waitForNavigation(), person.click(".my-send")]);
await take(person, "my");
await browser.close();
