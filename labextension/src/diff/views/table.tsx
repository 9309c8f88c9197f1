import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import type { IColumnChange, ITableDiff } from '../source';

/** Columns that are named; the list says how many more there are. */
const NAMED_MAX = 100;

/** Above the lines of a table: how many rows and columns it has, and what became of each column. */
export class TableSummary extends ReactWidget {
  constructor(
    private readonly _diff: ITableDiff,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jk-TableSummary');
  }

  protected render(): JSX.Element {
    const { old_rows, new_rows, columns, changed_columns } = this._diff;
    const trans = this._trans;
    const rows = [
      ...new Set([old_rows, new_rows].filter(each => each !== null))
    ].map(each => (each ?? 0).toLocaleString());
    const last = new_rows ?? old_rows ?? 0;
    const rest = changed_columns.length - NAMED_MAX;
    return (
      <>
        <p className="jk-Summary">
          <b>{trans._n('%2 row', '%2 rows', last, rows.join(' → '))}</b>
          <span>{trans._n('%1 column', '%1 columns', columns)}</span>
        </p>
        {changed_columns.length > 0 && (
          <ul
            className="jk-Columns"
            aria-label={trans.__('Columns that differ')}
          >
            {changed_columns.slice(0, NAMED_MAX).map(column => (
              <li key={column.name} className={`jk-mod-${column.kind}`}>
                <code>{column.name}</code> {words(column, trans)}
              </li>
            ))}
            {rest > 0 && <li>{trans.__('and %1 more', rest)}</li>}
          </ul>
        )}
      </>
    );
  }
}

function words(column: IColumnChange, trans: TranslationBundle): string {
  switch (column.kind) {
    case 'added':
      return trans.__('added');
    case 'removed':
      return trans.__('removed');
    default:
      return trans._n(
        'changed in %1 row',
        'changed in %1 rows',
        column.changed_rows ?? 0
      );
  }
}
