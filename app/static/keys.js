// Keys for those who work through the queue all day. What they do, links and buttons do as well.
const ROW = ".desk-rows .desk-what";

function step(by) {
  const links = [...document.querySelectorAll(ROW)];
  if (!links.length) return;
  const place = links.indexOf(document.activeElement?.closest("tr")?.querySelector(".desk-what"));
  const next = place < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, place + by));
  links[next].focus({ focusVisible: true });
  links[next].scrollIntoView({ block: "nearest" });
}

function pick() {
  const box = document.activeElement?.closest("tr")?.querySelector('input[name="ids"]');
  if (box) box.click();
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  x: pick,
  u: () => document.querySelector(".desk-crumbs a")?.click(),
  "/": () => document.getElementById("search")?.focus(),
  "?": () => document.getElementById("keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog, [contenteditable]")) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

for (const opener of document.querySelectorAll("[data-keys]")) {
  opener.hidden = false;
  opener.addEventListener("click", KEYS["?"]);
}
