import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';

import { kitIcon } from '../icons';
import type { KitPanel } from '../sidebar/panel';
import { SHOW_PANEL } from './names';

/** Add the command that shows the panel. */
export function addPanelCommand(
  app: JupyterFrontEnd,
  panel: KitPanel,
  trans: TranslationBundle
): void {
  app.commands.addCommand(SHOW_PANEL, {
    label: trans.__('Show Versions of This Folder'),
    caption: trans.__('Show the panel of Jupyter Kit'),
    icon: kitIcon,
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => app.shell.activateById(panel.id)
  });
}
