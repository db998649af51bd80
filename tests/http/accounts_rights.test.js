// accounts_rights.test.js - who may open and post what among accounts, organisations, jurisdiction and applications:
// every right both ways, over plain HTTPS against a running stand with its demonstration accounts.
//
// What lies outside one's area must answer to the byte like what is not there, change nothing, and leave its refusal
// in the trail.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import { before, test } from "node:test";
import { address, Client, firstSignIn, signIn } from "./client.js";

const sql = (text) =>
  execFileSync("deploy/stand.sh", ["psql", "-At", "-c", text], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();
const rows = (text) => sql(text).split("\n").filter(Boolean).map((line) => line.split("|"));

const issuers = ["kuni", "aichi", "nagoya", "hoken1", "kasugai", "sakura", "minato"];
const others = ["hoken2", "sakura-jimu"];
const people = {}; // login -> Client
let accounts = {}; // login -> account_id
let organisations = {}; // code -> organisation_id
const run = crypto.randomBytes(3).toString("hex"); // so that the tests may run again on the same stand

before(async () => {
  accounts = Object.fromEntries(rows("SELECT login, account_id FROM app.account"));
  organisations = Object.fromEntries(rows("SELECT code, organisation_id FROM app.organisation"));
  for (const login of [...issuers, ...others]) people[login] = await signIn(login);
});

// Whose accounts each issuer has to do with (sql/0004-issuing.sql, view app.issuing).
const area = {
  kuni: ["kuni", "aichi", "nagoya", "hoken1", "kasugai"],
  aichi: ["aichi", "kodomo", "shukuhaku", "eiken"],
  nagoya: ["nagoya", "sakura", "sakura-jimu", "minato", "follow"],
  hoken1: ["hoken1", "hoken2", "sakura", "sakura-jimu", "minato"],
  kasugai: ["kasugai", "kodomo"],
  sakura: ["sakura", "sakura-jimu"],
  minato: ["minato"],
};
const demoLogins = ["kuni", "aichi", "nagoya", "hoken1", "hoken2", "kasugai", "sakura", "sakura-jimu", "minato", "kodomo",
  "follow", "shukuhaku", "eiken"];

// Which organisations' pages each may open; issuers of clinics have no such page at all.
const organisationArea = {
  kuni: ["M", "P23", "C23100", "H23100-1", "H23206-1"],
  aichi: ["P23", "K2320601", "A2310001", "L2300001"],
  nagoya: ["C23100", "K2310001", "K2310002", "F2310001"],
  hoken1: ["H23100-1", "K2310001", "K2310002"],
  kasugai: ["H23206-1", "K2320601"],
  sakura: [],
  minato: [],
};
const demoCodes = ["M", "P23", "C23100", "H23100-1", "H23206-1", "K2310001", "K2310002", "K2320601", "F2310001", "A2310001",
  "L2300001"];

const accountState = (id) =>
  sql(`SELECT a.*, (SELECT count(*) FROM app.session s WHERE s.account_id = a.account_id AND ended_at IS NULL),
         (SELECT count(*) FROM app.account_letter l WHERE l.account_id = a.account_id),
         (SELECT count(*) FROM app.account_phone p WHERE p.account_id = a.account_id)
         FROM app.account a WHERE account_id = ${id}`);
const denied = () => Number(sql("SELECT count(*) FROM app.audit WHERE outcome = 'denied'"));

// The navigation marks where one is; that much of the address may show.
const nowhere = new Map(); // client -> the page of what is not there
const unmarked = (text) => text.replace(/ aria-current="(page|true)"/, "");

// All pages of a list.
async function listOf(client, path) {
  let text = "";
  for (let next = path; next !== undefined;) {
    const page = await client.get(next.replaceAll("&amp;", "&"));
    text += page.text;
    next = page.text.match(/href="([^"]+)">次の50件/)?.[1];
  }
  return text;
}

async function absent(client, method, path, fields) {
  if (!nowhere.has(client)) nowhere.set(client, unmarked((await client.get("/accounts/987654321")).text));
  const answer = method === "GET" ? await client.get(path) : await client.post(path, fields);
  assert.equal(answer.status, 404, `${method} ${path}`);
  assert.equal(unmarked(answer.text), nowhere.get(client), `${method} ${path} tells that it is there`);
}

const fieldsOf = (login) => {
  const [[holder, role, email]] = rows(`SELECT holder, role, email FROM app.account WHERE login = '${login}'`);
  return { holder, role, email };
};

