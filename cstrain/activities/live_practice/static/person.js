// The customer's side of a chat that a trainer plays: the same chat and courier as the desk's.
"use strict";

(() => {
  const root = document.getElementById("play");
  if (!root) return;
  const { Chat, Courier, clock, put, tellNetwork, warmth } = window.desk;
  const part = (id) => document.getElementById(`play-${id}`);
  const words = JSON.parse(root.dataset.words);
  const urls = JSON.parse(root.dataset.urls);
  const token = document.querySelector("meta[name=csrf-token]").content;
  const store = `play:${root.dataset.attempt}`;
  const field = part("field");
  const trainee = { id: 0, nick: root.dataset.name };

  const kept = (() => {
    try {
      return JSON.parse(sessionStorage.getItem(store)) ?? {};
    } catch {
      return {};
    }
  })();
  const keep = () => {
    try {
      sessionStorage.setItem(store, JSON.stringify({ draft: field.value, outbox: courier.outbox }));
    } catch {
      // A full or forbidden storage only costs what a reload would bring back.
    }
  };

  // ---- What is so ------------------------------------------------------------------------------

  let state = null;
  let last = 0;
  let skew = 0; // time of the session less the time of this computer
  let spoke = null; // when the trainee spoke last, unanswered

  const take = (fresh) => {
    const isFirst = state === null;
    state = fresh;
    skew = state.now_ms - Date.now();
    trainee.id = state.customers[0].id;
    if (isFirst) chat.show(trainee);
    for (const line of state.lines) {
      if (line.id <= last) continue;
      last = line.id;
      const isMine = line.role === "buyer";
      const role = isMine ? "agent" : line.role === "agent" ? "buyer" : line.role;
      chat.add(trainee, { ...line, role, mark: null });
      if (line.kind !== "action") spoke = isMine ? null : (spoke ?? line.at_ms);
      if (!isMine && !isFirst && line.text) {
        put(document.getElementById("desk-said"), words.wrote.replace("{nick}", trainee.nick).replace("{text}", line.text));
      }
    }
    show();
  };

  const show = () => {
    const isOpen = state.has_entered && !state.is_over;
    put(part("doing"), state.is_over ? words.over : state.has_entered ? root.dataset.here : root.dataset.waits);
    part("doing").classList.toggle("is-waiting", !state.has_entered);
    part("send").disabled = !isOpen;
    chat.pending(trainee, courier.outbox, courier.isAway);
    tick();
  };

  const tick = () => {
    const seconds = spoke === null || state.is_over ? null : Math.max(Math.floor((Date.now() + skew - spoke) / 1000), 0);
    part("wait").hidden = seconds === null;
    if (seconds === null) return;
    put(part("wait"), words.waiting.replace("{n}", clock(seconds)));
    part("wait").dataset.warm = warmth(seconds);
  };

  // ---- What the trainer does -------------------------------------------------------------------

  const send = (text, picture = "") => {
    if (part("send").disabled || (!text && !picture)) return;
    part("notice").hidden = true;
    const mood = root.querySelector("input[name=mood]:checked")?.value ?? "";
    courier.send({ kind: "line", text, picture, mood });
  };

  const sendDraft = () => {
    const text = field.value.trim();
    if (!text || part("send").disabled) return;
    field.value = "";
    send(text);
    keep();
    field.focus();
  };

  const refused = (line, { said }) => {
    if (!field.value) field.value = line.text;
    part("notice").hidden = false;
    put(part("notice"), said.error || words.refused);
    keep();
  };

  const pane = (name) => {
    root.dataset.pane = name;
    for (const tab of root.querySelectorAll("[data-to]")) {
      if (tab.dataset.to === name) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    }
    if (name === "chat") chat.toEnd();
  };

  const chat = new Chat(words, urls.pictures, () => courier.hurry());
  const courier = new Courier(urls, token, kept.outbox ?? [], {
    onState: take,
    onRefused: refused,
    onNetwork: (condition) => tellNetwork(document.getElementById("desk-network"), words, root.dataset.login, condition),
    onChange: () => {
      keep();
      if (state) show();
    },
  });

  field.value = kept.draft ?? "";
  field.addEventListener("keydown", (event) => {
    const isComposing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || isComposing) return;
    event.preventDefault();
    sendDraft();
  });
  field.addEventListener("input", keep);
  part("send").addEventListener("click", sendDraft);
  for (const button of root.querySelectorAll("[data-picture][data-text]")) {
    button.addEventListener("click", () => {
      pane("chat");
      const { text, picture } = button.dataset;
      if (picture) {
        send(text, picture);
        return;
      }
      field.value = field.value.trim() ? `${field.value.trim()}\n${text}` : text;
      keep();
      field.focus();
    });
  }
  for (const tab of root.querySelectorAll("[data-to]")) tab.addEventListener("click", () => pane(tab.dataset.to));
  window.addEventListener("focus", () => courier.ask("news"));
  window.addEventListener("pagehide", keep);
  window.addEventListener("pageshow", (event) => event.persisted && courier.ask("news"));

  courier.take(JSON.parse(root.dataset.state));
  if (courier.outbox.length) courier.hurry();
  setInterval(tick, 1000);
})();
