// figures_difference.test.js - 公表との差: what an office published goes in by a table or by hand, errors named with line and word; the
// difference by day and below; of whom something is missing; 照会 and 回答 with their notices; and who may do none of it.
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { address, signIn } from "./client.js";
import { asRole, hersys, sql, sqlHolding } from "./database.js";
import { notification, receipt, stranger } from "./notify.js";

const clients = {}, office = {};
let began;
const tokyo = (days) => new Date(Date.now() + 9 * 3600e3 + days * 86400e3).toISOString().slice(0, 10);
const slashed = (iso) => iso.split("-").map(Number).join("/");
const plain = (text) => text.replaceAll("&quot;", "\"").replaceAll("&amp;", "&");
const value = (text, name) => text.match(new RegExp(`name="${name}" value="([^"]*)"`))[1];
const token = (login) => clients[login].cookies.get("__Host-sid");

before(async () => {
  [[began]] = sql("SELECT now()");
  for (const login of ["sakura", "follow", "hoken1", "kasugai", "nagoya", "aichi", "kuni"]) {
    clients[login] = await signIn(login);
    [[office[login]]] = sql(`SELECT organisation_id FROM app.account WHERE login = '${login}'`);
  }
  sql(`DELETE FROM app.published_figure WHERE day >= '${tokyo(-60)}'`);
});

const area = { hoken1: () => `o${office.hoken1}`, kasugai: () => `o${office.kasugai}`, nagoya: () => `o${office.nagoya}`, aichi: () => "23" };

async function reportedAgo(ago, values = {}) {
  const made = receipt(await clients.sakura.post("/notification", notification({ ...stranger(), ...values })));
  const patient = { path: `/patient/${made.id}`, id: hersys("id", made.id).split(" ")[0] };
  sql(`UPDATE app.submission SET submitted_at = submitted_at - interval '${ago} days' WHERE patient_id = ${patient.id};
       UPDATE app.access SET listed_at = listed_at - interval '${ago} days' WHERE patient_id = ${patient.id}; SELECT app.figure_follow(${patient.id})`);
  return patient;
}

// The form of a table as a browser sends it; `file` are the bytes of a chosen one.
function upload(login, { text = "", file, step = "check" }) {
  const form = new FormData();
  for (const [name, one] of Object.entries({ csrf: clients[login].csrf, text, step })) form.append(name, one);
  form.append("file", new Blob([file ?? ""]), file ? "公表.csv" : "");
  return clients[login].request("POST", "/figures/published", form, { origin: address });
}

// Checks a table, sees it, saves it.
async function enter(login, text) {
  await clients[login].get("/figures/published");
  const shown = await upload(login, { text });
  assert.equal(shown.status, 200, shown.text.slice(0, 2000));
  const answer = await clients[login].post("/figures/published", { form_id: value(shown.text, "form_id"), text, step: "save" });
  assert.equal(answer.status, 303, answer.text.slice(0, 2000));
  return { shown, answer };
}

