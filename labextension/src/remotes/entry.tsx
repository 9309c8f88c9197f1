import type { TranslationBundle } from '@jupyterlab/translation';
import { refreshIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import React from 'react';

import { Button, IconButton } from '../forms/buttons';
import { Entry } from '../forms/entry';
import { useTask } from '../forms/task';
import { registryOf } from '../modelkits/references';
import type { IRemoteState } from '../replies';
import type { IKitModel } from '../tokens';
import { shortId } from '../words';
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
  const args = { remote: remote.name, reference: remote.reference, registry };
  return (
    <Entry
      label={remote.name}
      name={
        <>
          <span className="jk-Name-own">{remote.name}</span>
          <Apart state={state} trans={trans} />
        </>
      }
      facts={<span title={remote.reference}>{remote.reference}</span>}
      open={open}
      busy={task.busy}
      filling={props.form !== null}
      menu={{ commands, groups: MENU, args }}
      trans={trans}
      onToggle={() => (open ? props.onFold() : props.onOpen())}
      buttons={
        <IconButton
          icon={refreshIcon}
          label={trans.__('Sync with %1', remote.name)}
          disabled={task.busy}
          spin={task.busy}
          act={() => act('sync')}
        />
      }
    >
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
              kept={trans.__(
                'What was moved whole is kept, and does not move again.'
              )}
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
              <Button
                label={diverged ? trans.__('Sync and merge') : trans.__('Sync')}
                kind="main"
                act={() => act(diverged ? 'merge' : 'sync')}
              />
            </div>
          )}
          {remote.heads.length > 0 && (
            <p className="jk-Hint">
              {trans.__('At the last contact:')}{' '}
              {remote.heads.map(([branch, id]) => (
                <span key={branch}>
                  {branch} <code title={id}>{shortId(id)}</code>{' '}
                </span>
              ))}
            </p>
          )}
        </>
      )}
    </Entry>
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
