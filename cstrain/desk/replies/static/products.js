// Two products to set side by side: a third tick takes the place of the first, and a bar tells which are ticked.
"use strict";

(() => {
  const form = document.querySelector("[data-compare]");
  if (!form) return;
  const bar = form.querySelector("[data-compare-bar]");
  const told = bar.querySelector("[role=status]");
  const button = bar.querySelector("button");
  let ticked = [...form.querySelectorAll("[name=pick]:checked")].slice(0, 2);
  const compared = "compared" in form.dataset ? [...ticked] : []; // stand side by side already

  const tell = () => {
    const [a, b] = ticked.map((box) => box.parentElement.querySelector("[data-name]").textContent.trim());
    bar.classList.toggle("is-empty", ticked.every((box) => compared.includes(box)));
    button.disabled = !b;
    if (b) told.textContent = told.dataset.two.replace("{a}", a).replace("{b}", b);
    else told.textContent = a ? told.dataset.one.replace("{a}", a) : "";
  };

  form.addEventListener("change", ({ target }) => {
    if (target.name !== "pick") return;
    ticked = ticked.filter((box) => box !== target);
    if (target.checked) ticked.push(target);
    if (ticked.length > 2) ticked.shift().checked = false;
    tell();
  });

  for (const box of form.querySelectorAll("[name=pick]")) box.checked = ticked.includes(box);
  tell();
})();
