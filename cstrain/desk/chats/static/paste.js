// A pasted chat: looked at as soon as it is pasted, kept in this tab until the server has it.
"use strict";

const KEY = "cstrain-paste";
const words = () => JSON.parse(form().dataset.words);
const form = () => document.getElementById("paste");
const box = () => form().elements.text;

// Where a browser keeps nothing, the draft is only in the box.
const keep = (text) => {
  try {
    if (text) sessionStorage.setItem(KEY, text);
    else sessionStorage.removeItem(KEY);
  } catch {
    // Nothing to do.
  }
};
const kept = () => {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
};

let isUnderWay = false;

const send = async (button) => {
  if (isUnderWay || !box().value.trim()) return;
  isUnderWay = true;
  const data = new FormData(form());
  if (button?.name) data.set(button.name, button.value);
  form().setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form().getAttribute("action"), {
      method: "POST",
      body: new URLSearchParams(data),
      headers: { Accept: "application/json" },
    });
    if (answer.headers.get("Content-Type")?.startsWith("application/json")) {
      const said = await answer.json();
      if (!answer.ok) {
        window.cstrain.say(said.error);
        return;
      }
      keep("");
      location.assign(said.url);
      return;
    }
    if (answer.status >= 500) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const main = page.getElementById("main");
    document.getElementById("main").replaceWith(main);
    if (form()) begin();
    (document.querySelector("[aria-invalid=true]") ?? document.querySelector("#paste [autofocus]") ?? main).focus();
  } catch {
    window.cstrain.say(words().offline);
  } finally {
    isUnderWay = false;
    form()?.removeAttribute("aria-busy");
  }
};

function begin() {
  form().addEventListener("submit", (event) => {
    event.preventDefault();
    send(event.submitter);
  });
  form().addEventListener("input", () => keep(box().value));
  form().addEventListener("change", (event) => {
    if ("again" in event.target.dataset) send(null);
  });
  box().addEventListener("paste", () => setTimeout(() => send(null)));
  for (const select of form().querySelectorAll("[data-enter]")) {
    select.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !select.value) return;
      event.preventDefault();
      form().requestSubmit(form().querySelector("[value=save]"));
    });
  }
  box().addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send(null);
    }
  });
}

begin();
if (!box().value && kept()) {
  box().value = kept();
  window.cstrain.say(words().kept);
}
