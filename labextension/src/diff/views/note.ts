import { Panel, Widget } from '@lumino/widgets';

/** A remark, where a view would be or above one. */
export function note(text: string): Widget {
  const node = document.createElement('p');
  node.className = 'jk-Diff-note';
  node.textContent = text;
  return new Widget({ node });
}

/** A view with a remark above it; without a remark, the view. */
export function noted(remark: string, view: Widget): Widget {
  if (!remark) {
    return view;
  }
  const panel = new Panel();
  panel.addClass('jk-Noted');
  panel.addWidget(note(remark));
  panel.addWidget(view);
  return panel;
}