const published = (of) => sql(`SELECT day, series, version, count FROM app.published_figure WHERE area = '${of}' AND day >= '${tokyo(-60)}' ORDER BY 1, 2, 3`);
// A day's cells: [difference, published, counted, path] or null, for 新規, 重症, 死亡.
async function shownDay(login, of, day) {
  const { text } = await clients[login].get(`/figures/difference?area=${of}`);
  const row = text.match(new RegExp(`<th scope="row" class="nowrap">${slashed(day)}</th>([\\s\\S]*?)</tr>`))?.[1] ?? "";
  return [...row.matchAll(/<td class="number"[^>]*>([\s\S]*?)<\/td>/g)].map(([, cell]) => {
    const numbers = cell.replace(/<[^>]+>/g, "").match(/公表 (\d+)、HER-SYS (-?\d+)/);
    return numbers && { words: cell.replace(/<[^>]+>/g, " ").trim(), difference: cell.replace(/<span[\s\S]*/, "").replace(/<[^>]+>/g, ""), published: Number(numbers[1]), counted: Number(numbers[2]), path: plain(cell.match(/href="(\/figures\/missing[^"]+)"/)?.[1] ?? "") };
  });
}

test("a table is shown first and saved by a second press, once; what comes later is a further version", async () => {
  const text = `日付,新規陽性者,重症者,死亡者\n${slashed(tokyo(-3))},12,3,1\n${slashed(tokyo(-2))},7,,0\n`;
  await clients.hoken1.get("/figures/published");
  const shown = await upload("hoken1", { text });
  assert.match(shown.text, /内容の確認（2日分）/);
  assert.deepEqual(published(area.hoken1()), []);
  const fields = { form_id: value(shown.text, "form_id"), text, step: "save" };
  assert.equal((await clients.hoken1.post("/figures/published", fields)).status, 303);
  assert.equal((await clients.hoken1.post("/figures/published", fields)).status, 303);
  const first = [[tokyo(-3), "death", "1", "1"], [tokyo(-3), "new", "1", "12"], [tokyo(-3), "severe", "1", "3"], [tokyo(-2), "death", "1", "0"], [tokyo(-2), "new", "1", "7"]];
  assert.deepEqual(published(area.hoken1()), first);
  await enter("hoken1", `${tokyo(-3)},14,3,1\n`);
  assert.deepEqual(published(area.hoken1()), [first[0], first[1], [tokyo(-3), "new", "2", "14"], ...first.slice(2)]);
  const [cell] = await shownDay("hoken1", area.hoken1(), tokyo(-3));
  assert.equal(cell.published, 14);
  assert.match(cell.words, /訂正1回/);
  assert.equal(sql(`SELECT count(*) FROM app.audit WHERE action = 'published_save' AND organisation_id = ${office.hoken1} AND at > '${began}'`)[0][0], "2");
});

test("a file in CP932 with its columns in another order; a day typed field by field", async () => {
  // 日付,死亡,新規 in CP932
  const heading = Buffer.from([0x93, 0xfa, 0x95, 0x74, 0x2c, 0x8e, 0x80, 0x96, 0x53, 0x2c, 0x90, 0x56, 0x8b, 0x4b, 0x0d, 0x0a]);
  await clients.kasugai.get("/figures/published");
  const shown = await upload("kasugai", { file: Buffer.concat([heading, Buffer.from(`${slashed(tokyo(-4))},2,31\r\n`)]) });
  assert.equal(shown.status, 200);
  assert.match(shown.text, /Shift_JIS/);
  const text = shown.text.match(/name="text" value="([^"]*)"/)[1];
  await clients.kasugai.post("/figures/published", { form_id: value(shown.text, "form_id"), text, step: "save" });
  assert.deepEqual(published(area.kasugai()), [[tokyo(-4), "death", "1", "2"], [tokyo(-4), "new", "1", "31"]]);
  const typed = await clients.kasugai.post("/figures/published", { day: slashed(tokyo(-5)), new: "8", severe: "", death: "", step: "check" });
  assert.match(typed.text, /内容の確認（1日分）/);
  await clients.kasugai.post("/figures/published", { form_id: value(typed.text, "form_id"), text: value(typed.text, "text"), step: "save" });
  assert.deepEqual(published(area.kasugai())[0], [tokyo(-5), "new", "1", "8"]);
  // Sums are not the day's figures, whatever stands first; numbers as people write them.
  const sums = await upload("kasugai", { text: `No,公表日,累積陽性者数,新規（日別）,累計死亡,死亡者数\n1,${tokyo(-6)},"98,765","1,234",77,３\n` });
  await clients.kasugai.post("/figures/published", { form_id: value(sums.text, "form_id"), text: plain(value(sums.text, "text")), step: "save" });
  assert.deepEqual(published(area.kasugai()).slice(0, 2), [[tokyo(-6), "death", "1", "3"], [tokyo(-6), "new", "1", "1234"]]);
});

test("a day typed field by field says which field is wrong, and keeps what was typed in each", async () => {
  const stood = published(area.nagoya());
  const { status, text } = await clients.nagoya.post("/figures/published", { day: slashed(tokyo(-6)), new: "12", severe: "三", death: "4", step: "check" });
  assert.equal(status, 422);
  assert.ok(text.includes("1日分の「三」：重症者の人数を、0から1000万までの整数で入力してください。"));
  assert.doesNotMatch(text, /行目「/);
  assert.deepEqual(["day", "new", "severe", "death"].map((name) => text.match(new RegExp(`<input id="${name}" [^>]*value="([^"]*)"`))[1]), [slashed(tokyo(-6)), "12", "三", "4"]);
  assert.match(text, /<textarea id="text"[^>]*><\/textarea>/);
  assert.match((await clients.nagoya.post("/figures/published", { day: "", new: "5", step: "check" })).text, /1日分の「」：日付として読み取れません。/);
  assert.deepEqual(published(area.nagoya()), stood);
});

