// A table for editing: real cells with real inputs, so that keyboard, zoom and screen reader work as everywhere else.
// Rows and undo live here; every change is told to Python, which checks it and says what is wrong, and which saves.
const PAGE = 50;
let serial = 0;

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

const split = (cell) => cell.split(";").map((item) => item.trim()).filter(Boolean);

class Grid {
  constructor(model, el) {
    this.model = model;
    this.mark = `eis-grid-${++serial}`;
    this.undoing = [];
    this.filter = "";
    this.page = 0;
    this.take();
    // JupyterLab's one-letter commands (d d deletes a cell) must not fire from in here
    this.root = make("section", {
      class: "eis-grid", "data-lm-suppress-shortcuts": "true", "aria-label": `Editing ${this.meta.file}`,
      onkeydown: (event) => event.stopPropagation(),
    });
    el.append(this.root);
    this.frame();
    this.fill();
    this.told = () => this.tell();
    this.read = () => { this.take(); this.undoing = []; this.page = 0; this.frame(); this.fill(); };
    model.on("change:faults", this.told);
    model.on("change:message", this.told);
    model.on("change:revision", this.read);
    this.tell();
  }

  close() {
    this.model.off("change:faults", this.told);
    this.model.off("change:message", this.told);
    this.model.off("change:revision", this.read);
  }

  take() {
    this.meta = this.model.get("meta");
    this.rows = this.model.get("rows").map((row) => ({ id: row.id, cells: { ...row.cells } }));
    this.labels = {};
    for (const column of this.meta.columns) {
      this.labels[column.name] = new Map(column.options.map((option) => [option.code, option.label]));
    }
  }

  // --- changes, each with its inverse

  apply(change, isUndo = false) {
    let inverse;
    if (change.kind === "set") {
      const row = this.rows.find((one) => one.id === change.id);
      inverse = { ...change, value: row.cells[change.column] ?? "" };
      row.cells[change.column] = change.value;
    } else if (change.kind === "insert") {
      this.rows.splice(change.at, 0, { id: change.id, cells: { ...change.cells } });
      inverse = { kind: "delete", id: change.id };
    } else {
      const at = this.rows.findIndex((one) => one.id === change.id);
      inverse = { kind: "insert", at, id: change.id, cells: this.rows[at].cells };
      this.rows.splice(at, 1);
    }
    if (!isUndo) this.undoing.push(inverse);
    this.model.send(change);
    this.undoButton.disabled = this.undoing.length === 0;
  }

  undo() {
    const change = this.undoing.pop();
    if (!change) return;
    this.apply(change, true);
    this.fill();
    if (change.kind !== "delete") this.goTo(change.id, change.column ?? this.meta.columns[0].name);
  }

  insert(at, cells) {
    const id = `new-${++serial}`;
    this.apply({ kind: "insert", at, id, cells });
    this.filter = this.search.value = "";
    this.goTo(id, this.meta.key[0]);
  }

  duplicate(row) {
    const key = this.meta.key[0];
    const copy = { ...row.cells };
    if (this.meta.columns.find((column) => column.name === key).kind === "id") copy[key] = `${copy[key]}-copy`;
    this.insert(this.rows.indexOf(row) + 1, copy);
  }

  // --- drawing

