import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { Section } from '../sidebar/section';
import type { IKitModel } from '../tokens';

/** Where the workspace exchanges its snapshots. */
export class Remotes extends Section {
  constructor(
    private readonly _model: IKitModel,
    private readonly _trans: TranslationBundle
  ) {
    super('remotes', _trans.__('Remotes'));
  }

  protected render(): JSX.Element {
    return (
      <p className="jk-Hint">
        {this._model.workspace?.name ?? this._trans.__('Nothing here yet')}
      </p>
    );
  }
}
