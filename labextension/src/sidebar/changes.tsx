import type { TranslationBundle } from '@jupyterlab/translation';
import {
  caretDownIcon,
  caretRightIcon,
  checkIcon,
  filterListIcon,
  ToolbarButton
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import React, { useMemo, useState } from 'react';

import { commandOf, IOpenDiff, IRollback, OPEN_DIFF } from '../commands/names';
import { changeCount, IChange, ILooking, IStatus } from '../replies';
import type { IKitModel } from '../tokens';
import { ago, firstLine, size } from '../words';
import { ChangeLine } from './changeline';
import { Looking, useFound } from './finding';
import { Group, Row, rowsOf } from './groups';
import { Notice } from './notice';
import { OnChange, Section } from './section';
import { moved, VirtualList } from './virtual';

/** Heights of lines in pixels, as style/changes.css sets them. */
const HEAD = 26;
const LINE = 26;

/** What differs from the snapshot that the workspace stands on. */
export class Changes extends Section {
  constructor(
    protected override readonly model: IKitModel,
    private readonly _trans: TranslationBundle,
    private readonly _commands: CommandRegistry
  ) {
    super('changes', _trans.__('Changes'), model);
    model.changed.connect(this._label, this);
    this.toolbar.addItem(
      'filter',
      new ToolbarButton({
        icon: filterListIcon,
        tooltip: _trans.__('Find changed files'),
        onClick: () => this._filter(!this._filtering)
      })
    );
  }

  protected render(): JSX.Element {
    return (
      <OnChange model={this.model}>
        {() => (
          <ChangesView
            status={this.model.status}
            looking={this.model.looking}
            filtering={this._filtering}
            filter={() => this._filter(true)}
            find={this._find}
            trans={this._trans}
            execute={(id, args) => void this._commands.execute(id, args)}
          />
        )}
      </OnChange>
    );
  }

  private _filter(filtering: boolean): void {
    this._filtering = filtering;
    this.update();
  }

  /** Ask about the answer that the server holds: it does not look at the files again. */
  private readonly _find = (match: string): Promise<IStatus> =>
    this.model.look<IStatus>('status', {
      answer: this.model.status?.answer,
      grouped: true,
      match
    });

  private _label(): void {
    const { status } = this.model;
    const count = status ? changeCount(status) : 0;
    const name = this._trans.__('Changes');
    const label = count ? `${name} (${count.toLocaleString()})` : name;
    if (label !== this.title.label) {
      this.title.label = label;
    }
  }

  private _filtering = false;
}

/** What the view of the changes is given. */
export interface IChangesView {
  status: IStatus | null;
  /** How far the next status is, where it takes long. */
  looking?: ILooking | null;
  /** Files are looked for by name. */
  filtering?: boolean;
  /** Begin to look for files by name. */
  filter?: () => void;
  /** Find changes by words, among those too that did not come. */
  find?: (words: string) => Promise<IStatus>;
  trans: TranslationBundle;
  execute: (command: string, args: ReadonlyPartialJSONObject) => void;
}

/** The changes, the box to find some of them, and how far the next look is. */
export function ChangesView(props: IChangesView): JSX.Element {
  const { status, looking, filtering, find, trans } = props;
  const [text, setText] = useState('');
  const words = filtering ? text.trim() : '';
  const shown = useFound(status, words, find);
  if (!status) {
    return (
      <>
        {looking && <Looking looking={looking} trans={trans} />}
        <div className="jk-Waiting" aria-busy />
      </>
    );
  }
  const label = trans.__('Find changed files by name or folder');
  return (
    <>
      {looking && <Looking looking={looking} trans={trans} />}
      {filtering && !status.clean && (
        <div className="jk-Filter" role="search">
          <input
            type="search"
            className="jp-mod-styled jk-Filter-text"
            autoFocus
            value={text}
            placeholder={trans.__('Name or folder…')}
            aria-label={label}
            onChange={event => setText(event.target.value)}
          />
        </div>
      )}
      {words && !shown.changes.length ? (
        <Notice
          title={
            shown.asking
              ? trans.__('Looking…')
              : trans.__('No changed file is called so')
          }
        />
      ) : (
        <ChangesList
          {...props}
          status={status}
          changes={shown.changes}
          groups={shown.groups}
        />
      )}
    </>
  );
}

/** The changes as a list, by what the files are. */
function ChangesList(
  props: Omit<IChangesView, 'status'> & {
    status: IStatus;
    changes: readonly IChange[];
    groups: IStatus['groups'];
  }
): JSX.Element {
  const { status, changes, groups, filter, trans, execute } = props;
  const [closed, setClosed] = useState<ReadonlySet<Group>>(new Set());
  const [current, setCurrent] = useState(-1);
  const rows = useMemo(
    () => rowsOf(changes, closed, groups),
    [changes, closed, groups]
  );
  if (status.clean) {
    return (
      <Notice
        icon={checkIcon}
        title={trans.__('Nothing has changed')}
        text={
          status.head_created
            ? trans.__(
                'All files are as in “%1”, %2.',
                firstLine(status.head_message ?? '') || trans.__('no message'),
                ago(status.head_created)
              )
            : trans.__('There are no files to keep yet.')
        }
      />
    );
  }
  const isFirst = status.head === null;
  const open = (change: IChange): void => {
    const args: IOpenDiff = { path: change.path };
    execute(OPEN_DIFF, { ...args });
  };
  const restore = (change: IChange): void => {
    const paths = [change.old_path, change.path].filter(
      (path): path is string => !!path
    );
    const args: IRollback = { name: 'HEAD', paths };
    execute(commandOf('rollback'), { ...args });
  };
  const toggle = (group: Group): void => {
    const next = new Set(closed);
    if (!next.delete(group)) {
      next.add(group);
    }
    setClosed(next);
  };
  const enter = (row: Row): void => {
    if (row.type === 'head') {
      toggle(row.group);
    } else if (row.type === 'change') {
      open(row.change);
    } else {
      filter?.();
    }
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const next = moved(event.key, current, rows.length);
    const row = rows[current];
    if (next !== null) {
      setCurrent(next);
    } else if (row && (event.key === 'Enter' || event.key === ' ')) {
      enter(row);
    } else if (row?.type === 'change' && event.key === 'Delete' && !isFirst) {
      restore(row.change);
    } else if (
      row?.type === 'head' &&
      ((event.key === 'ArrowLeft' && row.open) ||
        (event.key === 'ArrowRight' && !row.open))
    ) {
      toggle(row.group);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const names: Record<Group, string> = {
    notebooks: trans.__('Notebooks'),
    data: trans.__('Data'),
    models: trans.__('Models'),
    code: trans.__('Code'),
    other: trans.__('Other')
  };
  return (
    <VirtualList
      rows={rows}
      height={heightOf}
      reveal={current}
      attributes={{
        role: 'tree',
        tabIndex: 0,
        'aria-label': trans.__('Changed files'),
        'aria-activedescendant':
          current < 0 ? undefined : `jk-change-${current}`,
        onKeyDown,
        onFocus: () => setCurrent(Math.max(0, current))
      }}
      render={(row, index) =>
        row.type === 'head' ? (
          <div
            key={row.group}
            id={`jk-change-${index}`}
            role="treeitem"
            aria-level={1}
            aria-expanded={row.open}
            className={`jk-Group ${index === current ? 'jk-mod-current' : ''}`}
            onClick={() => {
              setCurrent(index);
              toggle(row.group);
            }}
          >
            {row.open ? (
              <caretDownIcon.react tag="span" className="jk-Group-caret" />
            ) : (
              <caretRightIcon.react tag="span" className="jk-Group-caret" />
            )}
            <span className="jk-Group-name">{names[row.group]}</span>
            <span className="jk-Count">{row.count.toLocaleString()}</span>
            {!!row.newBytes && (
              <span
                className="jk-Quiet jk-Group-size"
                title={trans.__('Bytes that the store does not have yet')}
              >
                {trans.__('%1 new', size(row.newBytes))}
              </span>
            )}
          </div>
        ) : row.type === 'more' ? (
          <div
            key={`${row.group} more`}
            id={`jk-change-${index}`}
            role="treeitem"
            aria-level={2}
            className={`jk-Change jk-Quiet ${index === current ? 'jk-mod-current' : ''}`}
            onClick={filter}
          >
            {trans.__('and %1 more: find them…', row.count.toLocaleString())}
          </div>
        ) : (
          <ChangeLine
            key={row.change.path}
            change={row.change}
            id={`jk-change-${index}`}
            current={index === current}
            trans={trans}
            open={() => {
              setCurrent(index);
              open(row.change);
            }}
            restore={isFirst ? undefined : () => restore(row.change)}
          />
        )
      }
      footer={<Rest status={status} trans={trans} />}
    />
  );
}

/** What is left out of snapshots. */
function Rest(props: {
  status: IStatus;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { status, trans } = props;
  return status.skipped.length > 0 ? (
    <details className="jk-Skipped">
      <summary>
        {trans._n(
          '%1 file is left out',
          '%1 files are left out',
          status.skipped.length
        )}
      </summary>
      <ul>
        {status.skipped.slice(0, 50).map(([path, reason]) => (
          <li key={path} title={path}>
            {path}: {reason}
          </li>
        ))}
      </ul>
    </details>
  ) : null;
}

function heightOf(row: Row): number {
  return row.type === 'head' ? HEAD : LINE;
}
