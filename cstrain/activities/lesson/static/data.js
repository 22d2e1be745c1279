// Tables of figures in a lesson: sort by a heading, sums in a foot, a column by a formula.
"use strict";

(() => {
  const tools = document.getElementById("data-tools");
  if (!tools) return;
  const words = tools.dataset;
  const number = new Intl.NumberFormat("zh-CN", { maximumFractionDigits: 2 });
  const share = new Intl.NumberFormat("zh-CN", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const signs = {
    "÷": (a, b) => (b === 0 ? null : a / b),
    "×": (a, b) => a * b,
    "+": (a, b) => a + b,
    "−": (a, b) => a - b,
  };
  const isKnown = (value) => value !== null && value !== undefined;
  const sum = (values) => values.filter(isKnown).reduce((total, value) => total + value, 0);
  const made = (name, text, className) => {
    const element = document.createElement(name);
    if (text) element.textContent = text;
    if (className) element.className = className;
    return element;
  };

  const equip = (table) => {
    const headRow = table.tHead.rows[0];
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const shown = (column, value) => {
      if (!isKnown(value)) return "—";
      return column.isShare ? `${share.format(value * 100)} %` : number.format(value);
    };
    const read = (cell, place) => ({
      name: cell.textContent,
      isNumber: cell.classList.contains("is-number"),
      values: rows.map((row) => {
        const { value } = row.cells[place].dataset;
        return value === undefined ? null : Number(value);
      }),
    });
    const columns = [...headRow.cells].map(read);
    const written = columns.length;
    const total = (column) => (column.total ? column.total() : sum(column.values));

    // ---- Sorting -------------------------------------------------------------------------------

    const sort = (place, direction) => {
      [...headRow.cells].forEach((cell, at) => {
        if (direction && at === place) cell.setAttribute("aria-sort", direction);
        else cell.removeAttribute("aria-sort");
      });
      const column = columns[place];
      const turn = direction === "descending" ? -1 : 1;
      const order = rows.map((row, at) => at);
      if (direction) {
        order.sort((a, b) => {
          if (!column.isNumber) {
            const one = rows[a].cells[place].textContent;
            return turn * one.localeCompare(rows[b].cells[place].textContent, "zh-CN", { numeric: true });
          }
          const [one, other] = [column.values[a], column.values[b]];
          if (!isKnown(one) || !isKnown(other)) return Number(isKnown(other)) - Number(isKnown(one));
          return turn * (one - other);
        });
      }
      body.append(...order.map((at) => rows[at]));
    };
    const next = { ascending: "descending", descending: "" };
    const head = (cell) => {
      const button = made("button", cell.textContent, "data-sort");
      button.type = "button";
      button.addEventListener("click", () => {
        const now = cell.getAttribute("aria-sort");
        sort(cell.cellIndex, now ? next[now] : "ascending");
      });
      cell.replaceChildren(button);
    };
    [...headRow.cells].forEach(head);
    if (!columns.some((column) => column.isNumber)) return;

    // ---- Sums ----------------------------------------------------------------------------------

    const box = tools.content.firstElementChild.cloneNode(true);
    const find = (name) => box.querySelector(`[data-${name}]`);
    const figures = [
      [words.sum, total],
      [words.mean, (column) => sum(column.values) / column.values.filter(isKnown).length],
      [words.most, (column) => Math.max(...column.values.filter(isKnown))],
      [words.least, (column) => Math.min(...column.values.filter(isKnown))],
    ];
    const foot = () => {
      table.tFoot?.remove();
      if (!find("sums").checked) return;
      const section = table.createTFoot();
      for (const [name, figure] of figures) {
        const row = section.insertRow();
        const label = made("th", name);
        label.scope = "row";
        row.append(label);
        for (const column of columns.slice(1)) {
          const isEmpty = !column.isNumber || !column.values.some(isKnown);
          const text = isEmpty ? "" : shown(column, figure(column));
          row.append(made("td", text, column.isNumber ? "is-number" : ""));
        }
      }
    };
    find("sums").addEventListener("change", foot);

    // ---- A column by a formula -----------------------------------------------------------------

    const choose = () => {
      const [first, second] = [find("first"), find("second")];
      const kept = [first.value, second.value];
      const options = (prefix, name) =>
        columns.flatMap((column, at) => (column.isNumber ? [new Option(name(column), prefix + at)] : []));
      const totals = made("optgroup");
      totals.label = words.sum;
      totals.append(...options("t", (column) => words.sumOf.replace("%s", column.name)));
      first.replaceChildren(...options("c", (column) => column.name));
      second.replaceChildren(...options("c", (column) => column.name), totals);
      if (kept[0]) [first.value, second.value] = kept;
      else [first.selectedIndex, second.selectedIndex] = [Math.min(1, first.length - 1), 0];
    };
    const add = () => {
      const sign = find("sign").value;
      const reckon = signs[sign];
      const one = columns[Number(find("first").value.slice(1))];
      const isTotal = find("second").value[0] === "t";
      const other = columns[Number(find("second").value.slice(1))];
      const whole = total(other);
      const name = `${one.name} ${sign} ${isTotal ? words.sumOf.replace("%s", other.name) : other.name}`;
      const isShare = find("percent").checked;
      if (columns.some((column) => column.name === name && Boolean(column.isShare) === isShare)) return;
      const values = one.values.map((value, at) => {
        const by = isTotal ? whole : other.values[at];
        return isKnown(value) && isKnown(by) ? reckon(value, by) : null;
      });
      // A ratio of all is the ratio of the sums, never the sum of ratios.
      const ofAll = sign === "÷" && !isTotal ? () => reckon(total(one), whole) : undefined;
      const column = { name, isNumber: true, isShare, values, total: ofAll };
      columns.push(column);
      const cell = made("th", name, "is-number");
      cell.scope = "col";
      headRow.append(cell);
      head(cell);
      rows.forEach((row, at) => row.append(made("td", shown(column, values[at]), "is-number")));
      choose();
      foot();
      const around = table.parentElement;
      around.scrollLeft = around.scrollWidth;
      window.cstrain.say(words.added.replace("%s", name));
    };
    const reset = () => {
      columns.length = written;
      for (const row of [headRow, ...rows]) {
        while (row.cells.length > written) row.lastElementChild.remove();
      }
      sort(0, "");
      find("sums").checked = false;
      find("percent").checked = false;
      find("sign").selectedIndex = 0;
      find("first").value = "";
      choose();
      foot();
      window.cstrain.say(words.reset);
    };
    find("add").addEventListener("click", add);
    find("reset").addEventListener("click", reset);
    choose();
    table.parentElement.after(box);
  };

  const look = () => {
    for (const table of document.querySelectorAll(".data-table:not([data-equipped])")) {
      if (table.closest("fieldset:disabled")) continue; // answered: nothing in it can be pressed
      table.dataset.equipped = "yes";
      equip(table);
    }
  };
  look();
  document.addEventListener("lesson:shown", look); // a question comes anew with its answer
})();
