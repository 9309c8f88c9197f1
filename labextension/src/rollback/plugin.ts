import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, InputDialog } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import {
  ITranslator,
  nullTranslator,
  TranslationBundle
} from '@jupyterlab/translation';

import { wordsOf } from '../commands/files';
import { commandOf, IRollback, SETTINGS } from '../commands/names';
import { fault, text, texts } from '../commands/room';
import type { ILog } from '../replies';
import { IKitModel } from '../tokens';

/** How many snapshots are offered where none is named. */
const OFFERED = 200;

/** Adds the command that puts files back as a snapshot has them. */
export const rollback: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-kit:rollback',
  description: 'Rollback: the plan, what is not saved, and the way back.',
  autoStart: true,
  requires: [IKitModel],
  optional: [IDocumentManager, ITranslator, ICommandPalette, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    model: IKitModel,
    documents: IDocumentManager | null,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    settings: ISettingRegistry | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_kit');
    app.commands.addCommand(commandOf('rollback'), {
      label: trans.__('Roll Back…'),
      caption: trans.__('Put files back as a snapshot has them'),
      isEnabled: args =>
        typeof args.folder === 'string' ||
        typeof model.workspace?.folder === 'string',
      describedBy: {
        args: {
          type: 'object',
          properties: {
            folder: { type: 'string', description: 'The workspace' },
            name: {
              type: 'string',
              description: 'The snapshot; without one, people are asked'
            },
            paths: {
              type: 'array',
              items: { type: 'string' },
              description: 'Only these files and folders'
            }
          }
        }
      },
      execute: async args => {
        const asked = args as Partial<IRollback>;
        const folder = asked.folder ?? model.workspace?.folder ?? '';
        const name = text(asked.name) ?? (await pick(model, folder, trans));
        if (!name) {
          return false;
        }
        const { Flow } = await import('./flow');
        const flow = new Flow(app, model, documents, trans);
        const ask = await settings?.get(SETTINGS, 'askBeforeRollback');
        return flow.run(
          { folder, name, paths: texts(asked.paths) },
          ask?.composite !== false
        );
      }
    });
    palette?.addItem({
      command: commandOf('rollback'),
      category: trans.__('Jupyter Kit')
    });
  }
};

/** Ask which snapshot is meant; gives its id, or null. */
async function pick(
  model: IKitModel,
  folder: string,
  trans: TranslationBundle
): Promise<string | null> {
  try {
    const log = await model.look<ILog>('log', { folder, limit: OFFERED });
    const words = log.entries.map(wordsOf);
    const answer = await InputDialog.getItem({
      title: trans.__('Roll back to which snapshot?'),
      label: trans.__('The newest is first. The plan is shown next.'),
      items: words,
      okLabel: trans.__('Show Plan')
    });
    const chosen = answer.button.accept
      ? words.indexOf(answer.value ?? '')
      : -1;
    return log.entries[chosen]?.snapshot.id ?? null;
  } catch (reason) {
    fault(reason, trans);
    return null;
  }
}
