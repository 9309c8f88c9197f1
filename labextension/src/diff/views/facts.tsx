import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import type { IChange } from '../../replies';
import { size } from '../../words';

/** Larger files are not compared from inside; the server's own limit, in bytes. */
const COMPARED_MAX = 16 * 1024 * 1024;

/** What is known of a file that has no better view. */
export interface IFacts {
  change: IChange;
  /** How many of the new bytes the old version has, or the store where the new version is on disk; null where that is not known. */
  shared: number | null;
  /** What the two versions are called. */
  titles: [string, string];
  /** Where the two versions can be had; null where there is none. */
  urls: [string | null, string | null];
}

/** A changed file in figures: sizes, and how much of the new version is in the old one. */
export class FactsView extends ReactWidget {
  constructor(
    private readonly _facts: IFacts,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jk-FileFacts');
  }

  protected render(): JSX.Element {
    const { change, shared } = this._facts;
    const trans = this._trans;
    return (
      <>
        <p className="jk-FileFacts-sentence">{sentence(change, trans)}</p>
        <div className="jk-FileFacts-sides">
          {this._side(0, change.old_size)}
          <span className="jk-FileFacts-arrow" aria-hidden="true">
            →
          </span>
          {this._side(1, change.new_size)}
        </div>
        {shared !== null && change.kind === 'modified' && change.new_size ? (
          <SharedBar shared={shared} whole={change.new_size} trans={trans} />
        ) : null}
      </>
    );
  }

  private _side(side: 0 | 1, count: number | null): JSX.Element {
    const { titles, urls } = this._facts;
    const url = urls[side];
    return (
      <div className="jk-FileFacts-side">
        <span className="jk-FileFacts-title">{titles[side]}</span>
        <span className="jk-FileFacts-size">
          {count === null ? this._trans.__('not there') : size(count)}
        </span>
        {url && count !== null && (
          <a className="jk-Link" href={url} download>
            {this._trans.__('Download')}
          </a>
        )}
      </div>
    );
  }
}

/** How much of a file is kept already, as a bar. */
export function SharedBar(props: {
  shared: number;
  whole: number;
  trans: TranslationBundle;
}): JSX.Element {
  const { shared, whole, trans } = props;
  const part = Math.max(0, Math.min(1, shared / whole));
  const text = trans.__(
    '%1 of %2 are shared with the version before; %3 are new.',
    size(shared),
    size(whole),
    size(Math.max(0, whole - shared))
  );
  return (
    <div className="jk-Shared">
      <div
        className="jk-Shared-bar"
        role="img"
        aria-label={text}
        title={`${Math.round(part * 100)} %`}
      >
        <div
          className="jk-Shared-part"
          style={{ width: `${(part * 100).toFixed(2)}%` }}
        />
      </div>
      <p className="jk-Shared-text">{text}</p>
    </div>
  );
}

function sentence(change: IChange, trans: TranslationBundle): string {
  switch (change.kind) {
    case 'renamed':
      return trans.__(
        'Moved from %1; the content is the same.',
        change.old_path ?? ''
      );
    case 'mode':
      return trans.__(
        'Permissions changed from %1 to %2; the content is the same.',
        (change.old_mode ?? 0).toString(8),
        (change.new_mode ?? 0).toString(8)
      );
    case 'added':
      return trans.__('Added.');
    case 'removed':
      return trans.__('Removed.');
    default:
      if (Math.max(change.old_size ?? 0, change.new_size ?? 0) > COMPARED_MAX) {
        return trans.__('This file is too large to show what differs in it.');
      }
      return trans.__('There is no view for the content of this file.');
  }
}
