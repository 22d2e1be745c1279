// The marking page by keyboard: a mark a key, saved as it is given. Without this it is a plain form.
//
// Keys work only while the focus is in the page's marking area. One draft travels at a time; what
// was changed meanwhile waits in `waiting` and goes with the next. sessionStorage holds a copy of what
// the server has not got yet, so that a log-in or a reload in between loses nothing.
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
  const isOpen = (item) => !valueOf(item) && !item.hasAttribute("data-skipped");
  const noteOf = (item) => item.querySelector("textarea");
  const fieldOf = (item) => item.querySelector(".criterion-lines input");
  const linesOf = (item) => fieldOf(item).value.normalize("NFKC").split(/[\s,、;]+/).filter(Boolean);

  // ---- Saving ----------------------------------------------------------------------------------

  const waiting = new Set();
  let isBusy = false;
  let isOut = false;
  let isLeaving = false;
  let wantsEnd = false; // as soon as everything is saved
  let timer = 0;

  const showLacks = () => {
    for (const item of items) {
      const lack = lacks[item.dataset.key] || "";
      item.querySelector("[data-lack]").textContent = lack;
      if (!lack) delete item.dataset.lacks;
      else if (valueOf(item)) item.dataset.lacks = ""; // marked, and a line is missing
    }
  };
  const show = (answer) => {
    document.getElementById("score").textContent = answer.score;
    document.getElementById("open-count").textContent = answer.open;
    lacks = answer.lacks;
    showLacks();
    for (const item of items) {
      item.toggleAttribute("data-skipped", answer.skipped.includes(item.dataset.key));
    }
  };
  let lacks = JSON.parse(form.dataset.lacking);

  const store = form.dataset.kept;
  const draftOf = (changed) => {
    const body = { marks: {} };
    for (const item of changed) {
      if (item === form) body.comment = form.elements.comment.value;
      else body.marks[item.dataset.key] = { value: valueOf(item), note: noteOf(item).value, lines: linesOf(item) };
    }
    return body;
  };
  const copy = (changed) => {
    try {
      if (changed.length) sessionStorage.setItem(store, JSON.stringify(draftOf(changed)));
      else sessionStorage.removeItem(store);
    } catch {
      // A full or forbidden storage only costs the copy.
    }
  };

  const send = async () => {
    if (isBusy || !waiting.size) return;
    isBusy = true;
    clearTimeout(timer);
    const going = [...waiting];
    waiting.clear();
    saved.textContent = words.saving;
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
        body: JSON.stringify(draftOf(going)),
      });
      const data = await answer.json();
      if (answer.status === 401) {
        isOut = true;
        saved.textContent = words.login;
        throw new Error("logged out");
      }
      if (isOut && answer.status === 400) {
        isLeaving = true; // logged in again elsewhere: the page needs a new token and sends its copy
        location.reload();
        return;
      }
      isOut = false;
      if (answer.ok) show(data);
      saved.textContent = answer.ok ? data.notice || words.saved : data.error || words.refused;
      copy([...waiting]);
    } catch (error) {
      for (const item of going) waiting.add(item);
      if (error.message !== "logged out") saved.textContent = words.failed;
      timer = setTimeout(send, 3000);
      isBusy = false;
      return;
    }
    isBusy = false;
    if (waiting.size) send();
    else if (wantsEnd) complete();
  };
  const keep = (item) => {
    delete lacks[item.dataset.key]; // until the server says what is missing now
    waiting.add(item);
    copy([...waiting]);
    send();
  };
  // What is being typed is saved in its pauses.
  const keepSoon = (item) => {
    waiting.add(item);
    copy([...waiting]);
    clearTimeout(timer);
    timer = setTimeout(send, 600);
  };
  const restore = () => {
    let found = null;
    try {
      found = JSON.parse(sessionStorage.getItem(store));
    } catch {
      // No copy.
    }
    if (!found) return;
    for (const item of items) {
      const mark = found.marks[item.dataset.key];
      if (!mark) continue;
      for (const radio of item.querySelectorAll("input[type=radio]")) radio.checked = radio.value === mark.value;
      noteOf(item).value = mark.note;
      fieldOf(item).value = mark.lines.join(" ");
      keep(item);
    }
    if (found.comment !== undefined) {
      form.elements.comment.value = found.comment;
      keep(form);
    }
  };
  window.addEventListener("beforeunload", (event) => {
    if (waiting.size && !isLeaving) event.preventDefault();
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
  // What only a person can tell comes first, from here on and round; then the rest.
  let isFresh = true; // nobody has done anything yet: what is open here is not passed over
  const undecided = () => {
    const next = items.indexOf(here) + (isFresh ? 0 : 1);
    const ring = [...items.slice(next), ...items.slice(0, next)];
    const open = ring.filter(isOpen);
    const short = ring.find((item) => item.dataset.key in lacks);
    return open.find((item) => !item.dataset.proposed) || open[0] || short;
  };
  const box = area.querySelector(".marking-transcript");
  const turn = (by) => box.scrollBy({ top: by * box.clientHeight * 0.85, behavior: isQuiet ? "auto" : "smooth" });
  const heads = [...box.querySelectorAll("h3")];
  const topOf = (node) => node.getBoundingClientRect().top - box.getBoundingClientRect().top;
  const turnTo = (by) => {
    const there = by > 0 ? heads.find((head) => topOf(head) > 104) : heads.findLast((head) => topOf(head) < 14);
    if (there) box.scrollBy({ top: topOf(there) - 24, behavior: isQuiet ? "auto" : "smooth" });
  };
  const step = (by) => go(items[Math.min(items.length - 1, Math.max(0, items.indexOf(here) + by))]);
  const stepLine = (by) => {
    if (!lines.length) return;
    const marked = lines.find((line) => line.matches(".is-evidence, .is-proposed"));
    const seen = lines.find((line) => topOf(line) >= 0);
    const at = lineHere ? lines.indexOf(lineHere) + by : lines.indexOf(marked || seen || lines[0]);
    lineHere = lines[Math.min(lines.length - 1, Math.max(0, at))];
    lineHere.scrollIntoView({ block: "nearest" });
    said.textContent = `${words.line.replace("{n}", lineHere.dataset.line)} ${lineHere.textContent.trim()}`;
    mark();
  };

  // ---- What is given ---------------------------------------------------------------------------

  const set = (value) => {
    const radio = [...here.querySelectorAll("input[type=radio]")].find((each) => each.value === value);
    if (!radio || radio.disabled) return false;
    radio.checked = true;
    said.textContent = radio.parentElement.textContent.trim();
    keep(here);
    return true;
  };
  const isBarred = (value) => here.querySelector(`input[type=radio][value="${value}"]:disabled`) !== null;
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
  // What a person has given stays; what nobody can give but a person is asked for.
  const confirm = () => {
    if (isOpen(here)) {
      if (!here.dataset.proposed) {
        window.cstrain.say(words.unclear);
        return;
      }
      agree();
    }
    const after = items.slice(items.indexOf(here) + 1);
    go(after.find(isOpen) || after[0] || undecided());
  };
  const askLines = () => {
    here.querySelector(".criterion-lines").classList.add("is-typed");
    fieldOf(here).dataset.before = fieldOf(here).value;
    fieldOf(here).focus();
    fieldOf(here).select();
  };
  const takeLines = () => {
    const known = new Set(lines.map((line) => line.dataset.line));
    const wrong = linesOf(here).find((id) => !known.has(id));
    if (wrong !== undefined) {
      window.cstrain.say(words.absent.replace("{n}", wrong));
      return;
    }
    here.querySelector(".criterion-lines").classList.remove("is-typed");
    setLines(here, [...new Set(linesOf(here))]);
    go(here);
  };

  // The form holds it all; the copy stays for a log-in in between.
  const leave = () => {
    isLeaving = true;
    clearTimeout(timer);
    copy([...items, form]);
    waiting.clear();
  };
  const complete = () => {
    wantsEnd = isBusy || waiting.size > 0;
    if (wantsEnd) {
      send();
      return;
    }
    const missing = items.find((item) => item.dataset.key in lacks);
    if (missing) {
      for (const item of items) item.toggleAttribute("data-lacks", item.dataset.key in lacks);
      said.textContent = document.getElementById("open-count").textContent;
      window.cstrain.say(said.textContent);
      go(missing);
      return;
    }
    leave();
    form.requestSubmit(document.getElementById("complete"));
  };

  const snippets = [...form.querySelectorAll("[data-snippet]")];
  const insert = (snippet) => {
    const field = form.elements.comment;
    field.value = [field.value.trimEnd(), snippet.dataset.snippet].filter(Boolean).join("\n");
    said.textContent = snippet.dataset.snippet;
    keep(form);
  };

  // ---- Keys, mouse, touch ----------------------------------------------------------------------

  document.addEventListener("keydown", (event) => {
    if (!area.contains(event.target) || event.metaKey) return;
    if (event.altKey) {
      const snippet = /^Digit[1-9]$/.test(event.code) && snippets[event.code.slice(-1) - 1];
      if (!snippet || event.ctrlKey) return;
      event.preventDefault();
      insert(snippet);
      return;
    }
    if (event.ctrlKey) {
      if (event.key === "Enter") {
        event.preventDefault();
        complete();
      }
      return;
    }
    const isTyping = event.target.matches("textarea, input:not([type=radio])");
    if (isTyping) {
      if (event.isComposing) return;
      const isLines = event.target.matches(".criterion-lines input");
      if (event.key === "Enter" && event.target.matches("input")) {
        event.preventDefault();
        if (isLines) takeLines();
      } else if (event.key === "Escape") {
        if (isLines) {
          event.target.value = event.target.dataset.before;
          takeLines();
        } else go(here);
      }
      return;
    }
    const key = event.key.toLowerCase();
    const wasFresh = isFresh;
    const isLine = event.shiftKey;
    if (key === "enter") {
      if (event.target.matches("button, summary, a")) return;
      confirm();
    } else if (key === " ") {
      if (event.target.matches("button, summary, a, input")) return;
      turn(event.shiftKey ? -1 : 1);
    } else if (key === "]") turnTo(1);
    else if (key === "[") turnTo(-1);
    else if (key === "u") go(undecided());
    else if (key === "l") askLines();
    else if (key === "j" || key === "arrowdown") (isLine ? stepLine : step)(1);
    else if (key === "k" || key === "arrowup") (isLine ? stepLine : step)(-1);
    else if (/^[0-9n]$/.test(key)) {
      if (!set(key === "n" ? "na" : key)) window.cstrain.say(isBarred(key) ? words.barred : words.no_level);
    }
    else if (key === "e" && lineHere) toggle(lineHere.dataset.line);
    else if (key === "c") {
      here.querySelector(".criterion-note").open = true;
      const note = noteOf(here);
      note.focus();
      note.setSelectionRange(note.value.length, note.value.length); // behind what stands there
    } else return;
    isFresh = isFresh && wasFresh && /^(\[|\]| )$/.test(key); // turning the chat decides nothing
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
  form.addEventListener("input", (event) => {
    if (event.target.matches("textarea")) keepSoon(event.target.closest(".criterion") || form);
  });
  form.addEventListener("click", (event) => {
    const item = event.target.closest(".criterion");
    isFresh = false;
    if (item) {
      here = item;
      mark();
    }
    if (event.target.closest("[data-agree]")) agree();
    const snippet = event.target.closest("[data-snippet]");
    if (snippet) insert(snippet);
  });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.id !== "complete") return;
    const isShort = items.some((item) => item.dataset.key in lacks);
    if (isBusy || waiting.size || isShort) {
      event.preventDefault();
      complete();
    } else {
      leave();
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

  for (const button of form.querySelectorAll("[data-agree], [data-snippet]")) button.hidden = false;
  const told = items.find((item) => item.hasAttribute("data-lacks")); // why it did not end
  restore();
  showLacks();
  items.forEach(chips);
  const asked = told || items.find((item) => item.hasAttribute("data-asked"));
  const first = asked || undecided() || items[0];
  if (first && (asked || matchMedia("(min-width: 56rem)").matches)) go(first);
  else mark();
})();
