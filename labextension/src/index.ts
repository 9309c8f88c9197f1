import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { SHOW_PANEL } from './commands/names';
import { addPanelCommand } from './commands/panel';
import { IBus, KitModel } from './model';
import { KitPanel } from './sidebar/panel';
import { IKitModel } from './tokens';

/** Provides the model of the workspace that is looked at. */
const model: JupyterFrontEndPlugin<IKitModel> = {
  id: 'jupyter-kit:model',
  description: 'The workspace that is looked at: state, history, jobs, verbs.',
  autoStart: true,
  provides: IKitModel,
  activate: (app: JupyterFrontEnd) =>
    new KitModel(
      app.serviceManager.serverSettings,
      app.serviceManager.events.stream as unknown as IBus
    )
};

/** Adds the panel to the right side. */
const panel: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-kit:plugin',
  description: 'The panel with changes, history, ModelKits and remotes.',
  autoStart: true,
  requires: [IKitModel],
  optional: [ITranslator, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    model: IKitModel,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_kit');
    const panel = new KitPanel(model, trans);
    app.shell.add(panel, 'right', { rank: 550, type: 'Jupyter Kit' });
    restorer?.add(panel, panel.id);
    addPanelCommand(app, panel, trans);
    palette?.addItem({
      command: SHOW_PANEL,
      category: trans.__('Jupyter Kit')
    });
  }
};

export default [model, panel];
