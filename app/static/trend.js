// Draws the numbers of the overview's table; who cannot see the picture reads the table.
"use strict";

const HEIGHT = 220;
const place = document.getElementById("trend");
let plot = null;

function numbers() {
  const rows = [...document.querySelectorAll("#trend-numbers tr")];
  return ["at", "received", "resolved"].map((name) => rows.map((row) => Number(row.dataset[name])));
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function options() {
  const axis = { stroke: colour("--tblr-secondary-color"), grid: { stroke: colour("--tblr-border-color"), width: 1 }, ticks: { show: false } };
  const lang = document.documentElement.lang;
  const hour = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(lang, { day: "numeric", month: "short" });
  const exact = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" });
  const stepped = uPlot.paths.stepped({ align: 1 });
  const tell = (_, seconds) => (seconds == null ? "" : exact.format(seconds * 1000));
  return {
    width: place.clientWidth,
    height: HEIGHT,
    scales: { y: { range: (_, low, high) => [0, Math.max(5, high * 1.1)] } },
    axes: [
      { ...axis, values: (_, all, __, ___, step) => all.map((seconds) => (step >= 86400 ? day : hour).format(seconds * 1000)) },
      { ...axis, size: 48, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000, 1000000] },
    ],
    series: [
      { label: "", value: tell },
      { label: place.dataset.received, stroke: colour("--tblr-orange"), width: 2, paths: stepped, points: { show: false } },
      { label: place.dataset.resolved, stroke: colour("--tblr-green"), fill: `color-mix(in srgb, ${colour("--tblr-green")} 15%, transparent)`, width: 2, paths: stepped, points: { show: false } },
    ],
  };
}

function draw() {
  plot?.destroy();
  place.hidden = false;
  plot = new uPlot(options(), numbers(), place);
}

if (place && window.uPlot) {
  draw();
  document.addEventListener("htmx:after:swap", () => plot.setData(numbers()));
  new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}
