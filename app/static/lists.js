// A list that refreshes itself moves nothing that is being read: what is new above or below is told, and a click away.
const AT_REST = 30000; // milliseconds without a movement: nobody is reading, the list may show what is new by itself
const rows = document.querySelector("tbody#rows");
const fresh = document.getElementById("fresh");
const unseen = new Set();
let moved = performance.now();
let before = new Map();

function isVisible(row) {
  const { top, bottom } = row.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

function ids() {
  return [...rows.rows].map((row) => row.id);
}

// What is being read: the row with the focus, the one under the pointer, else the first that can be seen.
function places() {
  const read = [document.activeElement?.closest("#rows tr"), rows.querySelector("tr:hover"), ...rows.rows];
  return new Map(read.filter((row) => row?.id && isVisible(row)).map((row) => [row.id, row.getBoundingClientRect().top]));
}

function stay() {
  const kept = [...before.keys()].find((id) => document.getElementById(id));
  if (!kept || performance.now() - moved > AT_REST) return;
  const by = document.getElementById(kept).getBoundingClientRect().top - before.get(kept);
  const missing = scrollY + by + innerHeight - document.documentElement.scrollHeight;
  const main = document.getElementById("main");
  if (missing > 0) main.style.minHeight = `${main.offsetHeight + missing}px`;
  if (by) scrollBy({ top: by, behavior: "instant" });
}

function tell() {
  for (const id of unseen) {
    const row = document.getElementById(id);
    if (!row || isVisible(row)) unseen.delete(id);
  }
  fresh.hidden = !unseen.size;
  fresh.firstElementChild.textContent = unseen.size ? `${fresh.dataset.text}: ${unseen.size}` : "";
}

if (rows && fresh) {
  let known = new Set();
  for (const type of ["pointermove", "pointerdown", "keydown", "scroll"]) {
    addEventListener(type, () => { moved = performance.now(); }, { passive: true });
  }
  rows.addEventListener("htmx:before:swap", () => { before = places(); known = new Set(ids()); });
  rows.addEventListener("htmx:after:swap", () => {
    tellTimes(rows); // of desk.js: a time takes less room in words, and a row is measured as it will stand
    stay();
    for (const id of ids().filter((each) => each && !known.has(each))) {
      document.getElementById(id).classList.add("is-new");
      unseen.add(id);
    }
    tell();
  });
  addEventListener("scroll", tell, { passive: true });
  fresh.firstElementChild.addEventListener("click", () => {
    const row = document.getElementById([...unseen][0]);
    row?.scrollIntoView({ block: "center", behavior: "instant" });
    row?.querySelector(".desk-what")?.focus({ preventScroll: true });
    unseen.clear();
    tell();
  });
}
