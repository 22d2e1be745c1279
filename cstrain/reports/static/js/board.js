// The board's cells: arrow keys go from one to the next, and a tip tells what a cell holds.
// Without this script every cell is a tab stop, and its name tells the same.

const body = document.querySelector("[data-cells]");
if (body) {
  const rows = [...body.rows].map((row) => [...row.querySelectorAll(".cell")]).filter((row) => row.length);
  for (const cell of rows.flat()) cell.tabIndex = -1;
  for (const row of rows) row[0].tabIndex = 0;

  const place = (cell) => {
    const y = rows.findIndex((row) => row.includes(cell));
    return [y, y < 0 ? -1 : rows[y].indexOf(cell)];
  };
  body.addEventListener("keydown", (event) => {
    const [y, x] = place(event.target);
    const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
    if (y < 0 || !step || event.ctrlKey || event.altKey || event.metaKey) return;
    const row = rows[y + step[0]];
    const next = row && row[Math.min(x + step[1], step[0] ? row.length - 1 : Infinity)];
    if (!next) return;
    event.preventDefault();
    for (const other of row) other.tabIndex = other === next ? 0 : -1;
    next.focus();
  });

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true"); // the cell's own name says the same
  document.body.append(tip);
  let closing = 0;
  const show = (cell) => {
    clearTimeout(closing);
    tip.textContent = cell.getAttribute("aria-label");
    tip.hidden = false;
    const at = cell.getBoundingClientRect();
    const left = Math.min(at.left, window.innerWidth - tip.offsetWidth - 8);
    const below = at.bottom + 6;
    const fits = below + tip.offsetHeight < window.innerHeight;
    tip.style.left = `${Math.max(left, 8)}px`;
    tip.style.top = `${fits ? below : at.top - tip.offsetHeight - 6}px`;
  };
  const hide = () => {
    closing = setTimeout(() => (tip.hidden = true), 120);
  };
  body.addEventListener("focusin", (event) => event.target.matches(".cell") && show(event.target));
  body.addEventListener("focusout", hide);
  body.addEventListener("mouseover", (event) => {
    const cell = event.target.closest(".cell");
    if (cell) show(cell);
  });
  body.addEventListener("mouseout", hide);
  tip.addEventListener("mouseenter", () => clearTimeout(closing));
  tip.addEventListener("mouseleave", hide);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") tip.hidden = true;
  });
  document.addEventListener("scroll", () => (tip.hidden = true), { capture: true, passive: true });
}