test("two at once: the second is told so, keeps its table, and saves it by a further press", async () => {
  const day = tokyo(-7), text = `日付,新規陽性者\n${slashed(day)},21\n`;
  await clients.nagoya.get("/figures/published");
  const shown = await upload("nagoya", { text });
  const { over } = await sqlHolding(1, `INSERT INTO app.published_figure SELECT '${area.nagoya()}', 'new', '${day}', 1, 20, organisation_id, account_id, now() FROM app.account WHERE login = 'nagoya'`);
  const second = await clients.nagoya.post("/figures/published", { form_id: value(shown.text, "form_id"), text, step: "save" });
  await over;
  assert.equal(second.status, 409);
  assert.match(second.text, /ほかの人が同時に入力しました/);
  assert.doesNotMatch(second.text, /患者の記録/);
  assert.ok(second.text.includes(`${text}</textarea>`));
  assert.equal((await clients.nagoya.post("/figures/published", { form_id: value(second.text, "form_id"), text: value(second.text, "text"), step: "save" })).status, 303);
  assert.deepEqual(published(area.nagoya()).filter(([on]) => on === day).map((row) => row.slice(1)), [["new", "1", "20"], ["new", "2", "21"]]);
});

test("what cannot be read is named by line and word, nothing is saved, and nothing typed is lost", async () => {
  const stood = published(area.nagoya());
  const text = `日付,新規\n${tokyo(-2)},12\n2021/2/30,3\n${tokyo(-1)},三\n${tokyo(-2)},4\n${tokyo(3)},1\n`;
  for (const step of ["check", "save"]) {
    const { status, text: page } = await upload("nagoya", { text, step });
    assert.equal(status, 422);
    for (const words of ["3行目「2021/2/30」：日付として読み取れません。", "4行目「三」：新規陽性者の人数を、0から1000万までの整数で入力してください。", `5行目「${tokyo(-2)}」：同じ日付の行が、前にもあります。`, `6行目「${tokyo(3)}」：今日より後の日付です。`])
      assert.ok(page.includes(words), words);
    assert.ok(page.includes(`${text}</textarea>`));
    assert.doesNotMatch(page, /value="save"/);
  }
  assert.match((await upload("nagoya", { text: "" })).text, /行がありません/);
  assert.match((await upload("nagoya", { text: "場所,人数\n名古屋,3\n" })).text, /1行目「場所」：日付で始まる行でも/);
  assert.match((await upload("nagoya", { file: Buffer.from([0x81, 0x0a, 0xff]) })).text, /行目の文字を読み取れません/);
  assert.deepEqual(published(area.nagoya()), stood);
});

test("the difference is what was published less what is counted; behind it are those of whom something is missing", async () => {
  const day = tokyo(-12), of = area.hoken1();
  const uncounted = await reportedAgo(12, { category: "suspected" }), counted = await reportedAgo(12);
  const now = Number(sql(`SELECT count FROM app.figure_daily('${of}', '{new}', '${day}', '${day}')`)[0][0]);
  const hospital = await reportedAgo(20, { severity: "mild" }), alreadySevere = await reportedAgo(20, { severity: "severe" }), undecided = await reportedAgo(30);
  for (const { path } of [hospital, alreadySevere]) {
    await clients.hoken1.get(`${path}/status`);
    assert.equal((await clients.hoken1.post(`${path}/status`, { status: "hospital", since: tokyo(-15) })).status, 303);
  }
  await enter("hoken1", `${day},${now + 1},999,3\n`);
  const [fresh, severe, death] = await shownDay("hoken1", of, day);
  assert.deepEqual([fresh.difference, fresh.published, fresh.counted], ["+1", now + 1, now]);
  const missing = async (path) => (await clients.hoken1.get(path)).text;
  assert.ok((await missing(fresh.path)).includes(uncounted.path));
  assert.ok(!(await missing(fresh.path)).includes(counted.path));
  assert.ok((await missing(severe.path)).includes(hospital.path));
  assert.ok(!(await missing(severe.path)).includes(alreadySevere.path), "who counts as severe is not missing");
  assert.ok((await missing(death.path)).includes(undecided.path));
  assert.ok(!(await missing(death.path)).includes(hospital.path));
  assert.match(sql(`SELECT string_agg(action, ' ') FROM app.audit WHERE patient_ids @> ARRAY[${uncounted.id}]::bigint[] AND organisation_id = ${office.hoken1}`)[0][0], /list/);
  for (const [login, seen] of [["aichi", true], ["nagoya", true], ["kuni", true], ["kasugai", false], ["sakura", false]])
    assert.equal((await clients[login].get(fresh.path)).status, seen ? 200 : 404, login);
  const above = (await clients.aichi.get("/figures/difference")).text;
  assert.match(above, new RegExp(`href="/figures/difference\\?area=${of}&amp;`));
  assert.doesNotMatch((await clients.nagoya.get("/figures/difference")).text, new RegExp(`area=${area.kasugai()}&amp;`));
});

