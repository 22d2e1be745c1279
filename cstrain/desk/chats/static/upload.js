// A file goes up in pieces; a lost network costs one piece, and the same file goes on where it stood.
"use strict";

const form = document.getElementById("upload");
const words = JSON.parse(form.dataset.words);
const state = form.querySelector(".upload-state");
const bar = state.querySelector("progress");
const line = state.querySelector("p");
const cancel = form.querySelector("[data-cancel]");
const halves = document.getElementById("halves");
const BEGIN = form.dataset.begin;
const PIECE = Number(form.dataset.piece);
const TRIES = 6;
const csrf = document.querySelector("meta[name=csrf-token]").content;

class Refused extends Error {}

// ---- What this browser knows of this person's files on their way ---------------------------------

const KEPT = `cstrain-upload:${form.dataset.person}:`;
// Heard of so lately, a file is still being sent by another page.
const LATELY_MS = 180000;

const keptOf = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
};
const keep = (key, about) => localStorage.setItem(key, JSON.stringify({ ...keptOf(key), ...about }));
const forget = (key) => localStorage.removeItem(key);

// ---- Asking the server ---------------------------------------------------------------------------

const ask = async (url, options) => {
  const answer = await fetch(url, { ...options, headers: { Accept: "application/json", "X-CSRFToken": csrf, ...options.headers } });
  if (answer.ok) return answer.status === 204 ? {} : answer.json();
  const said = await answer.json().catch(() => ({}));
  // What the server refuses stays refused; what it could not do may be tried again.
  if (answer.status < 500) throw new Refused(said.error ?? "", { cause: answer.status });
  throw new Error(String(answer.status));
};

const post = (url, value, signal) =>
  ask(url, { method: "POST", body: JSON.stringify(value), headers: { "Content-Type": "application/json" }, signal });

const pause = (ms, signal) =>
  new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      done();
    });
  });

const patiently = async (what, signal) => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await what();
    } catch (error) {
      if (signal.aborted || error instanceof Refused || attempt === TRIES) throw error;
      line.textContent = words.again;
      await pause(1000 * 2 ** attempt, signal);
      signal.throwIfAborted();
    }
  }
};

// ---- Sending -------------------------------------------------------------------------------------

const begin = async ({ file, team, key, signal }) => {
  const kept = keptOf(key);
  if (kept) {
    try {
      return { token: kept.token, ...(await ask(`${BEGIN}/${kept.token}`, { signal })) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }
  return post(BEGIN, { team, size: file.size }, signal);
};

const send = async (job) => {
  const { file, shop, key, signal } = job;
  const { token, received } = await patiently(() => begin(job), signal);
  const url = `${BEGIN}/${token}`;
  let at = received;
  while (at < file.size) {
    keep(key, { token, shop, name: file.name, size: file.size, at: Date.now() });
    const show = Math.floor((at * 100) / file.size);
    bar.value = show;
    line.textContent = words.sent.replace("{n}", show);
    const from = at;
    const body = file.slice(from, from + PIECE);
    const options = { method: "POST", body, headers: { "Content-Type": "application/octet-stream" }, signal };
    at = (await patiently(() => ask(`${url}?offset=${from}`, options), signal)).received;
  }
  bar.value = 100;
  cancel.hidden = true; // the next page offers it
  line.textContent = words.looking;
  const done = await patiently(() => post(`${url}/whole`, { name: file.name, size: file.size }, signal), signal);
  forget(key);
  location.assign(done.url);
};

// Throws away what has come of a file; gives what is wrong, or nothing.
const giveUp = async (key) => {
  const kept = keptOf(key);
  try {
    if (kept) await ask(`${BEGIN}/${kept.token}/cancel`, { method: "POST" });
  } catch (error) {
    if (error.cause !== 404) return (error instanceof Refused && error.message) || words.notGivenUp;
  }
  forget(key);
  return "";
};

let sending = null;

form.addEventListener("submit", (event) => {
  const [file] = form.elements.file.files;
  if (!file) return;
  event.preventDefault();
  const team = form.elements.team;
  const key = `${KEPT}${team.value}:${file.name}:${file.size}:${file.lastModified}`;
  const stop = new AbortController();
  const button = form.querySelector(".form-actions button");
  sending = { file, key, team: team.value, shop: team.selectedOptions?.[0].text ?? "", signal: stop.signal };
  hideHalf(key);
  state.hidden = cancel.hidden = false;
  button.disabled = true;
  cancel.onclick = async () => {
    stop.abort();
    sending = null;
    cancel.disabled = true;
    const problem = await giveUp(key);
    cancel.disabled = false;
    button.disabled = false;
    state.hidden = !problem;
    line.textContent = problem;
    form.elements.file.focus();
  };
  send(sending).catch((error) => {
    if (stop.signal.aborted) return;
    breakOff();
    button.disabled = false;
    line.textContent = (error instanceof Refused && error.message) || words.stopped;
  });
});

// Nothing sends it any more, and any page may tell of it.
const breakOff = () => {
  if (sending && keptOf(sending.key)) keep(sending.key, { at: 0 });
  sending = null;
};
window.addEventListener("pagehide", breakOff);

// ---- What broke off ------------------------------------------------------------------------------

const hideHalf = (key) => {
  for (const row of [...halves.children]) if (row.dataset.key === key) row.remove();
  halves.hidden = !halves.children.length;
};

const showHalf = (key, { shop, name, size }, received) => {
  const row = document.getElementById("half").content.firstElementChild.cloneNode(true);
  const [title, said] = row.querySelectorAll("p");
  title.textContent = shop ? `${name} · ${shop}` : name;
  said.textContent = words.half.replace("{n}", Math.floor((received * 100) / size));
  row.dataset.key = key;
  row.querySelector("button").addEventListener("click", async () => {
    const problem = await giveUp(key);
    if (problem) {
      said.textContent = problem;
      return;
    }
    hideHalf(key);
    form.elements.file.focus();
  });
  halves.append(row);
  halves.hidden = false;
};

const showHalves = async () => {
  for (const key of Object.keys(localStorage).filter((each) => each.startsWith(KEPT))) {
    const kept = keptOf(key);
    if (kept && Date.now() - kept.at < LATELY_MS) continue;
    try {
      const { received } = await ask(`${BEGIN}/${kept?.token}`, {});
      if (sending?.key === key) continue;
      if (received < kept.size) showHalf(key, kept, received);
      else forget(key); // whole: it is looked at, or was
    } catch (error) {
      if (error.cause === 404) forget(key);
    }
  }
};

showHalves();
