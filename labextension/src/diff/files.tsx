import { PathExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React, { useEffect, useState } from 'react';

import type { IChange } from '../replies';
import { TYPED } from '../sidebar/finding';
import { withWords } from '../sidebar/groups';
import type { DiffDocument } from './document';
import { letterOf } from './place';

/** Files that are listed; the others are found with the filter. */
const LISTED_MAX = 300;

/** More files than this have a filter. */
const FILTERED_FROM = 12;

/** Beside a diff document: the files that differ. */
export class Files extends ReactWidget {
  constructor(
    private readonly _document: DiffDocument,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jk-Files');
  }

  protected render(): JSX.Element {
    return (
      <UseSignal signal={this._document.changed}>
        {() => <FileList document={this._document} trans={this._trans} />}
      </UseSignal>
    );
  }
}

function FileList(props: {
  document: DiffDocument;
  trans: TranslationBundle;
}): JSX.Element {
  const { document, trans } = props;
  const { changes, total, selected } = document;
  const [filter, setFilter] = useState('');
  const found = withWords(changes, filter);
  const isCut = total > changes.length;
  useEffect(() => {
    if (!isCut || !filter.trim()) {
      return;
    }
    const timer = setTimeout(() => void document.find(filter), TYPED);
    return () => clearTimeout(timer);
  }, [document, isCut, filter]);
  const shown = found.slice(0, LISTED_MAX);
  const move = (event: React.KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next =
      shown[shown.findIndex(each => each === selected) + (step ?? 0)];
    if (step && next) {
      event.preventDefault();
      document.select(next.path);
    }
  };
  return (
    <>
      <h2 className="jk-Files-title">
        {trans._n('%1 file differs', '%1 files differ', total)}
      </h2>
      {isCut && (
        <p className="jk-Files-more">
          {trans.__(
            '%1 of them are listed; filter by name to find others.',
            changes.length
          )}
        </p>
      )}
      {changes.length > FILTERED_FROM && (
        <input
          className="jk-Files-filter jp-mod-styled"
          type="search"
          placeholder={trans.__('Filter by name')}
          aria-label={trans.__('Filter by name')}
          value={filter}
          onChange={event => setFilter(event.target.value)}
        />
      )}
      <ul
        className="jk-Files-list"
        role="listbox"
        aria-label={trans.__('Files that differ')}
        tabIndex={0}
        onKeyDown={move}
      >
        {shown.map(change => (
          <FileRow
            key={change.path}
            change={change}
            isSelected={change === selected}
            onSelect={() => document.select(change.path)}
          />
        ))}
      </ul>
      {found.length > shown.length && (
        <p className="jk-Files-more">
          {trans.__(
            '%1 more; filter by name to see them.',
            found.length - shown.length
          )}
        </p>
      )}
    </>
  );
}

function FileRow(props: {
  change: IChange;
  isSelected: boolean;
  onSelect: () => void;
}): JSX.Element {
  const { change, isSelected } = props;
  const folder = PathExt.dirname(change.path);
  return (
    <li
      role="option"
      aria-selected={isSelected}
      className={`jk-FileRow${isSelected ? ' jk-mod-selected' : ''}`}
      title={change.path}
      onClick={props.onSelect}
      ref={node => {
        if (isSelected) {
          node?.scrollIntoView({ block: 'nearest' });
        }
      }}
    >
      <span className={`jk-Letter jk-mod-${change.kind}`} aria-hidden="true">
        {letterOf(change.kind)}
      </span>
      <span className="jk-FileRow-name">{PathExt.basename(change.path)}</span>
      {folder && <span className="jk-FileRow-folder">{folder}</span>}
    </li>
  );
}
