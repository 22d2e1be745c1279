// Narrows a page's entries while one types or picks a class, as the server does without scripts: layout/narrow.html.
//
//   [data-entry=3][data-home=id]   an entry, its place on the whole page and the list it belongs to
//   [data-asked]                   in an entry: other ways to ask for it
//   [data-entries=class]           a group; shown while nothing is typed and its class is picked
//   [data-found-list]              holds what was found, best first: heading, other ways to ask, the rest
"use strict";

(() => {
  const box = document.querySelector("[data-narrow]");
  if (!box) return;
  const input = box.querySelector("input[type=search]");
  const told = box.querySelector("[data-narrow-told]");
  const chips = [...box.querySelectorAll("[data-class]")];
  const groups = [...document.querySelectorAll("[data-entries]")];
  const found = document.querySelector("[data-found-list]");
  const list = found.querySelector("ul");
  const fold = (text) => text.normalize("NFKC").toLowerCase();

  const read = (node) => {
    const words = node.cloneNode(true);
    for (const control of words.querySelectorAll(".button, .check, .visually-hidden")) control.remove();
    const asked = [...words.querySelectorAll("[data-asked]")].map((each) => each.textContent).join("\n");
    const title = words.querySelector(".stage-title").textContent;
    const home = document.getElementById(node.dataset.home);
    return {
      node,
      home,
      name: home.closest("[data-entries]").dataset.entries,
      place: Number(node.dataset.entry),
      texts: [title, `${title}\n${asked}`, words.textContent].map(fold),
    };
  };
  const entries = [...document.querySelectorAll("[data-entry]")].map(read).sort((a, b) => a.place - b.place);
  let chosen = box.querySelector("[data-class][aria-current]")?.dataset.class ?? "";

  const narrow = () => {
    const words = fold(input.value).split(/\s+/).filter(Boolean);
    const moves = words.length > 0 || list.childElementCount > 0;
    const counts = new Map();
    const shown = [[], [], []];
    for (const { node, home, name, texts } of entries) {
      const rank = texts.findIndex((text) => words.every((word) => text.includes(word)));
      if (rank >= 0) for (const key of ["", name]) counts.set(key, (counts.get(key) ?? 0) + 1);
      if (words.length && rank >= 0 && ["", name].includes(chosen)) shown[rank].push(node);
      else if (moves) home.append(node);
    }
    const best = shown.flat();
    list.append(...best);
    found.hidden = !best.length;
    for (const group of groups) group.hidden = words.length > 0 || !["", group.dataset.entries].includes(chosen);
    for (const chip of chips) {
      chip.querySelector(".filter-count").textContent = counts.get(chip.dataset.class) ?? 0;
      if (chip.dataset.class === chosen) chip.setAttribute("aria-current", "true");
      else chip.removeAttribute("aria-current");
    }
    const { found: some, none } = told.dataset;
    told.textContent = words.length ? (best.length ? some.replace("{n}", best.length) : none) : "";
  };

  input.addEventListener("input", narrow);
  box.addEventListener("submit", (event) => event.preventDefault()); // it is narrowed already
  box.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-class]");
    if (!chip || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    chosen = chip.dataset.class;
    narrow();
  });
  addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target?.closest("[data-entries][hidden]")) return;
    input.value = chosen = "";
    narrow();
    target.scrollIntoView();
  });
  narrow(); // a browser keeps what was typed when it comes back to a page
})();
