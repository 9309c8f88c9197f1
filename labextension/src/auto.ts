/** Snapshots that are taken without being asked for, where the settings want them. */
import { KitError, requestAPI } from './api';
import { commandOf } from './commands/names';
import { inWorkspace, IRoom } from './commands/room';
import type { IStatus } from './replies';

/** What runs all cells of a notebook. */
const RUNS_ALL = new Set([
  'notebook:run-all-cells',
  'notebook:restart-run-all'
]);

/** Switch snapshots after saves as the settings have it, and take one after all cells of a notebook were run. */
export function takeByItself(room: IRoom): void {
  const { app, model, settings } = room;
  /** The workspaces that were told, and what. */
  const told = new Map<string, boolean>();
  const tell = (): void => {
    const folder = model.workspace?.folder;
    const on = settings?.get('autoSnapshot').composite === true;
    if (typeof folder === 'string' && (told.get(folder) ?? false) !== on) {
      told.set(folder, on);
      requestAPI('auto', model.serverSettings, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ folder, on })
      }).catch(reason => {
        told.delete(folder);
        console.warn('Jupyter Kit:', KitError.from(reason).message);
      });
    }
  };
  let lost = false;
  model.changed.connect((_, part) => {
    if (model.error?.kind === 'no-connection') {
      lost = true;
    } else if (lost || part === 'workspace') {
      if (lost) {
        told.clear(); // A server that was started again knows nothing of it.
      }
      lost = false;
      tell();
    }
  });
  settings?.changed.connect(tell);
  tell();

  app.commands.commandExecuted.connect((_, { id, result }) => {
    if (
      RUNS_ALL.has(id) &&
      settings?.get('snapshotAfterRunAll').composite === true
    ) {
      result.then(() => afterRun(room)).catch(() => undefined); // A cell that raised keeps no version.
    }
  });
}

async function afterRun(room: IRoom): Promise<void> {
  const { app, model, documents } = room;
  const widget = app.shell.currentWidget;
  const context = widget && documents?.contextForWidget(widget);
  const path = context && inWorkspace(room, context.path);
  if (!context || !path) {
    return;
  }
  await context.save();
  const status = await model.look<IStatus>('status');
  if (!status.clean) {
    await app.commands.execute(commandOf('snapshot'), {
      message: room.trans.__('After running all of %1', path),
      kind: 'auto'
    });
  }
}
