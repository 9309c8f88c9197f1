import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { commandOf, IRollback } from '../commands/names';
import { text, texts } from '../commands/room';
import { IKitModel } from '../tokens';

/** Adds the command that puts files back as a snapshot has them. */
export const rollback: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-kit:rollback',
  description: 'Rollback: the plan, what is not saved, and the way back.',
  autoStart: true,
  requires: [IKitModel],
  optional: [IDocumentManager, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IKitModel,
    documents: IDocumentManager | null,
    translator: ITranslator | null
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
          required: ['name'],
          properties: {
            folder: { type: 'string', description: 'The workspace' },
            name: { type: 'string', description: 'The snapshot' },
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
        const { Flow } = await import('./flow');
        const flow = new Flow(app, model, documents, trans);
        return flow.run({
          folder: asked.folder ?? model.workspace?.folder ?? '',
          name: text(asked.name) ?? 'HEAD',
          paths: texts(asked.paths)
        });
      }
    });
  }
};
