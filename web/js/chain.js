// chain.js - draws the chain of infections (/patient/…/chain) with Apache ECharts: generations from left to right, places by
// arithmetic alone, so that a long chain is there at once. The table below it says the same; without this script, it is all.
import { init, use } from "echarts/core";
import { GraphChart } from "echarts/charts";
import { CanvasRenderer } from "echarts/renderers";

use([GraphChart, CanvasRenderer]);

const PLAIN_FROM = 2000; // people from which lines have no dashes and points no names
const box = document.getElementById("chain"), drawing = document.getElementById("chain-drawing"), word = document.getElementById("chain-word");
const dash = { c: "solid", p: "dashed", u: "dotted" };
const certainty = { c: "確定", p: "推定", u: "不明" };

// The library empties its box by innerHTML, which the content policy forbids for all but this.
globalThis.trustedTypes?.createPolicy("default", { createHTML: (html) => (html === "" ? "" : null) });

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const idOf = (number) => String(number).padStart(11, "0");
const day = (number) => (number === 0 ? "" : new Date(number * 86400000).toLocaleDateString("ja-JP", { timeZone: "UTC" }));

// Where everybody stands, 0…1 each way. Sources come before those whom they infected, so one pass backwards counts the ends
// below each and one forwards deals the height out.
function places({ sources }) {
  const count = sources.length, generation = new Uint16Array(count), ends = new Uint32Array(count), top = new Float64Array(count);
  let deepest = 0;
  for (let i = 0; i < count; i++) {
    generation[i] = sources[i] ? generation[sources[i] - 1] + 1 : 0;
    deepest = Math.max(deepest, generation[i]);
  }
  for (let i = count - 1; i >= 0; i--) {
    ends[i] ||= 1;
    if (sources[i]) ends[sources[i] - 1] += ends[i];
  }
  const used = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const source = sources[i] - 1;
    if (source < 0) continue;
    top[i] = top[source] + used[source];
    used[source] += ends[i];
  }
  return { generation, deepest, height: Array.from(top, (value, i) => (value + ends[i] / 2) / ends[0]) };
}

const label = (data, i) => (data.ids[i] === 0 ? "他の保健所の方" : data.names[i] || idOf(data.ids[i]));

function options(data) {
  const { generation, deepest, height } = places(data), plain = data.ids.length > PLAIN_FROM;
  const width = drawing.clientWidth, tall = drawing.clientHeight, named = data.ids.length <= 60;
  const known = colour("--main"), other = colour("--color-neutral-solid-gray-420"), here = colour("--danger"), warn = colour("--warn");
  const nodes = data.ids.map((id, i) => ({
    id: String(i), x: deepest === 0 ? width / 2 : (generation[i] / deepest) * width, y: height[i] * tall,
    ...(i + 1 === data.here ? { symbolSize: plain ? 12 : 18, itemStyle: { color: here } } : id === 0 ? { itemStyle: { color: other } } : {}),
    ...(named && { label: { show: true, formatter: label(data, i) } }),
  }));
  const edges = [];
  data.sources.forEach((source, i) => {
    if (source === 0) return;
    const letter = data.links[i].toLowerCase(), forward = letter !== data.links[i];
    const lineStyle = { ...(forward && { color: warn, width: 2 }), ...(!plain && letter !== "c" && { type: dash[letter] }) };
    edges.push({ source: String(source - 1), target: String(i), ...((forward || (!plain && letter !== "c")) && { lineStyle }) });
  });
  return {
    animation: false,
    series: [{
      type: "graph", layout: "none", roam: "move", data: nodes, edges, symbolSize: plain ? 5 : 12, left: 24, right: named ? 120 : 24, top: 24, bottom: 24,
      itemStyle: { color: known }, lineStyle: { color: other, width: plain ? 0.5 : 1.5, opacity: 1 }, edgeSymbol: named ? ["none", "arrow"] : ["none", "none"], edgeSymbolSize: 8,
      label: { position: "right", color: colour("--ink"), fontSize: 13 }, emphasis: { disabled: true }, silent: false, preserveAspect: false,
    }],
  };
}

function describe(data, i) {
  const parts = [label(data, i), data.ids[i] === 0 ? "" : idOf(data.ids[i]), day(data.days[i]) && `診断日 ${day(data.days[i])}`];
  if (data.sources[i]) parts.push(`感染源 ${label(data, data.sources[i] - 1)}（${certainty[data.links[i].toLowerCase()]}）`);
  return parts.filter(Boolean).join("　");
}

function draw(data) {
  box.hidden = false;
  const chart = init(drawing, null, { renderer: "canvas" });
  chart.on("finished", () => { performance.mark("chain-drawn"); drawing.dataset.drawn = data.ids.length; });
  chart.setOption(options(data));
  chart.on("mouseover", { dataType: "node" }, ({ dataIndex }) => { word.textContent = describe(data, dataIndex); });
  chart.on("click", { dataType: "node" }, ({ dataIndex }) => {
    if (data.ids[dataIndex] !== 0) location.assign(`/patient/${idOf(data.ids[dataIndex])}`);
    else word.textContent = "他の保健所の方の記録は、表示する権限がありません。";
  });
  const zoom = (factor) => chart.dispatchAction({ type: "graphRoam", zoom: factor, originX: drawing.clientWidth / 2, originY: drawing.clientHeight / 2 });
  document.getElementById("chain-in").addEventListener("click", () => zoom(1.6));
  document.getElementById("chain-out").addEventListener("click", () => zoom(1 / 1.6));
  document.getElementById("chain-all").addEventListener("click", () => { chart.clear(); chart.setOption(options(data)); });
  addEventListener("resize", () => { chart.resize(); chart.setOption(options(data)); });
}

async function main() {
  const answer = await fetch(`${location.pathname}/data`);
  if (!answer.ok) return; // the table stands
  const data = await answer.json();
  performance.mark("chain-arrived");
  draw(data);
}

main();
