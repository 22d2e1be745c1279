// Questions of templates/layout/questions.html: putting steps in order, and reading an answer.
//
//   cstrain.responseOf(fieldset)   the answer as the JSON that the server's clean_response takes
//   cstrain.isAnswered(fieldset)   whether there is one
//
// A changed order is told by a bubbling "change" event on the list, as every field tells its own.
"use strict";

(() => {
  const api = (window.cstrain = window.cstrain || {});

  // ---- Order: arrows, the keyboard, and dragging by the grip -----------------------------------

  const settle = (list, moved) => {
    [...list.children].forEach((item, place) => {
      item.querySelector(".order-number").textContent = String(place + 1);
      item.querySelector(".order-place").value = String(place + 1);
    });
    const box = list.parentElement;
    box.querySelector("[data-keep-order]")?.setAttribute("hidden", "");
    if (moved) {
      const place = [...list.children].indexOf(moved) + 1;
      box.querySelector("[data-order-said]").textContent = list.dataset.moved.replace("{n}", String(place));
    }
    list.dispatchEvent(new Event("change", { bubbles: true }));
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move], [data-keep-order]");
    if (!button) return;
    const list = button.closest(".question").querySelector("[data-order]");
    if ("keepOrder" in button.dataset) {
      settle(list, null);
      list.querySelector("button")?.focus();
      return;
    }
    const item = button.closest(".order-item");
    const up = button.dataset.move === "-1";
    const other = up ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (up) other.before(item);
    else other.after(item);
    button.focus(); // moving an element takes the focus away in some browsers
    settle(list, item);
  });

  document.addEventListener("pointerdown", (event) => {
    const grip = event.target.closest(".order-grip");
    const list = grip?.closest("[data-order]");
    if (!list || event.button !== 0 || list.closest("fieldset:disabled")) return;
    event.preventDefault();
    const item = grip.closest(".order-item");
    const before = [...list.children].indexOf(item);
    item.classList.add("is-lifted");
    const move = (to) => {
      const next = [...list.children].find((each) => {
        const box = each.getBoundingClientRect();
        return each !== item && to.clientY < box.top + box.height / 2;
      });
      if (next !== item.nextElementSibling) list.insertBefore(item, next || null);
    };
    const drop = () => {
      document.removeEventListener("pointermove", move);
      document.removeEventListener("pointerup", drop);
      document.removeEventListener("pointercancel", drop);
      item.classList.remove("is-lifted");
      if ([...list.children].indexOf(item) !== before) settle(list, item);
    };
    document.addEventListener("pointermove", move);
    document.addEventListener("pointerup", drop);
    document.addEventListener("pointercancel", drop);
  });

  // ---- Reading an answer -----------------------------------------------------------------------

  const checked = (box) => [...box.querySelectorAll("input:checked")].map((input) => input.value);

  const readers = {
    single: (box) => ({ choice: checked(box)[0] ?? null }),
    truefalse: (box) => ({ choice: checked(box)[0] ?? null }),
    multiple: (box) => ({ choices: checked(box) }),
    spot: (box) => ({ choices: checked(box) }),
    order: (box) => ({
      order: [...box.querySelectorAll(".order-item")]
        .filter((item) => item.querySelector("input").value)
        .map((item) => item.dataset.key),
    }),
    match: (box) => ({
      pairs: Object.fromEntries(
        [...box.querySelectorAll("select")].map((list) => [list.name.slice(box.dataset.name.length + 1), list.value || null]),
      ),
    }),
    numeric: (box) => ({ text: box.querySelector(".number-answer input").value }),
    blanks: (box) => ({ texts: [...box.querySelectorAll(".blank")].map((input) => input.value) }),
  };

  api.responseOf = (box) => readers[box.dataset.question](box);

  api.isAnswered = (box) => {
    const given = Object.values(api.responseOf(box))[0];
    if (Array.isArray(given)) return given.some((each) => each);
    if (given && typeof given === "object") return Object.values(given).some((each) => each);
    return Boolean(given && given.trim());
  };
})();
