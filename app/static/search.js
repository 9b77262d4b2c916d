// The search box as a combobox: suggestions while typing, chosen by arrows and Enter. Without it, the form searches.
const box = document.getElementById("search");
const list = document.getElementById("suggestions");
const told = document.getElementById("suggested");

function options() {
  return [...list.querySelectorAll('[role="option"]')];
}

function mark(option) {
  options().forEach((each) => each.setAttribute("aria-selected", String(each === option)));
  if (option) box.setAttribute("aria-activedescendant", option.id);
  else box.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function show(isOpen) {
  list.hidden = !isOpen;
  box.setAttribute("aria-expanded", String(isOpen));
  mark(null);
  told.textContent = isOpen ? `${told.dataset.number}: ${options().length}` : "";
}

function move(by) {
  if (list.hidden) return show(options().length > 0);
  const all = options();
  const at = all.findIndex((each) => each.id === box.getAttribute("aria-activedescendant"));
  mark(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length]);
}

const ACTS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Escape: () => show(false),
  Enter: () => list.querySelector('[aria-selected="true"]').click(),
};

box.addEventListener("keydown", (event) => {
  const isChosen = !list.hidden && box.hasAttribute("aria-activedescendant");
  if (!ACTS[event.key] || event.isComposing || (event.key === "Enter" && !isChosen) || (event.key === "Escape" && list.hidden)) return;
  event.preventDefault();
  ACTS[event.key]();
});
box.addEventListener("input", () => { if (!box.value.trim()) show(false); });
box.form.addEventListener("focusout", (event) => { if (!box.form.contains(event.relatedTarget)) show(false); });
list.addEventListener("mousedown", (event) => event.preventDefault());  // the box keeps the focus until the click
box.addEventListener("htmx:after:swap", () => show(document.activeElement === box && options().length > 0));