for (const issuer of issuers)
  test(`${issuer} opens and saves the accounts of the own area and no other`, async () => {
    const client = people[issuer], list = await listOf(client, "/accounts");
    for (const login of demoLogins) {
      const id = accounts[login], path = `/accounts/${id}`, mine = area[issuer].includes(login);
      assert.equal(list.includes(`href="${path}"`), mine, `list of ${issuer}: ${login}`);
      if (mine) {
        assert.equal((await client.get(path)).status, 200, path);
        assert.equal((await client.get(`${path}/letter`)).status, 200, path);
        assert.match((await client.post(path, fieldsOf(login))).location, new RegExp(`^${path}\\?notice=saved`));
        continue;
      }
      await absent(client, "GET", path);
      const state = accountState(id), refusals = denied();
      await absent(client, "GET", `${path}/letter`);
      for (const action of ["", "/reset", "/suspend", "/resume", "/letter"])
        await absent(client, "POST", path + action, fieldsOf(login));
      await absent(client, "POST", `${path}/hand-over`, { to: accounts[issuer] });
      assert.equal(accountState(id), state, `${issuer} changed ${login}`);
      assert.equal(denied() - refusals, 7, "every refusal is in the trail");
    }
  });

for (const issuer of issuers)
  test(`${issuer} opens and saves the organisations of the own area and no other`, async () => {
    const client = people[issuer], mine = organisationArea[issuer];
    assert.equal((await client.get("/organisations")).status, mine.length > 0 ? 200 : 404);
    for (const code of demoCodes) {
      const id = organisations[code], path = `/organisations/${id}`;
      const state = () => sql(`SELECT * FROM app.organisation WHERE organisation_id = ${id}`);
      const [[name, postal_code, place, phone, night_phone, idle_minutes]] = rows(
        `SELECT name, coalesce(postal_code, ''), address, phone, night_phone, idle_minutes FROM app.organisation
          WHERE organisation_id = ${id}`);
      const fields = { name, postal_code, address: place, phone, night_phone, idle_minutes, section_accounts: "1" };
      const before = state();
      if (mine.includes(code)) {
        assert.equal((await client.get(path)).status, 200, path);
        assert.match((await client.post(path, fields)).location, /notice=organisation_saved/, code);
      } else {
        await absent(client, "GET", path);
        await absent(client, "POST", path, { ...fields, name: "別の名前" });
        await absent(client, "POST", `${path}/close`);
        await absent(client, "POST", `${path}/reopen`);
      }
      assert.equal(state(), before, `${issuer} changed ${code}`);
    }
    // one's own office is nobody's to close from within; the ministry closes no health centre
    for (const code of mine.filter((c) => /^[MPCH]/.test(c)))
      await absent(client, "POST", `/organisations/${organisations[code]}/close`);
  });

const newAccount = (organisation, login, more) =>
  ({ organisation, holder: "試験 一郎", personal: "person", role: "staff", login: `${login}-${run}`, email: "", ...more });

// For which organisations each may issue.
const issuesFor = { ...organisationArea, sakura: ["K2310001"], minato: ["K2310002"] };

for (const issuer of issuers)
  test(`${issuer} issues accounts for the own area and no other, and has them from letter to suspension`, async () => {
    const client = people[issuer];
    for (const code of demoCodes) {
      const organisation = organisations[code], login = `${issuer}-${code}`.toLowerCase();
      const fields = newAccount(organisation, login, { issuer: "1" });
      if (!issuesFor[issuer].includes(code)) {
        await absent(client, "GET", `/accounts?organisation=${organisation}`);
        await absent(client, "GET", `/accounts/new?organisation=${organisation}`);
        await absent(client, "POST", "/accounts/new", fields);
        assert.equal(sql(`SELECT count(*) FROM app.account WHERE login = '${fields.login}'`), "0");
        continue;
      }
      for (const path of ["/accounts", "/accounts/new"])
        assert.equal((await client.get(`${path}?organisation=${organisation}`)).status, 200);
      const made = await client.post("/accounts/new", fields);
      assert.match(made.location, /^\/accounts\/\d+\/letter\?notice=issued$/, `${issuer} for ${code}`);
      const again = await client.post("/accounts/new", fields);
      assert.equal(again.location, made.location, "pressing twice gives the first answer");
      const [[id, flag]] = rows(`SELECT account_id, issuer FROM app.account WHERE login = '${fields.login}'`);
      // a clinic's issuer hands over and makes no second one
      assert.equal(flag, /^K/.test(code) && ["sakura", "minato"].includes(issuer) ? "f" : "t");
      for (const [action, notice] of [["suspend", "suspended"], ["resume", "resumed"], ["reset", "password_reset"]])
        assert.match((await client.post(`/accounts/${id}/${action}`)).location, new RegExp(`notice=${notice}$`));
      const letter = await client.post(`/accounts/${id}/letter`);
      assert.equal(letter.headers.get("content-type"), "application/pdf");
      assert.equal(letter.bytes.subarray(0, 5).toString(), "%PDF-");
      await client.post(`/accounts/${id}/suspend`);
    }
  });

