import type { TranslationBundle } from '@jupyterlab/translation';
import {
  caretDownIcon,
  caretRightIcon,
  downloadIcon,
  ellipsesIcon,
  fileUploadIcon
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import React from 'react';

import { IconButton } from '../forms/buttons';
import { showMenu } from '../forms/menu';
import { ago, size } from '../forms/words';
import type { IKitModel } from '../tokens';
import { Detail } from './detail';
import type { ModelKitForm } from './list';
import { Push } from './push';
import { Removal } from './removal';
import type { IModelKitSummary } from './replies';
import { Tagging } from './tagging';
import { Unpack } from './unpack';

/** The commands of a ModelKit's menu, in groups. */
const MENU = [
  [
    'jupyter-kit:push',
    'jupyter-kit:unpack',
    'jupyter-kit:tag-modelkit',
    'jupyter-kit:copy-reference'
  ],
  ['jupyter-kit:inspect-modelkit'],
  ['jupyter-kit:remove-modelkit']
];

/** One ModelKit: what it is called and how large it is; below it, when it is open, what it holds and the form that was asked for. */
export function ModelKitEntry(props: {
  model: IKitModel;
  trans: TranslationBundle;
  commands: CommandRegistry;
  entry: IModelKitSummary;
  known: readonly IModelKitSummary[];
  open: boolean;
  form: ModelKitForm | null;
  onOpen: (form: ModelKitForm | null) => void;
  onFold: () => void;
  onClose: (told?: string) => void;
}): JSX.Element {
  const { trans, commands, entry, open, form, onOpen } = props;
  const { reference } = entry;
  const facts = [
    [entry.name, entry.version].filter(Boolean).join(' '),
    trans._n('%1 layer', '%1 layers', entry.layers),
    size(entry.size),
    entry.created && ago(entry.created)
  ].filter(Boolean);
  const caret = open ? caretDownIcon : caretRightIcon;
  return (
    <li
      className={`jk-Entry ${open ? 'jk-mod-open' : ''}`}
      onContextMenu={event => {
        // Core's own menu comes with Shift.
        if (!event.shiftKey && !form) {
          event.preventDefault();
          event.stopPropagation();
          showMenu(commands, MENU, { reference }, event.clientX, event.clientY);
        }
      }}
    >
      <div className="jk-Entry-head">
        <button
          type="button"
          className="jk-Entry-title"
          aria-expanded={open}
          onClick={() => (open ? props.onFold() : onOpen(null))}
        >
          <caret.react className="jk-Entry-caret" tag="span" />
          <span className="jk-Entry-words">
            <span className="jk-Entry-name" title={reference}>
              <Name reference={reference} />
            </span>
            <span className="jk-Entry-facts">
              {facts.join(' · ')}
              {entry.format === 'modelpack' && (
                <span className="jk-Badge">{trans.__('ModelPack')}</span>
              )}
            </span>
          </span>
        </button>
        <div className="jk-Entry-buttons">
          <IconButton
            icon={fileUploadIcon}
            label={trans.__('Push %1', reference)}
            act={() => onOpen('push')}
          />
          <IconButton
            icon={downloadIcon}
            label={trans.__('Unpack %1', reference)}
            act={() => onOpen('unpack')}
          />
          <IconButton
            icon={ellipsesIcon}
            label={trans.__('More for %1', reference)}
            menu
            act={target => {
              const { left, bottom } = target.getBoundingClientRect();
              showMenu(commands, MENU, { reference }, left, bottom);
            }}
          />
        </div>
      </div>
      {open && (
        <div className="jk-Entry-body">
          {form === null ? <Detail {...props} /> : <EntryForm {...props} />}
        </div>
      )}
    </li>
  );
}

function EntryForm(props: Parameters<typeof ModelKitEntry>[0]): JSX.Element {
  switch (props.form) {
    case 'push':
      return <Push {...props} />;
    case 'unpack':
      return <Unpack {...props} />;
    case 'tag':
      return <Tagging {...props} />;
    default:
      return <Removal {...props} />;
  }
}

/** A reference whose end stays readable where there is little room: the place gives way, name and tag stay. */
function Name({ reference }: { reference: string }): JSX.Element {
  const cut = reference.lastIndexOf('/') + 1;
  return (
    <>
      {cut > 0 && (
        <span className="jk-Name-place">{reference.slice(0, cut)}</span>
      )}
      <span className="jk-Name-own">{reference.slice(cut)}</span>
    </>
  );
}
