// map.js - draws the map of the prefectures (/data) with Apache ECharts out of what stands on the page: the numbers of the table, the colours
// of the map of tiles. That one is all there is without this script; with it, it is a click away. The shapes are MapSVG's (CC BY 4.0).
import japan from "@svg-maps/japan";
import { MapChart } from "echarts/charts";
import { TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, registerMap, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import "./emptying.js";

use([MapChart, TooltipComponent, VisualMapComponent, CanvasRenderer]);

// An element of a drawing; made, not parsed, as the content policy wants it.
function element(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const box = document.getElementById("map-box"), drawing = document.getElementById("map-drawing"), tiles = document.getElementById("map-tiles");
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const text = { color: colour("--ink"), fontSize: 13 };

const prefectures = new Map([...document.querySelectorAll("#map-table tbody tr")].map((row) => {
  const [name, cases, rate] = [...row.cells].map((cell) => cell.textContent);
  return [row.dataset.prefecture, { name, cases, rate, shade: Number(row.dataset.shade), path: row.querySelector("a").href }];
}));
const shades = [...tiles.querySelectorAll(".tile-key")].map((key, value) => ({ value, label: key.textContent, color: getComputedStyle(key.previousElementSibling).fill }));

function words({ name: prefecture }) {
  const { name, cases, rate } = prefectures.get(prefecture);
  return `${name}\n7日間の新規陽性者　${cases}\n人口10万人当たり　${rate}`;
}

registerMap("japan", { svg: element("svg", { viewBox: japan.viewBox }, ...japan.locations.map(({ name, path }) => element("path", { name, d: path }))) });
box.hidden = false;
tiles.open = false;
const chart = init(drawing, null, { renderer: "canvas" });
chart.on("finished", () => { drawing.dataset.drawn = prefectures.size; });
chart.on("click", ({ name }) => location.assign(prefectures.get(name).path));
chart.setOption({
  animation: false, textStyle: { fontFamily: "inherit" }, tooltip: { renderMode: "richText", textStyle: text, formatter: words },
  visualMap: { type: "piecewise", pieces: shades, left: 8, top: 8, itemSymbol: "rect", selectedMode: false, textStyle: text },
  series: [{ type: "map", map: "japan", selectedMode: false, layoutCenter: ["50%", "50%"], layoutSize: "97%", data: [...prefectures].map(([name, { shade }]) => ({ name, value: shade })),
    itemStyle: { borderColor: colour("--line"), borderWidth: 0.75 }, emphasis: { label: { show: false }, itemStyle: { areaColor: colour("--color-primitive-yellow-300") } } }],
});
addEventListener("resize", () => chart.resize());