test("the ministry issues nothing but issuers for the offices, ordinary accounts for itself", async () => {
  const fields = newAccount(organisations.P23, "kuni-plain");
  await people.kuni.post("/accounts/new", fields);
  assert.equal(sql(`SELECT issuer FROM app.account WHERE login = '${fields.login}'`), "t");
  const own = newAccount(organisations.M, "kuni-own");
  await people.kuni.post("/accounts/new", own);
  assert.equal(sql(`SELECT issuer FROM app.account WHERE login = '${own.login}'`), "f");
});

test("where section accounts are not allowed, every new account is a person's", async () => {
  const id = organisations.K2320601;
  sql(`UPDATE app.organisation SET section_accounts = false WHERE organisation_id = ${id}`);
  const page = await people.kasugai.get(`/accounts/new?organisation=${id}`);
  assert.ok(!page.text.includes('name="personal"'));
  const fields = newAccount(id, "bushitsu", { personal: "section" });
  await people.kasugai.post("/accounts/new", fields);
  assert.equal(sql(`SELECT personal FROM app.account WHERE login = '${fields.login}'`), "t");
  sql(`UPDATE app.organisation SET section_accounts = true WHERE organisation_id = ${id}`);
  const section = newAccount(id, "kakari", { personal: "section", holder: "△△課１" });
  await people.kasugai.post("/accounts/new", section);
  assert.equal(sql(`SELECT personal FROM app.account WHERE login = '${section.login}'`), "f");
});

test("nobody suspends or resets the own account", async () => {
  for (const login of issuers) {
    const id = accounts[login], state = accountState(id);
    for (const action of ["suspend", "reset"])
      assert.equal((await people[login].post(`/accounts/${id}/${action}`)).status, 409);
    assert.equal(accountState(id), state);
  }
});

test("a reset takes password, second steps and sessions; a suspension ends sessions; handing over moves the right", async () => {
  const clinic = await issueAndSignIn("utsuri-1", { issuer: "1", role: "doctor" }, "09055550001");
  const heir = await issueAndSignIn("utsuri-2", {}, "09055550002");
  assert.equal((await clinic.client.get("/accounts")).status, 200);
  assert.equal((await heir.client.get("/accounts")).status, 403);
  const handed = await clinic.client.post(`/accounts/${clinic.id}/hand-over`, { to: heir.id });
  assert.equal(handed.location, "/me?notice=handed_over");
  assert.equal((await clinic.client.get("/accounts")).status, 403, "the right goes at once");
  assert.equal((await heir.client.get("/me")).location, "/sign-in", "the heir signs in anew");
  assert.deepEqual(rows(`SELECT account_id, issuer FROM app.account WHERE account_id IN (${clinic.id}, ${heir.id}) ORDER BY 1`),
    [[clinic.id, "f"], [heir.id, "t"]]);
  // to an account of another organisation, or of nobody: no
  for (const to of [accounts.minato, "987654321"])
    await absent(people.hoken1, "POST", `/accounts/${heir.id}/hand-over`, { to });

  assert.equal((await clinic.client.get("/me")).status, 200);
  await people.hoken1.post(`/accounts/${clinic.id}/suspend`);
  assert.equal((await clinic.client.get("/me")).location, "/sign-in");
  const locked = new Client();
  assert.match((await locked.post("/sign-in", { login: clinic.login, password: clinic.password })).text, /正しくありません/);
  await people.hoken1.post(`/accounts/${clinic.id}/resume`);
  assert.equal((await locked.post("/sign-in", { login: clinic.login, password: clinic.password })).location, "/sign-in/second");

  await people.hoken1.post(`/accounts/${clinic.id}/reset`);
  assert.equal(sql(`SELECT count(*) FROM app.account_phone WHERE account_id = ${clinic.id}`), "0");
  assert.equal((await locked.get("/sign-in/second")).location, "/sign-in", "a sign-in half way is over too");
  assert.match((await new Client().post("/sign-in", { login: clinic.login, password: clinic.password })).text, /正しくありません/);
});