test("what an area is compared with is what stands in its figures: new and death of the day, severe on it", () => {
  const areas = "(SELECT DISTINCT area FROM app.figure_area) a", days = `'${tokyo(-40)}', '${tokyo(0)}'`;
  assert.deepEqual(sql(`SELECT a.area, series, day, d.count, d.level, c.value FROM ${areas} CROSS JOIN LATERAL app.figure_daily(a.area, '{new,severe,death}', ${days}) d
    LEFT JOIN LATERAL app.published_counted(a.area, ${days}) c USING (series, day) WHERE c.value IS DISTINCT FROM CASE series WHEN 'severe' THEN d.level ELSE d.count END`), []);
  assert.notEqual(sql(`SELECT sum(value) FROM app.published_counted('23', ${days})`)[0][0], "0");
});

test("the areas below come fifty at a time, in the country's order, each once; a centre has no such table", async () => {
  const day = tokyo(-33), areas = sql(`SELECT 'o' || organisation_id FROM app.organisation WHERE kind = 'centre' AND NOT laboratory ORDER BY prefecture_code DESC, organisation_id LIMIT 70`).flat();
  sql(`INSERT INTO app.published_figure SELECT a, 'new', '${day}', 1, 3, ${office.kuni}, 1, now() FROM unnest('{${areas}}'::text[]) a`);
  const seen = [];
  for (let path = `/figures/difference?from=${day}&to=${day}`, pages = 0; path; pages++) {
    const { status, text } = await clients.kuni.get(path), below = text.slice(text.indexOf('id="below"'));
    assert.equal(status, 200);
    const rows = [...below.matchAll(/<th scope="row"><a href="\/figures\/difference\?area=(\w+)&amp;/g)].map(([, of]) => of);
    assert.ok(rows.length <= 50 && pages < 4);
    assert.match(below, /公表 3、HER-SYS/);
    seen.push(...rows);
    path = plain(below.match(/<a href="([^"]*)#below">次の50地域/)?.[1] ?? "");
  }
  sql(`DELETE FROM app.published_figure WHERE day = '${day}' AND organisation_id = ${office.kuni}`);
  assert.deepEqual(seen.length, new Set(seen).size);
  assert.deepEqual(areas.filter((of) => !seen.includes(of)), []);
  const prefectures = sql(`SELECT x.area, o.prefecture_code FROM unnest('{${seen.filter((of) => of.startsWith("o"))}}'::text[]) WITH ORDINALITY x (area, n) JOIN app.organisation o ON 'o' || o.organisation_id = x.area ORDER BY n`).map(([, code]) => code);
  assert.deepEqual(prefectures, [...prefectures].sort());
  assert.doesNotMatch((await clients.hoken1.get(`/figures/difference?from=${day}&to=${day}`)).text, /管内の地域/);
});

test("照会: what waits for the office comes first, and each of more than fifty can be reached", async () => {
  const word = `多数${Date.now()}`;
  sql(`INSERT INTO app.figure_inquiry (organisation_id, area, series, day, counted, question, asker_id, asked_by, asked_at, answer, answered_by, answered_at, read_at)
       SELECT ${office.hoken1}, '${area.hoken1()}', 'new', '2021-01-01', 0, '${word} 番号' || n || '。', ${office.aichi}, 1, now() - n * interval '1 minute' + interval '1 hour',
              'はい', 1, now(), CASE WHEN n <> 55 THEN now() END FROM generate_series(1, 56) n`);
  for (const path of ["/figures/inquiries", `/figures/difference?area=${area.hoken1()}`]) {
    const found = [];
    for (let next = path; next; ) {
      const { text } = await clients.aichi.get(next);
      const cards = text.split('<article class="card">').slice(1);
      assert.ok(cards.length <= 50);
      found.push(...cards.map((card) => card.match(new RegExp(`${word} 番号(\\d+)。`))?.[1]).filter(Boolean));
      next = plain(text.match(/<a href="([^"]*)">次の50件の照会/)?.[1] ?? "");
    }
    assert.equal(found[0], "55", "the answer that has not been read");
    assert.deepEqual(found.slice(1), Array.from({ length: 56 }, (_, i) => String(i + 1)).filter((n) => n !== "55"), path);
  }
  assert.doesNotMatch((await clients.kasugai.get(`/figures/inquiries?area=${area.hoken1()}`)).text, new RegExp(word));
  sql(`DELETE FROM app.figure_inquiry WHERE question LIKE '${word}%'`);
});

test("照会: the office above asks, the page of the day of the other says so; 回答 once; read by who asked", async () => {
  const of = area.hoken1(), word = `差${Date.now()}の理由を教えてください`;
  const form = async (login) => { const { text } = await clients[login].get(`/figures/difference?area=${of}`); return { text, form_id: value(text, "form_id") }; };
  const waiting = () => Number(sql(`SELECT count(*) FROM app.figure_inquiry WHERE organisation_id = ${office.hoken1} AND answered_at IS NULL`)[0][0]);
  const old = waiting();
  const { form_id } = await form("aichi");
  const blank = await clients.aichi.post("/figures/inquiry", { form_id, area: of, step: "ask", series: "new", day: "きのう", question: word });
  assert.equal(blank.status, 422);
  assert.ok(blank.text.includes("「きのう」は読み取れません") && blank.text.includes(`${word}</textarea>`));
  const fields = { form_id, area: of, step: "ask", series: "new", day: slashed(tokyo(-12)), question: word };
  for (let i = 0; i < 2; i++) assert.equal((await clients.aichi.post("/figures/inquiry", fields)).status, 303);
  assert.equal(waiting(), old + 1, "once");
  assert.match((await clients.hoken1.get("/")).text, /公表との差：照会への回答/);
  const list = (await clients.hoken1.get("/figures/inquiries")).text;
  const card = list.split('<article class="card">').find((part) => part.includes(word));
  assert.ok(card.includes("回答する"));
  const inquiry = value(card, "inquiry");
  const empty = await clients.hoken1.post("/figures/inquiry", { form_id: value(card, "form_id"), area: of, inquiry, step: "answer", answer: " " });
  assert.match(empty.text, /回答を入力してください/);
  const answer = (login, text) => clients[login].post("/figures/inquiry", { area: of, inquiry, step: "answer", answer: text });
  assert.equal((await answer("kasugai", "よその回答")).status, 409);
  assert.equal((await answer("hoken1", "入力が1件遅れました")).status, 303);
  const late = await answer("hoken1", "もう一度");
  assert.equal(late.status, 409);
  assert.match(late.text, /先に回答があります/);
  assert.match(late.text, /<textarea[^>]*readonly>もう一度<\/textarea>/, "what was typed stays");
  assert.doesNotMatch(late.text, /患者の記録|削除・追加登録/);
  const unread = () => sql(`SELECT answer, asked_by IS NOT NULL, answered_by IS NOT NULL, read_at IS NULL FROM app.figure_inquiry WHERE inquiry_id = ${inquiry}`)[0];
  assert.deepEqual(unread(), ["入力が1件遅れました", "t", "t", "t"]);
  assert.match((await clients.aichi.get("/figures/inquiries")).text, /入力が1件遅れました/);
  assert.equal((await clients.hoken1.post("/figures/inquiry", { area: of, inquiry, step: "read" })).status, 409);
  assert.equal((await clients.aichi.post("/figures/inquiry", { area: of, inquiry, step: "read" })).status, 303);
  assert.equal(unread()[3], "f");
  assert.ok((await clients.aichi.get(`/figures/difference?area=${of}`)).text.includes(word), "the history stays");
  assert.deepEqual(sql(`SELECT string_agg(action, ' ' ORDER BY at) FROM app.audit WHERE action ~ '^figure_a' AND at > '${began}' AND detail ~ '(^| )(${of}|${inquiry})( |$)'`).flat()[0], "figure_ask figure_answer figure_answer_read");
});

test("an office that is closed cannot be asked: said in the words of the page, and the question stays", async () => {
  const [[closed]] = sql("SELECT organisation_id FROM app.organisation WHERE kind = 'centre' AND prefecture_code = '23' AND closed_at IS NULL AND NOT laboratory ORDER BY organisation_id DESC LIMIT 1");
  const { text } = await clients.aichi.get(`/figures/difference?area=o${closed}`), question = `閉じた${Date.now()}機関への照会`;
  sql(`UPDATE app.organisation SET closed_at = now() WHERE organisation_id = ${closed}`);
  const refused = await clients.aichi.post("/figures/inquiry", { form_id: value(text, "form_id"), area: `o${closed}`, step: "ask", series: "severe", day: slashed(tokyo(-12)), question });
  sql(`UPDATE app.organisation SET closed_at = NULL WHERE organisation_id = ${closed}`);
  assert.equal(refused.status, 409);
  assert.match(refused.text, /照会を受ける機関がありません/);
  assert.doesNotMatch(refused.text, /患者の記録|削除・追加登録/);
  assert.ok(refused.text.includes(`${question}</textarea>`) && refused.text.includes(`value="${slashed(tokyo(-12))}"`));
  assert.match(refused.text, /<option value="severe" selected>/);
});

test("nobody enters or asks for an area that is not theirs to, on either wall", async () => {
  for (const login of ["sakura", "follow"]) {
    assert.equal((await clients[login].get("/figures/difference")).status, 404, login);
    assert.equal((await clients[login].get("/figures/published")).status, 404, login);
    assert.equal((await clients[login].post("/figures/published", { text: "2021-01-01,1\n", step: "save" })).status, 404, login);
    assert.equal((await clients[login].get("/figures/inquiries")).status, 404, login);
  }
  assert.equal((await clients.kuni.get("/figures/published")).status, 404, "the ministry publishes what all published");
  assert.equal((await clients.hoken1.get(`/figures/difference?area=${area.kasugai()}`)).status, 404);
  const ask = (of) => `SELECT app.figure_ask('${of}', 'new', '2021-01-01', 'x')`;
  const tried = (login, statement) => asRole("staff", token(login), [statement])[0].state ?? "done";
  assert.equal(tried("aichi", ask(area.hoken1())), "done");
  assert.equal(tried("nagoya", ask(area.hoken1())), "done");
  assert.equal(tried("kuni", ask("23")), "done");
  for (const [login, of] of [["hoken1", area.kasugai()], ["hoken1", area.hoken1()], ["nagoya", area.kasugai()], ["hoken1", "23"], ["aichi", "13"], ["aichi", "23"], ["kuni", "00"], ["sakura", area.hoken1()]])
    assert.equal(tried(login, ask(of)), "HS403", `${login} ${of}`);
  const save = "SELECT app.published_save('{new}', '{2021-01-01}', '{5}')";
  assert.deepEqual(["hoken1", "kasugai", "nagoya", "aichi"].map((login) => tried(login, save)), Array(4).fill("done"));
  assert.deepEqual(["sakura", "follow", "kuni"].map((login) => tried(login, save)), Array(3).fill("HS403"));
  for (const statement of ["SELECT 1 FROM app.published_figure", "SELECT 1 FROM app.figure_inquiry"]) assert.equal(tried("hoken1", statement), "42501");
  const seen = (login, of) => asRole("staff", token(login), [`SELECT count(*) FROM app.published_seen('${of}', '${tokyo(-60)}', '${tokyo(0)}')`])[0].rows[0];
  assert.notEqual(seen("aichi", area.hoken1()), "0");
  assert.equal(seen("kasugai", area.hoken1()), "0");
});
