import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import { KitError } from '../../api';

/** Something that can be done about a problem. */
export interface IWayOut {
  label: string;
  run: () => void;
}

/** Something that went wrong, where a document would be: what happened, and what to do next. */
export class ProblemView extends ReactWidget {
  constructor(
    private readonly _error: KitError,
    private readonly _ways: readonly IWayOut[] = []
  ) {
    super();
    this.addClass('jk-Trouble');
    this.node.setAttribute('role', 'alert');
  }

  protected render(): JSX.Element {
    return (
      <>
        <p className="jk-Trouble-message">{this._error.message}</p>
        {this._error.hint && (
          <p className="jk-Trouble-hint">{this._error.hint}</p>
        )}
        {this._ways.map(({ label, run }) => (
          <button key={label} className="jk-Button" onClick={() => run()}>
            {label}
          </button>
        ))}
      </>
    );
  }
}
