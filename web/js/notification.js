// notification.js - the notification's form while it is being typed: the draft is saved on the server, which answers with
// ages, readings of dates, doubtful values and the fields that apply. The rules themselves are the server's alone.
import { sessionUsed } from "./idle.js";
import { startFurigana } from "./furigana.js";
import { showSame } from "./same.js";

const TYPING_PAUSE = 1500; // after the last key
const CHOICE_PAUSE = 150; // after a choice: fields appear at once
const RETRY = 5000; // a dead network

export function startNotification() {
  const form = document.getElementById("notification");
  if (!form) return;
  startLive(form);
  startFurigana(form);
  startChoices(form);
  startQuickButtons(form);
  startDialog();
}

// ---- the draft and the server's answers ---------------------------------------------------------------------------

function startLive(form) {
  const state = document.getElementById("save-state");
  const touched = new Set();
  let timer = 0, sending = false, changed = false, leaving = false, read = null;

  const say = (text, unsaved) => {
    state.textContent = text;
    state.classList.toggle("unsaved", Boolean(unsaved));
  };
  const plan = (pause) => {
    clearTimeout(timer);
    timer = setTimeout(send, pause);
  };
  async function send() {
    if (sending) return plan(CHOICE_PAUSE);
    sending = true;
    changed = false;
    try {
      const posted = new FormData(form);
      const answer = await fetch(form.dataset.live, { method: "POST", body: new URLSearchParams(posted) });
      if (answer.redirected) return (leaving = true), location.assign("/sign-in?expired=1");
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      read = { values: told.values, posted };
      apply(form, told, touched);
      takeOver(form, read);
      sessionUsed();
      const now = new Date();
      say(`下書きに保存しました（${now.getHours()}:${String(now.getMinutes()).padStart(2, "0")}）`);
    } catch {
      changed = true;
      say("まだ保存できていません。つながりしだい保存します。", true);
      plan(RETRY);
    } finally {
      sending = false;
    }
  }
  form.addEventListener("input", (event) => {
    changed = true;
    touched.add(event.target.name);
    const choice = ["checkbox", "radio", "select-one"].includes(event.target.type);
    plan(choice ? CHOICE_PAUSE : TYPING_PAUSE);
  });
  form.addEventListener("change", () => changed && plan(CHOICE_PAUSE));
  form.addEventListener("focusout", () => setTimeout(() => read && takeOver(form, read))); // once the focus has moved
  form.addEventListener("submit", () => (leaving = true));
  addEventListener("beforeunload", (event) => changed && !leaving && event.preventDefault());
}

function apply(form, answer, touched) {
  if (answer.reshaped && !form.contains(document.activeElement?.closest("input[name=diagnosis_date]"))) {
    form.action = "/notification#diagnosis_date";
    form.requestSubmit(document.getElementById("reshape-button"));
    return;
  }
  for (const reading of form.querySelectorAll(".read-as"))
    reading.textContent = answer.read[reading.id.replace(/-read$/, "")] ?? "";
  showSame(answer.same);
  const off = new Set(answer.off);
  const problems = new Map(answer.problems.map((problem) => [problem.item, problem]));
  for (const field of form.querySelectorAll("[data-item]")) {
    const name = field.dataset.item;
    field.toggleAttribute("data-off", off.has(name));
    if (touched.has(name) || problems.has(name)) mark(field, problems.get(name));
  }
}

// What the server made of the values, into fields where nobody is typing and that still hold what it was asked about: ages
// follow the dates, a reading becomes カタカナ, an address is filled only while it is empty.
function takeOver(form, { values, posted }) {
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements[name];
    if (!field || field === document.activeElement || value === "" || field.value !== posted.get(name)) continue;
    if (/^age_|_kana$/.test(name) || field.value === "") field.value = value;
  }
}

function mark(field, problem) {
  field.classList.toggle("is-wrong", Boolean(problem?.wrong));
  field.classList.toggle("is-doubtful", Boolean(problem && !problem.wrong));
  field.classList.remove("is-missing");
  field.querySelector(".field-message").textContent = problem?.message ?? "";
}

// ---- small kindnesses ---------------------------------------------------------------------------------------------

// A chosen radio is emptied by choosing it again; なし and the others exclude each other.
function startChoices(form) {
  form.addEventListener("mousedown", ({ target }) => {
    const radio = target.closest("label")?.querySelector("input[type=radio]");
    if (radio) radio.dataset.was = radio.checked ? "1" : "";
  });
  form.addEventListener("click", ({ target }) => {
    if (target.type !== "radio" || target.dataset.was !== "1") return;
    target.checked = false;
    target.dataset.was = "";
    target.dispatchEvent(new Event("input", { bubbles: true }));
  });
  form.addEventListener("change", ({ target }) => {
    if (target.type !== "checkbox" || !target.checked) return;
    for (const other of form.querySelectorAll(`input[type=checkbox][name="${target.name}"]`))
      if (other !== target && (target.dataset.none || other.dataset.none)) other.checked = false;
  });
}

function startQuickButtons(form) {
  const changed = (field) => field.dispatchEvent(new Event("input", { bubbles: true }));
  for (const button of form.querySelectorAll("[data-set]"))
    button.addEventListener("click", (event) => {
      event.preventDefault();
      for (const pair of button.dataset.set.split(" ")) {
        const [name, value] = pair.split("=");
        const radio = form.querySelector(`input[name="${name}"][value="${value}"]`);
        if (radio) (radio.checked = true), changed(radio);
      }
    });
  for (const button of form.querySelectorAll("[data-copy-address]"))
    button.addEventListener("click", (event) => {
      event.preventDefault();
      for (const part of ["postal_code", "address"]) {
        form.elements[`stay_${part}`].value = form.elements[`home_${part}`].value;
        changed(form.elements[`stay_${part}`]);
      }
    });
}

// The server has shown what is missing: as a modal dialog, from which each item leads to its field.
function startDialog() {
  const dialog = document.getElementById("confirm-dialog");
  if (!dialog) return;
  dialog.close();
  dialog.showModal();
  for (const link of dialog.querySelectorAll("[data-close-dialog]"))
    link.addEventListener("click", (event) => {
      event.preventDefault();
      dialog.close();
      const target = link.hash && document.querySelector(link.hash);
      const field = target?.matches("input, select, textarea") ? target : target?.querySelector("input");
      field?.focus();
    });
}
