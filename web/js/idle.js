// idle.js - warns before the session ends for want of use, with a countdown, and keeps it alive on a press.

const WARN_SECONDS = 300;

const shown = (seconds) => (seconds >= 120 ? `${Math.ceil(seconds / 60)}分` : `${Math.max(0, Math.ceil(seconds))}秒`);

let deadline = 0;

// Every request that the server answers within the session moves the end on; saving a draft does it by itself.
export function sessionUsed() {
  deadline = Date.now() + Number(document.body.dataset.idle) * 1000;
}

export function startIdleWarning() {
  const warning = document.getElementById("idle-warning");
  if (!warning) return;
  const left = document.getElementById("idle-left");
  sessionUsed();
  setInterval(() => {
    const seconds = (deadline - Date.now()) / 1000;
    warning.hidden = seconds > WARN_SECONDS;
    if (!warning.hidden) left.textContent = shown(seconds);
    if (seconds <= 0) location.assign("/sign-in?expired=1");
  }, 1000);
  document.getElementById("idle-keep").addEventListener("click", async () => {
    const answer = await fetch("/session/keep", { method: "POST", body: new URLSearchParams({ csrf: document.body.dataset.csrf }) });
    if (answer.ok) sessionUsed();
    else location.assign("/sign-in?expired=1");
  });
}
