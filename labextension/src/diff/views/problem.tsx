import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import { KitError } from '../../api';

/** Something that went wrong, where a document would be: what happened, and what to do next. */
export class ProblemView extends ReactWidget {
  constructor(
    private readonly _error: KitError,
    private readonly _again: { label: string; run: () => void } | null = null
  ) {
    super();
    this.addClass('jk-Problem');
    this.node.setAttribute('role', 'alert');
  }

  protected render(): JSX.Element {
    const again = this._again;
    return (
      <>
        <p className="jk-Problem-message">{this._error.message}</p>
        {this._error.hint && (
          <p className="jk-Problem-hint">{this._error.hint}</p>
        )}
        {again && (
          <button
            className="jp-mod-styled jp-mod-reject"
            onClick={() => again.run()}
          >
            {again.label}
          </button>
        )}
      </>
    );
  }
}
