// The customers at the left: who is there, the last line, how long they wait, who has gone.
"use strict";

window.desk = window.desk || {};

(() => {
  const WARM_S = [30, 60, 180];

  /** How warm a wait is: 0 to 3. */
  const warmth = (seconds) => WARM_S.filter((limit) => seconds >= limit).length;
  const two = (number) => String(number).padStart(2, "0");
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;

  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const put = (node, text) => {
    if (node.textContent !== text) node.textContent = text;
  };
  /** What is said of a number: languages have a form for one and a form for more. */
  const counted = ([one, more], n) => (n === 1 ? one : more).replace("{n}", n);

  class List {
    /** @param onPick called with the id of the customer that was chosen. */
    constructor(words, onPick) {
      this.words = words;
      this.open = document.getElementById("desk-open");
      this.gone = document.getElementById("desk-gone");
      this.rows = new Map();
      for (const list of [this.open, this.gone]) {
        list.addEventListener("click", (event) => {
          const button = event.target.closest("[data-id]");
          if (button) onPick(Number(button.dataset.id));
        });
      }
    }

    row(customer) {
      let row = this.rows.get(customer.id);
      if (row) return row;
      const item = make("li");
      const button = make("button", "desk-customer");
      button.type = "button";
      button.dataset.id = customer.id;
      const face = make("span", "avatar", [...customer.nick][0]);
      face.setAttribute("aria-hidden", "true");
      const dot = make("span", "desk-dot");
      dot.setAttribute("aria-hidden", "true");
      const seen = make("span", "desk-face");
      seen.append(face, dot);
      const nick = make("span", "desk-nick", customer.nick);
      nick.lang = "zh-CN";
      const kind = make("span", "desk-kind", customer.is_returning ? this.words.oldCustomer : this.words.newCustomer);
      if (customer.is_returning) kind.dataset.returning = "";
      const wait = make("span", "desk-wait");
      const last = make("span", "desk-last");
      const state = make("span", "visually-hidden");
      const key = make("kbd", "desk-key");
      key.setAttribute("aria-hidden", "true");
      button.append(seen, nick, kind, wait, last, key, state);
      item.append(button);
      row = { item, button, dot, wait, last, state, key };
      this.rows.set(customer.id, row);
      return row;
    }

    /**
     * @param {object[]} customers in the order in which they came; each with `last`, `isDraft`, `unread`.
     * @param {number} current the id of the one in front.
     */
    show(customers, current) {
      for (const customer of customers) {
        const row = this.row(customer);
        const home = customer.is_gone ? this.gone : this.open;
        if (row.item.parentNode !== home) {
          if (customer.is_gone) home.prepend(row.item);
          else home.append(row.item);
        }
        row.button.classList.toggle("is-gone", customer.is_gone);
        if (customer.id === current) row.button.setAttribute("aria-current", "true");
        else row.button.removeAttribute("aria-current");
        put(row.key, customer.number ? String(customer.number) : "");
        row.last.lang = customer.isNote ? "" : "zh-CN";
        if (!row.last.lang) row.last.removeAttribute("lang");
        row.last.classList.toggle("is-draft", customer.isDraft);
        put(row.last, customer.last);
        row.dot.hidden = !customer.unread;
        put(row.dot, customer.unread > 1 ? String(Math.min(customer.unread, 99)) : "");
        row.button.classList.toggle("is-unread", customer.unread > 0);
        const told = customer.unread ? this.words.unread.replace("{n}", customer.unread) : "";
        put(row.state, told);
      }
      document.getElementById("desk-none").hidden = customers.length > 0;
      document.getElementById("desk-gone-box").hidden = !customers.some((each) => each.is_gone);
    }

    /** Shows how long one has waited; null when nobody owes an answer. */
    wait(id, seconds, isGone) {
      const { wait } = this.rows.get(id);
      wait.classList.toggle("is-still", seconds === null);
      if (seconds === null) {
        put(wait, isGone ? "" : this.words.answered);
        delete wait.dataset.warm;
        return;
      }
      put(wait, clock(seconds));
      wait.dataset.warm = warmth(seconds);
    }
  }

  window.desk.List = List;
  window.desk.clock = clock;
  window.desk.warmth = warmth;
  window.desk.make = make;
  window.desk.put = put;
  window.desk.counted = counted;
})();
