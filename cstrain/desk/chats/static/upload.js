// A file goes up in pieces; a lost network costs one piece, and the same file goes on where it stood.
"use strict";

const form = document.getElementById("upload");
const words = JSON.parse(form.dataset.words);
const state = form.querySelector(".upload-state");
const bar = state.querySelector("progress");
const line = state.querySelector("p");
const PIECE = Number(form.dataset.piece);
const TRIES = 6;
const csrf = document.querySelector("meta[name=csrf-token]").content;

const nameOf = (file) => `cstrain-upload:${form.elements.team.value}:${file.name}:${file.size}:${file.lastModified}`;
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

class Refused extends Error {}

const ask = async (url, options = {}) => {
  const answer = await fetch(url, { ...options, headers: { Accept: "application/json", "X-CSRFToken": csrf, ...options.headers } });
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
      if (error instanceof Refused || attempt === TRIES) throw error;
      line.textContent = words.again;
      await wait(1000 * 2 ** attempt);
    }
  }
};

const begin = async (file) => {
  const token = localStorage.getItem(nameOf(file));
  if (token) {
    try {
      return { token, ...(await ask(`${form.dataset.begin}/${token}`)) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }
  const begun = await post(form.dataset.begin, { team: form.elements.team.value, size: file.size });
  localStorage.setItem(nameOf(file), begun.token);
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
  line.textContent = words.looking;
  const done = await patiently(() => post(`${url}/whole`, { name: file.name, size: file.size }));
  localStorage.removeItem(nameOf(file));
  location.assign(done.url);
};

form.addEventListener("submit", (event) => {
  const [file] = form.elements.file.files;
  if (!file) return;
  event.preventDefault();
  state.hidden = false;
  const button = form.querySelector("button");
  button.disabled = true;
  send(file).catch((error) => {
    button.disabled = false;
    line.textContent = (error instanceof Refused && error.message) || words.stopped;
  });
});
