import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import type { ICellChange, ICellsDiff, ITableDiff, ITextDiff } from '../source';

/** What the sign at the start of a line of a unified diff means. */
const SIGNS: Record<string, string> = {
  '+': 'added',
  '-': 'removed',
  '@': 'place',
  '\\': 'remark'
};

/** The lines of a unified diff. */
export function Lines(props: { lines: readonly string[] }): JSX.Element {
  const shown = props.lines.filter(
    (line, position) => position > 1 || !/^(---|\+\+\+) /.test(line)
  );
  return (
    <pre className="jk-Lines" tabIndex={0}>
      {shown.map((line, position) => (
        <div
          key={position}
          className={`jk-Line jk-mod-${SIGNS[line[0]] ?? 'equal'}`}
        >
          {line || ' '}
        </div>
      ))}
    </pre>
  );
}

/** A text's change as a unified diff, where it is too long for the side by side view. */
export class LinesView extends ReactWidget {
  constructor(
    private readonly _diff: ITextDiff | ITableDiff,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jk-LinesView');
  }

  protected render(): JSX.Element {
    return (
      <>
        {this._diff.lines.length === 0 && (
          <p className="jk-Diff-note">
            {this._trans.__(
              'The lines are the same; only marks that no reader sees differ, such as line ends.'
            )}
          </p>
        )}
        <Lines lines={this._diff.lines} />
        {this._diff.cut && (
          <p className="jk-Diff-note">
            {this._trans.__('The rest is too long to show.')}
          </p>
        )}
      </>
    );
  }
}

/** A notebook's change by cell: sources by line, outputs and metadata in words. */
export class CellsView extends ReactWidget {
  constructor(
    private readonly _diff: ICellsDiff,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jk-CellsView');
  }

  protected render(): JSX.Element {
    const { cells, metadata } = this._diff;
    const trans = this._trans;
    return (
      <>
        {metadata && (
          <section className="jk-Cell">
            <header className="jk-Cell-header">
              {trans.__('Notebook metadata')}
            </header>
            <p className="jk-Cell-remark">{metadata}</p>
          </section>
        )}
        {!metadata && cells.length === 0 && (
          <p className="jk-Diff-note">
            {trans.__(
              'The cells are the same. Only run counts, times or the layout of the file differ.'
            )}
          </p>
        )}
        {cells.map((cell, position) => (
          <CellCard key={position} cell={cell} trans={trans} />
        ))}
      </>
    );
  }
}

function CellCard(props: {
  cell: ICellChange;
  trans: TranslationBundle;
}): JSX.Element {
  const { cell, trans } = props;
  const kinds: Record<ICellChange['kind'], string> = {
    added: trans.__('added'),
    removed: trans.__('removed'),
    modified: trans.__('changed'),
    moved: trans.__('moved')
  };
  const position = (cell.after ?? cell.before ?? 0) + 1;
  const from =
    cell.kind === 'moved' && cell.before !== null
      ? trans.__('from place %1', cell.before + 1)
      : '';
  return (
    <section className={`jk-Cell jk-mod-${cell.kind}`}>
      <header className="jk-Cell-header">
        <span className="jk-Cell-place">{trans.__('Cell %1', position)}</span>
        <span className="jk-Cell-type">{cell.cell_type}</span>
        <span className={`jk-Badge jk-mod-${cell.kind}`}>
          {kinds[cell.kind]} {from}
        </span>
      </header>
      {cell.source.length > 0 && (
        <Lines lines={cell.source.filter(line => !line.startsWith('@@'))} />
      )}
      {cell.outputs && (
        <p className="jk-Cell-remark">
          <b>{trans.__('Outputs')}</b> {cell.outputs}
        </p>
      )}
      {cell.metadata && (
        <p className="jk-Cell-remark">
          <b>{trans.__('Metadata')}</b> {cell.metadata}
        </p>
      )}
    </section>
  );
}
