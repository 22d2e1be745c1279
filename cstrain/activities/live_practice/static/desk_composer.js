// The box in which replies are written: input methods, drafts by customer, gaps, what may not be said.
"use strict";

window.desk = window.desk || {};

(() => {
  const { Draft, Quick, counted, make, put, icon } = window.desk;
  const NEAR_LIMIT = 60; // characters left from which they are told
  const MODIFIERS = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "Fn", "NumLock"]);

  class Composer {
    /**
     * @param {object} words what the page says.
     * @param {object} drafts by customer id, as an earlier load of the page kept them.
     * @param {object} told onSend(customer, draft, sure), onChange().
     */
    constructor(words, drafts, told) {
      this.words = words;
      this.told = told;
      this.field = document.getElementById("desk-field");
      this.notice = document.getElementById("desk-notice");
      this.length = document.getElementById("desk-length");
      this.drafts = new Map(Object.entries(drafts).map(([id, kept]) => [Number(id), new Draft(kept)]));
      this.refused = new Map(); // customer id → what was refused, and why
      this.customer = null;
      this.isComposing = false;
      this.quick = new Quick(this.field, words, (reply) => this.insert(reply));
      const { field } = this;
      field.addEventListener("keydown", (event) => this.key(event));
      field.addEventListener("keyup", () => (this.hasJustEnded = false));
      field.addEventListener("compositionstart", () => (this.isComposing = true));
      field.addEventListener("compositionend", (event) => this.endComposition(event));
      field.addEventListener("input", (event) => this.input(event));
      document.getElementById("desk-send").addEventListener("click", () => {
        this.send();
        field.focus();
      });
      document.getElementById("desk-quick-open").addEventListener("click", () => this.openQuick());
      this.notice.addEventListener("click", (event) => this.act(event.target.closest("button")));
    }

    draft(customer = this.customer) {
      if (!this.drafts.has(customer)) this.drafts.set(customer, new Draft());
      return this.drafts.get(customer);
    }

    /** Puts the draft of a customer into the box. */
    show(customer, nick) {
      if (this.customer === customer) return;
      this.customer = customer;
      this.quick.close();
      const draft = this.draft();
      draft.at = null;
      this.field.value = draft.text;
      this.field.setSelectionRange(draft.text.length, draft.text.length);
      put(document.getElementById("desk-field-label"), this.words.replyTo.replace("{nick}", nick));
      this.fit();
      this.tell();
    }

    // ---- Writing -------------------------------------------------------------------------------

    /** Keys belong to the input method while it composes; Safari ends a composition before its key. */
    isForInputMethod(event) {
      return this.isComposing || event.isComposing || event.keyCode === 229 || this.hasJustEnded;
    }

    key(event) {
      if (!MODIFIERS.has(event.key)) this.draft().touch(event.timeStamp);
      if (this.isForInputMethod(event)) return;
      if (this.quick.key(event)) {
        event.preventDefault();
        event.stopPropagation();
      } else if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
        event.preventDefault();
        if (!event.repeat) this.send();
      } else if (event.key === "Tab" && !event.ctrlKey && !event.altKey && this.toGap(event.shiftKey)) {
        event.preventDefault();
      }
    }

    endComposition(event) {
      this.isComposing = false;
      this.hasJustEnded = true;
      setTimeout(() => (this.hasJustEnded = false), 60);
      this.draft().touch(event.timeStamp);
      this.take("insertCompositionText");
    }

    input(event) {
      const { value } = this.field;
      this.draft().touch(event.timeStamp);
      if (event.isComposing || this.isComposing) {
        this.quick.follow(value); // pinyin letters find quick replies before they are characters
        return;
      }
      this.take(event.inputType);
    }

    /** The box holds another text now. */
    take(inputType) {
      const draft = this.draft();
      if (draft.text === this.field.value) return;
      draft.change(this.field.value, inputType);
      this.refused.delete(this.customer);
      this.quick.follow(draft.text);
      this.fit();
      this.tell();
      this.told.onChange();
    }

    /** Writes a text into the box as something that was not typed. */
    write(text, { quick = null, variables = [] } = {}) {
      const draft = this.draft();
      draft.change(text, "");
      draft.quick = quick ?? draft.quick;
      draft.variables = [...new Set([...draft.variables, ...variables])];
      this.field.value = text;
      this.field.focus();
      this.field.setSelectionRange(text.length, text.length);
      this.refused.delete(this.customer);
      this.quick.close();
      this.fit();
      this.tell();
      this.told.onChange();
    }

    /** Puts a quick reply in the place of what was written to find it. */
    insert({ code, text, variables }) {
      this.write(text, { quick: code, variables });
      this.field.setSelectionRange(0, 0);
      if (!this.toGap(false)) this.field.setSelectionRange(text.length, text.length);
    }

    /** Adds words after what is written. */
    append(text) {
      const before = this.draft().text.trimEnd();
      this.write(before ? `${before}\n${text}` : text);
    }

    openQuick() {
      const { text } = this.draft();
      if (!text) this.write("/");
      this.field.focus();
      this.quick.dismissed = "";
      this.quick.follow(text ? "/" : this.field.value);
    }

    // ---- Gaps ----------------------------------------------------------------------------------

    gaps() {
      const { text, variables } = this.draft();
      const found = [];
      for (const match of text.matchAll(/\{([^{}\n]{1,30})\}/g)) {
        if (variables.includes(match[1])) found.push([match.index, match.index + match[0].length, match[1]]);
      }
      return found;
    }

    /** Selects the next gap, or the one before; false when there is none. */
    toGap(isBack) {
      const gaps = this.gaps();
      if (!gaps.length) return false;
      const { selectionStart: from, selectionEnd: to } = this.field;
      const next = isBack
        ? (gaps.findLast(([, end]) => end <= from) ?? gaps.at(-1))
        : (gaps.find(([start]) => start >= to) ?? gaps[0]);
      this.field.setSelectionRange(next[0], next[1]);
      return true;
    }

    // ---- Sending -------------------------------------------------------------------------------

    send() {
      if (this.isComposing) return;
      const part = this.draft().trimmed();
      if (!part.text) return;
      const gaps = this.gaps();
      if (gaps.length) {
        const names = [...new Set(gaps.map(([, , name]) => name))].join("、");
        this.refused.set(this.customer, { error: this.words.gapsLeft.replace("{names}", names) });
        this.toGap(false);
        this.tell();
        return;
      }
      const before = this.refused.get(this.customer);
      if (before?.hits && before.text === part.text && !before.may_insist) {
        this.field.setSelectionRange(before.hits[0].start, before.hits[0].end);
        return;
      }
      const sure = Boolean(before?.may_insist && before.text === part.text);
      this.refused.delete(this.customer);
      this.draft().clear();
      this.field.value = "";
      this.quick.close();
      this.fit();
      this.tell();
      this.told.onSend(this.customer, part, sure);
    }

    /** A line was not taken: it comes back into the box, before what was written since. */
    bringBack(line, problem) {
      const draft = this.draft(line.customer);
      const rest = draft.text ? `\n${draft.text}` : "";
      const origin = line.origin + "o".repeat(rest ? 1 : 0) + draft.origin;
      Object.assign(draft, { text: line.text + rest, origin, ms: draft.ms + line.typed_ms, quick: draft.quick ?? line.quick });
      this.refused.set(line.customer, { ...problem, text: rest ? null : line.text });
      if (line.customer !== this.customer) return;
      this.field.value = draft.text;
      const hit = problem.hits?.[0];
      if (hit) this.field.setSelectionRange(hit.start, hit.end);
      this.fit();
      this.tell();
    }

    // ---- What is told at the box -----------------------------------------------------------------

    tell() {
      const why = this.refused.get(this.customer);
      this.notice.hidden = !why;
      this.notice.replaceChildren();
      if (!why) return;
      this.notice.append(icon("alert-triangle"));
      const lines = make("div", "desk-notice-words");
      if (!why.hits?.length) lines.append(make("p", "", why.error));
      for (const [place, hit] of (why.hits ?? []).entries()) {
        const line = make("p", "", this.words.forbidden.replace("{word}", hit.word));
        if (hit.instead && !hit.fits) {
          line.append(make("span", "", this.words.advice.replace("{text}", hit.instead)));
        } else if (hit.instead) {
          const button = make("button", "", this.words.instead.replace("{text}", hit.instead));
          button.type = "button";
          button.dataset.hit = place;
          line.append(" ", button);
        }
        lines.append(line);
      }
      if (why.hits?.length) {
        lines.append(make("p", "desk-notice-more", why.may_insist ? this.words.insist : this.words.blocked));
      }
      this.notice.append(lines);
    }

    /** Takes the better words of a notice. */
    act(button) {
      const why = this.refused.get(this.customer);
      if (!button || !why) return;
      const { start, end, instead } = why.hits[Number(button.dataset.hit)];
      const { text } = this.draft();
      this.write(text.slice(0, start) + instead + text.slice(end));
    }

    fit() {
      const { field } = this;
      const left = field.maxLength - field.value.length;
      this.length.hidden = left > NEAR_LIMIT;
      put(this.length, counted(this.words.length, left));
    }

    kept() {
      const filled = [...this.drafts].filter(([, draft]) => draft.text);
      return Object.fromEntries(filled.map(([id, draft]) => [id, draft.kept()]));
    }
  }

  window.desk.Composer = Composer;
})();
