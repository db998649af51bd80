// my.js - My HER-SYS on a bad network: an entry is kept on the telephone until the server has said that it has it, and sent once. What
// is kept lies in localStorage and goes when it is acknowledged; without JavaScript the form is posted as any other.
const STORE = "my-unsent";
const MARKS = "my-marks"; // whose entry the page of each path is, for the page that the browser keeps: it names nobody
const RETRY = 15_000; // milliseconds

const OLDEST = 3 * 24 * 3600_000; // what is older says nothing about today, and the server would not take it

const stored = (name, otherwise) => {
  try { return JSON.parse(localStorage.getItem(name)) ?? otherwise; } catch { return otherwise; }
};
const read = () => stored(STORE, []).filter(({ at }) => at > Date.now() - OLDEST);
const write = (entries) => (entries.length === 0 ? localStorage.removeItem(STORE) : localStorage.setItem(STORE, JSON.stringify(entries)));
const remove = (key) => write(read().filter((entry) => entry.key !== key));
const replace = (entry) => write([...read().filter(({ key }) => key !== entry.key), entry]);
const waiting = () => read().filter(({ refused }) => refused === undefined);
const markOf = (entry) => new URLSearchParams(entry.body).get("mark");

const sheet = document.querySelector("form[data-sheet]");
let leaving = false; // for the page that answers an entry

function show(...states) {
  for (const one of document.querySelectorAll("[data-state]")) one.hidden = !states.includes(one.dataset.state);
}
const stateOf = (name) => document.querySelector(`[data-state=${name}]`);

// ---- the sheet of this page --------------------------------------------------------------------------------------------------------

const isHere = (entry) => sheet?.elements.key.value === entry.key;
const answers = () => [...sheet.elements].filter((field) => field.matches("input:not([type=hidden]), textarea"));
const isChoice = ({ type }) => type === "radio" || type === "checkbox";
const isBlank = () => answers().every((field) => (isChoice(field) ? !field.checked : field.value === ""));

// Whether the page may go to the receipt of an entry: nothing that was typed for somebody else, or for another day, is lost.
const mayLeave = (entry) => isHere(entry) || (sheet !== null && sheet.elements.mark.value === markOf(entry) && isBlank());

// What the server did not take is offered to the person whose it is, to be mended and sent again.
function offer({ key, body, refused }) {
  const values = new URLSearchParams(body);
  sheet.elements.key.value = key;
  for (const field of answers()) {
    if (isChoice(field)) field.checked = values.getAll(field.name).includes(field.value);
    else field.value = values.get(field.name) ?? "";
  }
  stateOf("refused").textContent = refused;
  show("refused");
}

// ---- sending -----------------------------------------------------------------------------------------------------------------------

// Posts what was kept as the form itself would have, so that the server's page says what is wrong with it. The entry goes when that
// page is there.
function submitPlainly({ path }, body) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = path;
  for (const [name, value] of body) {
    const input = document.createElement("input");
    [input.type, input.name, input.value] = ["hidden", name, value];
    form.append(input);
  }
  document.body.append(form);
  leaving = true;
  form.submit();
}

function refuse(entry, { text }) {
  replace({ ...entry, refused: text });
}

// What follows from the server's answer, by its state.
const conclusions = {
  stored(entry, { path }) {
    remove(entry.key);
    stateOf("sent").querySelector("a").href = path;
    if (!mayLeave(entry)) return;
    leaving = true;
    location.assign(path);
  },
  wrong(entry, answer, body) {
    if (isHere(entry)) submitPlainly(entry, body);
    else refuse(entry, answer);
  },
  refused: refuse,
  kept() {},
};
const SHOWN = { stored: "sent", wrong: "refused", refused: "refused", kept: "kept" };

// Sends one entry and gives the state to show. A TypeError is fetch's: there is no network.
async function send(entry, csrf) {
  const body = new URLSearchParams(entry.body);
  body.set("csrf", csrf);
  const response = await fetch(entry.path, { method: "POST", body: new URLSearchParams([...body, ["by", "script"], ["at", entry.at]]) });
  if (response.status >= 500) return "unsent";
  const answer = await response.json().catch(() => ({}));
  if (!(answer.state in conclusions)) return "unsent"; // no answer of ours
  conclusions[answer.state](entry, answer, body);
  if (SHOWN[answer.state] === "refused") stateOf("refused").textContent = answer.text;
  return SHOWN[answer.state];
}

// One at a time, in one window at a time. What fails for one person keeps nobody else's back; without a network nothing is tried.
async function flush() {
  const { csrf } = await (await fetch("/my/state", { cache: "no-store" })).json();
  if (csrf === null) return show("kept");
  const states = [];
  for (const entry of waiting()) {
    states.push(await send(entry, csrf));
    if (leaving) break;
  }
  show(...states);
}
let running = false;
async function sendAll() {
  if (running || leaving || waiting().length === 0) return;
  running = true;
  try {
    await (navigator.locks?.request("my-unsent", flush) ?? flush());
  } catch {
    show("unsent");
  } finally {
    running = false;
  }
}

// ---- the page ----------------------------------------------------------------------------------------------------------------------

function startSheet() {
  const { key, mark } = sheet.elements;
  if ("answered" in sheet.dataset) remove(key.value); // the page that says what is wrong with it has arrived
  if (key.value === "") { // the page that the browser kept
    key.value = crypto.randomUUID();
    mark.value = stored(MARKS, {})[location.pathname] ?? "";
    sheet.action = location.pathname;
  } else {
    try {
      localStorage.setItem(MARKS, JSON.stringify({ ...stored(MARKS, {}), [new URL(sheet.action).pathname]: mark.value }));
    } catch { /* nothing can be kept here */ }
  }
  const refused = read().find((entry) => entry.refused !== undefined && markOf(entry) === mark.value);
  if (refused && isBlank()) offer(refused);
  sheet.addEventListener("submit", (event) => {
    if (event.submitter?.name === "lang") return;
    try {
      replace({ key: key.value, path: new URL(sheet.action).pathname, body: new URLSearchParams(new FormData(sheet)).toString(), at: Date.now() });
    } catch {
      return; // nothing can be kept here: the form goes its plain way
    }
    event.preventDefault();
    sendAll();
  });
}

// Keeps the page of the entry for the time without a network: questions, no name, no answers.
async function keepShell() {
  if (!navigator.serviceWorker) return;
  const policy = window.trustedTypes?.createPolicy("my", { createScriptURL: () => "/my/worker.js" });
  await navigator.serviceWorker.register(policy?.createScriptURL("") ?? "/my/worker.js", { scope: "/my/entry/" });
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage("keep");
}

if (sheet) {
  startSheet();
  if (navigator.onLine) keepShell().catch(() => {});
}
addEventListener("online", sendAll);
addEventListener("pageshow", ({ persisted }) => { if (persisted) leaving = false; });
document.addEventListener("visibilitychange", sendAll);
setInterval(sendAll, RETRY);
sendAll();
