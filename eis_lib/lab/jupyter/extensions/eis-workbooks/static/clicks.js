// Tells Python which row of a chart's data was clicked. JupyterLab draws the chart as SVG; Vega keeps the drawn item,
// and with it the row of data, on each element.
function rowUnder(element) {
  for (let node = element; node && node.nodeName !== "DIV"; node = node.parentNode) {
    const item = node.__data__;
    const row = item && (item.datum ?? item[0]?.datum);
    if (row && item.mark?.marktype !== "group") return row;
  }
  return null;
}

function render({ model, el }) {
  const page = el.ownerDocument;
  const name = model.get("target");
  const listen = (event) => {
    if (!event.target.closest || !event.target.closest(`.${name}`)) return;
    const row = rowUnder(event.target);
    if (!row) return;
    const plain = {};
    for (const [key, value] of Object.entries(row)) {
      if (["string", "number", "boolean"].includes(typeof value)) plain[key] = value;
    }
    model.set("clicked", { row: plain, count: (model.get("clicked").count ?? 0) + 1 });
    model.save_changes();
  };
  page.addEventListener("click", listen, true);
  return () => page.removeEventListener("click", listen, true);
}

export default { render };
