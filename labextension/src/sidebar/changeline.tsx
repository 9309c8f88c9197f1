import type { TranslationBundle } from '@jupyterlab/translation';
import { undoIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { letterOf } from '../diff/place';
import type { ChangeKind, IChange } from '../replies';
import { nameAndFolder, size } from '../words';

/** One file that differs, with the button that puts it back. */
export function ChangeLine(props: {
  change: IChange;
  id: string;
  current: boolean;
  trans: TranslationBundle;
  open: () => void;
  restore?: () => void;
}): JSX.Element {
  const { change, trans } = props;
  const [name, folder] = nameAndFolder(change.path);
  const kinds: Record<ChangeKind, string> = {
    added: trans.__('New'),
    removed: trans.__('Deleted'),
    modified: trans.__('Changed'),
    renamed: trans.__('Renamed'),
    mode: trans.__('Permissions changed')
  };
  const facts = factsOf(change, trans);
  const from = change.old_path ? `\n← ${change.old_path}` : '';
  return (
    <div
      id={props.id}
      role="treeitem"
      aria-level={2}
      aria-label={`${kinds[change.kind]}: ${change.path}, ${facts}`}
      title={`${kinds[change.kind]}: ${change.path}${from}\n${facts}`}
      className={`jk-Change ${props.current ? 'jk-mod-current' : ''}`}
      data-path={change.path}
      data-kind={change.kind}
      onClick={props.open}
    >
      <span className={`jk-Letter jk-mod-${change.kind}`} aria-hidden>
        {letterOf(change.kind)}
      </span>
      <span className="jk-Change-path">
        <span className="jk-Change-name">{name}</span>
        {folder && <span className="jk-Quiet jk-Change-folder">{folder}</span>}
      </span>
      <span className="jk-Quiet jk-Change-size">{shownSize(change)}</span>
      {props.restore && (
        <button
          type="button"
          className="jk-IconButton jk-Change-restore"
          tabIndex={-1}
          title={trans.__('Put this file back as it was…')}
          aria-label={trans.__('Put %1 back as it was', change.path)}
          onClick={event => {
            event.stopPropagation();
            props.restore?.();
          }}
        >
          <undoIcon.react tag="span" />
        </button>
      )}
    </div>
  );
}

/** The size that is shown: what the store gains, or else what the file has. */
function shownSize(change: IChange): string {
  if (change.kind === 'removed') {
    return '';
  }
  if (change.new_bytes) {
    return `+${size(change.new_bytes)}`;
  }
  return change.new_size === null ? '' : size(change.new_size);
}

function factsOf(change: IChange, trans: TranslationBundle): string {
  const facts: string[] = [];
  const { old_size: before, new_size: after, new_bytes: added } = change;
  if (before !== null && after !== null && before !== after) {
    facts.push(`${size(before)} → ${size(after)}`);
  } else if (after !== null || before !== null) {
    facts.push(size(after ?? before ?? 0));
  }
  if (added !== null && change.kind !== 'removed') {
    facts.push(trans.__('%1 new to the store', size(added)));
  }
  return facts.join(', ');
}
