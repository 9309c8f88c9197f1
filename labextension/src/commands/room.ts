import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';

import { KitError } from '../api';
import type { KitPanel } from '../sidebar/panel';
import type { Selection } from '../sidebar/selection';
import type { IKitModel } from '../tokens';

/** What the commands work with. */
export interface IRoom {
  app: JupyterFrontEnd;
  model: IKitModel;
  selection: Selection;
  panel: KitPanel;
  trans: TranslationBundle;
  documents: IDocumentManager | null;
  settings: ISettingRegistry.ISettings | null;
}

/** The schema of a command that takes no arguments. */
export const NO_ARGUMENTS = { args: { type: 'object', properties: {} } };

/** How long a message about something that went well stays, in milliseconds. */
const STAYS = 5000;

/** Tell that something was done. */
export function told(message: string): void {
  Notification.success(message, { autoClose: STAYS });
}

/** Tell what went wrong, until it is closed; cancelling is no fault. */
export function fault(reason: unknown, trans: TranslationBundle): void {
  const error = KitError.from(reason);
  if (error.kind === 'cancelled') {
    Notification.info(trans.__('Cancelled.'), {
      autoClose: STAYS
    });
    return;
  }
  const whole = [error.message, error.hint].filter(Boolean).join('\n');
  Notification.error(error.message, {
    autoClose: false,
    actions: error.hint
      ? [
          {
            label: trans.__('What to do'),
            callback: () => {
              void showDialog({
                title: trans.__('Jupyter Kit'),
                body: whole,
                buttons: [Dialog.okButton()]
              });
            }
          }
        ]
      : []
  });
}

/** Do something; where it fails, tell, and give null. */
export async function tried<T>(
  room: IRoom,
  work: () => Promise<T>
): Promise<T | null> {
  try {
    return await work();
  } catch (reason) {
    fault(reason, room.trans);
    return null;
  }
}

/** A file's path in the workspace, by its path in the lab; null where it lies elsewhere. */
export function inWorkspace(room: IRoom, path: string): string | null {
  const folder = room.model.workspace?.folder;
  const local = room.app.serviceManager.contents.localPath(path);
  if (folder === null || folder === undefined) {
    return null;
  }
  if (folder === '') {
    return local;
  }
  return local.startsWith(`${folder}/`) ? local.slice(folder.length + 1) : null;
}

/** A setting of ours; as the schema's default has it where there is no settings system. */
export function setting(room: IRoom, name: string): boolean {
  return room.settings ? room.settings.get(name).composite === true : true;
}

/** The text among the arguments of a command. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value ? value : undefined;
}

/** The texts among the arguments of a command. */
export function texts(value: unknown): string[] {
  return Array.isArray(value)
    ? value.filter((each): each is string => typeof each === 'string')
    : [];
}
