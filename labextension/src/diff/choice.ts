import { InputDialog, Notification } from '@jupyterlab/apputils';
import type { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import { KitError } from '../api';
import { labelOf } from './header';
import { Source } from './source';

/** How many versions are offered. */
const OFFERED = 200;

/** Ask which version of a file is wanted; null where none is. */
export async function askVersion(
  settings: ServerConnection.ISettings,
  folder: string,
  path: string,
  trans: TranslationBundle
): Promise<string | null> {
  try {
    const log = await new Source(settings, folder).log(OFFERED, path);
    if (log.entries.length === 0) {
      Notification.info(trans.__('No snapshot holds %1 yet.', path));
      return null;
    }
    const labels = log.entries.map(
      (entry, position) => `${position + 1}. ${labelOf(entry, trans)}`
    );
    const chosen = await InputDialog.getItem({
      title: trans.__('Open %1 as of…', path),
      label: trans.__('Versions in which it changed, newest first'),
      items: labels,
      okLabel: trans.__('Open')
    });
    const position = labels.indexOf(chosen.value ?? '');
    return log.entries[position]?.snapshot.id ?? null;
  } catch (reason) {
    Notification.error(KitError.from(reason).message, { autoClose: false });
    return null;
  }
}
