// hersys.js - what the pages gain where JavaScript runs; without it everything still works.
import { startIdleWarning } from "./idle.js";
import { startPasskeys } from "./passkey.js";

startIdleWarning();
startPasskeys();
