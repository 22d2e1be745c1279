// The courier of sessions in which a person plays the customer: while such a session is open, both
// sides ask every 1.5 s whether there is news, with the tag of what they have; mostly the answer is
// 304 and has no body. Everything else is the desk's courier.
"use strict";

(() => {
  const POLL_MS = 1500;
  const LIMIT_MS = 12000;
  const { Courier } = window.desk;

  class PollingCourier extends Courier {
    tag = "";

    async get(url) {
      const stop = new AbortController();
      const limit = setTimeout(() => stop.abort(), LIMIT_MS);
      const headers = { Accept: "application/json", ...(this.tag ? { "If-None-Match": this.tag } : {}) };
      try {
        const answer = await fetch(url, { headers, signal: stop.signal, cache: "no-store" });
        const said = answer.status === 200 ? await answer.json().catch(() => null) : {};
        const status = said === null ? 0 : answer.status; // a torn answer is none
        return { status, ok: status === 200, said, tag: answer.headers.get("ETag") ?? "" };
      } catch {
        return { status: 0, ok: false, said: {}, tag: "" };
      } finally {
        clearTimeout(limit);
      }
    }

    async fetch() {
      if (this.wants !== "news") return super.fetch();
      const answer = await this.get(`${this.urls.poll}?after=${this.after}`);
      if (!this.isAnswered(answer)) return false;
      this.wants = null;
      if (answer.ok) {
        this.take(answer.said);
        this.tag = answer.tag;
      } else if (answer.status === 409) this.end();
      else this.again();
      return true;
    }

    take(state) {
      super.take(state);
      this.again();
    }

    again() {
      clearTimeout(this.next);
      if (!this.isOver) this.next = setTimeout(() => this.ask("news"), POLL_MS);
    }
  }

  window.desk.Courier = PollingCourier;
})();
