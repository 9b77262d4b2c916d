// Draws the numbers of the overview's table; who cannot see the picture reads the table.
const HEIGHT = 220;
const place = document.getElementById("trend");
let plot = null;

function numbers() {
  const rows = [...document.querySelectorAll("#trend-numbers tr")];
  const [at, received, resolved] = ["at", "received", "resolved"].map((name) => rows.map((row) => Number(row.dataset[name])));
  // A step is drawn up to the next point: the last one needs an end.
  return [[...at, 2 * at.at(-1) - at.at(-2)], [...received, received.at(-1)], [...resolved, resolved.at(-1)]];
}

// As the browser resolves it: a canvas understands no variables, nor mixtures of them.
function colour(name) {
  place.style.color = `var(${name})`;
  return getComputedStyle(place).color;
}

function options() {
  const axis = { stroke: colour("--tblr-secondary-color"), grid: { stroke: colour("--tblr-border-color"), width: 1 }, ticks: { show: false } };
  const lang = document.documentElement.lang;
  const hour = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(lang, { day: "numeric", month: "short" });
  const exact = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" });
  const stepped = uPlot.paths.stepped({ align: 1 });
  const tell = (_, seconds) => (seconds == null ? "" : exact.format(seconds * 1000));
  const green = colour("--tblr-green");
  return {
    width: place.clientWidth,
    height: HEIGHT,
    scales: { y: { range: (_, low, high) => [0, Math.max(5, high * 1.1)] } },
    axes: [
      { ...axis, values: (_, all, __, ___, step) => all.map((seconds) => (step >= 86400 ? day : hour).format(seconds * 1000)) },
      { ...axis, size: 48, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000, 1000000] },
    ],
    series: [
      { label: place.dataset.time, value: tell },
      { label: place.dataset.received, stroke: colour("--tblr-orange"), width: 2, paths: stepped, points: { show: false } },
      { label: place.dataset.resolved, stroke: green, fill: green.replace(/^rgb\((.*)\)$/, "rgba($1, .15)"), width: 2, paths: stepped, points: { show: false } },
    ],
  };
}

function draw() {
  plot?.destroy();
  place.hidden = false;
  plot = new uPlot(options(), numbers(), place);
  place.style.color = "";
}

if (place && window.uPlot) {
  draw();
  document.addEventListener("htmx:after:swap", () => plot.setData(numbers()));
  new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}
