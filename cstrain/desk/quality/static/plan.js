// What a sample buys follows the numbers as they are typed; nothing is put in force by that.
(() => {
  const form = document.querySelector(".plan");
  const shown = document.getElementById("buys");
  if (!form || !shown) return;
  const NAMES = ["per_agent", "every_days", "design", "size", "one_in", "limit", "level"];
  let timer = 0;
  let latest = 0;
  const ask = async () => {
    const turn = (latest += 1);
    const url = new URL(form.dataset.asks, location.href);
    for (const name of NAMES) url.searchParams.set(name, form.elements[name].value);
    try {
      const answer = await fetch(url);
      if (!answer.ok || turn !== latest) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.getElementById("buys");
      if (found && turn === latest) shown.replaceChildren(...found.childNodes);
    } catch {
      // Without the server the page shows what it showed.
    }
  };
  form.addEventListener("input", (event) => {
    if (!NAMES.includes(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(ask, 300);
  });
})();
