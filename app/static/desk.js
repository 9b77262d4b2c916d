// Makes the pages smoother; each of them works without it.
"use strict";

const language = document.documentElement.lang;
const exact = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

// Times: how long ago, or until when; the exact time, in the viewer's zone, on hover.
function tellTime(element) {
  const moment = new Date(element.dateTime);
  const seconds = (moment - Date.now()) / 1000;
  const isDeadline = "deadline" in element.dataset;
  const [unit, size] = isDeadline && Math.abs(seconds) >= 60 && Math.abs(seconds) < 7200 ? ["minute", 60] : UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? UNITS.at(-1);
  const words = Math.abs(seconds) > 7 * 86400 ? exact.format(moment) : relative.format(Math.trunc(seconds / size), unit);
  if (element.textContent !== words) element.textContent = words;
  element.title = exact.format(moment);
  element.classList.toggle("is-late", seconds < 0 && isDeadline);
}

function tellTimes(root = document) {
  root.querySelectorAll("time[datetime]").forEach(tellTime);
}

// What the server writes itself (without a script, in a file) is told in the same zone from now on.
function tellZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const secure = location.protocol === "https:" ? "; secure" : "";
  if (zone) document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
}

// What is shown may be old: say so, and say when it is not any more.
function setGone(reason) {
  const notice = document.getElementById("gone");
  if (!notice) return;
  notice.hidden = !reason;
  if (reason) notice.textContent = notice.dataset[reason];
}

// A case whose state changed under the reader: offer the new page at once, unless something is being typed.
function isTyping() {
  return [...document.querySelectorAll("main form")].some((form) =>
    [...form.elements].some((field) => "defaultValue" in field && field.type !== "hidden" && field.value !== field.defaultValue));
}

function followCase() {
  const shown = document.getElementById("live")?.dataset.version;
  const now = document.getElementById("state")?.dataset.version;
  if (!shown || shown === now) return;
  const busy = isTyping() || document.activeElement?.closest("main form, main details");
  if (busy) document.getElementById("stale").hidden = false;
  else location.reload();
}

document.addEventListener("htmx:after:request", (event) => {
  const status = event.detail.ctx.response?.raw?.status ?? event.detail.ctx.response?.status;
  if (status === 401) setGone("signedOut");
  else if (status >= 500) setGone("away");
  else if (status) setGone(null);
});
document.addEventListener("htmx:error", () => setGone("away"));

// An effect that could not be asked for must not stand beside what was typed since.
function forgetEffect(event) {
  const shown = event.detail.ctx?.target;
  if (shown?.id === "effect") shown.textContent = shown.dataset.unknown;
}

document.addEventListener("htmx:response:error", forgetEffect);
document.addEventListener("htmx:error", forgetEffect);

// The tab tells how many wait, for those who look elsewhere.
const title = document.title;

function tellWaiting() {
  const count = document.querySelector("#waiting [data-count]")?.dataset.count;
  const icon = document.getElementById("icon");
  document.title = count ? `(${count}) ${title}` : title;
  const wanted = count ? icon.dataset.waiting : icon.dataset.quiet;
  if (icon.getAttribute("href") !== wanted) icon.setAttribute("href", wanted);
}

document.addEventListener("htmx:after:swap", () => { tellTimes(); followCase(); tellWaiting(); });

// Menus close on Escape and on a click elsewhere.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelectorAll(".desk-menu[open]").forEach((menu) => { menu.open = false; });
});
document.addEventListener("click", (event) => {
  document.querySelectorAll(".desk-menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

tellZone();
tellTimes();
setInterval(tellTimes, 15000);
