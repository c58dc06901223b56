// Search over the index in search-index.js, and the paths of a name on the topology map. Works from file://.
"use strict";
const MOST = 20;
const up = document.body.dataset.up;
const input = document.getElementById("search");
const results = document.getElementById("results");
const found = document.getElementById("found");

function matches(words) {
  const rank = (page) => (page.title.toLowerCase().includes(words.join(" ")) ? 0 : 1);
  return window.CATALOGUE
    .filter((page) => words.every((word) => page.text.includes(word) || page.title.toLowerCase().includes(word)))
    .sort((one, other) => rank(one) - rank(other));
}

function item(page) {
  const row = document.createElement("li");
  const link = row.appendChild(document.createElement("a"));
  link.href = up + page.address;
  link.textContent = `${page.title} (${page.kind})`;
  return row;
}

function search() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const pages = words.length ? matches(words) : [];
  results.replaceChildren(...pages.slice(0, MOST).map(item));
  found.textContent = words.length ? `${pages.length} pages` : "";
}

function moveFocus(event) {
  const links = [input, ...results.querySelectorAll("a")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const place = links.indexOf(document.activeElement);
  if (!step || place < 0) return;
  event.preventDefault();
  links[Math.min(Math.max(place + step, 0), links.length - 1)].focus();
}

function close(event) {
  if (event.key === "Escape") { input.value = ""; search(); input.focus(); }
}

function show(name) {
  const map = document.querySelector(".map");
  map.classList.toggle("chosen", Boolean(name));
  for (const flow of map.querySelectorAll(".flow"))
    flow.classList.toggle("shown", flow.dataset.names.split(" ").includes(name));
}

input.form.addEventListener("submit", (event) => { event.preventDefault(); results.querySelector("a")?.click(); });
input.form.addEventListener("keydown", moveFocus);
input.form.addEventListener("keydown", close);
input.addEventListener("input", search);
input.value = new URLSearchParams(location.search).get("q") ?? "";
search();
for (const node of document.querySelectorAll(".map [data-name]")) {
  for (const start of ["mouseenter", "focus"]) node.addEventListener(start, () => show(node.dataset.name));
  for (const end of ["mouseleave", "blur"]) node.addEventListener(end, () => show(""));
}
