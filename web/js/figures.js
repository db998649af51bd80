// figures.js - draws 数値 (/figures) with Apache ECharts out of the table of the page: days as lines, or as columns with what seven days say;
// weeks by age as a heat map; kinds of places as stacked columns. Without this script the table is all.
import { init, use } from "echarts/core";
import { BarChart, HeatmapChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { CanvasRenderer } from "echarts/renderers";
import "./emptying.js";

use([BarChart, HeatmapChart, LineChart, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent, CanvasRenderer]);

const AGES = 10; // of each sex; the table has the sum, the men by age, the women by age
const table = document.getElementById("figures-table"), box = document.getElementById("figures-box"), drawing = document.getElementById("figures-drawing");
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const texts = (selector) => [...table.querySelectorAll(selector)].map((cell) => cell.textContent);

// The table, the oldest row first; a cell without a number is null.
const rows = [...table.querySelectorAll("tbody tr[data-day]")].reverse().map((row) => ({
  day: row.dataset.day, values: [...row.querySelectorAll("td")].map(({ dataset }) => (dataset.value === "" ? null : Number(dataset.value))) }));
const day = (iso) => iso.replace(/^\d+-0?(\d+)-0?(\d+)$/, "$1/$2");
const days = rows.map((row) => day(row.day));

const axes = () => {
  const text = { color: colour("--ink"), fontSize: 13 }, line = { lineStyle: { color: colour("--line-soft") } };
  return { x: { type: "category", data: days, axisLabel: { ...text, hideOverlap: true }, axisTick: { show: false } }, y: { type: "value", minInterval: 1, axisLabel: text, splitLine: line }, text };
};
const common = (text) => ({ animation: false, textStyle: { color: text.color, fontFamily: "inherit" }, legend: { top: 4, type: "scroll", textStyle: text },
  grid: { left: 8, right: 16, top: 44, bottom: 8, containLabel: true } });

// By day: each column a line; where one says what seven days make (their average or their sum), the days themselves are columns behind it.
function byDay() {
  const { x, y, text } = axes(), names = texts("thead th").slice(1), seven = table.querySelector("thead th[data-seven]") !== null;
  const paint = [colour("--main"), colour("--good"), colour("--warn")], types = ["solid", "dashed", "dotted"];
  const series = names.map((name, i) => ({ name, data: rows.map(({ values }) => values[i]),
    ...(seven && i === 0 ? { type: "bar", itemStyle: { color: colour("--color-primitive-blue-200") } }
      : { type: "line", symbol: "none", lineStyle: { width: 2.5, type: types[seven ? 0 : i], color: paint[seven ? 0 : i] }, itemStyle: { color: paint[seven ? 0 : i] } }) }));
  return { ...common(text), tooltip: { trigger: "axis", renderMode: "richText" }, xAxis: x, yAxis: y, series };
}

// By week and age, both sexes and whoever is of another together are too many to be told apart: men and women of an age are added.
function byAge() {
  const { x, text } = axes(), ages = texts("thead tr:nth-child(2) th").slice(0, AGES), first = Number(table.dataset.agesFrom ?? 0);
  // Where one of the two is hidden (＊), nothing is drawn: it is not none.
  const both = (men, women) => (men === null || women === null ? "-" : men + women);
  const data = rows.flatMap(({ values }, week) => ages.map((_, age) => [week, age, both(values[first + age], values[first + age + AGES])]));
  const most = Math.max(1, ...data.map(([, , count]) => (count === "-" ? 0 : count)));
  return { ...common(text), legend: undefined, tooltip: { renderMode: "richText", formatter: ({ value: [week, age, count] }) => `${days[week]}からの週　${ages[age]}　${count}人` },
    grid: { left: 8, right: 16, top: 12, bottom: 56, containLabel: true }, xAxis: x, yAxis: { type: "category", data: ages, axisLabel: text, axisTick: { show: false } },
    visualMap: { min: 0, max: most, calculable: false, orient: "horizontal", left: "center", bottom: 4, text: [`${most}人`, "0人"], textStyle: text,
      inRange: { color: ["#f7f8fa", colour("--color-primitive-blue-200"), colour("--color-primitive-blue-600"), colour("--color-primitive-blue-1200")] } },
    series: [{ type: "heatmap", data, itemStyle: { borderColor: "#fff", borderWidth: 1 }, label: { show: rows.length <= 12 && most < 10000, fontSize: 12 } }] };
}

// By week and kind of place; 合計 and the parts of 福祉施設, which stand as （…） in the official table, would count twice.
function byPlace() {
  const { x, y, text } = axes(), names = texts("thead th").slice(1);
  const series = names.map((name, i) => ({ name, type: "bar", stack: "all", data: rows.map(({ values }) => values[i]) })).filter(({ name }) => name !== "合計" && !/.福祉施設$/.test(name));
  return { ...common(text), tooltip: { trigger: "axis", renderMode: "richText" }, xAxis: x, yAxis: y, series };
}

if (rows.some(({ values }) => values.some((value) => value !== null))) {
  box.hidden = false;
  const chart = init(drawing, null, { renderer: "canvas" });
  chart.on("finished", () => { drawing.dataset.drawn = rows.length; });
  chart.setOption(table.tHead.rows.length === 2 ? byAge() : table.classList.contains("figures-weeks") ? byPlace() : byDay());
  addEventListener("resize", () => chart.resize());
}
