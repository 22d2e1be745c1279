// What travels between the reception desk and the server: one request at a time, lines in order.
//
// A line waits in `outbox` until the server has taken it; sessionStorage holds a copy, so that a
// reload or a lost network loses none, and its key makes a second delivery harmless. Nothing polls:
// the server says when something will happen next, and the page asks again then.
"use strict";

window.desk = window.desk || {};

(() => {
  const LIMIT_MS = 12000;
  const RETRY_MS = [1000, 2000, 4000, 8000, 15000];
  const SOONEST_MS = 200;
  const LONGEST_MS = 2 ** 31 - 1; // what a browser's timer can hold

  /** A key that no other line of any page has; needs no secure context. */
  const newKey = () =>
    [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  class Courier {
    /**
     * @param {object} urls where to post: news, send, pause, resume.
     * @param {string} token the CSRF token.
     * @param {object[]} outbox lines that an earlier load of the page could not send.
     * @param {object} told onState(state), onRefused(line, problem), onNetwork(condition), onChange().
     */
    constructor(urls, token, outbox, told) {
      this.urls = urls;
      this.token = token;
      this.outbox = outbox;
      this.told = told;
      this.after = 0;
      this.tries = 0;
      this.isAway = false;
      this.isOver = false;
      this.wishes = []; // actions that are done at once or not at all: {body, settle}
      this.wants = null; // "news", "pause", "resume": asked for when the way is free
      this.others = "BroadcastChannel" in window ? new BroadcastChannel(`desk:${urls.news}`) : null;
      this.others?.addEventListener("message", () => this.ask("news"));
      window.addEventListener("online", () => this.hurry());
    }

    async post(url, body) {
      const stop = new AbortController();
      const limit = setTimeout(() => stop.abort(), LIMIT_MS);
      try {
        const answer = await fetch(url, {
          method: "POST",
          headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.token },
          body: JSON.stringify({ ...body, after: this.after }),
          signal: stop.signal,
        });
        return { status: answer.status, ok: answer.ok, said: await answer.json().catch(() => ({})) };
      } catch {
        return { status: 0, ok: false, said: {} };
      } finally {
        clearTimeout(limit);
      }
    }

    /** Takes a line in; it goes out as soon as those before it have gone. */
    send(line) {
      this.outbox.push({ ...line, key: newKey() });
      this.told.onChange();
      this.hurry();
    }

    ask(what) {
      if (this.isOver) return;
      if (what !== "news" || !this.wants) this.wants = what;
      this.run();
    }

    /** Does one thing after the lines that wait; gives the answer, of status 0 without a network. */
    wish(body) {
      return new Promise((settle) => {
        this.wishes.push({ body, settle });
        this.hurry();
      });
    }

    /** Tries at once, whatever pause was meant to be made. */
    hurry() {
      clearTimeout(this.retry);
      this.retry = 0;
      this.run();
    }

    async run() {
      if (this.isBusy || this.retry || this.isOver) return;
      this.isBusy = true;
      try {
        let goesOn = true;
        while (goesOn && !this.isOver) {
          if (this.outbox.length) goesOn = await this.bring();
          else if (this.wishes.length) goesOn = await this.fulfil();
          else if (this.wants) goesOn = await this.fetch();
          else break;
        }
      } finally {
        this.isBusy = false;
        // What cannot be done now is told, not kept.
        for (const { settle } of this.wishes.splice(0)) settle({ status: 0, ok: false, said: {} });
      }
    }

    /** Brings the first line; true when the next may go. */
    async bring() {
      const line = this.outbox[0];
      const { origin: _origin, ...body } = line;
      const answer = await this.post(this.urls.send, body);
      if (!this.isAnswered(answer)) return false;
      this.outbox.shift();
      if (answer.ok) {
        this.take(answer.said);
        this.others?.postMessage("sent");
      } else {
        this.told.onRefused(line, answer);
        if (answer.status === 409) this.wants ??= "news";
      }
      this.told.onChange(line);
      return true;
    }

    async fulfil() {
      const { body, settle } = this.wishes.shift();
      const answer = await this.post(this.urls.send, body);
      const isAnswered = this.isAnswered(answer);
      if (answer.ok) {
        this.take(answer.said);
        this.others?.postMessage("sent");
      }
      settle(isAnswered ? answer : { ...answer, ok: false });
      return isAnswered;
    }

    async fetch() {
      const what = this.wants;
      const answer = await this.post(this.urls[what], {});
      if (!this.isAnswered(answer)) return false;
      if (this.wants === what) this.wants = null;
      if (answer.ok) this.take(answer.said);
      else if (answer.status === 409 && what === "news") this.end();
      else if (answer.status === 409) this.wants ??= "news";
      if (answer.ok && what !== "news") this.others?.postMessage(what);
      return true;
    }

    /** The session is closed: nothing is said here any more. */
    end() {
      this.isOver = true;
      window.location.assign(this.urls.result);
    }

    /** Whether the server has answered for good; otherwise it is tried again later. */
    isAnswered({ status }) {
      if (status === 400) {
        this.isOver = true; // the copy is kept and sent by the next page
        this.told.onNetwork("stale");
        return false;
      }
      if (status && status < 500 && ![401, 408, 429].includes(status)) {
        this.tries = 0;
        if (this.isAway) {
          this.isAway = false;
          this.told.onNetwork("back");
          this.told.onChange();
        }
        return true;
      }
      this.isAway = true;
      this.retry = setTimeout(() => this.hurry(), RETRY_MS[Math.min(this.tries, RETRY_MS.length - 1)]);
      this.tries += 1;
      this.told.onNetwork(status === 401 ? "login" : "offline");
      this.told.onChange();
      return false;
    }

    /** Takes in what the server says is so, and asks again when something will happen. */
    take(state) {
      this.told.onState(state);
      this.after = Math.max(this.after, state.cursor ?? 0);
      clearTimeout(this.next);
      if (state.next_in_ms === null || state.next_in_ms === undefined) return;
      const wait = Math.min(Math.max(state.next_in_ms, SOONEST_MS), LONGEST_MS);
      this.next = setTimeout(() => this.ask("news"), wait);
    }
  }

  /** Says at the top how it stands with the network, and what helps. */
  const tellNetwork = (box, words, login, condition) => {
    box.hidden = false;
    box.dataset.kind = condition;
    box.replaceChildren(document.createTextNode(words[condition === "back" ? "online" : condition]));
    const link = document.createElement(condition === "login" ? "a" : "button");
    if (condition === "login") {
      Object.assign(link, { href: login, target: "_blank", textContent: words.logIn });
      box.append(" ", link);
    } else if (condition === "stale") {
      Object.assign(link, { type: "button", textContent: words.reload });
      link.addEventListener("click", () => window.location.reload());
      box.append(" ", link);
    } else if (condition === "back") {
      setTimeout(() => box.dataset.kind === "back" && (box.hidden = true), 3000);
    }
  };

  window.desk.Courier = Courier;
  window.desk.tellNetwork = tellNetwork;
  window.desk.newKey = newKey;
})();
