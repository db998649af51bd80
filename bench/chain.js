// chain.js - a chain of 25,000 people: how long the drawing takes in a browser from the arrival of its data, and how much is
// sent. The chain is synthetic (chain.sql); the office sees names, so the data are the largest that they can be.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { address, launch, open, signIn } from "../tests/browser/stand.js";
import { freshStand, median, rounded, stand } from "./stand.js";

const PEOPLE = 25_000, ROUNDS = 5, MEGABYTE = 1_000_000;

function makeChain() {
  stand("hersys", "demo", "generate", `--patients=${PEOPLE + 1000}`);
  const out = execFileSync("deploy/stand.sh", ["psql", "-At", "-q", "-v", "ON_ERROR_STOP=1", "-v", `people=${PEOPLE}`],
    { input: fs.readFileSync("bench/chain.sql"), encoding: "utf8" });
  return stand("hersys", "id", out.trim().split("\n").at(-1)).split(" ")[1];
}

// A browser may put off the strokes of a canvas: the drawing is there when a pixel of it can be read. Runs in the page.
function watch() {
  const look = () => {
    const canvas = document.querySelector("#chain-drawing[data-drawn] canvas");
    if (!canvas) return void requestAnimationFrame(look);
    canvas.getContext("2d").getImageData(0, 0, 1, 1);
    performance.mark("chain-seen");
  };
  look();
}

// Seconds from the last byte of the data to the end of the drawing, and the bytes before compression.
async function draw(page, id) {
  await page.goto(`${address}/patient/${id}/chain`);
  await page.waitForSelector(`#chain-drawing[data-drawn="${PEOPLE}"]`);
  await page.waitForFunction(() => performance.getEntriesByName("chain-seen").length > 0);
  return page.evaluate(() => {
    const data = performance.getEntriesByType("resource").find(({ name }) => name.endsWith("/chain/data"));
    return { seconds: (performance.getEntriesByName("chain-seen")[0].startTime - data.responseEnd) / 1000, bytes: data.decodedBodySize };
  });
}

export async function run() {
  freshStand();
  const id = makeChain(), browser = await launch();
  const page = await (await open(browser)).newPage();
  await signIn(page, "hoken1");
  await page.addInitScript(watch);
  const rounds = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push(await draw(page, id));
  await browser.close();
  const how = `a chain of ${PEOPLE} people with names, 1280 by 900 in Chromium without a graphics card`;
  return [
    { name: "chain_seconds", value: rounded(median(rounds.map(({ seconds }) => seconds))), unit: "s", bar: 2, better: "lower", how: `from the arrival of the data to the end of the drawing: ${how}; median of ${ROUNDS}` },
    { name: "chain_bytes", value: rounded(rounds[0].bytes / MEGABYTE), unit: "MB", bar: 1.5, better: "lower", how: `data of the drawing before compression: ${how}` },
  ];
}
