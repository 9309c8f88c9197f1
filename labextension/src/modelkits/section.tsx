import type { TranslationBundle } from '@jupyterlab/translation';
import {
  addIcon,
  downloadIcon,
  ToolbarButton
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Message } from '@lumino/messaging';
import React from 'react';

import { Section } from '../sidebar/section';
import type { IKitModel } from '../tokens';
import { ModelKitList, ModelKitForm } from './list';

/** What the section was asked to show: a form, for one ModelKit or for none. */
export interface IModelKitRequest {
  form: ModelKitForm;
  reference: string;
  /** Tells one request from the same one before. */
  turn: number;
}

/** The ModelKits of the workspace. */
export class ModelKits extends Section {
  constructor(
    private readonly _model: IKitModel,
    private readonly _trans: TranslationBundle,
    private readonly _commands: CommandRegistry
  ) {
    super('modelkits', _trans.__('ModelKits'));
    this.toolbar.addItem(
      'pack',
      new ToolbarButton({
        icon: addIcon,
        tooltip: _trans.__('Pack a ModelKit'),
        onClick: () => void _commands.execute('jupyter-kit:pack')
      })
    );
    this.toolbar.addItem(
      'pull',
      new ToolbarButton({
        icon: downloadIcon,
        tooltip: _trans.__('Pull a ModelKit from a registry'),
        onClick: () => this.ask('pull')
      })
    );
  }

  /** Show a form. */
  ask(form: ModelKitForm, reference = ''): void {
    this._request = {
      form,
      reference,
      turn: (this._request?.turn ?? 0) + 1
    };
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
      <ModelKitList
        model={this._model}
        trans={this._trans}
        commands={this._commands}
        shown={this.isVisible}
        request={this._request}
      />
    );
  }

  private _request: IModelKitRequest | null = null;
}
