// Tells the server that a document is in sight, until it is confirmed; the answer opens when
// it was long enough.

const form = document.querySelector("[data-beat]");
const told = document.querySelector("[data-left]");
const send = form.querySelector("button");
const words = JSON.parse(told.dataset.words);
let left = Number(told.dataset.left);
let timer = 0;
let isThere = false;

function show() {
  send.disabled = left > 0;
  told.textContent = left > 0 ? words.wait.replace("{n}", left) : words.ready;
}

// Between two answers of the server; only it says that it was long enough.
function tick() {
  if (document.visibilityState !== "visible" || left <= 1 || !isThere) return;
  left -= 1;
  show();
}

async function beat() {
  clearTimeout(timer);
  if (document.visibilityState !== "visible") return;
  try {
    const answer = await fetch(form.dataset.beat, {
      method: "POST",
      headers: { "X-CSRFToken": form.elements.csrf_token.value },
    });
    isThere = answer.ok;
    if (answer.ok) left = (await answer.json()).left;
    show();
  } catch {
    isThere = false;
    told.textContent = words.offline;
  }
  timer = setTimeout(beat, left > 0 ? Math.min(5, left) * 1000 : 15000);
}

document.addEventListener("visibilitychange", beat);
show();
setInterval(tick, 1000);
beat();
