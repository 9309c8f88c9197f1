import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { translateWith } from './api';
import { takeByItself } from './auto';
import { addFiles } from './commands/files';
import { addIgnored } from './commands/ignored';
import { addKeeping } from './commands/keeping';
import { addLooking } from './commands/looking';
import { PALETTE, SETTINGS, SHOW_PANEL } from './commands/names';
import type { IRoom } from './commands/room';
import { documents } from './diff/plugin';
import { follow } from './follow';
import { IBus, KitModel } from './model';
import { addModelKitCommands } from './modelkits/commands';
import { addRemoteCommands } from './remotes/commands';
import { results } from './results/plugin';
import { rollback } from './rollback/plugin';
import { KitPanel } from './sidebar/panel';
import { Selection } from './sidebar/selection';
import { StatusItem } from './statusitem';
import { IKitModel } from './tokens';

/** Provides the model of the workspace that is looked at. */
const model: JupyterFrontEndPlugin<IKitModel> = {
  id: 'jupyter-kit:model',
  description: 'The workspace that is looked at: state, history, jobs, verbs.',
  autoStart: true,
  provides: IKitModel,
  optional: [IDocumentManager, IFileBrowserFactory, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    documents: IDocumentManager | null,
    browsers: IFileBrowserFactory | null,
    translator: ITranslator | null
  ) => {
    translateWith((translator ?? nullTranslator).load('jupyter_kit'));
    const { serverSettings, events } = app.serviceManager;
    const model = new KitModel(
      serverSettings,
      events.stream as unknown as IBus
    );
    follow(app, model, documents, browsers);
    return model;
  }
};

/** Adds the panel and the commands. */
const panel: JupyterFrontEndPlugin<void> = {
  id: SETTINGS,
  description: 'The panel with changes, history, ModelKits and remotes.',
  autoStart: true,
  requires: [IKitModel],
  optional: [
    ITranslator,
    ILayoutRestorer,
    ICommandPalette,
    IDocumentManager,
    IFileBrowserFactory,
    ILauncher,
    ISettingRegistry
  ],
  activate: (
    app: JupyterFrontEnd,
    model: IKitModel,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    documents: IDocumentManager | null,
    browsers: IFileBrowserFactory | null,
    launcher: ILauncher | null,
    settings: ISettingRegistry | null
  ) => {
    translator ??= nullTranslator;
    const trans = translator.load('jupyter_kit');
    const { commands } = app;
    const selection = new Selection();
    const panel = new KitPanel({
      model,
      selection,
      commands,
      trans,
      translator
    });
    app.shell.add(panel, 'right', { rank: 550, type: 'Jupyter Kit' });
    restorer?.add(panel, panel.id);

    const room: IRoom = {
      app,
      model,
      selection,
      panel,
      trans,
      documents,
      settings: null
    };
    addKeeping(room);
    addLooking(room);
    addFiles(room, browsers);
    addIgnored(room);
    addModelKitCommands(app, panel, model, trans, palette);
    addRemoteCommands(app, panel, model, trans, palette, () =>
      String(room.settings?.get('syncRemote').composite ?? '')
    );
    settings?.load(SETTINGS).then(
      loaded => {
        room.settings = loaded;
        takeByItself(room);
      },
      reason => console.error('The settings of Jupyter Kit:', reason)
    );

    const category = trans.__('Jupyter Kit');
    PALETTE.forEach(command => palette?.addItem({ command, category }));
    launcher?.add({
      command: SHOW_PANEL,
      category: trans.__('Other'),
      rank: 90
    });
  }
};

/** Adds what the status bar says of the workspace. */
const status: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-kit:status',
  description: 'How many files have changed, or what is being done.',
  autoStart: true,
  requires: [IKitModel],
  optional: [IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    model: IKitModel,
    bar: IStatusBar | null,
    translator: ITranslator | null
  ) => {
    if (bar) {
      const trans = (translator ?? nullTranslator).load('jupyter_kit');
      const item = new StatusItem(model, trans, () => {
        void app.commands.execute(SHOW_PANEL);
      });
      bar.registerStatusItem('jupyter-kit:status', {
        item,
        align: 'left',
        rank: 90,
        isActive: () => item.isNeeded,
        activeStateChanged: item.needed
      });
    }
  }
};

export default [model, panel, status, documents, rollback, results];
