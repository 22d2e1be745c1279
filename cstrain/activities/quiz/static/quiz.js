// The paper: saving answers as they are given, the clock, the strip of questions, the keyboard.
//
// An answer waits in `waiting` until the server says it is committed; sessionStorage holds a copy,
// so that a reload or a crash of the tab loses nothing. One answer travels at a time.
"use strict";

(() => {
  const form = document.getElementById("paper");
  if (!form) return;
  const words = JSON.parse(form.dataset.words);
  const say = (key, n) => words[key].replace("{n}", String(n));
  const isPreview = !form.dataset.attempt;
  const epoch = Number(form.dataset.epoch);
  const items = [...form.querySelectorAll(".paper-item")];
  const dots = [...document.querySelectorAll("[data-dot]")];
  const notice = document.getElementById("notice");
  const said = document.getElementById("said");
  const token = document.querySelector("meta[name=csrf-token]").content;
  const store = `quiz:${form.dataset.attempt}`;
  form.classList.add("is-live");
  // What is jumped to must not come to lie under the bar.
  const bar = form.querySelector(".paper-top");
  new ResizeObserver(() => {
    document.documentElement.style.setProperty("--paper-top", `${bar.offsetHeight + 8}px`);
  }).observe(bar);

  const boxOf = (item) => item.querySelector(".question");
  const icon = (name) =>
    document.getElementById("icons").content.querySelector(`[data-icon=${name}]`).firstElementChild.cloneNode(true);

  // ---- Words of the page -----------------------------------------------------------------------

  const tell = (text, kind, button) => {
    notice.replaceChildren();
    notice.hidden = !text;
    notice.dataset.kind = kind || "";
    if (!text) return;
    const line = document.createElement("span");
    line.textContent = text;
    notice.append(line);
    if (!button) return;
    const link = document.createElement(button.url ? "a" : "button");
    link.className = "button button-small button-plain";
    link.textContent = button.label;
    if (button.url) {
      link.href = button.url;
      link.target = "_blank";
    } else {
      link.type = "button";
      link.addEventListener("click", button.act);
    }
    notice.append(link);
  };

  const show = (position, state, text) => {
    const place = items[position].querySelector("[data-save]");
    place.dataset.state = state;
    const label = document.createElement("span");
    label.textContent = text || words[state];
    place.replaceChildren(icon(state), label);
  };

  // ---- What waits to be saved ------------------------------------------------------------------

  const waiting = new Map(); // position → {seq, response}, in the order given
  const marks = new Set(form.dataset.marked.split(" ").filter(Boolean).map(Number));
  let hasUnsentMarks = false;
  const timers = new Map();
  let seq = 1;
  let isSending = false;
  let pauseMs = 0;
  let retryTimer = 0;
  let isOver = false; // handed in, or gone on elsewhere: nothing counts here any more
  let isLeaving = false;
  let wasOffline = false;

  const keep = () => {
    if (isPreview) return;
    try {
      const rows = [...waiting].map(([position, each]) => [position, each.response]);
      sessionStorage.setItem(store, JSON.stringify({ epoch, rows, marks: hasUnsentMarks ? [...marks] : null }));
    } catch {
      // A full or forbidden storage only costs the copy; the answers are still in the page.
    }
  };
  const kept = () => {
    try {
      return JSON.parse(sessionStorage.getItem(store)) || { epoch: 0, rows: [], marks: null };
    } catch {
      return { epoch: 0, rows: [], marks: null };
    }
  };

  const freeze = () => {
    isOver = true;
    // What still waits does not count any more; the server keeps it all the same.
    for (const [position, each] of waiting) {
      post(form.dataset.answer, { epoch, seq: each.seq, position, response: each.response }).catch(() => {});
    }
    waiting.clear();
    keep();
    for (const item of items) boxOf(item).disabled = true;
  };
  const reload = () => {
    isLeaving = true;
    location.reload();
  };

  const post = async (url, body) => {
    const stop = new AbortController();
    const limit = setTimeout(() => stop.abort(), 12000);
    try {
      return await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
        body: JSON.stringify(body),
        signal: stop.signal,
        keepalive: true,
      });
    } finally {
      clearTimeout(limit);
    }
  };

  const later = () => {
    pauseMs = Math.min(pauseMs ? pauseMs * 2 : 1000, 15000);
    clearTimeout(retryTimer);
    retryTimer = setTimeout(send, pauseMs);
    for (const position of waiting.keys()) show(position, "queued");
  };

  // Nothing counts here any more: says why, and offers the way on.
  const end = (reason) => {
    freeze();
    const isElsewhere = reason === "elsewhere";
    tell(words[reason], "needs_you", { label: isElsewhere ? words.here : words.seeResult, act: reload });
  };

  const settle = async (position, sent, answer) => {
    const isNewest = waiting.get(position)?.seq === sent.seq;
    if (answer.ok) {
      const result = await answer.json();
      skew = result.now_ms - Date.now();
      if (isNewest) waiting.delete(position);
      if (result.reason) {
        show(position, "refused");
        end(result.reason);
        return;
      }
      if (isNewest && !timers.has(position)) show(position, "saved");
      keep();
      if (wasOffline && !waiting.size && !timers.size) {
        wasOffline = false;
        tell(words.backOnline, "passed");
        setTimeout(() => notice.dataset.kind === "passed" && tell(""), 4000);
      }
      pauseMs = 0;
      return;
    }
    if (answer.status === 401) {
      tell(words.login, "needs_you", { label: words.logIn, url: form.dataset.login });
      wasOffline = true;
      later();
      return;
    }
    if (answer.status === 400) {
      isLeaving = true; // the copy is kept and sent by the next page
      tell(words.stale, "needs_you", { label: words.reload, act: reload });
      wasOffline = true;
      later();
      return;
    }
    if (answer.status >= 500 || answer.status === 429) {
      offline();
      return;
    }
    const problem = await answer.json().catch(() => ({}));
    if (isNewest) waiting.delete(position);
    show(position, "refused", problem.error || words.refused);
    keep();
    pauseMs = 0;
  };

  const offline = () => {
    wasOffline = true;
    tell(words.offline, "needs_you");
    later();
  };

  async function send() {
    clearTimeout(retryTimer);
    if (isSending || isOver || isPreview || !waiting.size) return;
    isSending = true;
    const [position, sent] = waiting.entries().next().value;
    show(position, "saving");
    let answer = null;
    try {
      answer = await post(form.dataset.answer, { epoch, seq: sent.seq, position, response: sent.response });
    } catch {
      answer = null;
    }
    try {
      if (answer) await settle(position, sent, answer);
      else offline();
    } finally {
      isSending = false;
    }
    if (waiting.size && !pauseMs) send();
    for (const wake of idle.splice(0)) wake();
  }

  // Marks travel as a whole set, one set at a time; the newest stands.
  let isMarking = false;
  let markTimer = 0;
  const sendMarks = async () => {
    clearTimeout(markTimer);
    if (isMarking || isOver || isPreview || !hasUnsentMarks) return;
    isMarking = true;
    hasUnsentMarks = false;
    let taken = null;
    try {
      const answer = await post(form.dataset.marks, { epoch, marked: [...marks] });
      if (answer.ok) taken = await answer.json();
    } catch {
      // The network is away: they go later.
    }
    isMarking = false;
    if (taken?.reason) {
      end(taken.reason);
      return;
    }
    if (!taken) {
      hasUnsentMarks = true;
      markTimer = setTimeout(sendMarks, 10000);
    }
    keep();
    if (taken) sendMarks();
  };

  // Resolves when nothing waits any more, or after the time given.
  const idle = [];
  const drained = async (limitMs) => {
    const until = Date.now() + limitMs;
    pauseMs = 0;
    send();
    while ((waiting.size || isSending) && !isOver && Date.now() < until) {
      await new Promise((done) => {
        idle.push(done);
        setTimeout(done, 300);
      });
    }
    return !waiting.size;
  };

  const give = (item) => {
    const position = Number(item.dataset.position);
    clearTimeout(timers.get(position));
    timers.delete(position);
    paint(position);
    if (isPreview || isOver) return;
    const response = window.cstrain.responseOf(boxOf(item));
    waiting.delete(position); // the newest answer goes to the end of the row
    waiting.set(position, { seq: (seq += 1), response });
    form.elements.seq.value = String(seq + 1);
    keep();
    if (pauseMs) show(position, "queued");
    else send();
  };

  form.addEventListener("change", (event) => {
    const item = event.target.closest(".paper-item");
    if (item) give(item);
  });
  form.addEventListener("input", (event) => {
    const item = event.target.closest(".paper-item");
    if (!item || event.isComposing || !event.target.matches("input[type=text]")) return;
    const position = Number(item.dataset.position);
    if (!isPreview && !isOver) show(position, pauseMs ? "queued" : "saving");
    clearTimeout(timers.get(position));
    timers.set(position, setTimeout(() => give(item), 700));
  });
  const flushTyping = () => {
    for (const position of [...timers.keys()]) give(items[position]);
  };
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") flushTyping();
  });
  window.addEventListener("online", () => {
    pauseMs = 0;
    send();
    sendMarks();
  });
  window.addEventListener("beforeunload", (event) => {
    flushTyping();
    if (waiting.size && !isLeaving) event.preventDefault();
  });

  // ---- What an earlier page could not save -----------------------------------------------------

  const before = kept();
  // Marks that the page before this one could not send; a page opened elsewhere meanwhile has newer ones.
  if (before.marks && before.epoch === epoch - 1) {
    marks.clear();
    for (const position of before.marks) if (items[position]) marks.add(position);
    hasUnsentMarks = true;
    sendMarks();
  }
  const restore = async () => {
    const rows = before.rows.filter(([position]) => items[position]);
    if (!rows.length || isPreview) return;
    tell(words.restoring, "needs_you");
    // Where a later page has answered since, its answer stands and this one is only kept.
    const ours = rows.filter(([position]) => Number(items[position].dataset.savedEpoch) <= before.epoch);
    for (const [position, response] of ours) waiting.set(position, { seq: (seq += 1), response });
    keep();
    const done = await drained(60000);
    if (done && !isOver && ours.length) reload();
    else if (done) tell("");
  };

  // ---- One at a time, or all -------------------------------------------------------------------

  let current = Math.max(items.findIndex((item) => item.classList.contains("is-current")), 0);
  const isOne = () => form.dataset.view === "one";
  const switcher = document.getElementById("switch-view");

  const paint = (position) => {
    const dot = dots[position];
    const isAnswered = window.cstrain.isAnswered(boxOf(items[position]));
    const isMarked = marks.has(position);
    dot.classList.toggle("is-answered", isAnswered);
    dot.classList.toggle("is-marked", isMarked);
    dot.setAttribute("aria-label", say((isAnswered ? "answered" : "open") + (isMarked ? "Marked" : ""), position + 1));
    const button = items[position].querySelector("[data-mark]");
    button.setAttribute("aria-pressed", String(isMarked));
    button.querySelector("span").textContent = isMarked ? words.unmark : words.mark;
  };

  const point = () => {
    items.forEach((item, position) => item.classList.toggle("is-current", position === current));
    dots.forEach((dot, position) => {
      if (position === current) dot.setAttribute("aria-current", "true");
      else dot.removeAttribute("aria-current");
    });
    // On a phone the strip scrolls sideways.
    const strip = document.getElementById("dots");
    const dot = dots[current];
    strip.scrollLeft = dot.offsetLeft - strip.offsetLeft - (strip.clientWidth - dot.offsetWidth) / 2;
    for (const button of form.querySelectorAll("[data-go]")) {
      const next = current + Number(button.dataset.go);
      button.disabled = next < 0 || next >= items.length;
    }
  };

  const go = (position, { focus = true } = {}) => {
    if (position < 0 || position >= items.length) return;
    current = position;
    point();
    const item = items[position];
    if (focus) item.focus({ preventScroll: true });
    if (isOne()) {
      const top = form.getBoundingClientRect().top;
      if (top < 0) window.scrollBy(0, top);
    } else {
      item.scrollIntoView({ block: "start" });
    }
  };

  const mark = (position) => {
    if (marks.has(position)) marks.delete(position);
    else marks.add(position);
    paint(position);
    hasUnsentMarks = true;
    keep();
    sendMarks();
  };

  form.addEventListener("click", (event) => {
    const dot = event.target.closest("[data-dot]");
    if (dot) {
      event.preventDefault();
      go(Number(dot.dataset.dot));
      return;
    }
    const button = event.target.closest("button");
    if (!button) return;
    if ("go" in button.dataset) go(current + Number(button.dataset.go));
    else if ("mark" in button.dataset) mark(Number(button.closest(".paper-item").dataset.position));
  });
  form.addEventListener("focusin", (event) => {
    const item = event.target.closest(".paper-item");
    if (!item || isOne()) return;
    current = Number(item.dataset.position);
    point();
  });
  switcher.addEventListener("click", () => {
    form.dataset.view = isOne() ? "all" : "one";
    switcher.setAttribute("aria-pressed", String(!isOne()));
    document.cookie = `quiz_view=${form.dataset.view}; path=/; max-age=31536000; samesite=lax`;
    point();
    items[current].scrollIntoView({ block: isOne() ? "nearest" : "start" });
  });

  // ---- Keyboard --------------------------------------------------------------------------------

  const choose = (place) => {
    const inputs = boxOf(items[current]).querySelectorAll("input[type=radio], input[type=checkbox]");
    const input = inputs[place];
    if (!input || boxOf(items[current]).disabled) return false;
    input.focus({ preventScroll: true });
    input.click();
    return true;
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.target.matches("input[type=text], textarea, select")) return;
    const key = event.key.toLowerCase();
    let isOurs = true;
    if (key === "arrowleft") go(current - 1);
    else if (key === "arrowright") go(current + 1);
    else if (key === "m") mark(current);
    else if (/^[1-9]$/.test(key)) isOurs = choose(Number(key) - 1);
    else if (/^[a-f]$/.test(key)) isOurs = choose(key.charCodeAt(0) - 97);
    else isOurs = false;
    if (isOurs) event.preventDefault();
  });

  // ---- The clock is the server's ---------------------------------------------------------------

  const deadline = Number(form.dataset.deadline || 0);
  let skew = Number(form.dataset.now) - Date.now();
  const told = new Set();
  const leftMs = () => deadline - (Date.now() + skew);
  // What is left already when the page opens need not be announced again.
  for (const minutes of [10, 5, 1]) if (deadline && leftMs() < minutes * 60000) told.add(minutes);

  const finish = async () => {
    isEnding = true;
    tell(words.timeUp, "needs_you");
    flushTyping();
    const done = await drained(14000);
    if (isOver) return;
    if (!done && !navigator.onLine) {
      tell(words.timeUpOffline, "needs_you");
      window.addEventListener("online", reload);
      return;
    }
    submit();
  };
  let isEnding = false;
  const tick = () => {
    const left = Math.max(leftMs(), 0);
    const seconds = Math.ceil(left / 1000);
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor((seconds % 3600) / 60);
    const two = (number) => String(number).padStart(2, "0");
    document.getElementById("clock").textContent = hours
      ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
      : `${minutes}:${two(seconds % 60)}`;
    document.getElementById("timer").classList.toggle("is-short", left < 300000);
    for (const mark of [10, 5, 1]) {
      if (left <= mark * 60000 && left > 0 && !told.has(mark)) {
        told.add(mark);
        said.textContent = say("timeLeft", mark);
      }
    }
    if (left > 0 || isOver || isEnding) return;
    finish();
  };

  // ---- Handing in ------------------------------------------------------------------------------

  const sure = document.getElementById("sure");
  const list = (title, positions) => {
    const line = document.createElement("p");
    line.textContent = title;
    for (const position of positions) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "paper-jump";
      button.textContent = String(position + 1);
      button.setAttribute("aria-label", say("question", position + 1));
      button.addEventListener("click", () => {
        sure.close();
        go(position);
      });
      line.append(" ", button);
    }
    return line;
  };

  const ask = () => {
    flushTyping();
    send();
    const open = items.map((_item, position) => position).filter((position) => !window.cstrain.isAnswered(boxOf(items[position])));
    const lines = [];
    if (open.length) lines.push(list(say("openOnes", open.length), open));
    else lines.push(list(words.allAnswered, []));
    if (marks.size) lines.push(list(words.markedOnes, [...marks].sort((a, b) => a - b)));
    document.getElementById("still-open").replaceChildren(...lines);
    sure.showModal();
  };

  function submit() {
    isLeaving = true;
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "sure";
    field.value = "1";
    form.append(field);
    try {
      sessionStorage.removeItem(store);
    } catch {
      // See keep().
    }
    form.submit();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.id === "hand-in" && !isPreview && !isOver) ask();
  });
  const really = document.getElementById("really");
  really?.addEventListener("click", async () => {
    really.disabled = true;
    const done = await drained(8000);
    really.disabled = false;
    if (isOver) {
      sure.close();
    } else if (done) {
      submit();
    } else {
      const line = document.createElement("p");
      line.setAttribute("role", "alert");
      line.textContent = say("unsentOnes", waiting.size);
      document.getElementById("still-open").append(line);
    }
  });

  items.forEach((_item, position) => paint(position));
  const wanted = /^#q(\d+)$/.exec(location.hash);
  if (wanted) go(Number(wanted[1]) - 1);
  else point();
  restore();
  if (deadline) {
    tick();
    setInterval(tick, 500);
  }
})();
