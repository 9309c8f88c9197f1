import type { TranslationBundle } from '@jupyterlab/translation';
import {
  closeIcon,
  filterListIcon,
  historyIcon,
  ToolbarButton,
  UseSignal
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import React, { useCallback, useEffect, useMemo, useState } from 'react';

import {
  COMPARE_PICKED,
  commandOf,
  IOpenDiff,
  OPEN_DIFF
} from '../commands/names';
import { afterMenu } from '../focus';
import type { ILogEntry, SnapshotKind } from '../replies';
import type { IKitModel } from '../tokens';
import { entryHeight, EntryLine } from './entry';
import { TYPED } from './finding';
import { Notice } from './notice';
import { OnChange, Section } from './section';
import type { Selection } from './selection';
import { matching, timeline } from './timeline';
import { moved, VirtualList } from './virtual';

type Execute = (command: string, args?: ReadonlyPartialJSONObject) => void;

/** The snapshots of the workspace, newest first. */
export class History extends Section {
  constructor(
    protected override readonly model: IKitModel,
    private readonly _selection: Selection,
    private readonly _trans: TranslationBundle,
    private readonly _commands: CommandRegistry
  ) {
    super('history', _trans.__('History'), model);
    this.toolbar.addItem(
      'filter',
      new ToolbarButton({
        icon: filterListIcon,
        tooltip: _trans.__('Find snapshots'),
        onClick: () => {
          this._filtering = !this._filtering;
          if (!this._filtering) {
            void model.setFilter({ kind: null, path: null, find: null });
          }
          this.update();
        }
      })
    );
  }

  protected render(): JSX.Element {
    return (
      <OnChange model={this.model}>
        {() => (
          <UseSignal signal={this._selection.changed}>
            {() => (
              <HistoryView
                model={this.model}
                selection={this._selection}
                filtering={this._filtering}
                trans={this._trans}
                execute={(id, args) => void this._commands.execute(id, args)}
              />
            )}
          </UseSignal>
        )}
      </OnChange>
    );
  }

  private _filtering = false;
}

/** The timeline with its filter, and what is picked for comparing. */
export function HistoryView(props: {
  model: IKitModel;
  selection: Selection;
  filtering: boolean;
  trans: TranslationBundle;
  execute: Execute;
}): JSX.Element {
  const { model, selection, filtering, trans, execute } = props;
  const { history, older, more, filter } = model;
  const [text, setText] = useState('');
  const wanted = filtering ? text : '';
  const told = useMemo(() => timeline(history, older), [history, older]);
  const rows = useMemo(() => matching(told, wanted), [told, wanted]);
  const onEnd = useCallback(() => void model.loadMore(), [model]);

  // The server finds what was not read yet. Where all was, what is here is enough, and metrics keep their changes.
  const find = wanted.trim() && (more || filter.find) ? wanted.trim() : null;
  useEffect(() => {
    if (find === filter.find) {
      return;
    }
    const timer = setTimeout(() => void model.setFilter({ find }), TYPED);
    return () => clearTimeout(timer);
  }, [find, filter.find, model]);

  const filtered =
    wanted !== '' || filter.kind !== null || filter.path !== null;
  if (!history.length && !filtered && model.status?.snapshots !== 0) {
    return <>{!model.error && <div className="jk-Waiting" aria-busy />}</>;
  }
  // What keeps it from being read is told in the head of the panel.
  const unread = !history.length && model.error !== null;
  return (
    <>
      {(filtering || filter.path !== null) && (
        <Filter
          text={text}
          setText={setText}
          kind={filter.kind}
          setKind={kind => void model.setFilter({ kind })}
          path={filter.path}
          clearPath={() => void model.setFilter({ path: null })}
          trans={trans}
        />
      )}
      {rows.length ? (
        <Timeline {...{ rows, selection, trans, execute, onEnd }} />
      ) : unread ? null : filtered ? (
        <Notice
          title={
            model.loading || find !== filter.find
              ? trans.__('Looking…')
              : filter.path !== null && !wanted && !filter.kind
                ? trans.__('No snapshot has this file')
                : trans.__('No snapshot is like that')
          }
        />
      ) : (
        <Notice
          icon={historyIcon}
          title={trans.__('No snapshot yet')}
          text={trans.__(
            'Say above what this version is, and take the first snapshot. You can always come back to it.'
          )}
        />
      )}
      <Picked selection={selection} trans={trans} execute={execute} />
    </>
  );
}

function Timeline(props: {
  rows: ReturnType<typeof matching>;
  selection: Selection;
  trans: TranslationBundle;
  execute: Execute;
  onEnd: () => void;
}): JSX.Element {
  const { rows, selection, trans, execute, onEnd } = props;
  const id = selection.current?.snapshot.id;
  const current = rows.findIndex(({ entry }) => entry.snapshot.id === id);
  const withAuthor = useMemo(
    () => new Set(rows.map(({ entry }) => entry.snapshot.author)).size > 1,
    [rows]
  );
  const open = (entry: ILogEntry): void => {
    const { id, parents } = entry.snapshot;
    if (parents.length) {
      const args: IOpenDiff = { before: parents[0], after: id };
      execute(OPEN_DIFF, { ...args });
    } else {
      execute(commandOf('show'), { name: id });
    }
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    const next = moved(event.key, current, rows.length);
    const entry = rows[current]?.entry;
    if (next !== null) {
      selection.current = rows[next].entry;
    } else if (entry && event.key === 'Enter') {
      open(entry);
    } else if (entry && event.key === ' ') {
      selection.toggle(entry);
    } else if (event.key === 'Escape' && selection.picked.length) {
      selection.clear();
    } else if (
      entry &&
      (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey))
    ) {
      openMenu(document.getElementById(`jk-snapshot-${entry.snapshot.id}`));
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <VirtualList
      rows={rows}
      height={entryHeight}
      reveal={current}
      onEnd={onEnd}
      attributes={{
        role: 'listbox',
        tabIndex: 0,
        className: 'jk-Timeline',
        'aria-label': trans.__('Snapshots, newest first'),
        'aria-multiselectable': true,
        'aria-activedescendant': id && `jk-snapshot-${id}`,
        onKeyDown,
        onBlur: afterMenu,
        onFocus: () => {
          if (current < 0) {
            selection.current = rows[0].entry;
          }
        }
      }}
      render={told => (
        <EntryLine
          key={told.entry.snapshot.id}
          told={told}
          current={told.entry.snapshot.id === id}
          picked={selection.isPicked(told.entry.snapshot.id)}
          withAuthor={withAuthor}
          trans={trans}
          open={() => open(told.entry)}
          select={() => {
            selection.current = told.entry;
          }}
          pick={() => selection.toggle(told.entry)}
          menu={openMenu}
        />
      )}
    />
  );
}

/** Open the context menu of a line, as a right click would. */
function openMenu(line: Element | null): void {
  const box = line?.getBoundingClientRect();
  if (line && box) {
    line.dispatchEvent(
      new MouseEvent('contextmenu', {
        bubbles: true,
        cancelable: true,
        clientX: box.left + Math.min(24, box.width),
        clientY: box.top + Math.min(24, box.height)
      })
    );
  }
}

/** What is picked for comparing, and what may be done with it. */
function Picked(props: {
  selection: Selection;
  trans: TranslationBundle;
  execute: Execute;
}): JSX.Element | null {
  const { selection, trans, execute } = props;
  const [first] = selection.picked;
  if (!first) {
    return null;
  }
  const pair = selection.pair();
  return (
    <div className="jk-Picked" role="status">
      <span className="jk-Picked-text">
        {pair
          ? trans.__('Two snapshots picked')
          : trans.__('Pick another, or compare with now')}
      </span>
      <button
        type="button"
        className="jp-mod-styled jp-mod-accept jk-Button"
        onClick={() => execute(COMPARE_PICKED)}
      >
        {trans.__('Compare')}
      </button>
      <button
        type="button"
        className="jk-IconButton"
        title={trans.__('Pick none')}
        aria-label={trans.__('Pick none')}
        onClick={() => selection.clear()}
      >
        <closeIcon.react tag="span" />
      </button>
    </div>
  );
}

function Filter(props: {
  text: string;
  setText: (text: string) => void;
  kind: SnapshotKind | null;
  setKind: (kind: SnapshotKind | null) => void;
  path: string | null;
  clearPath: () => void;
  trans: TranslationBundle;
}): JSX.Element {
  const { text, setText, kind, setKind, path, clearPath, trans } = props;
  return (
    <div className="jk-Filter" role="search">
      <input
        type="search"
        className="jp-mod-styled jk-Filter-text"
        value={text}
        placeholder={trans.__('Find…')}
        title={trans.__('Find snapshots by message, tag, author or metric')}
        aria-label={trans.__(
          'Find snapshots by message, tag, author or metric'
        )}
        onChange={event => setText(event.target.value)}
      />
      <select
        className="jp-mod-styled jk-Filter-kind"
        value={kind ?? ''}
        aria-label={trans.__('Kind of snapshot')}
        onChange={event =>
          setKind((event.target.value || null) as SnapshotKind | null)
        }
      >
        <option value="">{trans.__('All')}</option>
        <option value="manual">{trans.__('By hand')}</option>
        <option value="auto">{trans.__('Automatic')}</option>
        <option value="safety">{trans.__('Safety')}</option>
      </select>
      {path !== null && (
        <span className="jk-Filter-path" title={path}>
          <span className="jk-Filter-name">{path}</span>
          <button
            type="button"
            className="jk-IconButton"
            title={trans.__('Show all snapshots again')}
            aria-label={trans.__('Show all snapshots again')}
            onClick={clearPath}
          >
            <closeIcon.react tag="span" />
          </button>
        </span>
      )}
    </div>
  );
}
