"use strict";
(() => {
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const most = 60;
  const query = new URLSearchParams(location.search).get("q") || "";
  const box = document.getElementById("query");
  const said = document.getElementById("said");
  const list = document.getElementById("found");
  const entries = window.EIS_SEARCH.map((entry) => ({ ...entry, head: fold(entry.t), all: fold(`${entry.t} ${entry.k} ${entry.x}`) }));
  const show = (text) => {
    const terms = fold(text).split(/\s+/).filter(Boolean);
    list.replaceChildren();
    if (!terms.length) { said.textContent = ""; return; }
    const hits = entries.filter((entry) => terms.every((term) => entry.all.includes(term)));
    const weight = (entry) => terms.filter((term) => entry.head.includes(term)).length;
    hits.sort((a, b) => weight(b) - weight(a));
    said.textContent = hits.length > most ? `${hits.length} places; the first ${most} are shown.` : `${hits.length} ${hits.length === 1 ? "place" : "places"}.`;
    for (const hit of hits.slice(0, most)) {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = hit.u;
      link.textContent = hit.t;
      const kind = document.createElement("span");
      kind.className = "under";
      kind.textContent = ` ${hit.k}`;
      item.append(link, kind);
      if (hit.x) {
        const text = document.createElement("p");
        text.className = "under";
        text.textContent = hit.x.length > 180 ? `${hit.x.slice(0, 180)} …` : hit.x;
        item.append(text);
      }
      list.append(item);
    }
  };
  box.value = query;
  document.getElementById("page-search").value = query;
  let waiting;
  box.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(() => show(box.value), 150); });
  show(query);
})();
