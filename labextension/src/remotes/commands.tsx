import type { JupyterFrontEnd } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { KitError } from '../api';
import { showForm } from '../forms/dialog';
import { hasFolder } from '../forms/reading';
import type { KitPanel } from '../sidebar/panel';
import type { IKitModel } from '../tokens';
import { Clone } from './clone';
import type { IRemoteOpened } from './list';

/** The arguments of commands about one remote or registry. */
const REMOTE = {
  args: {
    type: 'object',
    properties: {
      remote: { type: 'string', description: 'Name of a remote' },
      registry: { type: 'string', description: 'Host of a registry' }
    }
  }
} as const;

/** Add the commands about remotes and registries. */
export function addRemoteCommands(
  app: JupyterFrontEnd,
  panel: KitPanel,
  model: IKitModel,
  trans: TranslationBundle,
  palette: ICommandPalette | null,
  preferred: () => string
): void {
  const { commands, shell } = app;
  const there = (): boolean => hasFolder(model);
  const show = (request: IRemoteOpened): void => {
    shell.activateById(panel.id);
    panel.reveal(panel.remotes);
    panel.remotes.ask(request);
  };
  const add = (
    verb: string,
    label: string,
    request: IRemoteOpened,
    isEnabled = there
  ): void => {
    commands.addCommand(`jupyter-kit:${verb}`, {
      label,
      isEnabled,
      describedBy: REMOTE,
      execute: ({ remote, registry }) =>
        show({
          ...request,
          remote: String(remote ?? ''),
          registry: String(registry ?? ''),
          preferred: preferred()
        })
    });
  };
  add('remote', trans.__('Show Remotes'), {});
  add('add-remote', trans.__('Add a Remote…'), { form: 'add' });
  add('remove-remote', trans.__('Remove…'), { form: 'remove' });
  add('sync', trans.__('Sync'), { deed: 'sync' });
  add('pull-remote', trans.__('Pull'), { deed: 'pull' });
  add('login', trans.__('Sign In to a Registry…'), { form: 'signin' });
  commands.addCommand('jupyter-kit:logout', {
    label: ({ registry }) =>
      registry
        ? trans.__('Sign Out of %1', String(registry))
        : trans.__('Sign Out of a Registry…'),
    isVisible: args => args.registry !== '',
    describedBy: REMOTE,
    execute: ({ registry }) => signOut(model, trans, String(registry ?? ''))
  });
  commands.addCommand('jupyter-kit:clone', {
    label: trans.__('Clone a History…'),
    caption: trans.__('Make a new folder from a history that was synced'),
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () =>
      showForm('', close => (
        <Clone
          model={model}
          trans={trans}
          folder={beside(model)}
          onClose={close}
          onDone={folder => {
            close();
            void commands.execute('filebrowser:open-path', { path: folder });
          }}
        />
      ))
  });
  const category = trans.__('Jupyter Kit');
  for (const verb of ['remote', 'add-remote', 'sync', 'login', 'clone']) {
    palette?.addItem({ command: `jupyter-kit:${verb}`, category });
  }
}

/** Where a clone goes: beside the workspace that is looked at, for inside of it it would be one of its files. */
function beside({ folder, workspace }: IKitModel): string {
  return workspace?.folder
    ? workspace.folder.split('/').slice(0, -1).join('/')
    : folder;
}

async function signOut(
  model: IKitModel,
  trans: TranslationBundle,
  registry: string
): Promise<void> {
  try {
    await model.run('logout', { registry });
    Notification.success(trans.__('Signed out of %1.', registry), {
      autoClose: 4000
    });
  } catch (reason) {
    const { message, hint } = KitError.from(reason);
    Notification.warning(`${message} ${hint}`.trim(), { autoClose: 8000 });
  }
}
