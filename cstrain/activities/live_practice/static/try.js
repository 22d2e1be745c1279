// Trying a scenario: the same form without a reload, Enter sends, and the file outlives one.
"use strict";
(() => {
  const KEPT = "cstrain-try";
  const page = () => document.getElementById("try");
  if (!page()) return;
  let asking = false;

  function keep() {
    try { sessionStorage.setItem(KEPT, page().elements.text.value); } catch { /* a private window */ }
  }

  function show() {
    const lines = document.getElementById("try-lines");
    if (lines) lines.scrollTop = lines.scrollHeight;
  }

  function tell(text) {
    const error = document.getElementById("try-error");
    error.textContent = text;
    error.hidden = !text;
  }

  async function ask(button) {
    if (asking) return;
    asking = true;
    const form = page();
    const did = button.value;
    const data = new FormData(form, button);
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "text/html" } });
      const text = await answer.text();
      const next = new DOMParser().parseFromString(text, "text/html").getElementById("try");
      if (!next) throw new Error(String(answer.status));
      const isOpen = form.querySelector(".try-actions")?.open;
      form.replaceWith(document.adoptNode(next));
      const actions = next.querySelector(".try-actions");
      if (actions && isOpen) actions.open = true;
      keep();
      show();
      const back = did === "say" ? "try-line" : "";
      const focus = (back && document.getElementById(back)) || next.querySelector(`button[value="${CSS.escape(did)}"]`);
      if (focus) focus.focus();
    } catch {
      form.removeAttribute("aria-busy");
      tell(form.dataset.offline);
    }
    asking = false;
  }

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (event.target !== page() || !button || button.hasAttribute("data-plain")) return;
    event.preventDefault();
    ask(button);
  });
  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
    if (target.id === "try-line" && !event.shiftKey) {
      event.preventDefault();
      page().querySelector('button[value="say"]').click();
    } else if (target.tagName === "INPUT" && target.closest(".try-actions fieldset")) {
      event.preventDefault();
      target.closest("fieldset").querySelector("button").click();
    } else if (target.id === "try-seed") {
      event.preventDefault();
      page().querySelector('button[value="restart"]').click();
    }
  });
  document.addEventListener("input", (event) => { if (event.target.id === "try-text") keep(); });
  document.addEventListener("change", (event) => {
    if (event.target.id === "try-upload" && event.target.files.length) page().querySelector('button[value="read"]').click();
  });
  document.addEventListener("click", (event) => {
    const place = event.target.closest(".try-line-number");
    if (!place) return;
    const box = page().elements.text;
    const lines = box.value.split("\n");
    const line = Math.min(Number(place.dataset.line), lines.length) - 1;
    const from = lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0);
    box.focus();
    box.setSelectionRange(from, from + lines[line].length);
    box.scrollTop = Math.max(0, line - 4) * (box.scrollHeight / lines.length);
  });

  const box = page().elements.text;
  if (!box.value) {
    try { box.value = sessionStorage.getItem(KEPT) || ""; } catch { /* a private window */ }
  } else keep();
  show();
})();
