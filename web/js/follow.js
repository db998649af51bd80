// follow.js - draws what was answered in 健康観察 (/patient/…/tab/observation) with Apache ECharts: temperature and SpO2 over the days,
// symptoms as marks below, values beyond the rule as red diamonds. It reads the table of the page, which says the same; without this
// script the table is all.
import { init, use } from "echarts/core";
import { LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";
import "./emptying.js";

use([LineChart, ScatterChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

const DAY = 86400000;
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// The moment of a row: its day, and the time as it was written ("8:30"); noon where there is none.
function moment({ on, time }) {
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(time) ?? [null, "12", "00"];
  return Date.parse(`${on}T${hour.padStart(2, "0")}:${minute}:00Z`);
}

// The answers of a person, the oldest first.
const answers = (section) => [...section.querySelectorAll("tr[data-on]")].map(({ dataset }) => ({
  at: moment(dataset), temperature: Number(dataset.temperature) || null, spo2: Number(dataset.spo2) || null,
  urgent: Number(dataset.urgency) > 0, symptoms: dataset.symptoms === "なし" ? [] : dataset.symptoms.split("、").filter(Boolean),
})).filter(({ at }) => !Number.isNaN(at)).sort((a, b) => a.at - b.at);

const day = (at) => { const date = new Date(at); return `${date.getUTCMonth() + 1}/${date.getUTCDate()}`; };

function line(name, rows, key, color, axis, symbol) {
  return { name, type: "line", yAxisIndex: axis, connectNulls: true, symbol, symbolSize: 8, lineStyle: { color, width: 2 }, itemStyle: { color },
    data: rows.filter((row) => row[key] !== null).map((row) => ({ value: [row.at, row[key]],
      ...(row.urgent && { symbol: "diamond", symbolSize: 14, itemStyle: { color: colour("--danger") } }) })) };
}

function options(rows) {
  const names = [...new Set(rows.flatMap((row) => row.symptoms))], ink = colour("--ink"), soft = colour("--line-soft");
  const low = Math.min(35, ...rows.map((row) => row.temperature ?? 99)), high = Math.max(40, ...rows.map((row) => row.temperature ?? 0));
  const least = Math.min(88, ...rows.map((row) => row.spo2 ?? 999));
  const from = Math.floor(rows[0].at / DAY) * DAY, to = (Math.floor(rows.at(-1).at / DAY) + 1) * DAY;
  const time = (gridIndex, label) => ({ type: "value", gridIndex, min: from, max: to, interval: DAY * Math.ceil((to - from) / DAY / 14), axisLabel: { show: label, formatter: day, color: ink, hideOverlap: true }, splitLine: { lineStyle: { color: soft } } });
  const scale = (name, min, max, position, show = true) => ({ type: "value", gridIndex: 0, name, min: Math.floor(min), max: Math.ceil(max), position, nameTextStyle: { color: ink }, axisLabel: { color: ink }, splitLine: { show, lineStyle: { color: soft } } });
  return { animation: false, textStyle: { color: ink, fontFamily: "inherit" }, legend: { top: 0, data: ["体温", "酸素飽和度"], textStyle: { color: ink } },
    grid: [{ left: 110, right: 50, top: 60, height: 180 }, { left: 110, right: 50, top: 290, height: Math.max(names.length, 1) * 24 }],
    xAxis: [time(0, true), time(1, false)],
    yAxis: [scale("℃", low, high, "left"), scale("%", least, 100, "right", false),
      { type: "category", gridIndex: 1, data: names, inverse: true, axisLabel: { color: ink, width: 100, overflow: "truncate" }, splitLine: { show: true, lineStyle: { color: soft } } }],
    series: [line("体温", rows, "temperature", colour("--main"), 0, "circle"), line("酸素飽和度", rows, "spo2", colour("--good"), 1, "rect"),
      { name: "症状", type: "scatter", xAxisIndex: 1, yAxisIndex: 2, symbol: "rect", symbolSize: [10, 12], itemStyle: { color: colour("--warn") },
        data: rows.flatMap((row) => row.symptoms.map((name) => [row.at, name])) }] };
}

for (const section of document.querySelectorAll(".follow-person")) {
  const rows = answers(section), box = section.querySelector(".follow-box"), drawing = section.querySelector(".follow-drawing");
  if (box === null || rows.length === 0) continue;
  const shown = options(rows);
  box.hidden = false;
  drawing.style.height = `${shown.grid[1].top + shown.grid[1].height + 20}px`;
  const chart = init(drawing, null, { renderer: "canvas" });
  chart.on("finished", () => { drawing.dataset.drawn = rows.length; });
  chart.setOption(shown);
  addEventListener("resize", () => chart.resize());
}
