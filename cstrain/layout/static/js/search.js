// The search dialog, opened by "/" or any [data-search] button.
//
// GET {data-url}?q=… answers with a fragment of HTML. Each entry is
//   <li><a href="/where">title</a> <p>a line of the text</p></li>                 Enter opens it
//   <li data-copy="the whole answer"><a href="…">question</a> <p>…</p></li>      Enter copies it, Ctrl+Enter opens it
// inside <ul>; headings are <p class="search-title">; no entries means nothing was found.
"use strict";

(() => {
  const dialog = document.getElementById("search");
  if (!dialog) return;
  const input = dialog.querySelector("input");
  const results = dialog.querySelector(".search-results");
  const hint = results.innerHTML;
  let entries = [];
  let chosen = -1;
  let waiting = 0;
  let asked = null;
  let shown = ""; // the words that the entries answer; null when the search has failed

  const choose = (place) => {
    entries[chosen]?.setAttribute("aria-selected", "false");
    chosen = entries.length ? (place + entries.length) % entries.length : -1;
    const entry = entries[chosen];
    if (entry) {
      entry.setAttribute("aria-selected", "true");
      entry.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", entry.id);
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  };

  const show = (html) => {
    results.innerHTML = html;
    entries = [...results.querySelectorAll("li")];
    entries.forEach((entry, place) => {
      entry.id = `search-${place}`;
      entry.setAttribute("role", "option");
      entry.setAttribute("aria-selected", "false");
      // An option may hold no link: its address moves to the option, its words stay.
      for (const link of entry.querySelectorAll("a")) {
        entry.dataset.url ??= link.href;
        const words = document.createElement("strong");
        words.append(...link.childNodes);
        link.replaceWith(words);
      }
    });
    for (const list of results.querySelectorAll("ul")) {
      list.setAttribute("role", "listbox");
      list.setAttribute("aria-label", input.getAttribute("aria-label"));
    }
    input.setAttribute("aria-expanded", String(entries.length > 0));
    chosen = -1;
    choose(0);
  };

  const ask = async () => {
    const words = input.value.trim();
    asked?.abort();
    if (!words) {
      show(hint);
      shown = words;
      return;
    }
    asked = new AbortController();
    try {
      const url = `${dialog.dataset.url}?q=${encodeURIComponent(words)}`;
      const answer = await fetch(url, { signal: asked.signal, headers: { "X-Fragment": "1" } });
      if (!answer.ok) throw new Error(String(answer.status));
      show(await answer.text());
      shown = words;
    } catch (error) {
      if (error.name === "AbortError") return;
      const line = document.createElement("p");
      line.className = "search-hint";
      line.textContent = dialog.dataset.failed;
      results.replaceChildren(line);
      entries = [];
      shown = null;
    }
  };

  const take = (entry, open) => {
    if (entry.dataset.copy && !open) {
      dialog.close();
      window.cstrain.copy(entry.dataset.copy);
    } else if (entry.dataset.url) {
      location.assign(entry.dataset.url);
    }
  };

  // Whoever types fast presses Enter before the answers are there: those of the words before are not meant.
  const enter = async (isOpening) => {
    if (input.value.trim() !== shown) {
      clearTimeout(waiting);
      await ask();
    }
    const isCurrent = dialog.open && input.value.trim() === shown;
    if (isCurrent && entries[chosen]) take(entries[chosen], isOpening);
  };

  const open = () => {
    if (document.querySelector("dialog[open]")) return;
    dialog.showModal();
    input.select();
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-search]")) open();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    event.preventDefault();
    open();
  });

  input.addEventListener("input", (event) => {
    if (event.isComposing) return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, 120);
  });
  input.addEventListener("compositionend", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 0);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      enter(event.ctrlKey || event.metaKey);
    }
  });
  results.addEventListener("click", (event) => {
    const entry = event.target.closest("li");
    if (entry) take(entry, event.ctrlKey || event.metaKey);
  });
})();
