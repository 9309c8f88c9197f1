import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { Section } from './section';
import type { IKitModel } from '../tokens';

/** What differs from the snapshot that the workspace stands on. */
export class Changes extends Section {
  constructor(
    private readonly _model: IKitModel,
    private readonly _trans: TranslationBundle
  ) {
    super('changes', _trans.__('Changes'));
  }

  protected render(): JSX.Element {
    return (
      <p className="jk-Hint">
        {this._model.workspace?.name ?? this._trans.__('Nothing here yet')}
      </p>
    );
  }
}
