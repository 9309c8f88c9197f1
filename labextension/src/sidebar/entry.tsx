import type { TranslationBundle } from '@jupyterlab/translation';
import { ellipsesIcon } from '@jupyterlab/ui-components';
import React from 'react';

import type { SnapshotKind } from '../replies';
import { ago, change, clock, firstLine, metric, shortId, size } from '../words';
import type { ITimelineEntry } from './timeline';

/** What the snapshot is called that the files stand on, here as in the terminal. */
const HEAD = 'HEAD';

/** Heights of an entry in pixels, as style/history.css sets them. */
const TWO_LINES = 44;
const THREE_LINES = 62;

/** The height of an entry: one with metrics has a line more. */
export function entryHeight(told: ITimelineEntry): number {
  return told.metrics.length ? THREE_LINES : TWO_LINES;
}

/** One snapshot of the timeline. */
export function EntryLine(props: {
  told: ITimelineEntry;
  current: boolean;
  picked: boolean;
  /** There are several authors. */
  withAuthor: boolean;
  trans: TranslationBundle;
  open: () => void;
  select: () => void;
  pick: () => void;
  menu: (line: Element | null) => void;
}): JSX.Element {
  const { told, current, picked, trans } = props;
  const { snapshot, tags, head } = told.entry;
  const silent: Record<SnapshotKind, string> = {
    manual: trans.__('no message'),
    auto: trans.__('automatic snapshot'),
    safety: trans.__('before a rollback')
  };
  const message = firstLine(snapshot.message) || silent[snapshot.kind];
  const kinds: Record<SnapshotKind, string> = {
    manual: '',
    auto: trans.__('automatic'),
    safety: trans.__('safety')
  };
  const added = snapshot.new_bytes ? `+${size(snapshot.new_bytes)}` : '';
  const facts = [ago(snapshot.created), snapshot.author, added];
  return (
    <div
      id={`jk-snapshot-${snapshot.id}`}
      role="option"
      aria-selected={picked}
      aria-label={[
        message,
        kinds[snapshot.kind],
        ...(head ? [trans.__('you are here')] : []),
        ...tags,
        ...facts,
        ...told.metrics.map(each => `${each.name} ${metric(each.value)}`)
      ]
        .filter(Boolean)
        .join(', ')}
      className={[
        'jk-Snapshot',
        `jk-mod-${snapshot.kind}`,
        ...(head ? ['jk-mod-head'] : []),
        ...(current ? ['jk-mod-current'] : []),
        ...(picked ? ['jk-mod-picked'] : [])
      ].join(' ')}
      style={{ height: entryHeight(told) }}
      data-snapshot={snapshot.id}
      onContextMenu={props.select}
      onClick={event => {
        props.select();
        if (event.ctrlKey || event.metaKey) {
          props.pick();
        } else {
          props.open();
        }
      }}
    >
      <span
        className="jk-Rail"
        title={picked ? trans.__('Let it go') : trans.__('Pick for comparing')}
        onClick={event => {
          event.stopPropagation();
          props.select();
          props.pick();
        }}
      >
        <span className="jk-Dot" />
      </span>
      <div className="jk-Snapshot-text">
        <div className="jk-Snapshot-line">
          <span
            className={`jk-Snapshot-message ${snapshot.message ? '' : 'jk-mod-silent'}`}
            title={`${snapshot.message || message}\n${snapshot.author}, ${shortId(snapshot.id)}`}
          >
            {message}
          </span>
          {head && (
            <span
              className="jk-Tag jk-mod-head"
              title={trans.__('The files stand on this snapshot')}
            >
              {HEAD}
            </span>
          )}
          {tags.slice(0, 2).map(tag => (
            <span key={tag} className="jk-Tag" title={tags.join(', ')}>
              {tag}
            </span>
          ))}
          {tags.length > 2 && (
            <span className="jk-Tag" title={tags.join(', ')}>
              +{tags.length - 2}
            </span>
          )}
        </div>
        <div className="jk-Snapshot-line jk-Quiet">
          <time dateTime={snapshot.created} title={clock(snapshot.created)}>
            {facts[0]}
          </time>
          {snapshot.message && kinds[snapshot.kind] && (
            <span>{kinds[snapshot.kind]}</span>
          )}
          {props.withAuthor && (
            <span className="jk-Snapshot-author" title={snapshot.author}>
              {snapshot.author}
            </span>
          )}
          {added && (
            <span
              className="jk-Snapshot-added"
              title={trans.__('How much of it the store did not have')}
            >
              {added}
            </span>
          )}
        </div>
        {told.metrics.length > 0 && (
          <div className="jk-Snapshot-line jk-Metrics">
            {told.metrics.map(each => (
              <span key={each.name} className="jk-Metric" title={each.name}>
                <span className="jk-Quiet">{each.name}</span>{' '}
                {metric(each.value)}
                {!!each.change && (
                  <span className="jk-Quiet"> {change(each.change)}</span>
                )}
              </span>
            ))}
          </div>
        )}
      </div>
      {/* For the pointer only: an option holds no button, and the menu key opens the same menu. */}
      <span
        className="jk-IconButton jk-Snapshot-menu"
        aria-hidden
        title={trans.__('More…')}
        onClick={event => {
          event.stopPropagation();
          props.select();
          props.menu(event.currentTarget);
        }}
      >
        <ellipsesIcon.react tag="span" />
      </span>
    </div>
  );
}
