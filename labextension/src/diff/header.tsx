import type { TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect, ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React from 'react';

import type { ILogEntry } from '../replies';
import { ago } from '../words';
import type { DiffDocument } from './document';
import { find, shortName } from './place';

/** The value of the choice that reads older snapshots. */
const OLDER = '…';

/** Above a diff document: which two states, and how they are shown. */
export class Header extends ReactWidget {
  constructor(
    private readonly _document: DiffDocument,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jk-Diff-header');
    this.node.setAttribute('role', 'toolbar');
    this.node.setAttribute('aria-label', _trans.__('What is compared'));
  }

  protected render(): JSX.Element {
    return (
      <UseSignal signal={this._document.changed}>
        {() => (
          <>
            <Sides document={this._document} trans={this._trans} />
            <Choices document={this._document} trans={this._trans} />
          </>
        )}
      </UseSignal>
    );
  }
}

interface IProps {
  document: DiffDocument;
  trans: TranslationBundle;
}

function Sides({ document, trans }: IProps): JSX.Element {
  const { place } = document;
  return (
    <div className="jk-Diff-sides">
      <Picker
        label={trans.__('Before')}
        value={place.before}
        document={document}
        trans={trans}
        onPick={before => document.compare({ before })}
      />
      <span className="jk-Diff-arrow" aria-hidden="true">
        →
      </span>
      <Picker
        label={trans.__('After')}
        value={place.after}
        now={trans.__('Now, the files on disk')}
        document={document}
        trans={trans}
        onPick={after => document.compare({ after })}
      />
    </div>
  );
}

function Choices({ document, trans }: IProps): JSX.Element {
  const { look, looks, selected } = document;
  return (
    <div className="jk-Diff-choices">
      {looks.includes('hideUnchanged') && (
        <label className="jk-Diff-choice">
          <input
            type="checkbox"
            checked={look.hideUnchanged}
            onChange={event =>
              document.see({ hideUnchanged: event.target.checked })
            }
          />
          {looks.includes('inline')
            ? trans.__('Hide unchanged lines')
            : trans.__('Hide unchanged cells')}
        </label>
      )}
      {looks.includes('inline') && (
        <label className="jk-Diff-choice">
          <input
            type="checkbox"
            checked={look.inline}
            onChange={event => document.see({ inline: event.target.checked })}
          />
          {trans.__('One column')}
        </label>
      )}
      {selected && (
        <button
          className="jk-Button"
          title={trans.__(
            'Put %1 back as it was in %2',
            selected.path,
            shortName(document.place.before, document.history)
          )}
          onClick={() => document.restore()}
        >
          {trans.__(
            'Restore from %1…',
            shortName(document.place.before, document.history)
          )}
        </button>
      )}
    </div>
  );
}

function Picker(
  props: IProps & {
    label: string;
    value: string;
    now?: string;
    onPick: (name: string) => void;
  }
): JSX.Element {
  const { document, trans, value } = props;
  const { history } = document;
  const entry = find(value, history);
  const isUnknown = !entry && (value !== '' || props.now === undefined);
  return (
    <HTMLSelect
      className="jk-Diff-picker"
      aria-label={props.label}
      title={entry ? labelOf(entry, trans) : props.label}
      value={entry ? nameOf(entry) : value}
      onChange={event => {
        if (event.target.value === OLDER) {
          void document.loadOlder();
        } else {
          props.onPick(event.target.value);
        }
      }}
    >
      {props.now !== undefined && <option value="">{props.now}</option>}
      {isUnknown && <option value={value}>{shortName(value)}</option>}
      {history.map(each => (
        <option key={each.snapshot.id} value={nameOf(each)}>
          {labelOf(each, trans)}
        </option>
      ))}
      {document.older && (
        <option value={OLDER}>{trans.__('Older snapshots…')}</option>
      )}
    </HTMLSelect>
  );
}

/** The name that a snapshot is asked for by. */
function nameOf(entry: ILogEntry): string {
  return entry.tags[0] ?? entry.snapshot.id;
}

/** A snapshot in one line: its name, its message, its age. */
export function labelOf(entry: ILogEntry, trans: TranslationBundle): string {
  const { kind, message, created } = entry.snapshot;
  const kinds: Record<string, string> = {
    auto: trans.__('automatic'),
    safety: trans.__('before a rollback')
  };
  return [
    shortName(entry.snapshot.id, [entry]),
    message || kinds[kind],
    ago(created)
  ]
    .filter(Boolean)
    .join(' · ');
}
