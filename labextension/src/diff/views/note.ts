import { Panel, Widget } from '@lumino/widgets';

import type { IView } from './parts';

/** A remark, where a view would be or above one. */
export function note(text: string): Widget {
  const node = document.createElement('p');
  node.className = 'jk-Diff-note';
  node.textContent = text;
  return new Widget({ node });
}

/** A view with a remark above it; without a remark, the view. */
export function noted(remark: string, view: IView): IView {
  return remark ? below(note(remark), view) : view;
}

/** A view below another widget. */
export function below(top: Widget, view: IView): IView {
  const panel = new Panel();
  panel.addWidget(top);
  panel.addWidget(view);
  return Object.assign(panel, { looks: view.looks });
}
