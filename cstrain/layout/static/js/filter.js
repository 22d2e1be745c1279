// A box that narrows a page's entries while one types: layout/narrow.html.
//
//   [data-entry]     an entry; shown while it holds every word of the box
//   [data-entries]   a group; hidden while none of its entries is shown
"use strict";

(() => {
  const box = document.querySelector("[data-narrow]");
  if (!box) return;
  const input = box.querySelector("input");
  const told = box.querySelector("[data-narrow-told]");
  const fold = (text) => text.normalize("NFKC").toLowerCase();
  const entries = [...document.querySelectorAll("[data-entry]")].map((entry) => [entry, fold(entry.textContent)]);
  const groups = [...document.querySelectorAll("[data-entries]")];

  const narrow = () => {
    const words = fold(input.value).split(/\s+/).filter(Boolean);
    let count = 0;
    for (const [entry, text] of entries) {
      entry.hidden = !words.every((word) => text.includes(word));
      if (!entry.hidden) count += 1;
    }
    for (const group of groups) group.hidden = !group.querySelector("[data-entry]:not([hidden])");
    const { found, none } = told.dataset;
    told.textContent = words.length ? (count ? found.replace("{n}", String(count)) : none) : "";
  };

  input.addEventListener("input", narrow);
  box.hidden = false;
  narrow(); // a browser keeps what was typed when it comes back to a page
})();
