// follow.js - draws what was answered in 健康観察 (/patient/…/tab/observation) with Apache ECharts: temperature, below it SpO2, below it the
// symptoms as marks over the days; values beyond the rule as red diamonds, the rule's limits as thin broken lines over the days on which
// they hold. It reads the table of the page, which says the same; without this script the table is all.
import { init, use } from "echarts/core";
import { LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";
import "./emptying.js";

use([LineChart, ScatterChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

const DAY = 86400000, WIDE = 600;
const UNITS = { observation_temperature: "℃", observation_spo2: "％" }, URGENCIES = ["", "注意", "急ぎ", "至急"];
const LIMIT = "決まりの値", BROKEN = "path://M0 0h6v2h-6zM10 0h6v2h-6zM20 0h6v2h-6z";
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// The moment of a row: its day, and the time as it was written ("8:30"); noon where there is none.
function moment({ on, time }) {
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(time) ?? [null, "12", "00"];
  return Date.parse(`${on}T${hour.padStart(2, "0")}:${minute}:00Z`);
}

// "observation_temperature at_least 38.5 2,…"
const limits = (text) => text.split(",").filter(Boolean).map((limit) => {
  const [item, side, value, urgency] = limit.split(" ");
  const upwards = side === "at_least", words = `${value}${UNITS[item]}${upwards ? "以上" : "以下"}`;
  return { item: item.replace("observation_", ""), value: Number(value), upwards, words, name: `${words}　${URGENCIES[urgency]}` };
});

// The answers of a person, the oldest first.
const answers = (section) => [...section.querySelectorAll("tr[data-on]")].map(({ dataset }) => ({
  at: moment(dataset), temperature: Number(dataset.temperature) || null, spo2: Number(dataset.spo2) || null,
  limits: limits(dataset.limits), symptoms: dataset.symptoms === "なし" ? [] : dataset.symptoms.split("、").filter(Boolean),
})).filter(({ at }) => !Number.isNaN(at)).sort((a, b) => a.at - b.at);

const dayOf = (at) => Math.floor(at / DAY) * DAY;
const day = (at) => { const date = new Date(at); return `${date.getUTCMonth() + 1}/${date.getUTCDate()}`; };

const isBeyond = (row, key) => row.limits.some(({ item, value, upwards }) => item === key && (upwards ? row[key] >= value : row[key] <= value));

function line(name, rows, key, color, place, symbol) {
  return { name, type: "line", xAxisIndex: place, yAxisIndex: place, connectNulls: true, symbol, symbolSize: 8, lineStyle: { color, width: 2 }, itemStyle: { color },
    data: rows.filter((row) => row[key] !== null).map((row) => ({ value: [row.at, row[key]],
      ...(isBeyond(row, key) && { symbol: "diamond", symbolSize: 14, itemStyle: { color: colour("--danger") } }) })) };
}

// One limit as points of a line: from the first day on which it holds to the day of the first answer under another. Its name stands at
// the beginning, with how urgent it is where there is room.
function limitPoints(name, rows, { from, to, wide }) {
  const points = [], color = colour("--danger"), { words } = rows.flatMap((row) => row.limits).find((limit) => limit.name === name);
  const label = { show: true, position: [2, -15], align: "left", formatter: wide ? name : words, color, fontSize: 12, backgroundColor: "#fff" };
  for (const [i, row] of rows.entries()) {
    const limit = row.limits.find((one) => one.name === name);
    if (!limit) continue;
    const start = i === 0 ? from : dayOf(row.at), end = i + 1 < rows.length ? dayOf(rows[i + 1].at) : to;
    if (points.at(-1)?.value[0] !== start) points.push({ value: [NaN, NaN] }, { value: [start, limit.value], ...(points.length === 0 && { label }) });
    points.push({ value: [end, limit.value] });
  }
  return points;
}

function limitLines(rows, item, place, range) {
  const color = colour("--danger"), names = new Set(rows.flatMap((row) => row.limits.filter((limit) => limit.item === item).map(({ name }) => name)));
  return { name: LIMIT, type: "line", xAxisIndex: place, yAxisIndex: place, z: 1, silent: true, symbol: "circle", symbolSize: 0.1, showAllSymbol: true,
    lineStyle: { color, width: 1, type: [6, 4] }, itemStyle: { color }, data: [...names].flatMap((name) => limitPoints(name, rows, range)) };
}

function options(rows, wide) {
  const names = [...new Set(rows.flatMap((row) => row.symptoms))], ink = colour("--ink"), soft = colour("--line-soft");
  const all = (item) => rows.flatMap((row) => [row[item], ...row.limits.map((limit) => (limit.item === item ? limit.value : null))]).filter((value) => value !== null);
  const from = dayOf(rows[0].at), to = dayOf(rows.at(-1).at) + DAY;
  const time = (gridIndex, label) => ({ type: "value", gridIndex, min: from, max: to, interval: DAY * Math.ceil((to - from) / DAY / 14), axisLabel: { show: label, formatter: day, color: ink, hideOverlap: true }, splitLine: { lineStyle: { color: soft } } });
  const scale = (gridIndex, name, min, max) => ({ type: "value", gridIndex, name, min: Math.floor(min), max: Math.ceil(max), nameTextStyle: { color: ink }, axisLabel: { color: ink }, splitLine: { lineStyle: { color: soft } } });
  const lines = [line("体温", rows, "temperature", colour("--main"), 0, "circle"), line("酸素飽和度", rows, "spo2", colour("--good"), 1, "rect"),
    limitLines(rows, "temperature", 0, { from, to, wide }), limitLines(rows, "spo2", 1, { from, to, wide })].filter(({ data }) => data.length > 0);
  return { animation: false, textStyle: { color: ink, fontFamily: "inherit" }, legend: { top: 0, data: [...new Set(lines.map(({ name }) => name))].map((name) => (name === LIMIT ? { name, icon: BROKEN } : name)), textStyle: { color: ink } },
    grid: [{ top: 70, height: 160 }, { top: 270, height: 130 }, { top: 440, height: Math.max(names.length, 1) * 24 }].map((grid) => ({ left: 110, right: 20, ...grid })),
    xAxis: [time(0, false), time(1, true), time(2, false)],
    yAxis: [scale(0, "体温 ℃", Math.min(35, ...all("temperature")), Math.max(40, ...all("temperature"))), scale(1, "酸素飽和度 %", Math.min(88, ...all("spo2")), 100),
      { type: "category", gridIndex: 2, data: names, inverse: true, axisLabel: { color: ink, width: 100, overflow: "truncate" }, splitLine: { show: true, lineStyle: { color: soft } } }],
    series: [...lines,
      { name: "症状", type: "scatter", xAxisIndex: 2, yAxisIndex: 2, symbol: "rect", symbolSize: [10, 12], itemStyle: { color: colour("--warn") },
        data: rows.flatMap((row) => row.symptoms.map((name) => [row.at, name])) }] };
}

for (const section of document.querySelectorAll(".follow-person")) {
  const rows = answers(section), box = section.querySelector(".follow-box"), drawing = section.querySelector(".follow-drawing");
  if (box === null || rows.length === 0) continue;
  box.hidden = false;
  const shown = options(rows, drawing.clientWidth > WIDE);
  drawing.style.height = `${shown.grid[2].top + shown.grid[2].height + 20}px`;
  const chart = init(drawing, null, { renderer: "canvas" });
  chart.on("finished", () => { Object.assign(drawing.dataset, { drawn: rows.length, limits: new Set(rows.flatMap((row) => row.limits.map(({ name }) => name))).size }); });
  chart.setOption(shown);
  addEventListener("resize", () => chart.resize());
}
