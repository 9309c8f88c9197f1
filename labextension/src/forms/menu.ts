import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import { Menu } from '@lumino/widgets';

/** Open a menu of commands, in groups, that all get the same arguments. */
export function showMenu(
  commands: CommandRegistry,
  groups: readonly (readonly string[])[],
  args: ReadonlyJSONObject,
  x: number,
  y: number
): void {
  const menu = new Menu({ commands });
  groups.forEach((group, index) => {
    if (index) {
      menu.addItem({ type: 'separator' });
    }
    group.forEach(command => menu.addItem({ command, args }));
  });
  // The command that was chosen runs after the menu has closed.
  menu.aboutToClose.connect(() => requestAnimationFrame(() => menu.dispose()));
  menu.open(x, y);
}
