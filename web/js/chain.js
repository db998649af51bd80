// chain.js - draws the chain of infections (/patient/…/chain) with Apache ECharts: generations from left to right, places by
// arithmetic alone. A chain that people can follow is a graph; one of thousands is points and lines in one stroke each, so
// that it is there at once. The table below it says the same; without this script, it is all.
import { init, use } from "echarts/core";
import { GraphChart, LinesChart, ScatterChart } from "echarts/charts";
import { DataZoomInsideComponent, GridComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";
import "./emptying.js";

use([GraphChart, LinesChart, ScatterChart, GridComponent, DataZoomInsideComponent, CanvasRenderer]);

const MANY = 2000; // people from which a chain is drawn as points and lines
const NAMED = 30; // people up to which a point has its name beside it
const MARGIN = 24, NAME_MARGIN = 130, STEP = 1.6;
const FEWEST = 4; // generations in view, however near a long chain is looked at
const box = document.getElementById("chain"), drawing = document.getElementById("chain-drawing"), word = document.getElementById("chain-word");
const dash = { c: "solid", p: "dashed", u: "dotted" };
const certainty = { c: "確定", p: "推定", u: "不明" };

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const idOf = (number) => String(number).padStart(11, "0");
const day = (number) => (number === 0 ? "" : new Date(number * 86400000).toLocaleDateString("ja-JP", { timeZone: "UTC" }));

// Where everybody stands: x the generation, y in 0…1. Sources come before those whom they infected, so one pass backwards
// counts the ends below each, and one forwards deals the height out.
function placed({ sources }) {
  const count = sources.length, x = new Uint16Array(count), ends = new Uint32Array(count), top = new Uint32Array(count), used = new Uint32Array(count);
  for (let i = count - 1; i >= 0; i--) {
    ends[i] ||= 1;
    if (sources[i]) ends[sources[i] - 1] += ends[i];
  }
  for (let i = 0; i < count; i++) {
    const source = sources[i] - 1;
    if (source < 0) continue;
    x[i] = x[source] + 1;
    top[i] = top[source] + used[source];
    used[source] += ends[i];
  }
  return { x, y: Float64Array.from(top, (value, i) => (value + ends[i] / 2) / ends[0]), deepest: x.reduce((a, b) => Math.max(a, b), 0) };
}

const colours = () => ({ known: colour("--main"), other: colour("--color-neutral-solid-gray-420"), here: colour("--danger"), forward: colour("--warn"), ink: colour("--ink") });
const label = (data, i) => (data.ids[i] === 0 ? "他の保健所の方" : data.names[i] || idOf(data.ids[i]));
const sort = (data, i) => (i + 1 === data.here ? "here" : data.ids[i] === 0 ? "other" : "known");
const isForward = (data, i) => data.links[i] >= "A" && data.links[i] <= "Z";

// ---- a chain to be followed ------------------------------------------------------------------------------------------------

function graph(data) {
  const { x, y, deepest } = placed(data), paint = colours(), named = data.ids.length <= NAMED;
  const right = named ? NAME_MARGIN : MARGIN, width = drawing.clientWidth - MARGIN - right, height = drawing.clientHeight - 2 * MARGIN;
  const nodes = data.ids.map((id, i) => ({
    id: String(i), x: deepest === 0 ? 0 : (x[i] / deepest) * width, y: y[i] * height, symbolSize: sort(data, i) === "here" ? 18 : 12,
    itemStyle: { color: paint[sort(data, i)] }, label: { show: named && id !== 0, formatter: () => label(data, i) },
  }));
  // Two corners that nobody sees: the library stretches what there is over its box, and so nothing is stretched.
  nodes.push({ id: "from", x: 0, y: 0, symbol: "none" }, { id: "to", x: width, y: height, symbol: "none" });
  const edges = data.sources.flatMap((source, i) => (source === 0 ? [] : [{ source: String(source - 1), target: String(i),
    lineStyle: { type: dash[data.links[i].toLowerCase()], color: isForward(data, i) ? paint.forward : paint.other } }]));
  return { animation: false, series: [{
    type: "graph", layout: "none", roam: "move", data: nodes, edges, left: MARGIN, right, top: MARGIN, bottom: MARGIN,
    lineStyle: { width: 2, opacity: 1 }, edgeSymbol: ["none", "arrow"], edgeSymbolSize: 8,
    label: { position: "right", color: paint.ink, fontSize: 13, backgroundColor: "rgba(255, 255, 255, 0.85)", padding: [1, 3] }, emphasis: { disabled: true } }] };
}

const graphZoom = (chart, factor) =>
  chart.dispatchAction({ type: "graphRoam", zoom: factor, originX: drawing.clientWidth / 2, originY: drawing.clientHeight / 2 });

// ---- a chain of thousands --------------------------------------------------------------------------------------------------

// The people of each sort: a series each, because in one stroke there is one colour. `members` says who is which point.
function many(data) {
  const { x, y, deepest } = placed(data), paint = colours(), members = { known: [], other: [], here: [] };
  data.ids.forEach((_, i) => members[sort(data, i)].push(i));
  const lines = (wanted) => {
    const flat = [];
    data.sources.forEach((source, i) => { if (source && isForward(data, i) === wanted) flat.push(2, x[source - 1], y[source - 1], x[i], y[i]); });
    return Float64Array.from(flat);
  };
  const stroke = (color, wanted) => ({ type: "lines", coordinateSystem: "cartesian2d", large: true, largeThreshold: 0, progressive: 0, silent: true,
    lineStyle: { color, width: 1, opacity: wanted ? 1 : 0.5 }, data: lines(wanted), dimensions: ["value"] });
  const points = (name) => ({ type: "scatter", name, large: true, largeThreshold: 0, progressive: 0, symbolSize: name === "here" ? 14 : 5,
    itemStyle: { color: paint[name] }, data: Float64Array.from(members[name].flatMap((i) => [x[i], y[i]])), dimensions: ["x", "y"] });
  const axis = (max) => ({ type: "value", show: false, min: 0, max });
  const zoom = (axes) => ({ type: "inside", ...axes, zoomOnMouseWheel: false, moveOnMouseMove: true, moveOnMouseWheel: false, filterMode: "none" });
  const span = Math.max(deepest, 1), i = Math.max(data.here - 1, 0); // a chain that is cut may end before the patient: from the first
  return { members, view: { here: [(100 * x[i]) / span, 100 * y[i]], deepest: span }, options: { animation: false, grid: { left: MARGIN, right: MARGIN, top: MARGIN, bottom: MARGIN },
    xAxis: axis(span), yAxis: { ...axis(1), inverse: true }, dataZoom: [zoom({ xAxisIndex: 0 }), zoom({ yAxisIndex: 0 })],
    series: [stroke(paint.other, false), stroke(paint.forward, true), points("known"), points("other"), points("here")].filter((series) => series.data.length > 0) } };
}

// Begins around the patient of the page. Across, a few generations always stay in view; down, there is no end.
function manyZoom(chart, factor, { here, deepest }) {
  const least = [Math.min(50, (50 * FEWEST) / deepest), 0];
  chart.getOption().dataZoom.forEach(({ start, end }, dataZoomIndex) => {
    const middle = end - start > 99 ? here[dataZoomIndex] : (start + end) / 2;
    const half = Math.max(least[dataZoomIndex], Math.min(50, (end - start) / 2 / factor));
    const from = Math.max(0, Math.min(100 - 2 * half, middle - half));
    chart.dispatchAction({ type: "dataZoom", dataZoomIndex, start: from, end: from + 2 * half });
  });
}

// ---- both ------------------------------------------------------------------------------------------------------------------

function describe(data, i) {
  const parts = [label(data, i), data.ids[i] !== 0 && data.names[i] && idOf(data.ids[i]), day(data.days[i]) && `診断日 ${day(data.days[i])}`];
  if (data.sources[i]) parts.push(`感染源 ${label(data, data.sources[i] - 1)}（${certainty[data.links[i].toLowerCase()]}）`);
  return parts.filter(Boolean).join("　");
}

function openRecord(data, i) {
  if (data.ids[i] !== 0) location.assign(`/patient/${idOf(data.ids[i])}`);
  else word.textContent = "他の保健所の方の記録は、表示する権限がありません。";
}

function draw(data) {
  box.hidden = false;
  const chart = init(drawing, null, { renderer: "canvas" }), isMany = data.ids.length > MANY;
  const { options, members, view } = isMany ? many(data) : { options: graph(data) };
  const who = ({ dataIndex, seriesName }) => (isMany ? members[seriesName][dataIndex] : dataIndex);
  const onPerson = (act) => (event) => { if (event.dataType !== "edge" && who(event) < data.ids.length) act(data, who(event)); };
  const zoom = isMany ? manyZoom : graphZoom;
  const show = () => { chart.clear(); chart.setOption(isMany ? options : graph(data)); };
  chart.on("finished", () => { drawing.dataset.drawn = data.ids.length; });
  chart.on("mouseover", onPerson((_, i) => { word.textContent = describe(data, i); }));
  chart.on("click", onPerson(openRecord));
  chart.setOption(options);
  document.getElementById("chain-in").addEventListener("click", () => zoom(chart, STEP, view));
  document.getElementById("chain-out").addEventListener("click", () => zoom(chart, 1 / STEP, view));
  document.getElementById("chain-all").addEventListener("click", show);
  let width = drawing.clientWidth; // a phone changes the height with every scroll
  addEventListener("resize", () => {
    if (drawing.clientWidth === width) return;
    width = drawing.clientWidth;
    chart.resize();
    show();
  });
}

async function main() {
  const answer = await fetch(`${location.pathname}/data`);
  if (!answer.ok) return; // the table stands
  const data = await answer.json();
  draw(data);
}

main();
