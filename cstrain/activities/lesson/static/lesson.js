// The lesson page: what came into view, answers in the text, arrow keys, staying signed in.
"use strict";

(() => {
  const lesson = document.getElementById("lesson");
  if (!lesson) return;
  const url = lesson.dataset.url;
  const tracks = lesson.dataset.tracks === "yes";
  // The tree of a whole course is longer than the window: the lesson that is open stays in sight.
  const tree = document.querySelector(".lesson-tree");
  const current = tree && tree.querySelector("a[aria-current]");
  if (current) tree.scrollTop = current.offsetTop - tree.clientHeight / 3;

  const token = () => document.querySelector("meta[name=csrf-token]").content;
  const dwell = 1500;
  const wait = 800;

  // Retraining draws its questions when it begins: the first answer of the server brings them.
  const query = () => (lesson.dataset.practice ? "?practice=1" : "");

  const show = (told) => {
    if (told.practice) {
      document.getElementById("drawn").innerHTML = told.practice;
      delete lesson.dataset.practice;
    }
    if (told.left) document.getElementById("left").innerHTML = told.left;
    const words = document.querySelector("[data-left-words]");
    if (words && told.bar) words.textContent = told.bar;
    const value = document.querySelector("[data-left-value]");
    if (value && "value" in told) {
      if (told.total) value.max = told.total;
      value.value = told.value;
    }
    if (told.done) {
      lesson.dataset.tracks = "";
      document.getElementById("finish").innerHTML = told.finish;
      window.cstrain.say(lesson.dataset.done);
      const here = document.querySelector(".tree a[aria-current] .state-icon");
      if (here) {
        here.dataset.state = "passed";
        const use = here.querySelector("use");
        use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#circle-check-filled"));
      }
    }
    document.dispatchEvent(new Event("lesson:shown"));
  };

  // ---- What came into view ---------------------------------------------------------------------

  let number = Number(lesson.dataset.number);
  const opened = new Set(lesson.dataset.opened.split(" "));
  const waiting = new Set();
  const timers = new Map();
  let sending = 0;

  const report = async () => {
    sending = 0;
    if (!waiting.size || lesson.dataset.tracks !== "yes") return;
    const parts = [...waiting];
    number += 1;
    try {
      const answer = await fetch(`${url}/opened${query()}`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token() },
        body: JSON.stringify({ number, parts }),
      });
      if (answer.status >= 500) throw new Error(String(answer.status));
      for (const ref of parts) waiting.delete(ref);
      if (answer.ok) show(await answer.json());
    } catch {
      sending = setTimeout(report, 10_000); // the network is away: what was read is told later
    }
    if (waiting.size && !sending) sending = setTimeout(report, wait);
  };

  const see = (ref) => {
    if (opened.has(ref)) return;
    opened.add(ref);
    waiting.add(ref);
    if (!sending) sending = setTimeout(report, wait);
  };

  if (tracks && "IntersectionObserver" in window) {
    const eye = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          const ref = entry.target.dataset.part;
          clearTimeout(timers.get(ref));
          if (entry.isIntersecting && !document.hidden) timers.set(ref, setTimeout(see, dwell, ref));
        }
      },
      { rootMargin: "0px 0px -35% 0px" },
    );
    for (const part of document.querySelectorAll("[data-part]")) eye.observe(part);
  }

  // ---- Answers ---------------------------------------------------------------------------------

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-answer]");
    if (!form) return;
    event.preventDefault();
    const box = form.closest("[data-ask]");
    if (box.classList.contains("is-sending")) return;
    const state = box.querySelector("[data-ask-state]");
    const refuse = (words) => {
      if (!state) return;
      state.dataset.state = "refused";
      state.textContent = words;
    };
    box.classList.add("is-sending");
    try {
      const answer = await fetch(form.action + query(), {
        method: "POST",
        headers: { Accept: "application/json", "X-CSRFToken": token() },
        body: new FormData(form, event.submitter),
      });
      const told = await answer.json();
      if (!answer.ok) {
        refuse(told.error);
        return;
      }
      const id = box.id;
      box.outerHTML = told.ask;
      show(told);
      document.getElementById(id).querySelector(".verdict").focus({ preventScroll: true });
    } catch {
      refuse(lesson.dataset.failed);
    } finally {
      box.classList.remove("is-sending");
    }
  });

  // ---- Arrow keys ------------------------------------------------------------------------------

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing) return;
    const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    if (!rel || document.querySelector("dialog[open], [popover]:popover-open")) return;
    if (event.target.closest("input, textarea, select, video, audio, [tabindex='0'], [contenteditable]")) return;
    const link = document.querySelector(`.lesson-foot a[rel=${rel}]`);
    if (link) location.assign(link.href);
  });

  // ---- Staying signed in while somebody reads ----------------------------------------------------

  let isActive = false;
  for (const name of ["scroll", "pointermove", "keydown"]) {
    document.addEventListener(name, () => { isActive = true; }, { passive: true });
  }
  setInterval(() => {
    if (!isActive || document.hidden) return;
    isActive = false;
    fetch(`${url}/reading`, { method: "POST", headers: { "X-CSRFToken": token() } }).catch(() => {});
  }, 290_000);
})();
