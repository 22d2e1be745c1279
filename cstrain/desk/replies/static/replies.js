// Replies with gaps: fields above the text fill it while one types, and the button copies what is filled.
// A gap left open is marked first; pressing again copies the text as it stands.
"use strict";

(() => {
  const OWN = "客服名"; // one's own name is the same in every reply, and stays in this browser
  const KEY = "cstrain.agent-name";

  const fill = (reply, name, value) => {
    for (const gap of reply.querySelectorAll(".gap")) {
      if (gap.dataset.gap !== name) continue;
      gap.textContent = value || `{${name}}`;
      gap.classList.toggle("is-filled", value !== "");
    }
  };

  const open = (reply) => [...reply.querySelectorAll("[data-variable]")].filter((input) => !input.value.trim());

  const clear = (reply) => {
    delete reply.dataset.warned;
    reply.querySelector(".reply-missing").textContent = "";
    for (const input of reply.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  };

  const warn = (reply, missing) => {
    const told = reply.querySelector(".reply-missing");
    told.textContent = told.dataset.missing.replace("{names}", missing.map((input) => input.dataset.variable).join("、"));
    for (const input of missing) input.setAttribute("aria-invalid", "true");
    reply.dataset.warned = "yes";
    missing[0].focus();
  };

  const remembered = () => {
    try {
      return localStorage.getItem(KEY) || "";
    } catch {
      return ""; // the browser keeps nothing for this site
    }
  };

  const remember = (name) => {
    try {
      localStorage.setItem(KEY, name);
    } catch {
      // It is typed again next time.
    }
  };

  document.addEventListener("input", (event) => {
    const name = event.target.dataset.variable;
    if (!name) return;
    const value = event.target.value.trim();
    const inputs = name === OWN ? document.querySelectorAll(`[data-variable="${OWN}"]`) : [event.target];
    for (const input of inputs) {
      if (input !== event.target) input.value = event.target.value;
      const reply = input.closest(".reply");
      fill(reply, name, value);
      clear(reply);
    }
    if (name === OWN) remember(value);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill]");
    if (!button) return;
    const reply = button.closest(".reply");
    const missing = open(reply);
    if (missing.length && !reply.dataset.warned) {
      warn(reply, missing);
      return;
    }
    clear(reply);
    window.cstrain.copy(reply.querySelector(".reply-text").textContent.trim());
  });

  for (const fields of document.querySelectorAll(".reply-fields")) fields.hidden = false;
  const name = remembered();
  for (const input of document.querySelectorAll("[data-variable]")) {
    if (name && input.dataset.variable === OWN) input.value = name;
    fill(input.closest(".reply"), input.dataset.variable, input.value.trim());
  }
})();
