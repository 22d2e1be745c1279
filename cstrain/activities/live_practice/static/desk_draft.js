// A reply being written: its text, and for each character how it came there, so that what is
// counted as typed was typed and still stands in the line that is sent.
"use strict";

window.desk = window.desk || {};

(() => {
  const TYPED = "t";
  const PASTED = "p";
  const OTHER = "o"; // put in by a quick reply, an undo, a correction
  const LONGEST_PAUSE_MS = 5000; // a longer one is thinking, not typing
  const KINDS = {
    insertText: TYPED,
    insertCompositionText: TYPED,
    insertFromComposition: TYPED,
    insertLineBreak: TYPED,
    insertParagraph: TYPED,
    insertFromPaste: PASTED,
    insertFromPasteAsQuotation: PASTED,
    insertFromDrop: PASTED,
    insertFromYank: PASTED,
  };

  /** Where two texts differ: [start, how much goes, what comes]. */
  const difference = (before, after) => {
    const shorter = Math.min(before.length, after.length);
    let start = 0;
    while (start < shorter && before[start] === after[start]) start += 1;
    let tail = 0;
    while (tail < shorter - start && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
    return [start, before.length - tail - start, after.slice(start, after.length - tail)];
  };

  class Draft {
    constructor(kept = {}) {
      this.text = kept.text ?? "";
      this.origin = kept.origin ?? "";
      this.ms = kept.ms ?? 0;
      this.quick = kept.quick ?? null;
      this.variables = kept.variables ?? [];
      this.at = null;
    }

    /** A key was pressed: the pause since the one before is typing time. */
    touch(stamp) {
      if (this.at !== null) this.ms += Math.min(Math.max(stamp - this.at, 0), LONGEST_PAUSE_MS);
      this.at = stamp;
    }

    /** The text has become another one, by an input event of this type. */
    change(text, inputType) {
      const [start, gone, come] = difference(this.text, text);
      const kind = KINDS[inputType] ?? OTHER;
      this.origin = this.origin.slice(0, start) + kind.repeat(come.length) + this.origin.slice(start + gone);
      this.text = text;
      if (!text) this.clear();
    }

    /** How many characters came so; code points, as people count them. */
    count(kind) {
      const at = (place) => this.origin[place] === kind;
      let place = 0;
      let count = 0;
      for (const char of this.text) {
        if (at(place)) count += 1;
        place += char.length;
      }
      return count;
    }

    /** The part that is sent: without space at both ends. */
    trimmed() {
      const from = this.text.length - this.text.trimStart().length;
      const text = this.text.trim();
      const part = new Draft({ ...this.kept(), text, origin: this.origin.slice(from, from + text.length) });
      return part;
    }

    figures() {
      return { typed_chars: this.count(TYPED), pasted_chars: this.count(PASTED), typed_ms: Math.round(this.ms) };
    }

    clear() {
      Object.assign(this, { text: "", origin: "", ms: 0, quick: null, variables: [], at: null });
    }

    kept() {
      const { text, origin, ms, quick, variables } = this;
      return { text, origin, ms, quick, variables };
    }
  }

  window.desk.Draft = Draft;
})();
