import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

/** Above a file as it was: of when it is, and what to do with it. */
export class Banner extends ReactWidget {
  constructor(
    private readonly _title: string,
    private readonly _age: string,
    private readonly _trans: TranslationBundle,
    private readonly _restore: () => void,
    private readonly _compare: () => void
  ) {
    super();
    this.addClass('jk-Banner');
    this.node.setAttribute('role', 'status');
  }

  protected render(): JSX.Element {
    const trans = this._trans;
    return (
      <>
        <span className="jk-Banner-text">
          {trans.__('As of %1', this._title)}
          {this._age && `, ${this._age}`}
          <span className="jk-Banner-hint">{trans.__('read-only')}</span>
        </span>
        <button className="jk-Button" onClick={this._compare}>
          {trans.__('Compare with now')}
        </button>
        <button className="jk-Button jk-mod-accept" onClick={this._restore}>
          {trans.__('Restore this version…')}
        </button>
      </>
    );
  }
}
