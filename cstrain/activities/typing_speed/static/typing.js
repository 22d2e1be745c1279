// The page of a typing run: passage above, a real text area below, the log of everything in between.
// What is shown while typing is a courtesy; the server replays the log and computes every figure.

const CHUNK_MS = 5000;
const GRACE_MS = 3000; // the clock starts with the first key, or this long after "start"
const RETRY_MS = [1000, 2000, 4000, 8000, 15000];
const BAND = 24;
const MODIFIERS = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "Fn", "NumLock"]);
const BLOCKED = new Set([
  "insertFromPaste", "insertFromPasteAsQuotation", "insertFromDrop", "insertFromYank",
  "insertReplacementText", "historyUndo", "historyRedo",
]);

// --- the log -------------------------------------------------------------------------------------

/** Where two texts differ: [start, how much goes, what comes], never half of a surrogate pair. */
export function difference(before, after) {
  const isHigh = (text, at) => (text.charCodeAt(at) & 0xfc00) === 0xd800;
  const isLow = (text, at) => (text.charCodeAt(at) & 0xfc00) === 0xdc00;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  if (start > 0 && isHigh(before, start - 1)) start -= 1;
  let tail = 0;
  while (tail < shorter - start && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  if (tail > 0 && isLow(before, before.length - tail)) tail -= 1;
  return [start, before.length - tail - start, after.slice(start, after.length - tail)];
}

/** Listens to a field and logs every event once, whatever order the browser sends them in. */
class Recorder {
  constructor(field, { onInput, onCommit }) {
    this.field = field;
    this.events = [];
    this.committed = "";
    this.composing = false;
    this.origin = null;
    this.last = 0;
    this.isOpen = false;
    this.onInput = onInput;
    this.onCommit = onCommit;
    const listen = (target, type, react) => {
      target.addEventListener(type, (event) => this.isOpen && react(event));
    };
    listen(field, "keydown", (event) => {
      if (!event.repeat && !MODIFIERS.has(event.key)) this.log(event.timeStamp, "k", event.code || "");
      if (event.key === "Enter" && !this.isForInputMethod(event)) event.preventDefault();
    });
    listen(field, "compositionstart", (event) => {
      this.composing = true;
      this.log(event.timeStamp, "s");
    });
    listen(field, "compositionupdate", (event) => this.log(event.timeStamp, "u", event.data.length));
    listen(field, "compositionend", (event) => {
      this.composing = false;
      this.log(event.timeStamp, "c", event.data || "");
      this.sync(event.timeStamp, "ime");
    });
    listen(field, "input", (event) => {
      if (!this.composing) this.sync(event.timeStamp, event.inputType || "");
    });
    listen(field, "beforeinput", (event) => {
      if (!BLOCKED.has(event.inputType)) return;
      event.preventDefault();
      this.log(event.timeStamp, "x", event.inputType);
    });
    for (const type of ["paste", "drop"]) {
      listen(field, type, (event) => {
        event.preventDefault();
        this.log(event.timeStamp, "x", type);
      });
    }
    listen(window, "blur", (event) => this.leave(event.timeStamp));
    listen(window, "focus", (event) => this.comeBack(event.timeStamp));
    listen(document, "visibilitychange", (event) => {
      if (document.hidden) this.leave(event.timeStamp);
      else this.comeBack(event.timeStamp);
    });
  }

  /** Keys belong to the input method while it composes, and in Safari just after. */
  isForInputMethod(event) {
    return this.composing || event.isComposing || event.keyCode === 229;
  }

  /** Milliseconds on the clock; browsers stamp keys earlier than what follows, so it never goes back. */
  at(stamp) {
    this.last = Math.max(this.last, Math.round(stamp - this.origin), 0);
    return this.last;
  }

  log(stamp, kind, ...rest) {
    if (this.origin === null) this.onInput(stamp);
    this.events.push([this.at(stamp), kind, ...rest]);
  }

  sync(stamp, why) {
    const value = this.field.value;
    if (value === this.committed) return;
    this.log(stamp, "e", ...difference(this.committed, value), why);
    this.committed = value;
    this.onCommit();
  }

  leave(stamp) {
    if (this.isAway || this.origin === null) return;
    this.isAway = true;
    this.log(stamp, "b");
  }

  comeBack(stamp) {
    if (!this.isAway) return;
    this.isAway = false;
    this.log(stamp, "f");
  }
}

// --- the courier ---------------------------------------------------------------------------------

/** Brings numbered chunks to the server in order, again and again until each is acknowledged. */
class Courier {
  constructor(root, onState) {
    this.root = root;
    this.onState = onState;
    this.waiting = []; // chunks made and not yet acknowledged; never changed again
    this.count = 0; // chunks made so far
    this.taken = 0; // events that are in chunks
    this.tries = 0;
  }

  make(events) {
    const fresh = events.slice(this.taken);
    if (!fresh.length) return;
    this.count += 1;
    this.taken = events.length;
    this.waiting.push({ seq: this.count, events: fresh });
  }

  async post(url, body, options = {}) {
    const answer = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        "X-CSRFToken": this.root.dataset.csrf,
      },
      body: JSON.stringify(body),
      ...options,
    });
    const said = await answer.json().catch(() => ({}));
    return { status: answer.status, ok: answer.ok, said };
  }

  /** Posts until the server has answered for good; waits longer after each failure. */
  async insist(url, body) {
    for (;;) {
      const answer = await this.post(url, body).catch(() => null);
      if (answer?.ok) {
        this.tries = 0;
        this.onState("saved");
        return answer.said;
      }
      if (answer && answer.status >= 400 && answer.status < 500 && ![401, 408, 429].includes(answer.status)) {
        this.onState("refused", answer.said);
        throw new Error(`refused with ${answer.status}`);
      }
      this.onState(answer?.status === 401 ? "login" : "offline");
      const pause = RETRY_MS[Math.min(this.tries, RETRY_MS.length - 1)];
      this.tries += 1;
      await new Promise((resolve) => {
        const timer = setTimeout(done, pause);
        function done() {
          clearTimeout(timer);
          window.removeEventListener("online", done);
          resolve();
        }
        window.addEventListener("online", done);
      });
    }
  }

  /** Brings everything that waits; calls while it is on its way join it. */
  deliver() {
    this.way ??= (async () => {
      await this.started;
      while (this.waiting.length) {
        await this.insist(this.root.dataset.chunkUrl, this.waiting[0]);
        this.waiting.shift();
      }
    })().finally(() => {
      this.way = null;
    });
    return this.way;
  }
}

