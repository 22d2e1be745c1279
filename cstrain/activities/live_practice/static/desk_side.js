// The side of a customer: fetched as HTML when it is first looked at and after every action;
// the actions on the order are small forms that open in place.
"use strict";

window.desk = window.desk || {};

(() => {
  const { make, newKey, put } = window.desk;

  class Side {
    /**
     * @param {object} words what the page says.
     * @param {string} url the address before a customer's id.
     * @param onAction called with (customer, action, params, key); gives {ok, error}.
     */
    constructor(words, url, onAction) {
      this.words = words;
      this.url = url;
      this.onAction = onAction;
      this.box = document.getElementById("desk-panels");
      this.panels = new Map();
      this.current = null;
      this.box.addEventListener("click", (event) => this.click(event.target.closest("button")));
      this.box.addEventListener("input", (event) => this.calm(event.target.closest("form")));
      this.box.addEventListener("submit", (event) => {
        event.preventDefault();
        this.submit(event.target);
      });
    }

    show(customer) {
      this.current = customer;
      for (const node of this.box.children) node.hidden = true;
      const panel = this.panels.get(customer);
      if (panel) panel.hidden = false;
      else this.load(customer);
    }

    /** To the first thing that can be done; whoever comes before it is there waits at its place. */
    enter(customer) {
      const panel = this.panels.get(customer);
      (panel?.querySelector("[data-open]") ?? panel?.querySelector("button") ?? panel)?.focus();
    }

    /** What the server shows is another thing now. */
    refresh(customer) {
      if (this.panels.has(customer)) this.load(customer);
    }

    /** Nothing can be done for somebody who has gone. */
    end(customer) {
      this.panels.get(customer)?.setAttribute("data-gone", "");
    }

    async load(customer) {
      let panel = this.panels.get(customer);
      if (!panel) {
        panel = make("div");
        panel.tabIndex = -1;
        panel.append(make("p", "desk-none", this.words.sideLoading));
        this.panels.set(customer, panel);
        this.box.append(panel);
      }
      panel.hidden = this.current !== customer;
      try {
        const answer = await fetch(`${this.url}${customer}`, { headers: { Accept: "text/html" } });
        if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
        const html = await answer.text(); // the server escapes what people wrote
        const held = panel.contains(document.activeElement) ? document.activeElement : null;
        const code = held?.dataset.open ?? held?.closest("form")?.dataset.action;
        const form = panel.querySelector("form:not([hidden], [data-busy])");
        const written = form && { fields: [...new FormData(form)], at: held?.name, ...form.dataset };
        panel.innerHTML = html;
        const opener = panel.querySelector(`[data-open=${code ?? written?.action}]`);
        if (opener && held) opener.focus();
        else if (held) this.enter(customer);
        if (written) this.reopen(panel, written);
      } catch {
        if (panel.querySelector(".panel")) return;
        const again = make("button", "button button-plain button-small", this.words.again);
        again.type = "button";
        again.dataset.again = customer;
        const isHeld = panel.contains(document.activeElement);
        panel.replaceChildren(make("p", "desk-none", this.words.sideFailed), again);
        if (isHeld) again.focus();
      }
      panel.removeAttribute("tabindex");
    }

    click(button) {
      if (!button) return;
      const { dataset } = button;
      const panel = button.closest(".panel");
      if (dataset.again) this.load(Number(dataset.again));
      else if (dataset.open) this.open(panel, button);
      else if (dataset.pick !== undefined) {
        const field = button.closest(".field").querySelector("textarea");
        field.value = dataset.pick;
        field.focus();
      } else if ("cancel" in dataset) this.close(button.closest("form"));
    }

    open(panel, button) {
      const why = panel.querySelector(".panel-why");
      why.hidden = true;
      if (button.getAttribute("aria-disabled")) {
        why.textContent = button.dataset.why;
        why.hidden = false;
        return;
      }
      const form = document.getElementById(button.getAttribute("aria-controls"));
      const wasOpen = !form.hidden;
      for (const each of panel.querySelectorAll("form")) this.close(each, false);
      if (wasOpen) return;
      form.hidden = false;
      button.setAttribute("aria-expanded", "true");
      form.scrollIntoView({ block: "nearest" });
      const first = form.querySelector("input, select, textarea") ?? form.querySelector("[data-do]");
      first.focus();
      first.select?.();
    }

    /** A fresh panel does not take away the form that somebody is filling in, nor what it has sent. */
    reopen(panel, { action, fields, at, wish, key }) {
      const opener = panel.querySelector(`[data-open=${action}]:not([aria-disabled])`);
      if (!opener) return;
      const before = document.activeElement;
      this.open(panel.querySelector(".panel"), opener);
      const form = document.getElementById(opener.getAttribute("aria-controls"));
      for (const [name, value] of fields) form.elements[name].value = value;
      if (key) Object.assign(form.dataset, { wish, key });
      if (before !== opener) before.focus();
      else if (at) form.elements[at].focus();
    }

    close(form, isFocused = true) {
      const opener = form.closest(".panel").querySelector(`[data-open=${form.dataset.action}]`);
      form.hidden = true;
      this.calm(form);
      opener.setAttribute("aria-expanded", "false");
      if (isFocused) opener.focus();
    }

    /** Whether a form is open; the innermost thing that Escape closes. */
    closeOpen() {
      const form = this.panels.get(this.current)?.querySelector("form:not([hidden])");
      if (!form?.contains(document.activeElement)) return false;
      this.close(form);
      return true;
    }

    /** Takes back the question and the complaint of a form. */
    calm(form) {
      if (!form) return;
      form.querySelector(".panel-wrong").hidden = true;
      form.querySelector(".panel-sure").hidden = true;
      delete form.dataset.asked;
      const button = form.querySelector("[data-do]");
      put(button.firstElementChild, button.dataset.label);
    }

    async submit(form) {
      if (form.dataset.busy) return;
      const wrong = form.querySelector(".panel-wrong");
      const button = form.querySelector("[data-do]");
      const missing = [...form.querySelectorAll("[required]")].find((field) => !field.value.trim());
      wrong.hidden = true;
      if (missing) {
        missing.focus();
        return;
      }
      const params = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
      if ("costs" in form.dataset && !form.dataset.asked) {
        const sure = form.querySelector(".panel-sure");
        const told = form.dataset.title + (params.amount ? ` ¥${params.amount}` : "");
        sure.textContent = `${told}。${this.words.money}`;
        sure.hidden = false;
        form.dataset.asked = "yes";
        put(button.firstElementChild, button.dataset.sure);
        button.focus();
        return;
      }
      // The same key until it is done, so that a second try after a lost answer does nothing twice.
      const wish = JSON.stringify(params);
      if (form.dataset.wish !== wish) Object.assign(form.dataset, { wish, key: newKey() });
      form.dataset.busy = "yes";
      const customer = Number(form.closest(".panel").dataset.customer);
      const { ok, error } = await this.onAction(customer, form.dataset.action, params, form.dataset.key);
      delete form.dataset.busy;
      if (ok) {
        // The line of the action brings a fresh panel.
        if (form.isConnected) this.close(form, form.contains(document.activeElement));
        return;
      }
      this.calm(form);
      wrong.textContent = error;
      wrong.hidden = false;
    }
  }

  window.desk.Side = Side;
})();
