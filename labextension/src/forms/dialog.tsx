import { Dialog } from '@jupyterlab/apputils';
import React from 'react';

/**
 * A form in a dialog, for what belongs to no section. The form has its own buttons, and shows what went wrong in its place.
 */
class FormDialog extends Dialog<void> {
  /** The dialog's own way to accept is the Enter key; it sends the form. */
  override resolve(): void {
    const field = document.activeElement;
    if (!(field instanceof HTMLTextAreaElement)) {
      this.node.querySelector('form')?.requestSubmit();
      return;
    }
    // Where there are several lines it begins the next; JupyterLab before 4.6 leaves that key to no field.
    const { selectionStart, selectionEnd } = field;
    field.setRangeText('\n', selectionStart, selectionEnd, 'end');
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
}

/** Show a form until it calls `close`, or the person leaves it. */
export async function showForm(
  title: string,
  make: (close: () => void) => JSX.Element
): Promise<void> {
  const dialog: FormDialog = new FormDialog({
    title,
    body: <div className="jk-DialogBody">{make(() => dialog.reject())}</div>,
    buttons: [],
    focusNodeSelector: 'input, textarea'
  });
  await dialog.launch();
}
