// What is looked up and put into a reply: quick replies by "/", products by F2.
"use strict";

window.desk = window.desk || {};

(() => {
  const { counted, put } = window.desk;
  const fold = (text) => text.toLowerCase().replace(/['’\s]+/g, " ").trim();

  /** A list of options of which one is chosen, by keys that stay in a text field. */
  class Options {
    constructor(list, field) {
      this.list = list;
      this.field = field;
      this.all = [...list.querySelectorAll("[role=option]")];
      this.shown = this.all;
      this.at = -1;
    }

    /** Shows these options in this order, the first one chosen. */
    show(options) {
      const kept = new Set(options);
      for (const option of this.all) option.hidden = !kept.has(option);
      this.list.append(...options);
      this.shown = options;
      this.choose(0);
    }

    choose(place) {
      this.chosen?.setAttribute("aria-selected", "false");
      const { length } = this.shown;
      this.at = length ? (place + length) % length : -1;
      this.chosen = this.shown[this.at];
      if (!this.chosen) {
        this.field.removeAttribute("aria-activedescendant");
        return;
      }
      this.chosen.setAttribute("aria-selected", "true");
      this.chosen.scrollIntoView({ block: "nearest" });
      this.field.setAttribute("aria-activedescendant", this.chosen.id);
      this.onChoose?.(this.chosen);
    }

    /** Moves by a key; true when it was one of ours. */
    move(key) {
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 5, PageUp: -5 }[key];
      if (!step) return false;
      const place = this.at + step;
      this.choose(Math.abs(step) === 1 ? place : Math.min(Math.max(place, 0), this.shown.length - 1));
      return true;
    }
  }

  /** Quick replies: open while the text begins with "/" (an input method in Chinese mode types "、"). */
  class Quick {
    constructor(field, words, onInsert) {
      this.box = document.getElementById("desk-quick");
      this.none = this.box.querySelector(".desk-quick-none");
      this.words = words;
      this.options = new Options(document.getElementById("desk-quick-list"), field);
      this.field = field;
      this.onInsert = onInsert;
      this.dismissed = "";
      this.box.addEventListener("mousedown", (event) => event.preventDefault());
      this.box.addEventListener("click", (event) => {
        const option = event.target.closest("[role=option]");
        if (option) this.insert(option);
      });
    }

    get isOpen() {
      return !this.box.hidden;
    }

    /** How well a reply fits: smaller is better, Infinity is not at all. */
    static rank(option, wanted) {
      const { code, initials, text } = option.dataset;
      const purpose = option.querySelector(".desk-quick-purpose").textContent;
      const letters = wanted.replaceAll(" ", "");
      if (!wanted) return 0;
      if (code.toLowerCase() === letters) return 1;
      if (code.toLowerCase().startsWith(letters)) return 2;
      if (initials.startsWith(letters)) return 3;
      if (fold(purpose).includes(wanted)) return 4;
      if (initials.includes(letters)) return 5;
      const all = `${fold(purpose)} ${fold(text)} ${code.toLowerCase()}`;
      return wanted.split(" ").every((word) => all.includes(word)) ? 6 : Infinity;
    }

    /** Opens, filters or closes as the text asks; `isComposing` texts are letters on their way. */
    follow(text) {
      const begins = /^[/、]/.test(text) && !text.includes("\n");
      if (!begins) this.dismissed = "";
      if (!begins || (this.dismissed && text.startsWith(this.dismissed))) {
        this.close();
        return;
      }
      const wanted = fold(text.slice(1));
      const ranked = this.options.all
        .map((option, place) => ({ option, place, rank: Quick.rank(option, wanted) }))
        .filter(({ rank }) => rank < Infinity)
        .sort((a, b) => a.rank - b.rank || a.place - b.place);
      this.box.hidden = false;
      this.options.show(ranked.map(({ option }) => option));
      this.none.hidden = ranked.length > 0;
      put(document.getElementById("desk-said"), counted(this.words.quickCount, ranked.length));
    }

    /** What a key does while the list is open; true when it was for the list. */
    key(event) {
      if (!this.isOpen) return false;
      if (event.key === "Escape") {
        this.dismissed = this.field.value;
        this.close();
        return true;
      }
      if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) {
        if (this.options.chosen) this.insert(this.options.chosen);
        return true;
      }
      // Ctrl with an arrow changes the customer.
      return !event.ctrlKey && !event.altKey && this.options.move(event.key);
    }

    insert(option) {
      const { code, text, variables } = option.dataset;
      this.close();
      this.onInsert({ code, text, variables: variables ? variables.split("|") : [] });
    }

    close() {
      this.box.hidden = true;
      this.field.removeAttribute("aria-activedescendant");
    }
  }

  /** The shop's products in a dialog: to read, to send as a card, to take the words of. */
  class Products {
    constructor({ onCard, onWords, onClose }) {
      this.dialog = document.getElementById("desk-products");
      this.find = document.getElementById("desk-products-find");
      this.none = document.getElementById("desk-products-none");
      this.options = new Options(document.getElementById("desk-products-list"), this.find);
      this.options.onChoose = (option) => this.detail(option.dataset.number);
      this.onCard = onCard;
      this.onWords = onWords;
      this.find.addEventListener("input", () => this.filter());
      this.dialog.addEventListener("keydown", (event) => this.key(event));
      this.dialog.addEventListener("close", onClose);
      this.options.list.addEventListener("click", (event) => {
        const option = event.target.closest("[role=option]");
        if (option) this.options.choose(this.options.shown.indexOf(option));
      });
      this.options.list.addEventListener("dblclick", () => this.use(false));
      document.getElementById("desk-product-send").addEventListener("click", () => this.use(false));
      document.getElementById("desk-product-words").addEventListener("click", () => this.use(true));
    }

    open() {
      if (this.dialog.open) return;
      this.find.value = "";
      this.dialog.showModal();
      this.filter();
      this.find.focus();
    }

    filter() {
      const wanted = fold(this.find.value).split(" ");
      const found = this.options.all.filter((option) => wanted.every((word) => option.dataset.find.includes(word)));
      this.options.show(found);
      if (!found.length) this.detail(null);
    }

    detail(number) {
      for (const each of this.dialog.querySelectorAll("[data-of]")) each.hidden = each.dataset.of !== number;
      this.none.hidden = number !== null;
      document.getElementById("desk-product").scrollTop = 0;
      const ready = this.options.chosen?.dataset.ready;
      document.getElementById("desk-product-words").disabled = number === null || !ready;
      document.getElementById("desk-product-send").disabled = number === null;
    }

    key(event) {
      if (event.isComposing || event.keyCode === 229) return;
      if (event.target === this.find && this.options.move(event.key)) {
        event.preventDefault();
      } else if (event.key === "Enter" && event.target === this.find) {
        event.preventDefault();
        this.use(event.ctrlKey || event.metaKey);
      }
    }

    use(asWords) {
      const option = this.options.chosen;
      if (!option) return;
      this.dialog.close();
      if (asWords && option.dataset.ready) this.onWords(option.dataset.ready);
      else this.onCard({ number: option.dataset.number, name: option.dataset.name });
    }
  }

  window.desk.Quick = Quick;
  window.desk.Products = Products;
})();
