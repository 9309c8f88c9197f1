import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { Section } from '../sidebar/section';
import type { IKitModel } from '../tokens';

/** The ModelKits of the workspace. */
export class ModelKits extends Section {
  constructor(
    private readonly _model: IKitModel,
    private readonly _trans: TranslationBundle
  ) {
    super('modelkits', _trans.__('ModelKits'));
  }

  protected render(): JSX.Element {
    return (
      <p className="jk-Hint">
        {this._model.workspace?.name ?? this._trans.__('Nothing here yet')}
      </p>
    );
  }
}
