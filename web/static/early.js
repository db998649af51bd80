// early.js - says before the first painting that JavaScript runs, so that nothing jumps.
document.documentElement.classList.add("js");
