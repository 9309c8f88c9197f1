import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { Section } from './section';
import type { IKitModel } from '../tokens';

/** The snapshots of the workspace, newest first. */
export class History extends Section {
  constructor(
    private readonly _model: IKitModel,
    private readonly _trans: TranslationBundle
  ) {
    super('history', _trans.__('History'));
  }

  protected render(): JSX.Element {
    return (
      <p className="jk-Hint">
        {this._model.workspace?.name ?? this._trans.__('Nothing here yet')}
      </p>
    );
  }
}
