import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, userIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import React from 'react';

import { FormSection } from '../sidebar/section';
import type { IKitModel } from '../tokens';
import { IRemoteOpened, RemoteEntries } from './list';

/** Where the workspace exchanges its snapshots. */
export class Remotes extends FormSection<IRemoteOpened> {
  constructor(
    private readonly _model: IKitModel,
    private readonly _trans: TranslationBundle,
    private readonly _commands: CommandRegistry
  ) {
    super('remotes', _trans.__('Remotes'));
    for (const [icon, tooltip, command] of [
      [addIcon, _trans.__('Add a remote'), 'jupyter-kit:add-remote'],
      [userIcon, _trans.__('Sign in to a registry'), 'jupyter-kit:login']
    ] as const) {
      this.addTool(icon, tooltip, () => void _commands.execute(command));
    }
  }

  protected render(): JSX.Element {
    return (
      <RemoteEntries
        model={this._model}
        trans={this._trans}
        commands={this._commands}
        shown={this.isVisible}
        request={this.request}
      />
    );
  }
}
