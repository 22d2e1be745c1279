// The marking page by keyboard: a mark a key, saved as it is given. Without this it is a plain form.
//
// Keys work only while the focus is in the page's marking area. One draft travels at a time; what
// was changed meanwhile waits in `waiting` and goes with the next.
"use strict";

(() => {
  const form = document.getElementById("marking");
  if (!form) return;
  const words = JSON.parse(form.dataset.words);
  const area = form.closest(".marking");
  const items = [...form.querySelectorAll(".criterion")];
  const lines = [...area.querySelectorAll("[data-line]")];
  const token = document.querySelector("meta[name=csrf-token]").content;
  const saved = document.getElementById("saved");
  const said = document.getElementById("said");
  const isQuiet = matchMedia("(prefers-reduced-motion: reduce)").matches;
  area.classList.add("is-live");

  const valueOf = (item) => item.querySelector("input[type=radio]:checked")?.value ?? "";
  const noteOf = (item) => item.querySelector("textarea");
  const fieldOf = (item) => item.querySelector(".criterion-lines input");
  const linesOf = (item) => fieldOf(item).value.split(/[\s,，、;；]+/).filter(Boolean);

  // ---- Saving ----------------------------------------------------------------------------------

  const waiting = new Set();
  let isBusy = false;

  const show = (answer) => {
    document.getElementById("score").textContent = answer.score;
    const count = Object.keys(answer.lacks).length;
    document.getElementById("open-count").textContent = count ? words.open.replace("{n}", count) : words.whole;
    for (const item of items) {
      const lack = answer.lacks[item.dataset.key] || "";
      item.querySelector("[data-lack]").textContent = lack;
      if (!lack) delete item.dataset.lacks;
      item.toggleAttribute("data-skipped", answer.skipped.includes(item.dataset.key));
    }
    lacks = answer.lacks;
  };
  let lacks = null;

  const send = async () => {
    if (isBusy || !waiting.size) return;
    isBusy = true;
    const going = [...waiting];
    waiting.clear();
    const body = { marks: {} };
    for (const item of going) {
      if (item === form) body.comment = form.elements.comment.value;
      else body.marks[item.dataset.key] = { value: valueOf(item), note: noteOf(item).value, lines: linesOf(item) };
    }
    saved.textContent = words.saving;
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
        body: JSON.stringify(body),
      });
      const data = await answer.json();
      if (answer.ok) {
        show(data);
        saved.textContent = words.saved;
      } else {
        saved.textContent = data.error || words.refused;
      }
    } catch {
      for (const item of going) waiting.add(item);
      saved.textContent = words.failed;
      setTimeout(send, 3000);
      isBusy = false;
      return;
    }
    isBusy = false;
    send();
  };
  const keep = (item) => {
    waiting.add(item);
    send();
  };
  window.addEventListener("beforeunload", (event) => {
    if (waiting.size) event.preventDefault();
  });

  // ---- Where one is ----------------------------------------------------------------------------

  let here = items[0];
  let lineHere = null;

  const mark = () => {
    const own = new Set(linesOf(here));
    const proposed = new Set((here.dataset.proposedLines || "").split(" "));
    for (const item of items) item.classList.toggle("is-here", item === here);
    for (const line of lines) {
      line.classList.toggle("is-evidence", own.has(line.dataset.line));
      line.classList.toggle("is-proposed", proposed.has(line.dataset.line) && !own.has(line.dataset.line));
      line.classList.toggle("is-here", line === lineHere);
    }
  };
  const go = (item) => {
    if (!item) return;
    here = item;
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest", behavior: isQuiet ? "auto" : "smooth" });
    const first = lines.find((line) => line.classList.contains("is-evidence") || line.classList.contains("is-proposed"));
    mark();
    first?.scrollIntoView({ block: "nearest" });
  };
  const step = (by) => go(items[Math.min(items.length - 1, Math.max(0, items.indexOf(here) + by))]);
  const stepLine = (by) => {
    if (!lines.length) return;
    const at = lineHere ? lines.indexOf(lineHere) + by : by > 0 ? 0 : lines.length - 1;
    lineHere = lines[Math.min(lines.length - 1, Math.max(0, at))];
    lineHere.scrollIntoView({ block: "nearest" });
    said.textContent = `${words.line.replace("{n}", lineHere.dataset.line)} ${lineHere.textContent.trim()}`;
    mark();
  };

  // ---- What is given ---------------------------------------------------------------------------

  const set = (value) => {
    const radio = [...here.querySelectorAll("input[type=radio]")].find((each) => each.value === value);
    if (!radio) return false;
    radio.checked = true;
    said.textContent = radio.parentElement.textContent.trim();
    keep(here);
    return true;
  };
  const setLines = (item, ids) => {
    fieldOf(item).value = ids.join(" ");
    chips(item);
    mark();
    keep(item);
  };
  const toggle = (id) => {
    const own = linesOf(here);
    setLines(here, own.includes(id) ? own.filter((each) => each !== id) : [...own, id]);
  };
  const chips = (item) => {
    const made = linesOf(item).map((id) => {
      const chip = document.createElement("button");
      chip.type = "button";
      chip.className = "criterion-chip";
      chip.textContent = `${words.line.replace("{n}", id)} ×`;
      chip.setAttribute("aria-label", words.remove.replace("{n}", id));
      chip.addEventListener("click", () => {
        here = item;
        toggle(id);
      });
      return chip;
    });
    item.querySelector("[data-chips]").replaceChildren(...made);
  };
  const agree = () => {
    if (!here.dataset.proposed || !set(here.dataset.proposed)) return;
    const proposed = (here.dataset.proposedLines || "").split(" ").filter(Boolean);
    if (proposed.length && !linesOf(here).length) setLines(here, proposed);
  };

  const complete = () => {
    const missing = lacks && items.find((item) => item.dataset.key in lacks);
    if (missing) {
      for (const item of items) item.toggleAttribute("data-lacks", item.dataset.key in lacks);
      said.textContent = document.getElementById("open-count").textContent;
      window.cstrain.say(said.textContent);
      go(missing);
      return;
    }
    waiting.clear(); // the form holds it all
    form.requestSubmit(document.getElementById("complete"));
  };

  // ---- Keys, mouse, touch ----------------------------------------------------------------------

  document.addEventListener("keydown", (event) => {
    if (!area.contains(event.target) || event.altKey || event.metaKey) return;
    if (event.ctrlKey) {
      if (event.key === "Enter") {
        event.preventDefault();
        complete();
      }
      return;
    }
    const isTyping = event.target.matches("textarea, input:not([type=radio])");
    if (isTyping) {
      if (event.key === "Escape") go(here);
      else if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
      return;
    }
    const key = event.key.toLowerCase();
    const isLine = event.shiftKey;
    if (key === "enter") {
      if (event.target.matches("button, summary, a")) return;
      agree();
      step(1);
    } else if (key === "j" || key === "arrowdown") (isLine ? stepLine : step)(1);
    else if (key === "k" || key === "arrowup") (isLine ? stepLine : step)(-1);
    else if (/^[0-9]$/.test(key)) set(key);
    else if (key === "n") set("na");
    else if (key === "e" && lineHere) toggle(lineHere.dataset.line);
    else if (key === "c") {
      here.querySelector(".criterion-note").open = true;
      noteOf(here).focus();
    } else return;
    event.preventDefault();
  });

  form.addEventListener("focusin", (event) => {
    const item = event.target.closest(".criterion");
    if (!item || item === here) return;
    here = item;
    mark();
  });
  form.addEventListener("change", (event) => {
    const item = event.target.closest(".criterion");
    keep(item || form);
    if (item) {
      chips(item);
      mark();
    }
  });
  form.addEventListener("click", (event) => {
    const item = event.target.closest(".criterion");
    if (item) {
      here = item;
      mark();
    }
    if (event.target.closest("[data-agree]")) agree();
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.id !== "complete") return;
    const missing = lacks && items.some((item) => item.dataset.key in lacks);
    if (missing) {
      event.preventDefault();
      complete();
    } else {
      waiting.clear();
    }
  });
  for (const line of lines) {
    line.addEventListener("click", (event) => {
      if (event.target.closest("a, button, summary, input")) return;
      if (String(window.getSelection())) return; // somebody marks text to read or copy it
      lineHere = line;
      toggle(line.dataset.line);
    });
  }

  for (const button of form.querySelectorAll("[data-agree]")) button.hidden = false;
  items.forEach(chips);
  const first = items.find((item) => !valueOf(item)) || items[0];
  if (first && matchMedia("(min-width: 56rem)").matches) go(first);
  else mark();
})();
