// The reception desk: puts the list, the chats, the box, the side and the courier together.
"use strict";

(() => {
  const root = document.getElementById("desk");
  if (!root) return;
  const { Chat, Composer, Courier, List, Side, Products, clock, counted, put, tellNetwork } = window.desk;
  const part = (id) => document.getElementById(`desk-${id}`);
  const words = JSON.parse(root.dataset.words);
  const urls = JSON.parse(root.dataset.urls);
  const token = document.querySelector("meta[name=csrf-token]").content;
  const store = `desk:${root.dataset.attempt}`;
  const field = part("field");
  const say = (text) => {
    part("said").textContent = text;
  };

  const kept = (() => {
    try {
      return JSON.parse(sessionStorage.getItem(store)) ?? {};
    } catch {
      return {};
    }
  })();
  let isEnding = false; // what is kept for a reload is of no more use
  const keep = () => {
    if (isEnding) return;
    try {
      const mine = { drafts: composer.kept(), outbox: courier.outbox, current, seen: Object.fromEntries(seen) };
      sessionStorage.setItem(store, JSON.stringify(mine));
    } catch {
      // A full or forbidden storage only costs what a reload would bring back.
    }
  };

  // ---- What is so ------------------------------------------------------------------------------

  const customers = new Map(); // id → what the server says, with `lines`
  const seen = new Map(Object.entries(kept.seen ?? {}).map(([id, line]) => [Number(id), line]));
  let current = null;
  let state = null;
  let skew = 0; // time of the session less the time of this computer
  let endsAt = null; // by this computer's clock
  const told = new Set();

  const all = () => [...customers.values()];
  const open = () => all().filter((each) => !each.is_gone);
  const sessionNow = () => (state.is_paused ? state.now_ms : Date.now() + skew);
  const waitMs = (each) =>
    each.is_gone || each.waiting_since_ms === null ? null : Math.max(sessionNow() - each.waiting_since_ms, 0);
  const isLooking = () => !document.hidden && (root.dataset.pane === "chat" || isWide());
  const isWide = () => window.matchMedia("(min-width: 60.01rem)").matches;

  const take = (fresh) => {
    const isFirst = state === null;
    state = fresh;
    skew = state.now_ms - Date.now();
    endsAt = state.left_ms === null ? null : Date.now() + state.left_ms;
    for (const each of state.customers) {
      const before = customers.get(each.id);
      clearTimeout(before?.typingTimer);
      const customer = { ...each, lines: before?.lines ?? [] };
      customers.set(each.id, customer);
      if (each.typing_in_ms > 0 && !state.is_paused) {
        customer.typingTimer = setTimeout(() => {
          customer.typing = true;
          show();
        }, each.typing_in_ms);
      }
      if (!before && !isFirst) say(words.arrived.replace("{nick}", each.nick));
      if (before && !before.is_gone && each.is_gone) say(words.left.replace("{nick}", each.nick));
    }
    for (const line of state.lines) {
      const customer = customers.get(line.customer);
      if (!customer || line.id <= (customer.lines.at(-1)?.id ?? 0)) continue;
      customer.lines.push(line);
      chat.add(customer, line);
      if (isFirst) continue;
      if (line.kind === "action") side.refresh(line.customer);
      if (line.role === "buyer" && line.customer !== current) {
        say(words.wrote.replace("{nick}", customer.nick).replace("{text}", line.text || words.card));
      }
    }
    show();
    const wanted = isFirst ? customers.get(kept.current) : null;
    if (wanted) pick(wanted.id, { isQuiet: true });
    else if (current === null && open().length) pick(open()[0].id, { isQuiet: true });
    else if (isFirst && state.is_over) {
      pane("chat");
      part("empty-result").focus();
    }
  };

  // ---- What is shown ---------------------------------------------------------------------------

  const lastWords = (customer) => {
    const draft = composer.drafts.get(customer.id)?.text;
    if (draft && customer.id !== current && !customer.is_gone) return [`[${words.draft}] ${draft}`, true];
    // What the shop says by itself tells nothing about the customer.
    const line = customer.lines.findLast((each) => !["auto", "system"].includes(each.role));
    if (customer.is_gone && customer.outcome) return [customer.outcome, false];
    if (!line) return ["", false];
    if (line.kind === "card") return [`[${words.card}] ${line.text}`, false];
    return [line.text || words.picture.replace("{name}", line.picture), false];
  };

  const unread = (customer) => {
    const answered = customer.lines.findLast((line) => line.role === "agent")?.id ?? 0;
    const from = Math.max(seen.get(customer.id) ?? 0, answered);
    return customer.lines.filter((line) => line.role === "buyer" && line.id > from).length;
  };

  const markSeen = () => {
    const customer = customers.get(current);
    if (customer && isLooking()) seen.set(current, customer.lines.at(-1)?.id ?? 0);
  };

  const show = () => {
    markSeen();
    const rows = all().map((each) => {
      const [last, isDraft] = lastWords(each);
      return { ...each, last, isDraft, isNote: each.is_gone && Boolean(each.outcome), unread: each.is_gone ? 0 : unread(each) };
    });
    list.show(rows, current);
    for (const each of all()) {
      chat.typing(each, each.typing && !each.is_gone);
      chat.pending(each, courier.outbox.filter((line) => line.customer === each.id), courier.isAway);
    }
    const unreadCount = rows.filter((each) => each.unread).length;
    part("tab-count").hidden = !unreadCount;
    put(part("tab-count"), String(unreadCount));
    put(part("count"), counted(words.count, state.total).replace("{come}", state.arrived));
    showEmpty();
    showPause();
    showCurrent();
    tick();
  };

  /** Where nobody is looked at: who comes next, or that all have been served. */
  const showEmpty = () => {
    part("empty").hidden = customers.has(current);
    if (state.is_over) put(part("empty-title"), state.left_ms === 0 ? words.timeUp : words.over);
    else if (customers.size) put(part("empty-title"), words.nextSoon);
    part("empty-keys").hidden = state.is_over;
    part("empty-result").hidden = !state.is_over;
  };

  const showCurrent = () => {
    const customer = customers.get(current);
    const isHere = Boolean(customer) && !customer.is_gone && !state.is_over;
    const isLost = !isHere && document.activeElement === field;
    part("who").hidden = !customer;
    part("compose").hidden = !isHere;
    part("gone-bar").hidden = !customer || isHere;
    if (!customer) return;
    put(part("nick"), customer.nick);
    put(part("kind"), customer.is_returning ? words.oldCustomer : words.newCustomer);
    put(part("doing"), customer.typing && isHere ? words.typing : "");
    part("doing").classList.toggle("is-typing", customer.typing && isHere);
    if (!isHere) {
      const ended = customer.is_gone && customer.outcome ? words.ended.replace("{outcome}", customer.outcome) : "";
      const why = customer.is_gone ? words.goneNow : state.left_ms === 0 ? words.timeUp : words.over;
      put(part("gone-text"), `${why} ${ended}`.trim());
      part("result").hidden = !state.is_over;
      side.end(current);
      if (isLost) chat.logs.get(current).node.focus();
    }
    showHint(isHere ? customer.hint : null);
  };

  const shownHow = new Map(); // customer id → the second step of a hint that was asked for
  const showHint = (hint) => {
    if (!part("hint")) return;
    part("hint").hidden = !hint;
    const isShown = Boolean(hint?.how) && (!hint.wants || shownHow.get(current) === hint.how);
    put(part("hint-wants"), hint?.wants ?? "");
    put(part("hint-how"), isShown ? hint.how : "");
    part("how").hidden = isShown || !hint?.how;
  };

  const hintMore = () => {
    const hint = customers.get(current)?.hint;
    if (!part("hint") || part("hint").hidden || !hint) return;
    if (part("hint").open && hint.how) {
      shownHow.set(current, hint.how);
      showHint(hint);
      say(hint.how);
      if (document.activeElement === document.body) toField();
    } else {
      part("hint").open = true;
      say(hint.wants || hint.how);
    }
    chat.toEnd();
  };

  let pauseFocus = null;
  const showPause = () => {
    const box = part("paused");
    if (box.hidden === !state.is_paused) return;
    box.hidden = !state.is_paused;
    part("columns").inert = state.is_paused;
    root.querySelector(".desk-tabs").inert = state.is_paused;
    if (part("pause")) part("pause").disabled = state.is_paused;
    if (state.is_paused) {
      pauseFocus = document.activeElement;
      part("resume").focus();
    } else {
      (pauseFocus?.isConnected && pauseFocus !== part("pause") ? pauseFocus : field).focus();
    }
  };

  const tick = () => {
    if (!state) return;
    let waiting = 0;
    for (const each of all()) {
      const ms = waitMs(each);
      const seconds = ms === null ? null : Math.floor(ms / 1000);
      if (ms !== null) waiting += 1;
      list.wait(each.id, seconds, each.is_gone);
      if (each.id !== current) continue;
      const box = part("who-wait");
      box.hidden = seconds === null;
      if (seconds === null) continue;
      put(box, words.waiting.replace("{n}", clock(seconds)));
      box.dataset.warm = window.desk.warmth(seconds);
    }
    const title = `${waiting ? `(${waiting}) ` : ""}${words.pageTitle} · cstrain`;
    if (document.title !== title) document.title = title;
    showTimer();
  };

  const showTimer = () => {
    part("timer").hidden = endsAt === null;
    if (endsAt === null) return;
    const left = state.is_paused ? state.left_ms : Math.max(endsAt - Date.now(), 0);
    put(part("clock"), clock(Math.ceil(left / 1000)));
    part("timer").classList.toggle("is-short", left < 300000);
    for (const minutes of [5, 1]) {
      if (left > minutes * 60000 || told.has(minutes)) continue;
      told.add(minutes);
      if (left > (minutes - 1) * 60000) say(words.timeLeft.replace("{n}", minutes));
    }
    if (left > 0 || told.has("end")) return;
    if (!told.has("asked")) {
      told.add("asked");
      courier.ask("news");
    } else if (!courier.isAway && !courier.isBusy) {
      told.add("end");
      finish();
    }
  };

  const finish = () => part("finish-form").requestSubmit();

  // ---- What people do --------------------------------------------------------------------------

  const pane = (name) => {
    root.dataset.pane = name;
    for (const tab of root.querySelectorAll("[data-to]")) {
      if (tab.dataset.to === name) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    }
    if (name === "chat") chat.toEnd();
    if (state) show();
  };

  const pick = (id, { isQuiet = false } = {}) => {
    const customer = customers.get(id);
    if (!customer) return;
    current = id;
    chat.show(customer);
    composer.show(id, customer.nick);
    side.show(id);
    show();
    keep();
    if (!isQuiet) pane("chat");
    const isIdle = document.activeElement === document.body || document.activeElement === part("nick");
    if (!isQuiet || (isIdle && isWide())) toField();
  };

  const toField = () => {
    if (!part("compose").hidden) field.focus();
    else chat.logs.get(current)?.node.focus();
  };

  const next = (step) => {
    const ids = open().map((each) => each.id);
    if (!ids.length) return;
    const place = ids.indexOf(current);
    pick(ids[(place < 0 ? (step > 0 ? 0 : ids.length - 1) : place + step + ids.length) % ids.length]);
  };

  const longest = () => {
    const waiting = open().filter((each) => each.waiting_since_ms !== null);
    waiting.sort((a, b) => a.waiting_since_ms - b.waiting_since_ms);
    if (waiting.length) pick(waiting[0].id);
  };

  const send = (customer, draft, sure) => {
    const { text, quick, origin } = draft;
    courier.send({ customer, kind: "line", text, quick, origin, ...draft.figures(), ...(sure ? { sure } : {}) });
  };

  const noFigures = { typed_chars: 0, typed_ms: 0, pasted_chars: 0 };
  const sendCard = ({ number, name }) => {
    if (current === null || customers.get(current).is_gone) return;
    courier.send({ customer: current, kind: "card", card: number, text: name, quick: null, origin: "", ...noFigures });
  };

  const act = async (customer, action, params, key) => {
    const body = { customer, key, kind: "action", action, params, text: "", quick: null, ...noFigures };
    const { ok, status, said } = await courier.wish(body);
    return { ok, error: said.error || (status ? words.refused : words.actionOffline) };
  };

  const refused = (line, { said }) => {
    const problem = { ...said, error: said.error || words.refused };
    if (line.kind === "line") composer.bringBack(line, problem);
    else window.cstrain.say(problem.error);
    keep();
  };

  const list = new List(words, (id) => pick(id));
  const chat = new Chat(words, urls.pictures, () => courier.hurry());
  const side = new Side(words, urls.customer, act);
  const composer = new Composer(words, kept.drafts ?? {}, { onSend: send, onChange: keep });
  const courier = new Courier(urls, token, kept.outbox ?? [], {
    onState: take,
    onRefused: refused,
    onNetwork: (condition) => tellNetwork(part("network"), words, root.dataset.login, condition),
    onChange: () => {
      keep();
      if (state) show();
    },
  });
  const products = new Products({ onCard: sendCard, onWords: (text) => composer.append(text), onClose: toField });

  // ---- Keys ------------------------------------------------------------------------------------

  const canLookUp = () => !part("compose").hidden && !state.is_paused;
  const isTyping = (event) => event.target.matches("input, textarea, select");

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || document.querySelector("dialog[open]") || state.is_paused) return;
    const { key, code, ctrlKey, altKey, metaKey, shiftKey } = event;
    let isOurs = true;
    if (ctrlKey && !altKey && (key === "ArrowDown" || key === "ArrowUp")) next(key === "ArrowDown" ? 1 : -1);
    else if (altKey && !ctrlKey && !shiftKey && /^Digit[1-9]$/.test(code)) pick(all().find((each) => each.number === Number(code.at(-1)))?.id);
    else if (altKey && !ctrlKey && !shiftKey && code === "Digit0") longest();
    else if (altKey && !ctrlKey && !shiftKey && code === "KeyO") toSide();
    else if (altKey && !ctrlKey && !shiftKey && code === "KeyH") hintMore();
    else if (key === "F2" || ((ctrlKey || metaKey) && !altKey && key.toLowerCase() === "k")) {
      if (canLookUp()) products.open();
    } else if (key === "F1" || (key === "?" && !isTyping(event))) part("keys").showModal();
    else if (key === "Escape") {
      if (!side.closeOpen()) back();
    } else isOurs = false;
    if (isOurs) event.preventDefault();
  });

  const toSide = () => {
    if (current === null) return;
    pane("side");
    side.enter(current);
  };

  const back = () => {
    if (current === null) return;
    if (root.dataset.pane !== "chat") pane("chat");
    toField();
  };

  for (const tab of root.querySelectorAll("[data-to]")) tab.addEventListener("click", () => pane(tab.dataset.to));
  part("result").addEventListener("click", finish);
  part("empty-result").addEventListener("click", finish);
  part("how")?.addEventListener("click", () => {
    hintMore();
    toField();
  });
  part("finish-form").addEventListener("submit", () => {
    isEnding = true;
    try {
      sessionStorage.removeItem(store);
    } catch {
      // Nothing was kept.
    }
  });
  part("products-open").addEventListener("click", () => products.open());
  part("pause")?.addEventListener("click", () => courier.ask("pause"));
  part("resume").addEventListener("click", () => courier.ask("resume"));
  part("ask")?.addEventListener("click", async ({ currentTarget: button }) => {
    if (current === null || button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    const { ok, said } = await courier.post(urls.hint, { customer: current });
    button.ariaBusy = "false";
    if (ok && said.is_model) courier.ask("news");
    else window.cstrain.say(said.error || words.noModel);
  });
  part("hint")?.addEventListener("toggle", () => {
    try {
      localStorage.setItem("desk-hint", part("hint").open ? "1" : "0");
    } catch {
      // Then it opens again the next time.
    }
    chat.toEnd();
  });
  if (part("hint")) {
    try {
      part("hint").open = localStorage.getItem("desk-hint") !== "0";
    } catch {
      part("hint").open = true;
    }
  }

  root.ownerDocument.querySelector("[data-dialog=desk-finish]").addEventListener("click", () => {
    const here = open().length;
    const unsent = courier.outbox.length;
    const lines = [here ? counted(words.stillOpen, here) : words.nobodyOpen];
    if (unsent) lines.push(counted(words.unsentLeft, unsent));
    put(part("finish-text"), lines.join(""));
  });

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) keep();
    else courier.ask("news");
  });
  window.addEventListener("focus", () => courier.ask("news"));
  window.addEventListener("pagehide", keep);
  window.addEventListener("pageshow", (event) => event.persisted && courier.ask("news"));

  courier.take(JSON.parse(root.dataset.state));
  if (courier.outbox.length) courier.hurry();
  setInterval(tick, 1000);
})();
