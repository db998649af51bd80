// my.js - My HER-SYS on a bad network: an entry is kept on the telephone until the server has said that it has it, and sent once. What
// is kept lies in localStorage and goes when it is acknowledged; without JavaScript the form is posted as any other.
const STORE = "my-unsent";
const MARKS = "my-marks"; // whose entry the page of each path is, for the page that the browser keeps: it names nobody
const RETRY = 15_000; // milliseconds

const OLDEST = 3 * 24 * 3600_000; // what is older says nothing about today, and the server would not take it

const read = () => {
  try { return (JSON.parse(localStorage.getItem(STORE)) ?? []).filter(({ at }) => at > Date.now() - OLDEST); } catch { return []; }
};
const marks = () => {
  try { return JSON.parse(localStorage.getItem(MARKS)) ?? {}; } catch { return {}; }
};
const write = (entries) => (entries.length === 0 ? localStorage.removeItem(STORE) : localStorage.setItem(STORE, JSON.stringify(entries)));
const remove = (key) => write(read().filter((entry) => entry.key !== key));

function show(state) {
  for (const one of document.querySelectorAll("[data-state]")) one.hidden = one.dataset.state !== state;
}

// Posts what was kept as the form itself would have, so that the server's page says what is wrong with it.
function submitPlainly({ path, body }) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = path;
  for (const [name, value] of new URLSearchParams(body)) {
    const input = document.createElement("input");
    [input.type, input.name, input.value] = ["hidden", name, value];
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}

// Sends one entry. True when it is done with; throws when there is no network or no answer.
async function send(entry) {
  const { csrf } = await (await fetch("/my/state", { cache: "no-store" })).json();
  if (csrf === null) return show("kept"), false;
  const body = new URLSearchParams(entry.body);
  body.set("csrf", csrf);
  const answer = await fetch(entry.path, { method: "POST", body: new URLSearchParams([...body, ["by", "script"], ["at", entry.at]]) });
  if (answer.status >= 500) throw new Error("not acknowledged");
  if (!answer.ok) return show("kept"), false;
  const { state, path } = await answer.json();
  remove(entry.key);
  if (state === "wrong") return submitPlainly({ path: entry.path, body }), false;
  show("sent");
  location.assign(path);
  return true;
}

// One at a time, in one window at a time.
async function flush() {
  for (const entry of read()) if (!(await send(entry))) return;
}
let running = false;
async function sendAll() {
  if (running || read().length === 0) return;
  running = true;
  try {
    await (navigator.locks?.request("my-unsent", flush) ?? flush());
  } catch {
    show("unsent");
  } finally {
    running = false;
  }
}

function startSheet(form) {
  const { key, mark } = form.elements;
  if (key.value === "") { // the page that the browser kept
    key.value = crypto.randomUUID();
    mark.value = marks()[location.pathname] ?? "";
    form.action = location.pathname;
  } else {
    try {
      localStorage.setItem(MARKS, JSON.stringify({ ...marks(), [new URL(form.action).pathname]: mark.value }));
    } catch { /* nothing can be kept here */ }
  }
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "lang") return;
    const entry = { key: key.value, path: new URL(form.action).pathname, body: new URLSearchParams(new FormData(form)).toString(), at: Date.now() };
    try {
      write([...read().filter((one) => one.key !== entry.key), entry]);
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

const sheet = document.querySelector("form[data-sheet]");
if (sheet) {
  startSheet(sheet);
  if (navigator.onLine) keepShell().catch(() => {});
}
addEventListener("online", sendAll);
document.addEventListener("visibilitychange", sendAll);
setInterval(sendAll, RETRY);
sendAll();
