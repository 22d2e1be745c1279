// Terms in a lesson: what a word means stands beside it while it is pointed at, focused or pressed.
// Without this script pressing the word still opens it, in the middle of the window.
"use strict";

(() => {
  const GAP = 6;
  const EDGE = 8;
  let waiting = 0;

  const meaningOf = (button) => document.getElementById(button.getAttribute("popovertarget"));

  const place = (meaning, button) => {
    const word = button.getBoundingClientRect();
    const box = meaning.getBoundingClientRect();
    const width = document.documentElement.clientWidth;
    const left = Math.max(EDGE, Math.min(word.left, width - box.width - EDGE));
    const isBelow = word.bottom + GAP + box.height <= window.innerHeight || word.top < box.height + GAP;
    const top = isBelow ? word.bottom + GAP : word.top - GAP - box.height;
    meaning.style.left = `${left + window.scrollX}px`;
    meaning.style.top = `${top + window.scrollY}px`;
  };

  const show = (button) => {
    clearTimeout(waiting);
    const meaning = meaningOf(button);
    if (!meaning.matches(":popover-open")) meaning.showPopover();
    meaning.classList.add("is-placed");
    place(meaning, button);
  };

  // It stays while the pointer or the focus is on the word or on what it means.
  const leave = (meaning, delay) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const button = document.querySelector(`[popovertarget="${meaning.id}"]:is(:hover, :focus-visible)`);
      if (!button && !meaning.matches(":hover, :focus-within") && meaning.matches(":popover-open")) meaning.hidePopover();
    }, delay);
  };

  for (const button of document.querySelectorAll("button.term")) {
    const meaning = meaningOf(button);
    button.addEventListener("pointerenter", (event) => {
      if (event.pointerType === "touch") return;
      clearTimeout(waiting);
      waiting = setTimeout(() => show(button), 150);
    });
    button.addEventListener("pointerleave", (event) => {
      if (event.pointerType !== "touch") leave(meaning, 250);
    });
    button.addEventListener("focus", () => {
      if (button.matches(":focus-visible")) show(button);
    });
    button.addEventListener("blur", () => leave(meaning, 0));
    button.addEventListener("click", () => show(button));
  }
  for (const meaning of document.querySelectorAll(".term-meaning")) {
    meaning.addEventListener("pointerleave", () => leave(meaning, 250));
    meaning.addEventListener("focusout", () => leave(meaning, 0));
  }
})();