  frame() {
    const button = (text, press, extra = {}) => make("button", { type: "button", onclick: press, ...extra }, text);
    this.undoButton = button("Undo", () => this.undo(), { disabled: this.undoing.length === 0 });
    this.search = make("input", {
      type: "search", placeholder: "Show rows that hold …", "aria-label": "Show rows that hold",
      oninput: () => { this.filter = this.search.value; this.page = 0; this.fill(); },
    });
    this.before = button("‹ Earlier rows", () => { this.page -= 1; this.fill(); });
    this.after = button("Later rows ›", () => { this.page += 1; this.fill(); });
    this.place = make("span", { class: "eis-grid-place" });
    this.message = make("p", { class: "eis-grid-message", role: "status" });
    this.faults = make("ul", { class: "eis-grid-faults", "aria-label": "Faults" });
    this.body = make("tbody");
    const heads = this.meta.columns.map((column) => make(
      "th", { scope: "col", class: column.name === this.meta.key[0] ? "eis-grid-key" : null }, column.name, column.filled ? make("abbr", { title: "must be filled" }, " *") : "",
      button("?", (event) => this.explain(column, event.target), { class: "eis-grid-help", "aria-label": `What is ${column.name}?` }),
    ));
    const lists = this.meta.columns.filter((column) => column.kind === "reference" && !column.many).map((column) => make(
      "datalist", { id: `${this.mark}-${column.name}` },
      ...column.options.map((option) => make("option", { value: option.code }, option.label)),
    ));
    this.root.replaceChildren(
      make(
        "div", { class: "eis-grid-bar" },
        button("Save", () => this.model.send({ kind: "save" }), { class: "eis-main" }),
        button("Add a row", () => this.insert(this.rows.length, {})),
        this.undoButton,
        button("Read the file again", () => this.model.send({ kind: "read" })),
        this.search, this.before, this.place, this.after,
      ),
      this.message, this.faults,
      make(
        "div", { class: "eis-grid-scroll", tabindex: "0", role: "region", "aria-label": `Rows of ${this.meta.file}` },
        make(
          "table", {}, make("caption", {}, `${this.meta.file}: ${this.meta.about}`),
          make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "row"), ...heads)), this.body,
        ),
      ),
      ...lists,
    );
  }

  shown() {
    const words = this.filter.toLowerCase();
    if (!words) return this.rows;
    return this.rows.filter((row) => Object.values(row.cells).some((cell) => cell.toLowerCase().includes(words)));
  }

  fill() {
    const rows = this.shown();
    const pages = Math.max(1, Math.ceil(rows.length / PAGE));
    this.page = Math.min(Math.max(this.page, 0), pages - 1);
    const first = this.page * PAGE;
    const here = rows.slice(first, first + PAGE);
    this.before.disabled = this.page === 0;
    this.after.disabled = this.page === pages - 1;
    this.before.hidden = this.after.hidden = pages === 1;
    this.place.textContent = rows.length
      ? `${first + 1}–${first + here.length} of ${rows.length}${this.filter ? ` (of ${this.rows.length})` : ""}`
      : "no rows";
    this.body.replaceChildren(...here.map((row) => this.line(row)));
    this.undoButton.disabled = this.undoing.length === 0;
    this.markFaults();
  }

  line(row) {
    const number = this.rows.indexOf(row) + 2;
    const key = row.cells[this.meta.key[0]] || `row ${number}`;
    const act = (text, name, press) => make(
      "button", { type: "button", title: name, "aria-label": `${name} ${key}`, onclick: press }, text,
    );
    return make(
      "tr", { "data-row": row.id },
      make(
        "th", { scope: "row" }, make("span", {}, String(number)),
        act("copy", "Duplicate", () => this.duplicate(row)),
        act("✕", "Delete", () => { this.apply({ kind: "delete", id: row.id }); this.fill(); }),
      ),
      ...this.meta.columns.map((column) => make(
        "td", { "data-column": column.name, class: column.name === this.meta.key[0] ? "eis-grid-key" : null },
        this.cell(row, column, number),
      )),
    );
  }

  cell(row, column, number) {
    const value = row.cells[column.name] ?? "";
    const name = `${column.name}, row ${number}`;
    const set = (text) => {
      if (text !== (row.cells[column.name] ?? "")) this.apply({ kind: "set", id: row.id, column: column.name, value: text });
    };
    if (column.many && column.options.length) {
      const words = (text) => split(text).map((code) => this.labels[column.name].get(code) ?? code).join("; ") || "–";
      const open = make("button", { type: "button", class: "eis-grid-many", "aria-label": `${name}: ${words(value)}`, onclick: () => {
        this.choose(column, row.cells[column.name] ?? "", open, (text) => {
          set(text);
          open.textContent = words(text);
          open.setAttribute("aria-label", `${name}: ${words(text)}`);
        });
      } }, words(value));
      return open;
    }
    if (column.kind === "code") {
      const options = [make("option", { value: "" }, "–")];
      for (const option of column.options) {
        options.push(make("option", { value: option.code, title: option.definition }, option.label));
      }
      if (value && !this.labels[column.name].has(value)) options.push(make("option", { value }, `${value} (not allowed)`));
      const select = make("select", { "aria-label": name, onchange: () => set(select.value) }, ...options);
      select.value = value;
      return select;
    }
    const input = make("input", {
      type: "text", "aria-label": name, title: value.length > 30 ? value : null, class: `eis-${column.kind}`,
      list: column.kind === "reference" && !column.many ? `${this.mark}-${column.name}` : null,
      placeholder: column.hint, onchange: () => set(input.value),
      onkeydown: (event) => {
        if (event.key !== "Enter") return;
        const next = input.closest("tr").nextElementSibling?.querySelector(`[data-column="${column.name}"] > *`);
        if (next) next.focus(); else input.blur();
      },
    });
    input.value = value;
    return input;
  }

  // --- dialogs: native ones, which take care of focus and Escape

  choose(column, value, opener, done) {
    const chosen = new Set(split(value));
    const known = new Set(column.options.map((option) => option.code));
    const boxes = [
      ...column.options,
      ...[...chosen].filter((code) => !known.has(code)).map((code) => ({ code, label: `${code} (not allowed)`, definition: "" })),
    ].map((option) => {
      const box = make("input", { type: "checkbox", value: option.code });
      box.checked = chosen.has(option.code);
      return make("label", { title: option.definition }, box, ` ${option.label}`);
    });
    const search = make("input", { type: "search", placeholder: "Show choices that hold …", "aria-label": "Show choices that hold", oninput: () => {
      for (const label of boxes) label.hidden = !label.textContent.toLowerCase().includes(search.value.toLowerCase());
    } });
    this.dialog(opener, column.name, column.about, [
      ...(boxes.length > 12 ? [search] : []), make("div", { class: "eis-grid-boxes" }, ...boxes),
    ], () => {
      const ticked = boxes.map((label) => label.firstChild).filter((box) => box.checked).map((box) => box.value);
      // what stood there keeps its order, so that a file changes by what was ticked alone
      done([...split(value).filter((code) => ticked.includes(code)), ...ticked.filter((code) => !chosen.has(code))].join(";"));
    });
  }

  explain(column, opener) {
    const terms = column.kind === "code" ? column.options : [];
    const list = make("dl", {}, ...terms.flatMap((option) => [
      make("dt", {}, `${option.label} (${option.code})`), make("dd", {}, option.definition || "–"),
    ]));
    this.dialog(opener, column.name, `${column.about} Allowed: ${column.allowed}.`, [list]);
  }

  dialog(opener, title, text, children, done = null) {
    const close = () => { box.close(); box.remove(); opener.focus(); };
    const box = make(
      "dialog", { class: "eis-grid-dialog", "aria-label": title, "data-lm-suppress-shortcuts": "true",
        onkeydown: (event) => event.stopPropagation(), oncancel: (event) => { event.preventDefault(); close(); } },
      make("h4", {}, title), make("p", {}, text), ...children,
      make(
        "div", { class: "eis-grid-bar" },
        ...(done ? [make("button", { type: "button", class: "eis-main", onclick: () => { close(); done(); } }, "Take over")] : []),
        make("button", { type: "button", onclick: close }, done ? "Cancel" : "Close"),
      ),
    );
    this.root.append(box);
    box.showModal();
  }

  // --- what Python says

  tell() {
    this.message.textContent = this.model.get("message");
    const faults = this.model.get("faults");
    const lines = faults.slice(0, 10).map((fault) => make("li", {}, fault.id
      ? make("button", { type: "button", class: "eis-grid-link", onclick: () => this.goTo(fault.id, fault.column) }, fault.text)
      : fault.text));
    if (faults.length > 10) lines.push(make("li", {}, `and ${faults.length - 10} more`));
    this.faults.replaceChildren(...lines);
    this.faults.hidden = faults.length === 0;
    this.markFaults();
  }

  markFaults() {
    for (const old of this.body.querySelectorAll(".eis-grid-fault")) old.remove();
    for (const old of this.body.querySelectorAll("[aria-invalid]")) {
      old.removeAttribute("aria-invalid");
      old.removeAttribute("aria-describedby");
    }
    this.model.get("faults").forEach((fault, index) => {
      if (!fault.id || !fault.column) return;
      const cell = this.body.querySelector(`tr[data-row="${fault.id}"] > td[data-column="${fault.column}"]`);
      if (!cell) return;
      const id = `${this.mark}-fault-${index}`;
      cell.firstChild.setAttribute("aria-invalid", "true");
      cell.firstChild.setAttribute("aria-describedby", id);
      cell.append(make("span", { class: "eis-grid-fault", id, title: fault.words }, fault.words));
    });
  }

  goTo(id, column) {
    let at = this.shown().findIndex((row) => row.id === id);
    if (at < 0) { this.filter = this.search.value = ""; at = this.rows.findIndex((row) => row.id === id); }
    if (at < 0) return;
    this.page = Math.floor(at / PAGE);
    this.fill();
    this.body.querySelector(`tr[data-row="${id}"] > td[data-column="${column}"] > *`)?.focus();
  }
}

function render({ model, el }) {
  const grid = new Grid(model, el);
  return () => grid.close();
}

export default { render };
