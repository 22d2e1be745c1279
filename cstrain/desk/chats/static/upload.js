// A file goes up in pieces; a lost network costs one piece, and the same file goes on where it stood.
"use strict";

const form = document.getElementById("upload");
const words = JSON.parse(form.dataset.words);
const state = form.querySelector(".upload-state");
const bar = state.querySelector("progress");
const line = state.querySelector("p");
const PIECE = Number(form.dataset.piece);
const TRIES = 6;
const cancel = form.querySelector("[data-cancel]");
const halves = document.getElementById("halves");
const KEPT = "cstrain-upload:";
const csrf = document.querySelector("meta[name=csrf-token]").content;

// What is half up is known to this browser by the file it was chosen from.
const keyOf = (file) => `${KEPT}${form.elements.team.value}:${file.name}:${file.size}:${file.lastModified}`;
const keptOf = (key) => {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
};
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

class Refused extends Error {}
class GivenUp extends Error {}

let stop = new AbortController();

const ask = async (url, options = {}) => {
  const answer = await fetch(url, { signal: stop.signal, ...options, headers: { Accept: "application/json", "X-CSRFToken": csrf, ...options.headers } });
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  // What the server refuses stays refused; what it could not do may be tried again.
  if (answer.status < 500) throw new Refused(said.error ?? "");
  throw new Error(String(answer.status));
};

const post = (url, value) => ask(url, { method: "POST", body: JSON.stringify(value), headers: { "Content-Type": "application/json" } });

const patiently = async (what) => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await what();
    } catch (error) {
      if (stop.signal.aborted) throw new GivenUp();
      if (error instanceof Refused || attempt === TRIES) throw error;
      line.textContent = words.again;
      await wait(1000 * 2 ** attempt);
      if (stop.signal.aborted) throw new GivenUp();
    }
  }
};

const begin = async (file) => {
  const kept = keptOf(keyOf(file));
  if (kept) {
    try {
      return { token: kept.token, ...(await ask(`${form.dataset.begin}/${kept.token}`)) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }
  const begun = await post(form.dataset.begin, { team: form.elements.team.value, size: file.size });
  localStorage.setItem(keyOf(file), JSON.stringify({ token: begun.token, name: file.name, size: file.size }));
  return begun;
};

const send = async (file) => {
  const { token, received } = await patiently(() => begin(file));
  const url = `${form.dataset.begin}/${token}`;
  let at = received;
  while (at < file.size) {
    const show = Math.floor((at * 100) / file.size);
    bar.value = show;
    line.textContent = words.sent.replace("{n}", show);
    const from = at;
    const body = file.slice(from, from + PIECE);
    const answer = await patiently(() => ask(`${url}?offset=${from}`, { method: "POST", body, headers: { "Content-Type": "application/octet-stream" } }));
    at = answer.received;
  }
  bar.value = 100;
  cancel.hidden = true; // the next page offers it
  line.textContent = words.looking;
  const done = await patiently(() => post(`${url}/whole`, { name: file.name, size: file.size }));
  localStorage.removeItem(keyOf(file));
  location.assign(done.url);
};

// Throws away what has come of a file; gives whether that was said to the server.
const giveUp = async (key) => {
  const kept = keptOf(key);
  if (kept) {
    const url = `${form.dataset.begin}/${kept.token}/cancel`;
    const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": csrf } }).catch(() => null);
    if (!answer?.ok && answer?.status !== 404) return false;
  }
  localStorage.removeItem(key);
  return true;
};

const showHalf = (key, kept, received) => {
  const row = document.getElementById("half").content.firstElementChild.cloneNode(true);
  const [title, said] = row.querySelectorAll("p");
  title.textContent = kept.name;
  said.textContent = words.half.replace("{n}", Math.floor((received * 100) / kept.size));
  row.dataset.key = key;
  row.querySelector("button").addEventListener("click", async () => {
    if (await giveUp(key)) row.remove();
    else said.textContent = words.notGivenUp;
    halves.hidden = !halves.children.length;
  });
  halves.append(row);
  halves.hidden = false;
};

const showHalves = async () => {
  for (const key of Object.keys(localStorage).filter((each) => each.startsWith(KEPT))) {
    const kept = keptOf(key);
    const answer = kept && (await fetch(`${form.dataset.begin}/${kept.token}`).catch(() => null));
    if (!kept || answer?.status === 404) localStorage.removeItem(key);
    else if (answer?.ok) showHalf(key, kept, (await answer.json()).received);
  }
};

form.addEventListener("submit", (event) => {
  const [file] = form.elements.file.files;
  if (!file) return;
  event.preventDefault();
  const key = keyOf(file);
  for (const row of halves.children) if (row.dataset.key === key) row.remove();
  halves.hidden = !halves.children.length;
  stop = new AbortController();
  state.hidden = cancel.hidden = false;
  const button = form.querySelector(".form-actions button");
  button.disabled = true;
  cancel.onclick = async () => {
    stop.abort();
    cancel.disabled = true;
    const isGone = await giveUp(key);
    cancel.disabled = false;
    button.disabled = false;
    state.hidden = isGone;
    if (isGone) form.elements.file.focus();
    else line.textContent = words.notGivenUp;
  };
  send(file).catch((error) => {
    if (error instanceof GivenUp) return;
    button.disabled = false;
    line.textContent = (error instanceof Refused && error.message) || words.stopped;
  });
});

showHalves();
