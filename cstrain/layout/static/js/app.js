// Small behaviours of every page: menu, dialogs, copying, messages, tables on phones.
"use strict";

(() => {
  const frame = document.querySelector(".frame");

  // A word at the foot of the window, read aloud too.
  const say = (text) => {
    const box = document.getElementById("toasts");
    const line = document.createElement("p");
    line.className = "toast-line";
    line.textContent = text;
    box.replaceChildren(line);
    setTimeout(() => line.remove(), 4000);
  };

  // Sites without HTTPS have no clipboard, and some browsers refuse it; selecting and "copy" works there.
  const write = async (text) => {
    if (navigator.clipboard && window.isSecureContext) {
      try {
        await navigator.clipboard.writeText(text);
        return;
      } catch {
        // The older way follows.
      }
    }
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "visually-hidden";
    (document.querySelector("dialog[open]") || document.body).append(area);
    area.select();
    const worked = document.execCommand("copy");
    area.remove();
    if (!worked) throw new Error("the browser refused to copy");
  };

  const copy = async (text) => {
    const words = document.getElementById("toasts").dataset;
    try {
      await write(text);
      say(words.copied);
    } catch {
      say(words.copyFailed);
    }
  };
  window.cstrain = { say, copy };

  // The side bar as a drawer on small windows.
  const side = document.getElementById("side");
  let opener = null;
  const drawer = (open) => {
    if (!side || side.classList.contains("is-open") === open) return;
    side.classList.toggle("is-open", open);
    frame.inert = open;
    for (const button of document.querySelectorAll("[data-side]")) button.setAttribute("aria-expanded", String(open));
    document.querySelector(".side-veil")?.remove();
    if (open) {
      const veil = document.createElement("div");
      veil.className = "side-veil";
      veil.addEventListener("click", () => drawer(false));
      side.before(veil);
      side.querySelector("a").focus();
    } else {
      opener?.focus();
    }
  };

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details[data-closes][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    const button = event.target.closest("button, [data-copy]");
    if (!button) return;
    const { dataset } = button;
    if ("side" in dataset) {
      opener = button;
      drawer(!side.classList.contains("is-open"));
    } else if ("dialog" in dataset) {
      const dialog = dataset.dialog === "next" ? button.nextElementSibling : document.getElementById(dataset.dialog);
      dialog.showModal();
    } else if ("close" in dataset) {
      button.closest("dialog").close();
    } else if ("dismiss" in dataset) {
      button.parentElement.remove();
    } else if ("print" in dataset) {
      window.print();
    } else if ("copyFrom" in dataset) {
      copy(document.getElementById(dataset.copyFrom).innerText.trim());
    } else if ("copy" in dataset) {
      copy(dataset.copy);
    }
  });

  // A part that renews itself waits while a question in it is open.
  for (const name of ["htmx:beforeRequest", "htmx:beforeSwap"]) {
    document.addEventListener(name, (event) => {
      if (event.target.querySelector("dialog[open]")) event.preventDefault();
    });
  }

  // A click beside a dialog closes it, unless something was typed into it.
  document.addEventListener("mousedown", (event) => {
    const dialog = event.target;
    if (!(dialog instanceof HTMLDialogElement) || dialog.querySelector("textarea, input[type=text]")?.value) return;
    const box = dialog.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) dialog.close();
  });

  // Alt+N opens the next review to mark; a page that stands inside the queue names the one behind it.
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.code !== "KeyN" || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const next = document.querySelector("main [data-next]") || document.querySelector("[data-next]");
    if (!next || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    location.assign(next.dataset.next);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    drawer(false);
    const menu = document.querySelector("details[data-closes][open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // A form is posted once; the button comes back when the page is shown again from the history.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("data-many")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    setTimeout(() => {
      if (!event.defaultPrevented) form.dataset.sent = "yes";
    });
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // A box that ticks or clears all boxes of a name in its form, and shows how they stand.
  const tickAll = (all) => {
    const boxes = [...all.form.elements].filter((each) => each.type === "checkbox" && each.name === all.dataset.ticks);
    const show = () => {
      const count = boxes.filter((each) => each.checked).length;
      all.checked = count > 0 && count === boxes.length;
      all.indeterminate = count > 0 && count < boxes.length;
    };
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
    });
    for (const box of boxes) box.addEventListener("change", show);
    window.addEventListener("pageshow", show);
    all.closest("label").hidden = boxes.length < 2;
    show();
  };
  for (const all of document.querySelectorAll("[data-ticks]")) tickAll(all);

  // Cells of card tables carry their heading, for phones.
  for (const table of document.querySelectorAll("table.cards")) {
    const heads = [...table.querySelectorAll("thead th")].map((head) => (head.querySelector(".visually-hidden") ? "" : head.textContent.trim()));
    for (const row of table.tBodies[0]?.rows ?? []) {
      [...row.cells].forEach((cell, place) => {
        if (cell.tagName === "TD" && place && heads[place] && !cell.dataset.label) cell.dataset.label = heads[place];
      });
    }
  }

  // Where tabs are wider than the window, the current one is in sight.
  for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
    const bar = tab.parentElement;
    bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2;
  }

  // The first thing to mend is under the cursor after a form was refused.
  document.querySelector("[aria-invalid=true]")?.focus();
})();
