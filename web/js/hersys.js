// hersys.js - what the pages gain where JavaScript runs; without it everything still works.
import { startIdleWarning } from "./idle.js";
import { startPasskeys } from "./passkey.js";
import { startNotification } from "./notification.js";
import { startStatus } from "./status.js";

startIdleWarning();
startPasskeys();
startNotification();
startStatus();

// On a phone the tabs are one line: the current one comes into sight.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
