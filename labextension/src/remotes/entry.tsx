import type { TranslationBundle } from '@jupyterlab/translation';
import {
  caretDownIcon,
  caretRightIcon,
  ellipsesIcon,
  refreshIcon
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import React from 'react';

import { IconButton } from '../forms/buttons';
import { showMenu } from '../forms/menu';
import { useTask } from '../forms/task';
import { short } from '../forms/words';
import { registryOf } from '../modelkits/references';
import type { IRemoteState } from '../replies';
import type { IKitModel } from '../tokens';
import type { RemoteForm } from './list';
import { Removal } from './removal';
import type { IPulled, IRemote, ISynced } from './replies';
import { pulled, standing, synced } from './sentences';
import { RegistryProblem } from './trouble';

const MENU = [
  ['jupyter-kit:sync', 'jupyter-kit:pull-remote'],
  ['jupyter-kit:login', 'jupyter-kit:logout'],
  ['jupyter-kit:copy-reference', 'jupyter-kit:remove-remote']
];

/** What is done with a remote at once, without a form. */
export type Deed = 'sync' | 'merge' | 'pull';

/** One remote: where it is, and how far this workspace and it are apart. */
export function RemoteEntry(props: {
  model: IKitModel;
  trans: TranslationBundle;
  commands: CommandRegistry;
  remote: IRemote;
  state: IRemoteState | undefined;
  open: boolean;
  form: RemoteForm | null;
  /** Asks for a deed from outside: a command. */
  asked: { deed: Deed; turn: number } | null;
  onOpen: () => void;
  onFold: () => void;
  onClose: (told?: string) => void;
}): JSX.Element {
  const { model, trans, commands, remote, state, open } = props;
  const task = useTask();
  const last = React.useRef<Deed>('sync');
  const registry = registryOf(remote.reference);
  const act = (deed: Deed): void => {
    last.current = deed;
    props.onOpen();
    void task.run(async () => {
      if (deed === 'pull') {
        const done = await model.run<IPulled>('pull', {
          reference: remote.name
        });
        props.onClose(pulled(remote.name, done, trans));
        return;
      }
      const done = await model.run<ISynced>('sync', {
        remote: remote.name,
        ...(deed === 'merge' && { merge: true })
      });
      props.onClose(synced(remote.name, done, trans));
    });
  };
  const turn = props.asked?.turn;
  React.useEffect(() => {
    if (props.asked) {
      act(props.asked.deed);
    }
  }, [turn]);
  const apart = Boolean(state && state.ahead && state.behind);
  const diverged = task.error?.kind === 'diverged' || apart;
  const caret = open ? caretDownIcon : caretRightIcon;
  const args = { remote: remote.name, reference: remote.reference, registry };
  const openMenu = (x: number, y: number): void =>
    showMenu(commands, MENU, args, x, y);
  return (
    <li
      className={`jk-Entry ${open ? 'jk-mod-open' : ''}`}
      aria-busy={task.busy}
      onContextMenu={event => {
        if (!event.shiftKey && !props.form) {
          event.preventDefault();
          event.stopPropagation();
          openMenu(event.clientX, event.clientY);
        }
      }}
    >
      <div className="jk-Entry-head">
        <button
          type="button"
          className="jk-Entry-title"
          aria-expanded={open}
          onClick={() => (open ? props.onFold() : props.onOpen())}
        >
          <caret.react className="jk-Entry-caret" tag="span" />
          <span className="jk-Entry-words">
            <span className="jk-Entry-name">
              <span className="jk-Name-own">{remote.name}</span>
              <Apart state={state} trans={trans} />
            </span>
            <span className="jk-Entry-facts" title={remote.reference}>
              {remote.reference}
            </span>
          </span>
        </button>
        <div className="jk-Entry-buttons jk-mod-shown">
          <IconButton
            icon={refreshIcon}
            label={trans.__('Sync with %1', remote.name)}
            disabled={task.busy}
            spin={task.busy}
            act={() => act('sync')}
          />
          <IconButton
            icon={ellipsesIcon}
            label={trans.__('More for %1', remote.name)}
            menu
            act={target => {
              const { left, bottom } = target.getBoundingClientRect();
              openMenu(left, bottom);
            }}
          />
        </div>
      </div>
      {open && (
        <div className="jk-Entry-body">
          {props.form === 'remove' ? (
            <Removal {...props} />
          ) : (
            <>
              <p className="jk-Standing">
                {task.busy
                  ? trans.__('Exchanging snapshots with %1…', remote.name)
                  : standing(remote, state, trans)}
              </p>
              {!task.busy && (
                <RegistryProblem
                  model={model}
                  trans={trans}
                  error={task.error?.kind === 'diverged' ? null : task.error}
                  registry={registry}
                  remedies={[
                    task.error?.kind === 'file-changed' && {
                      label: trans.__('Take a snapshot…'),
                      act: () => void commands.execute('jupyter-kit:snapshot')
                    }
                  ]}
                  again={() => act(last.current)}
                />
              )}
              {!task.busy && (
                <div className="jk-Form-buttons">
                  {diverged ? (
                    <button
                      type="button"
                      className="jp-mod-styled jp-mod-accept jk-Button"
                      onClick={() => act('merge')}
                    >
                      {trans.__('Sync and merge')}
                    </button>
                  ) : (
                    <button
                      type="button"
                      className="jp-mod-styled jp-mod-accept jk-Button"
                      onClick={() => act('sync')}
                    >
                      {trans.__('Sync')}
                    </button>
                  )}
                </div>
              )}
              {remote.heads.length > 0 && (
                <p className="jk-Hint">
                  {trans.__('At the last contact:')}{' '}
                  {remote.heads.map(([branch, id]) => (
                    <span key={branch}>
                      {branch} <code title={id}>{short(id)}</code>{' '}
                    </span>
                  ))}
                </p>
              )}
            </>
          )}
        </div>
      )}
    </li>
  );
}

/** How many snapshots each side has that the other lacks, in little room. */
function Apart(props: {
  state: IRemoteState | undefined;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { state, trans } = props;
  if (!state) {
    return null;
  }
  const { ahead, behind } = state;
  if (!ahead && !behind) {
    return (
      <span className="jk-Apart jk-mod-even" title={trans.__('In step')}>
        ✓
      </span>
    );
  }
  return (
    <span
      className={`jk-Apart ${ahead && behind ? 'jk-mod-diverged' : ''}`}
      title={trans.__('%1 to send, %2 to fetch', ahead, behind)}
      aria-label={trans.__('%1 to send, %2 to fetch', ahead, behind)}
      role="img"
    >
      {ahead > 0 && <span>↑{ahead}</span>}
      {behind > 0 && <span>↓{behind}</span>}
    </span>
  );
}