// --- the judge -----------------------------------------------------------------------------------

const FOLD = new Map([["“", '"'], ["”", '"'], ["‘", "'"], ["’", "'"]]);
const CHINESE = /[\u2014\u2026\u2e80-\u2fdf\u3001-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[\ud840-\udbff][\udc00-\udfff]/u;

/** A text as it is compared: [characters, for each its index among the code points written]. */
export function normalise(text, isStrict) {
  const kept = [...text.normalize("NFC")]
    .map((char, index) => [/\s/u.test(char) && !/[\r\n]/.test(char) ? " " : char, index])
    .filter(([char]) => !/[\u200b-\u200d\u2060\ufeff\r\n]/u.test(char));
  const result = kept.filter(([char], place) => {
    if (char !== " ") return true;
    const before = kept[place - 1]?.[0];
    if (before === undefined || before === " ") return false;
    const after = kept.slice(place + 1).find(([next]) => next !== " ")?.[0];
    return isStrict || !(CHINESE.test(before) || (after !== undefined && CHINESE.test(after)));
  });
  const fold = (char) => {
    if (isStrict) return char;
    const code = char.codePointAt(0);
    return code > 0xff00 && code < 0xff5f ? String.fromCodePoint(code - 0xfee0) : FOLD.get(char) ?? char;
  };
  return [result.map(([char]) => fold(char)), result.map(([, index]) => index)];
}

/**
 * Judges typed characters against the passage: fewest edits, most matches, longest prefix, within
 * a band that widens as needed.
 * @returns {{reached: number, correct: number, wrong: number, marks: string[]}} marks: "ok" or
 *   "bad" for each passage character reached; insertions mark the character before them.
 */
export function judge(passage, typed) {
  let band = BAND;
  for (;;) {
    const table = fill(passage, typed, band);
    const last = table[typed.length];
    let reached = 0;
    let best = Infinity;
    for (let j = Math.max(0, typed.length - band); j <= Math.min(passage.length, typed.length + band); j += 1) {
      const cost = last[j - typed.length + band];
      if (cost <= best) [best, reached] = [cost, j];
    }
    const edits = Math.ceil(best / EDIT - 1e-9);
    if (edits <= band || band >= passage.length + typed.length) return walk(passage, typed, table, band, reached);
    band *= 3;
  }
}

const EDIT = 1e6; // one edit outweighs any number of matches

function fill(passage, typed, band) {
  const width = 2 * band + 1;
  const table = [];
  for (let i = 0; i <= typed.length; i += 1) {
    const row = new Float64Array(width).fill(Infinity);
    const above = table[i - 1];
    for (let j = Math.max(0, i - band); j <= Math.min(passage.length, i + band); j += 1) {
      const k = j - i + band;
      let best = i === 0 && j === 0 ? 0 : Infinity;
      if (i > 0 && k + 1 < width) best = Math.min(best, above[k + 1] + EDIT);
      if (k > 0) best = Math.min(best, row[k - 1] + EDIT);
      if (i > 0 && j > 0) best = Math.min(best, above[k] + (passage[j - 1] === typed[i - 1] ? -1 : EDIT));
      row[k] = best;
    }
    table.push(row);
  }
  return table;
}

function walk(passage, typed, table, band, reached) {
  const marks = new Array(reached).fill("ok");
  let [i, j, correct, wrong] = [typed.length, reached, 0, 0];
  while (i > 0 || j > 0) {
    const k = j - i + band;
    const here = table[i][k];
    const isSame = i > 0 && j > 0 && passage[j - 1] === typed[i - 1];
    if (i > 0 && j > 0 && table[i - 1][k] + (isSame ? -1 : EDIT) === here) {
      i -= 1;
      j -= 1;
      if (isSame) correct += 1;
      else [marks[j], wrong] = ["bad", wrong + 1];
    } else if (j > 0 && k > 0 && table[i][k - 1] + EDIT === here) {
      j -= 1;
      [marks[j], wrong] = ["bad", wrong + 1];
    } else {
      i -= 1;
      wrong += 1;
      if (j > 0) marks[j - 1] = "bad";
    }
  }
  return { reached, correct, wrong, marks };
}

// --- the passage pane ----------------------------------------------------------------------------

/** Shows the passage with the current line always at the same height. */
class Pane {
  constructor(box, passage, isStrict) {
    this.box = box;
    this.isStrict = isStrict;
    [this.chars] = normalise(passage, isStrict);
    this.spans = [];
    this.shown = [];
    const [, sources] = normalise(passage, isStrict);
    const places = new Map(sources.map((source, place) => [source, place]));
    let paragraph = document.createElement("p");
    [...passage.normalize("NFC")].forEach((char, index) => {
      if (char === "\n") {
        if (paragraph.childNodes.length) box.append(paragraph);
        paragraph = document.createElement("p");
        return;
      }
      const span = document.createElement("span");
      span.textContent = char;
      paragraph.append(span);
      if (places.has(index)) this.spans[places.get(index)] = span;
    });
    box.append(paragraph);
    this.caret = null;
    this.show({ reached: 0, marks: [] });
  }

  show({ reached, marks }) {
    for (let place = 0; place < Math.max(marks.length, this.shown.length); place += 1) {
      if (marks[place] === this.shown[place] || !this.spans[place]) continue;
      this.spans[place].className = marks[place] ?? "";
    }
    this.shown = marks;
    this.caret?.classList.remove("caret");
    this.caret = this.spans[Math.min(reached, this.spans.length - 1)];
    this.caret?.classList.add("caret");
    this.follow();
  }

  follow() {
    if (!this.caret) return;
    // The box is the caret's offset parent; the line before the current one stays in sight.
    const line = parseFloat(getComputedStyle(this.box).lineHeight);
    this.box.scrollTop = Math.max(0, this.caret.offsetTop - line);
  }
}

// --- the run -------------------------------------------------------------------------------------

class Run {
  constructor(root) {
    this.root = root;
    this.text = root.dataset;
    this.parts = {};
    for (const part of root.querySelectorAll("[data-part]")) this.parts[part.dataset.part] = part;
    this.limit = Number(this.text.limitMs) || null;
    this.isStrict = this.text.policy === "strict";
    this.passage = root.querySelector("template[data-passage]").content.textContent.trim();
    this.pane = new Pane(this.parts.passage, this.passage, this.isStrict);
    this.judged = { reached: 0, correct: 0, wrong: 0, marks: [] };
    this.said = new Set();
    this.isOver = false;
    this.courier = new Courier(root, (state, answer) => this.tell(state, answer));
    this.recorder = new Recorder(this.parts.field, {
      onInput: (stamp) => this.begin(stamp),
      onCommit: () => this.rejudge(),
    });
    this.parts.start.addEventListener("click", () => this.open());
    this.parts.finish.addEventListener("click", () => this.handIn());
    this.parts.figures.addEventListener("click", () => this.hideFigures(!this.root.hasAttribute("data-quiet")));
    this.parts.passage.addEventListener("click", () => this.parts.field.focus());
    this.parts.passage.addEventListener("copy", (event) => event.preventDefault());
    window.addEventListener("resize", () => this.pane.follow());
    window.addEventListener("pagehide", () => this.part());
    this.hideFigures(this.remembered("typing-quiet") === "1");
    if (this.text.elapsedMs) this.resume(Number(this.text.elapsedMs));
  }

  say(name) {
    if (this.said.has(name) || !this.text[name]) return;
    this.said.add(name);
    this.parts.status.textContent = this.text[name];
  }

  tell(state, answer) {
    const words = { saved: "textSaved", offline: "textOffline", login: "textLogin", refused: "textRefused" };
    this.parts.network.textContent = (state === "refused" && answer?.error) || this.text[words[state]] || "";
    this.parts.network.dataset.state = state;
    if (state === "refused") this.close();
  }

  open() {
    this.root.dataset.stage = "run";
    this.parts.field.disabled = false;
    this.parts.field.focus();
    this.recorder.isOpen = true;
    this.say("textGo");
    this.pane.follow();
    if (this.recorder.origin === null) {
      this.waiting = setTimeout(() => this.begin(performance.now()), GRACE_MS);
    }
  }

  begin(stamp) {
    clearTimeout(this.waiting);
    if (this.recorder.origin !== null) return;
    this.recorder.origin = stamp;
    this.courier.started = this.courier.insist(this.text.startUrl, {});
    this.courier.started.catch(() => {});
    this.run();
  }

  run() {
    if (this.isRunning) return;
    this.isRunning = true;
    this.timers = [
      setInterval(() => this.tick(), 200),
      setInterval(() => this.showFigures(), 1000),
      setInterval(() => this.send(), CHUNK_MS),
    ];
    this.tick();
    this.showFigures();
  }

  elapsed() {
    return this.recorder.origin === null ? 0 : performance.now() - this.recorder.origin;
  }

  tick() {
    if (this.isOver) return;
    const elapsed = this.elapsed();
    const seconds = Math.max(0, this.limit ? Math.ceil((this.limit - elapsed) / 1000) : Math.floor(elapsed / 1000));
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (this.parts.clock.textContent !== clock) this.parts.clock.textContent = clock;
    if (!this.limit) return;
    if (seconds <= 60 && this.limit > 60000) this.say("textMinute");
    if (seconds <= 10) {
      this.say("textTen");
      this.root.dataset.hurry = "";
    }
    if (elapsed >= this.limit) this.finish(false);
  }

  rejudge() {
    if (this.isOver) return;
    const [typed] = normalise(this.recorder.committed, this.isStrict);
    this.judged = judge(this.pane.chars, typed);
    this.pane.show(this.judged);
    const isComplete = this.judged.correct === this.pane.chars.length && this.judged.wrong === 0;
    if (isComplete) this.finish(true);
  }

  showFigures() {
    const elapsed = this.elapsed();
    const { correct, wrong } = this.judged;
    const down = (value) => (Math.floor(value * 10) / 10).toFixed(1);
    this.parts.net.textContent = elapsed > 3000 ? down((correct / elapsed) * 60000) : "–";
    this.parts.accuracy.textContent = correct + wrong ? down((correct / (correct + wrong)) * 100) : "–";
  }

  hideFigures(isHidden) {
    this.root.toggleAttribute("data-quiet", isHidden);
    this.parts.figures.setAttribute("aria-pressed", String(isHidden));
    this.remember("typing-quiet", isHidden ? "1" : "0");
    if (this.recorder.isOpen) this.parts.field.focus();
  }

  send() {
    this.courier.make(this.recorder.events);
    this.keep();
    this.courier.deliver().catch(() => {});
  }

  close() {
    this.isOver = true;
    this.recorder.isOpen = false;
    (this.timers ?? []).forEach(clearInterval);
    clearTimeout(this.waiting);
  }

  /** The button: what is not typed counts as left out, so that asks once. */
  handIn() {
    const left = this.pane.chars.length - this.judged.reached;
    const isAsked = performance.now() - (this.askedAt ?? -Infinity) < 8000;
    if (left <= 0 || isAsked) {
      this.finish(true);
      return;
    }
    this.askedAt = performance.now();
    this.parts.status.textContent = this.text.textUnfinished.replace("{n}", left);
    this.parts.field.focus();
  }

  async finish(isComplete) {
    if (this.isOver || this.recorder.origin === null) return;
    const { field } = this.parts;
    const elapsed = Math.round(Math.max(this.elapsed(), this.recorder.last));
    const body = {
      // Text that is still being composed does not count; it is not committed.
      final_value: this.recorder.composing ? this.recorder.committed : field.value,
      client_ms: !isComplete && this.limit ? this.limit : elapsed,
      finished: isComplete,
    };
    this.close();
    this.courier.make(this.recorder.events);
    this.keep();
    this.root.dataset.stage = "done";
    field.readOnly = true;
    field.blur();
    this.parts.status.textContent = this.text.textDone;
    try {
      await this.courier.deliver();
      const said = await this.courier.insist(this.text.finishUrl, { seq: this.courier.count, ...body });
      this.forget();
      window.location.assign(said.url);
    } catch {
      this.root.dataset.stage = "refused";
    }
  }

  // A reload in the same tab goes on: what was typed is kept in the tab, the clock runs on.

  key() {
    return `typing-${this.text.key}`;
  }

  remembered(key) {
    try {
      return (key === "typing-quiet" ? localStorage : sessionStorage).getItem(key);
    } catch {
      return null;
    }
  }

  remember(key, value) {
    try {
      (key === "typing-quiet" ? localStorage : sessionStorage).setItem(key, value);
    } catch {
      // Private windows may refuse; then a reload cannot go on, and the page says so.
    }
  }

  forget() {
    try {
      sessionStorage.removeItem(this.key());
    } catch {
      // Nothing was kept.
    }
  }

  keep() {
    const { events, committed } = this.recorder;
    const { waiting, count, taken } = this.courier;
    this.remember(this.key(), JSON.stringify({ events, committed, waiting, count, taken }));
  }

  part() {
    if (!this.isRunning || this.isOver) return;
    this.recorder.leave(performance.now());
    this.courier.make(this.recorder.events);
    this.keep();
    const chunk = this.courier.waiting.at(-1);
    if (chunk) this.courier.post(this.text.chunkUrl, chunk, { keepalive: true }).catch(() => {});
  }

  resume(elapsed) {
    let state = null;
    try {
      state = JSON.parse(this.remembered(this.key()));
    } catch {
      state = null;
    }
    if (!state) {
      this.root.dataset.stage = "lost";
      return;
    }
    const answered = performance.getEntriesByType("navigation")[0]?.responseStart ?? 0;
    Object.assign(this.courier, { waiting: state.waiting, count: state.count, taken: state.taken });
    this.recorder.events = state.events;
    this.recorder.committed = state.committed;
    this.recorder.last = state.events.at(-1)?.[0] ?? 0;
    this.recorder.origin = answered - elapsed;
    this.recorder.isAway = state.events.findLast(([, kind]) => kind === "b" || kind === "f")?.[1] === "b";
    this.parts.field.value = state.committed;
    this.courier.started = Promise.resolve();
    this.open();
    this.recorder.comeBack(performance.now());
    this.rejudge();
    this.run();
    this.say("textResumed");
  }
}

const root = document.querySelector("[data-typing]");
if (root) new Run(root);
