// The chats in the middle: one log for each customer, of which one is in sight.
"use strict";

window.desk = window.desk || {};

(() => {
  const { make, put } = window.desk;
  const GAP_MS = 60000; // a longer silence is shown with its length
  const NEAR_PX = 80;
  const TURN_ICONS = {
    right: "circle-check-filled",
    wrong: "circle-x-filled",
    forbidden: "alert-triangle",
    unclear: "message-question",
    asked: "message-question",
    holding: "clock",
  };

  const icon = (name) =>
    document.getElementById("desk-icons").content.querySelector(`[data-icon=${name}]`)?.firstElementChild.cloneNode(true) ??
    document.createTextNode("");

  class Chat {
    /**
     * @param {object} words what the page says.
     * @param {string} pictures the address before a picture's name.
     * @param onResend called when somebody asks for another try.
     */
    constructor(words, pictures, onResend) {
      this.words = words;
      this.pictures = pictures;
      this.box = document.getElementById("desk-logs");
      this.below = document.getElementById("desk-below");
      this.logs = new Map();
      this.current = null;
      this.box.addEventListener("scroll", () => this.isNear() && (this.below.hidden = true));
      this.below.addEventListener("click", () => this.toEnd());
      this.box.addEventListener("click", (event) => {
        if (event.target.closest("[data-resend]")) onResend();
        const picture = event.target.closest("[data-picture]");
        if (picture) this.enlarge(picture);
      });
      // Whatever changes the room for the log, its end stays in sight.
      new ResizeObserver(() => this.wasNear && this.toEnd()).observe(this.box);
      this.box.addEventListener("scroll", () => (this.wasNear = this.isNear()), { passive: true });
      this.wasNear = true;
    }

    log(customer) {
      let log = this.logs.get(customer.id);
      if (log) return log;
      const node = make("div", "desk-log");
      node.setAttribute("role", "log");
      node.setAttribute("aria-label", this.words.chatWith.replace("{nick}", customer.nick));
      node.lang = "zh-CN";
      node.tabIndex = 0;
      node.hidden = true;
      const lines = make("div", "desk-lines");
      const waiting = make("div", "desk-lines desk-waiting");
      const typing = make("p", "desk-typing");
      typing.hidden = true;
      for (let count = 0; count < 3; count += 1) typing.append(make("span"));
      typing.setAttribute("aria-hidden", "true");
      node.append(lines, waiting, typing);
      this.box.append(node);
      log = { node, lines, waiting, typing, nick: customer.nick, at: null, pending: "" };
      this.logs.set(customer.id, log);
      return log;
    }

    isNear() {
      return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < NEAR_PX;
    }

    toEnd() {
      this.box.scrollTop = this.box.scrollHeight;
      this.below.hidden = true;
    }

    show(customer) {
      for (const log of this.logs.values()) log.node.hidden = true;
      this.log(customer).node.hidden = false;
      this.current = customer.id;
      document.getElementById("desk-empty").hidden = true;
      this.toEnd();
    }

    /** Adds a line that the server keeps. */
    add(customer, line) {
      const log = this.log(customer);
      const isNear = this.current === customer.id && this.isNear();
      if (log.at === null || line.at_ms - log.at >= GAP_MS) log.lines.append(this.gap(line, log.at));
      log.at = line.at_ms;
      log.lines.append(this.line(line, log.nick));
      if (this.current !== customer.id) return;
      if (isNear || line.role === "agent") this.toEnd();
      else if (line.role === "buyer") this.below.hidden = false;
    }

    gap(line, before) {
      const gap = make("p", "desk-gap");
      gap.append(make("time", "", line.clock));
      if (before !== null) {
        const words = make("span", "", this.words.gap.replace("{n}", this.lasting(line.at_ms - before)));
        words.lang = document.documentElement.lang;
        gap.append(" ", words);
      }
      return gap;
    }

    lasting(ms) {
      const seconds = Math.round(ms / 1000);
      const [m, s] = [Math.floor(seconds / 60), seconds % 60];
      const words = m && s ? this.words.minutesSeconds : m ? this.words.minutes : this.words.seconds;
      return words.replace("{m}", m).replace("{s}", s);
    }

    line(line, nick) {
      if (line.role === "system" || line.kind === "action") return this.note(line);
      const isOurs = line.role !== "buyer";
      const box = make("div", `desk-line ${isOurs ? "is-ours" : "is-theirs"}`);
      box.title = line.clock;
      box.append(this.who(isOurs ? this.words.me : nick, line));
      if (line.role === "auto") {
        const auto = make("span", "desk-auto", this.words.auto);
        auto.lang = document.documentElement.lang;
        box.append(auto);
      }
      box.append(this.body(line));
      if (line.mark) box.append(this.mark(line.mark));
      return box;
    }

    who(name) {
      return make("span", "visually-hidden", `${name}：`);
    }

    body(line) {
      if (line.kind === "card") return this.card(line);
      if (!line.picture) return make("div", "desk-bubble", line.text);
      const box = make("div", "desk-bubble desk-with-picture");
      box.append(this.picture(line.picture));
      if (line.text) box.append(make("span", "", line.text));
      return box;
    }

    picture(name) {
      const button = make("button", "desk-picture");
      button.type = "button";
      button.dataset.picture = name;
      const image = make("img");
      image.src = `${this.pictures}${encodeURIComponent(name)}.svg`;
      image.alt = this.words.picture.replace("{name}", name);
      image.width = 240;
      image.height = 180;
      image.addEventListener("load", () => this.wasNear && this.toEnd());
      button.append(image);
      button.title = this.words.enlarge;
      return button;
    }

    enlarge(button) {
      const box = document.getElementById("desk-picture");
      const image = box.querySelector("img");
      const small = button.querySelector("img");
      image.src = small.src;
      image.alt = small.alt;
      box.showModal();
    }

    card(line) {
      const option = [...document.querySelectorAll("#desk-products-list [data-number]")].find(
        (each) => each.dataset.number === line.card,
      );
      const box = make("div", "desk-bubble desk-card");
      box.append(icon("shopping-bag"));
      if (!option) {
        box.append(make("span", "desk-card-name", line.text));
        return box;
      }
      const { name, price, number, ready } = option.dataset;
      box.append(make("span", "desk-card-name", name), make("span", "desk-card-price", price));
      if (ready) box.append(make("span", "desk-card-ready", ready));
      box.append(make("span", "desk-card-number", number));
      return box;
    }

    note(line) {
      const note = make("p", "desk-note");
      note.title = line.clock;
      if (line.kind === "action") note.append(icon("check"));
      if (line.role === "system") {
        const by = make("span", "desk-auto", this.words.byModel);
        by.lang = document.documentElement.lang;
        note.append(by);
      }
      note.append(make("span", "", line.text));
      if (line.kind === "action") note.dataset.action = "";
      if (!line.mark) return note;
      const both = make("div", "desk-noted");
      both.append(note, this.mark(line.mark));
      return both;
    }

    mark(mark) {
      const box = make("p", "desk-mark");
      box.lang = document.documentElement.lang;
      box.dataset.turn = mark.turn;
      if (TURN_ICONS[mark.turn]) box.append(icon(TURN_ICONS[mark.turn]));
      box.append(make("span", "", mark.text));
      return box;
    }

    /** Shows the lines that are still on their way, after those that have arrived. */
    pending(customer, lines, isAway) {
      const log = this.log(customer);
      const now = JSON.stringify([lines.map(({ key }) => key), isAway]);
      if (now === log.pending) return;
      log.pending = now;
      log.waiting.replaceChildren(...lines.map((line) => this.unsent(line, isAway)));
      if (this.current === customer.id) this.toEnd();
    }

    unsent(line, isAway) {
      const box = make("div", "desk-line is-ours is-unsent");
      box.classList.toggle("is-stuck", isAway);
      box.append(this.who(this.words.me), this.body(line));
      const told = make("p", "desk-unsent");
      told.lang = document.documentElement.lang;
      if (isAway) {
        const again = make("button", "", this.words.resend);
        again.type = "button";
        again.dataset.resend = "";
        told.append(icon("alert-circle"), make("span", "", this.words.unsent), make("span", "", "·"), again);
      } else {
        told.textContent = this.words.sending;
      }
      box.append(told);
      return box;
    }

    typing(customer, isTyping) {
      const { typing } = this.log(customer);
      if (typing.hidden === !isTyping) return;
      const isNear = this.isNear();
      typing.hidden = !isTyping;
      if (this.current === customer.id && isNear) this.toEnd();
    }
  }

  window.desk.Chat = Chat;
  window.desk.icon = icon;
})();
