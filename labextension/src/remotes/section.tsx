import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, ToolbarButton, userIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Message } from '@lumino/messaging';
import React from 'react';

import { Section } from '../sidebar/section';
import type { IKitModel } from '../tokens';
import { IRemoteRequest, RemoteEntries } from './list';

/** Where the workspace exchanges its snapshots. */
export class Remotes extends Section {
  constructor(
    private readonly _model: IKitModel,
    private readonly _trans: TranslationBundle,
    private readonly _commands: CommandRegistry
  ) {
    super('remotes', _trans.__('Remotes'));
    this.toolbar.addItem(
      'add',
      new ToolbarButton({
        icon: addIcon,
        tooltip: _trans.__('Add a remote'),
        onClick: () => void _commands.execute('jupyter-kit:add-remote')
      })
    );
    this.toolbar.addItem(
      'signin',
      new ToolbarButton({
        icon: userIcon,
        tooltip: _trans.__('Sign in to a registry'),
        onClick: () => void _commands.execute('jupyter-kit:login')
      })
    );
  }

  /** Show a form, or do something with a remote. */
  ask(request: Omit<IRemoteRequest, 'turn'>): void {
    this._request = { ...request, turn: (this._request?.turn ?? 0) + 1 };
    this.update();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.update();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.update();
  }

  protected render(): JSX.Element {
    return (
      <RemoteEntries
        model={this._model}
        trans={this._trans}
        commands={this._commands}
        shown={this.isVisible}
        request={this._request}
      />
    );
  }

  private _request: IRemoteRequest | null = null;
}
