// The sheet of a reflection: counts, and saves while one writes. Without this it is a plain form.
//
// What the server does not have yet also lies in this browser, so that a closed window or a lost
// network costs nothing. Letters inside a composition are no text yet.
"use strict";

(() => {
  const handedIn = document.querySelector("[data-handed-in]");
  if (handedIn) localStorage.removeItem(`reflection-${handedIn.dataset.handedIn}`);
  const form = document.getElementById("reflection");
  if (!form) return;
  const words = JSON.parse(form.dataset.words);
  const field = form.elements.text;
  const count = document.getElementById("count");
  const saved = document.getElementById("saved");
  const choice = document.getElementById("choice");
  const token = document.querySelector("meta[name=csrf-token]").content;
  const least = Number(form.dataset.least);
  const most = Number(form.dataset.most);
  const kept = `reflection-${form.dataset.attempt}`;
  const writer = Array.from(crypto.getRandomValues(new Uint32Array(4)), (each) => each.toString(36)).join("");
  const PAUSE_MS = 700;
  const LONGEST_MS = 5000;
  const RETRY_MS = 3000;

  let there = field.defaultValue; // what the server has
  let isSending = false;
  let isHeld = false; // another page has written: the writer chooses first
  let isLeaving = false;
  let timer = 0;
  let firstAt = 0;

  form.classList.add("is-live");
  form.elements.writer.value = writer;

  const tell = (text, state = "") => {
    saved.textContent = text;
    saved.dataset.is = state;
  };
  const remember = () => {
    try {
      if (field.value === there) localStorage.removeItem(kept);
      else localStorage.setItem(kept, JSON.stringify({ text: field.value, version: Number(form.elements.version.value) }));
    } catch {
      // A browser that keeps nothing; the server does.
    }
  };
  const show = () => {
    const n = [...field.value.replace(/\s+/gu, "")].length;
    const [text, left] = n > most ? [words.over, n - most] : n < least && n ? [words.short, least - n] : [words.count, 0];
    count.textContent = text.replace("{n}", n).replace("{left}", left);
    count.dataset.is = n > most ? "over" : "";
  };

  const post = (text, keepalive) =>
    fetch(form.dataset.draft, {
      method: "POST",
      keepalive,
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ text, version: Number(form.elements.version.value), writer }),
    });

  const choose = (other) => {
    isHeld = true;
    const made = [
      [words.mine, () => {}],
      [words.theirs, () => {
        field.value = there = other.text;
        show();
        remember();
      }],
    ].map(([label, act]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button button-plain";
      button.textContent = label;
      button.addEventListener("click", () => {
        isHeld = false;
        choice.hidden = true;
        form.elements.version.value = other.version;
        act();
        tell("");
        field.focus();
        send();
      });
      return button;
    });
    choice.replaceChildren(...made);
    choice.hidden = false;
  };

  const later = (ms) => {
    clearTimeout(timer);
    timer = setTimeout(send, ms);
  };
  const settle = async (text, answer) => {
    if (answer.ok) {
      form.elements.version.value = (await answer.json()).version;
      there = text;
      remember();
      if (field.value === there) tell(words.saved);
      else later(PAUSE_MS);
      return;
    }
    if (answer.status === 401) {
      tell(words.login, "needs_you");
      later(RETRY_MS);
    } else if (answer.status === 400) {
      isLeaving = true; // the copy in this browser is taken up by the next page
      tell(words.stale, "needs_you");
    } else if (answer.status >= 500 || answer.status === 429) {
      tell(words.offline, "needs_you");
      later(RETRY_MS);
    } else {
      const problem = await answer.json().catch(() => ({}));
      tell(problem.error || words.refused, "needs_you");
      if (typeof problem.text === "string") choose(problem);
    }
  };
  async function send(keepalive = false) {
    clearTimeout(timer);
    if (isSending || isHeld || isLeaving || field.value === there) return;
    isSending = true;
    firstAt = 0;
    const text = field.value;
    tell(words.saving);
    try {
      await settle(text, await post(text, keepalive));
    } catch {
      tell(words.offline, "needs_you");
      later(RETRY_MS);
    }
    isSending = false;
  }

  const changed = () => {
    show();
    remember();
    firstAt ||= Date.now();
    const left = LONGEST_MS - (Date.now() - firstAt);
    later(Math.max(0, Math.min(PAUSE_MS, left)));
  };
  field.addEventListener("input", (event) => {
    if (!event.isComposing) changed();
  });
  field.addEventListener("compositionend", changed);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") send(true);
  });
  window.addEventListener("online", () => send());
  window.addEventListener("beforeunload", (event) => {
    if (!isLeaving && field.value !== there) {
      send(true);
      event.preventDefault();
    }
  });
  form.addEventListener("submit", () => {
    isLeaving = true; // the form holds it all
    clearTimeout(timer);
    remember();
  });

  if (form.dataset.other !== undefined) choose({ text: form.dataset.other, version: form.elements.version.value });
  // What a page before this one could not save.
  try {
    const before = JSON.parse(localStorage.getItem(kept) || "null");
    if (before && typeof before.text === "string" && before.text !== field.value) {
      field.value = before.text;
      form.elements.version.value = before.version;
      send();
    }
  } catch {
    // Nothing that can be read.
  }
  show();
})();
