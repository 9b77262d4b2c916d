// Acts on many: one box selects all that is shown, and the button tells how many are selected.
const boxes = () => [...document.querySelectorAll('input[name="ids"]:enabled')];

function tellSelected() {
  const count = boxes().filter((box) => box.checked).length;
  for (const badge of document.querySelectorAll("[data-selected]")) {
    badge.hidden = !count;
    badge.textContent = count;
  }
  for (const all of document.querySelectorAll("[data-select-all]")) {
    all.checked = count > 0 && count === boxes().length;
    all.indeterminate = count > 0 && !all.checked;
  }
}

for (const all of document.querySelectorAll("[data-select-all]")) {
  all.hidden = false;
  all.addEventListener("change", () => {
    boxes().forEach((box) => { box.checked = all.checked; });
    tellSelected();
  });
}
document.addEventListener("change", (event) => { if (event.target.name === "ids") tellSelected(); });
document.addEventListener("htmx:after:swap", tellSelected);
tellSelected();
