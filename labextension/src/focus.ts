import type React from 'react';

/** Whether nothing has the focus: what had it is gone. Keys then reach nothing of ours. */
export function isLost(): boolean {
  return document.activeElement === document.body;
}

/** For the blur of what menus are opened from: when the menu that took the focus closes, it comes back. */
export function afterMenu(event: React.FocusEvent<HTMLElement>): void {
  const { currentTarget, relatedTarget } = event;
  const menu = relatedTarget?.closest('.lm-Menu');
  if (!menu) {
    return;
  }
  const closing = new MutationObserver(() => {
    if (!menu.isConnected) {
      closing.disconnect();
      if (isLost()) {
        currentTarget.focus();
      }
    }
  });
  closing.observe(document.body, { childList: true });
}
