"use strict";
(() => {
  // A frame that does not scroll is no stop on the keyboard's way.
  const frames = document.querySelectorAll(".scroll");
  const stops = () => {
    for (const frame of frames) {
      if (frame.scrollWidth > frame.clientWidth + 1 || frame.scrollHeight > frame.clientHeight + 1) frame.setAttribute("tabindex", "0");
      else frame.removeAttribute("tabindex");
    }
  };
  stops();
  addEventListener("resize", stops);
  addEventListener("load", stops);
  document.addEventListener("toggle", stops, true);

  // Columns sort at a press of their head; what is missing stays last.
  const value = (row, column, numeric) => {
    const text = row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
    if (text === "–" || text === "") return null;
    if (!numeric) return text;
    const number = Number(text.replace(/,/g, ""));
    return Number.isNaN(number) ? null : number;
  };
  const words = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const sort = (table, column, numeric, down) => {
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [value(row, column, numeric), row]);
    rows.sort(([a], [b]) => {
      if (a === null || b === null) return (a === null) - (b === null);
      return (numeric ? a - b : words.compare(a, b)) * (down ? -1 : 1);
    });
    body.append(...rows.map(([, row]) => row));
  };
  for (const table of document.querySelectorAll("table.data")) {
    if (table.tBodies[0].rows.length < 2) continue;
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        sort(table, column, head.classList.contains("n"), down);
      });
    });
  }

  // Paper has no folds: what is folded is opened for printing and folded again after it.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open]):not(.code)")];
    for (const part of folded) if (!part.closest("figcaption")) part.open = true;
  });
  addEventListener("afterprint", () => { for (const part of folded) part.open = false; });
})();
