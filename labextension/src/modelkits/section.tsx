import type { TranslationBundle } from '@jupyterlab/translation';
import { addIcon, downloadIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import React from 'react';

import { FormSection } from '../sidebar/section';
import type { IKitModel } from '../tokens';
import { IModelKitOpened, ModelKitList } from './list';

/** The ModelKits of the workspace. */
export class ModelKits extends FormSection<IModelKitOpened> {
  constructor(
    private readonly _model: IKitModel,
    private readonly _trans: TranslationBundle,
    private readonly _commands: CommandRegistry
  ) {
    super('modelkits', _trans.__('ModelKits'));
    for (const [icon, tooltip, command] of [
      [addIcon, _trans.__('Pack a ModelKit'), 'jupyter-kit:pack'],
      [
        downloadIcon,
        _trans.__('Pull a ModelKit from a registry'),
        'jupyter-kit:pull'
      ]
    ] as const) {
      this.addTool(icon, tooltip, () => void _commands.execute(command));
    }
  }

  protected render(): JSX.Element {
    return (
      <ModelKitList
        model={this._model}
        trans={this._trans}
        commands={this._commands}
        shown={this.isVisible}
        request={this.request}
      />
    );
  }
}