// A fresh account of さくら坂, signed in for the first time with what stands in its letter.
async function issueAndSignIn(login, more, phone) {
  const fields = newAccount(organisations.K2310001, login, more), password = `kawara-no-ishi-${login}`;
  const made = await people.hoken1.post("/accounts/new", fields);
  const id = made.location.match(/\d+/)[0];
  const letter = await people.hoken1.post(`/accounts/${id}/letter`);
  const text = execFileSync("pdftotext", ["-layout", "-", "-"], { input: letter.bytes, encoding: "utf8" });
  const [first, second] = text.split("\f");
  assert.ok(first.includes(fields.login) && first.includes(address) && !second.includes(fields.login));
  const initial = second.match(/[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/)[0];
  assert.ok(!first.includes(initial));
  const client = await firstSignIn(fields.login, initial.toLowerCase().replaceAll("-", " "), password, phone);
  return { id, login: fields.login, password, client };
}

test("a letter is printed within a day, and once printed a quarter of an hour longer", async () => {
  const made = await people.hoken1.post("/accounts/new", newAccount(organisations["H23100-1"], "tegami"));
  const path = made.location.split("?")[0], id = path.match(/\d+/)[0];
  const left = () => Number(sql(`SELECT round(extract(epoch FROM printable_until - now()) / 60) FROM app.account_letter WHERE account_id = ${id}`));
  assert.equal(left(), 24 * 60);
  assert.equal((await people.hoken1.post(path)).status, 200);
  assert.equal(left(), 15);
  assert.ok(!sql(`SELECT sealed_password FROM app.account_letter WHERE account_id = ${id}`).match(/[0-9A-Z]{4}-[0-9A-Z]{4}-/));
  sql(`UPDATE app.account_letter SET printable_until = now() - interval '1 second' WHERE account_id = ${id}`);
  const late = await people.hoken1.post(path);
  assert.match(late.headers.get("content-type"), /^text\/html/);
  assert.match(late.text, /手紙を開ける時間は過ぎました/);
  sql(`UPDATE app.account SET password_until = now() - interval '1 second' WHERE account_id = ${id}`);
});

const newOrganisation = (kind) => ({ kind, name: `試験 ${kind} ${run}`, postal_code: "460-0008", address: "愛知県名古屋市中区栄9-9-9",
  phone: "052-555-0199", night_phone: "", idle_minutes: "30", section_accounts: "1" });

test("who creates which kind of organisation", async () => {
  const may = {
    kuni: [], sakura: [], minato: [],
    aichi: ["clinic", "followup", "accommodation", "laboratory"],
    nagoya: ["clinic", "followup", "accommodation", "laboratory"],
    hoken1: ["clinic", "followup", "accommodation"],
    kasugai: ["clinic", "followup", "accommodation"],
  };
  for (const [login, kinds] of Object.entries(may))
    for (const kind of ["clinic", "followup", "accommodation", "laboratory", "centre", "ministry"]) {
      const client = people[login], fields = { ...newOrganisation(kind), name: `試験 ${login} ${kind} ${run}` };
      const there = () => rows(`SELECT organisation_id, kind, laboratory, code FROM app.organisation WHERE name = '${fields.name}'`);
      if (kinds.length === 0) {
        await absent(client, "GET", "/organisations/new");
        await absent(client, "POST", "/organisations/new", fields);
      } else if (!kinds.includes(kind)) {
        assert.match((await client.post("/organisations/new", fields)).text, /種別を選び直してください/);
      }
      if (!kinds.includes(kind)) {
        assert.deepEqual(there(), [], `${login} ${kind}`);
        continue;
      }
      const made = await client.post("/organisations/new", fields);
      const again = await client.post("/organisations/new", fields);
      assert.equal(again.location, made.location, "pressing twice gives the first answer");
      const [[id, stored, laboratory, code]] = there();
      assert.equal(there().length, 1);
      assert.equal(made.location, `/organisations/${id}?notice=organisation_saved`);
      assert.deepEqual([stored, laboratory], kind === "laboratory" ? ["centre", "t"] : [kind, "f"]);
      assert.match(code, /^[KFAL]23106\d{2,}$/);
      for (const [action, notice] of [["close", "closed"], ["reopen", "reopened"], ["close", "closed"]])
        assert.match((await client.post(`/organisations/${id}/${action}`)).location, new RegExp(`organisation_${notice}$`));
      assert.equal((await client.post("/accounts/new", newAccount(id, "closed"))).status, 409, "no account for what is closed");
    }
});

test("who says which centre is competent", async () => {
  const asks = (login, code) => people[login].get(`/jurisdiction/${code}`);
  const may = { kuni: ["01101", "23106", "23206", "23000"], aichi: ["23106", "23206", "23000"], nagoya: ["23100", "23106"],
    hoken1: [], kasugai: [], sakura: [] };
  for (const [login, codes] of Object.entries(may))
    for (const code of ["01101", "23100", "23106", "23206", "23000", "99999", "abc"]) {
      const all = login === "kuni" ? ["23100", ...codes] : login === "aichi" ? ["23100", ...codes] : codes;
      if (all.includes(code)) assert.equal((await asks(login, code)).status, 200, `${login} ${code}`);
      else await absent(people[login], "GET", `/jurisdiction/${code}`);
    }
  const stored = (code) => rows(`SELECT centre_id, derived FROM app.jurisdiction WHERE municipality_code = '${code}'`)[0];
  const refused = async (login, code, centre) => {
    const state = stored(code);
    await absent(people[login], "POST", `/jurisdiction/${code}`, { centre: organisations[centre] });
    assert.deepEqual(stored(code), state);
  };
  await refused("nagoya", "23206", "H23100-1"); // not its municipality
  await refused("nagoya", "23106", "H23206-1"); // not its centre
  await refused("aichi", "23206", "H01100-1"); // not a centre of the prefecture
  await refused("aichi", "23206", "L2300001"); // a laboratory
  await refused("aichi", "23206", "K2310001"); // a clinic
  await refused("aichi", "01101", "H01100-1");
  await refused("hoken1", "23106", "H23100-1");
  for (const [login, code, centre] of [["nagoya", "23107", "H23100-1"], ["aichi", "23302", "H23204-1"], ["kuni", "01101", "H01100-1"]]) {
    assert.match((await people[login].post(`/jurisdiction/${code}`, { centre: organisations[centre] })).location, /jurisdiction_saved/);
    assert.deepEqual(stored(code), [organisations[centre], "f"]);
  }
});

const application = (more) => ({ application_id: crypto.randomUUID(), institution: `申請 ${run} 医院`, postal_code: "４６０－０００８",
  address: "名古屋市中区栄3-4-5", phone: "052（555）0177", doctor: "申請 太郎", email: "shinsei@example.jp", ...more });

test("who decides on an application, and that it is decided once", async () => {
  const guest = new Client();
  const inCity = application(), inTown = application({ institution: `申請 ${run} 町医院`, postal_code: "480-0202", address: "愛知県西春日井郡豊山町豊場1" });
  for (const fields of [inCity, inTown]) assert.match((await guest.post("/apply", fields)).text, /申請を受け付けました/);
  await guest.post("/apply", inCity);
  assert.equal(sql(`SELECT count(*) FROM app.application WHERE application_id = '${inCity.application_id}'`), "1");
  const centre = (id) => sql(`SELECT o.code FROM app.application JOIN app.organisation o ON o.organisation_id = centre_id WHERE application_id = '${id}'`);
  assert.equal(centre(inCity.application_id), "H23100-1");
  const townCentre = centre(inTown.application_id);
  assert.notEqual(townCentre, "H23100-1");

  for (const login of issuers) {
    const client = people[login], list = await client.get("/applications");
    assert.equal(list.status, ["kuni", "sakura", "minato"].includes(login) ? 404 : 200, login);
    const sees = { city: ["nagoya", "hoken1"].includes(login), town: login === "aichi" };
    assert.equal(list.text.includes(inCity.application_id), sees.city, login);
    assert.equal(list.text.includes(inTown.application_id), sees.town, login);
    for (const [id, mine] of [[inCity.application_id, sees.city], [inTown.application_id, sees.town]])
      for (const action of mine ? [] : ["approve", "reject"]) await absent(client, "POST", `/applications/${id}/${action}`);
  }
  await absent(people.hoken1, "POST", "/applications/no-uuid/approve");

  const path = `/applications/${inCity.application_id}/approve`;
  const answers = await Promise.all([people.hoken1.post(path), people.nagoya.post(path), people.hoken1.post(path)]);
  for (const answer of answers) assert.match(answer.location, /^\/(accounts\/\d+\/letter\?notice=approved|applications\?notice=application_decided)$/);
  const made = rows(`SELECT o.organisation_id, o.kind, o.code, p.code, a.login, a.issuer, a.role, a.holder, a.email
    FROM app.organisation o JOIN app.organisation p ON p.organisation_id = o.parent_id JOIN app.account a ON a.organisation_id = o.organisation_id
    WHERE o.name = '${inCity.institution}'`);
  assert.equal(made.length, 1, "one clinic, one account");
  const [, kind, code, parent, login, issuer, role, holder, email] = made[0];
  assert.deepEqual([kind, parent, login, issuer, role, holder, email],
    ["clinic", "H23100-1", `${code.toLowerCase()}-1`, "t", "doctor", "申請 太郎", "shinsei@example.jp"]);
  const repeated = await people.hoken1.post(path);
  assert.match(repeated.location, /^\/accounts\/\d+\/letter\?notice=approved$/, "a later press leads to the letter");

  assert.match((await people.aichi.post(`/applications/${inTown.application_id}/reject`)).location, /notice=rejected/);
  assert.match((await people.aichi.post(`/applications/${inTown.application_id}/approve`)).location, /application_decided/);
  assert.equal(sql(`SELECT count(*) FROM app.organisation WHERE name = '${inTown.institution}'`), "0");
});

test("the public page answers alike whether a clinic is there or not", async () => {
  const guest = new Client();
  const known = application({ institution: "さくら坂内科クリニック", address: "愛知県名古屋市中区栄1-2-3", phone: "0525550101" });
  const unknown = application({ institution: "だれも知らない医院", application_id: crypto.randomUUID() });
  const shape = (fields, text) => text.replaceAll(fields.institution, "医院").replace(/[0-9A-F]{4}-[0-9A-F]{4}/, "受付番号");
  const [a, b] = [await guest.post("/apply", known), await guest.post("/apply", unknown)];
  assert.equal(shape(known, a.text), shape(unknown, b.text));
});

test("without the right to issue every one of these pages refuses, without a session it leads to the sign-in", async () => {
  const account = accounts.hoken2, organisation = organisations.K2310001;
  const paths = ["/accounts", "/accounts/new", `/accounts/${account}`, `/accounts/${account}/letter`, "/organisations",
    "/organisations/new", `/organisations/${organisation}`, "/jurisdiction", "/jurisdiction/23106", "/applications"];
  const posts = ["/accounts/new", ...["", "/reset", "/suspend", "/resume", "/hand-over", "/letter"].map((p) => `/accounts/${account}${p}`),
    "/organisations/new", ...["", "/close", "/reopen"].map((p) => `/organisations/${organisation}${p}`), "/jurisdiction/23106",
    `/applications/${crypto.randomUUID()}/approve`, `/applications/${crypto.randomUUID()}/reject`];
  const stranger = new Client();
  for (const login of others) {
    const refusals = denied();
    for (const path of paths) assert.equal((await people[login].get(path)).status, 403, `${login} ${path}`);
    for (const path of posts) assert.equal((await people[login].post(path)).status, 403, `${login} POST ${path}`);
    assert.equal(denied() - refusals, paths.length + posts.length);
  }
  for (const path of paths) assert.equal((await stranger.get(path)).location, "/sign-in");
  for (const path of posts) assert.equal((await stranger.post(path)).location, "/sign-in");
});

test("a form from elsewhere, or without the session's token, changes nothing", async () => {
  const id = accounts.hoken2, state = accountState(id);
  for (const [fields, headers] of [[{}, { origin: "https://example.jp" }], [{}, {}], [{ csrf: "0" }, { origin: address }],
    [{ csrf: people.kasugai.csrf }, { origin: address }]])
    assert.equal((await people.hoken1.post(`/accounts/${id}/suspend`, fields, headers)).status, 400);
  assert.equal(accountState(id), state);
  const fields = application();
  assert.equal((await new Client().post("/apply", fields, { origin: "https://example.jp" })).status, 400);
  assert.equal(sql(`SELECT count(*) FROM app.application WHERE application_id = '${fields.application_id}'`), "0");
});

test("pages of this slice need few round trips", async (t) => {
  const probe = await people.hoken1.get("/accounts");
  if (!probe.headers.has("x-round-trips")) return t.skip("the stand does not measure (HERSYS_MEASURE=yes)");
  for (const path of ["/accounts", `/accounts/${accounts.hoken2}`, "/accounts/new", "/organisations", "/applications"])
    assert.equal((await people.hoken1.get(path)).headers.get("x-round-trips"), "2", path); // the session, the page
  return undefined;
});
