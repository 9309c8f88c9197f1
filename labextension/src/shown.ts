import { JupyterFrontEnd, LabShell } from '@jupyterlab/application';
import { find } from '@lumino/algorithm';
import { SplitPanel, TabPanel, Widget } from '@lumino/widgets';

type Shell = JupyterFrontEnd.IShell;

/** A document that has less height than this, in pixels, is not seen. */
const SEEN_MIN = 100;

/** Where documents of ours go: among the others, or below the only one where a page has room for one alone, as Notebook 7 has. */
function area(shell: Shell): string {
  return shell instanceof LabShell ? 'main' : 'down';
}

/** Show a document. */
export function show(shell: Shell, document: Widget): void {
  shell.add(document, area(shell));
  if (!document.parent && !(shell instanceof LabShell)) {
    shell.add(document, 'left'); // Notebook 7.2 has no area below.
  }
  reveal(shell, document);
}

/** Bring a document that is shown to the front. */
export function reveal(shell: Shell, document: Widget): void {
  shell.activateById(document.id);
  // Notebook 7 shows the area, but with the tab that was in front before, and gives it no height of its own.
  const tabs = document.parent?.parent;
  if (tabs instanceof TabPanel) {
    tabs.currentWidget = document;
    const split = tabs.parent;
    if (split instanceof SplitPanel) {
      const share = split.relativeSizes()[split.widgets.indexOf(tabs)];
      if (share * split.node.offsetHeight < SEEN_MIN) {
        split.setRelativeSizes([1, 1]);
      }
    }
  }
}

/** The document of ours with this id. */
export function opened(shell: Shell, id: string): Widget | undefined {
  return find(shell.widgets(area(shell)), widget => widget.id === id);
}
