// Opens a workbook as a page: runs it once its kernel is there, folds the code away, and stays at the top. Brings the
// views of the project's own widgets (grid.js, clicks.js).
// Written by hand in the form in which JupyterLab loads extensions; nothing has to be built.
(() => {
  const WORKBOOK = /(^|\/)workbooks\/[1-6]_[a-z]+\.ipynb$/;
  const here = document.currentScript.src;
  let shared;

  const style = `
    .eis-workbook .jp-InputPlaceholder .jp-PlaceholderText { display: none; }
    .eis-workbook .jp-InputPlaceholder .jp-Placeholder-content { border: none; background: none; opacity: 0.6; }
    .eis-workbook .jp-InputArea:has(.jp-InputPlaceholder), .eis-workbook .jp-Cell-inputWrapper:has(.jp-InputPlaceholder) { min-height: 0; }
    .eis-workbook .jp-OutputArea-output { overflow-x: auto; }
    .eis-workbook table.eis-table td { vertical-align: top; }
    .eis-workbook .jp-InputPrompt, .eis-workbook .jp-OutputPrompt { visibility: hidden; }
  `;

  async function library(name) {
    const versions = shared[name];
    return (await versions[Object.keys(versions)[0]].get())();
  }

  async function open(panel, NotebookActions) {
    panel.addClass("eis-workbook");
    await panel.context.ready;
    await panel.sessionContext.ready;
    const notebook = panel.content;
    const cells = Array.from(notebook.model.cells);
    if (cells.some((cell) => cell.type === "code" && cell.executionCount)) return;
    const run = NotebookActions.runAll(notebook, panel.sessionContext);
    const top = () => { notebook.activeCellIndex = 0; notebook.scrollToItem(0, "start"); };
    // running goes to the last cell; the reader begins with the first
    requestAnimationFrame(top);
    await run;
    if (notebook.activeCellIndex === cells.length - 1) top();
    // what a run shows is not kept in the workbook, so there is nothing to save
    panel.context.model.dirty = false;
    window.eisWorkbookHasRun = true;
  }

  async function opener() {
    const { INotebookTracker, NotebookActions } = await library("@jupyterlab/notebook");
    return {
      id: "eis-workbooks:open",
      autoStart: true,
      requires: [INotebookTracker],
      activate: (_app, tracker) => {
        const sheet = document.createElement("style");
        sheet.textContent = style;
        document.head.append(sheet);
        for (const file of ["grid.css", "page.css"]) {
          const link = document.createElement("link");
          link.rel = "stylesheet";
          link.href = new URL(file, here);
          document.head.append(link);
        }
        tracker.widgetAdded.connect((_tracker, panel) => {
          if (WORKBOOK.test(panel.context.path)) open(panel, NotebookActions);
        });
      },
    };
  }

  // a widget's view is a module with render({ model, el }), which returns what to do when the view is taken away
  async function viewer() {
    const { DOMWidgetView, IJupyterWidgetRegistry } = await library("@jupyter-widgets/base");
    const viewOf = async (file) => {
      const { render } = (await import(new URL(file, here))).default;
      return class extends DOMWidgetView {
        render() {
          super.render();
          this.forget = render({ model: this.model, el: this.el });
        }
        remove() {
          this.forget?.();
          return super.remove();
        }
      };
    };
    return {
      id: "eis-workbooks:widgets",
      autoStart: true,
      requires: [IJupyterWidgetRegistry],
      activate: (_app, registry) => registry.registerWidget({
        name: "eis-workbooks",
        version: "1.0.0",
        exports: async () => ({ GridView: await viewOf("grid.js"), ClicksView: await viewOf("clicks.js") }),
      }),
    };
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["eis-workbooks"] = {
    init: (scope) => { shared = scope; },
    get: async () => {
      const plugins = [await opener(), await viewer()];
      return () => ({ __esModule: true, default: plugins });
    },
  };
})();
