import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import React, { useEffect, useState } from 'react';

import { Problem } from '../forms/problem';
import { useModel, useReading } from '../forms/reading';
import { registriesOf } from '../modelkits/references';
import type { IKitModel } from '../tokens';
import { Addition } from './addition';
import { Deed, RemoteEntry } from './entry';
import type { IRemoteList } from './replies';
import { SignIn } from './signin';

/** The forms that the section has. */
export type RemoteForm = 'add' | 'signin' | 'remove';

/** What the section was asked for: a form or a deed, for a remote, a registry or for none. */
export interface IRemoteRequest {
  form?: RemoteForm;
  deed?: Deed;
  /** A remote's name; empty for the only one. */
  remote?: string;
  registry?: string;
  /** Tells one request from the same one before. */
  turn: number;
}

/** All remotes of the workspace, one below the other, and what is done with them. */
export function RemoteEntries(props: {
  model: IKitModel;
  trans: TranslationBundle;
  commands: CommandRegistry;
  shown: boolean;
  request: IRemoteRequest | null;
}): JSX.Element {
  const { model, trans, commands, request } = props;
  useModel(model, 'workspace', 'status');
  const place = model.workspace?.folder ?? null;
  const list = useReading(
    model,
    props.shown && place !== null,
    place ?? '',
    () => model.look<IRemoteList>('remote')
  );
  const [opened, setOpened] = useState<Partial<IRemoteRequest>>({});
  const [told, setTold] = useState('');
  useEffect(() => {
    if (request) {
      setOpened(request);
      setTold('');
    }
  }, [request?.turn]);
  const { form, deed, turn } = opened;

  const entries = list.value?.entries ?? [];
  const close = (done?: string): void => {
    setOpened(({ remote }) => ({ remote }));
    if (done !== undefined) {
      setTold(done);
      list.again();
    }
  };
  const remote =
    opened.remote || (deed && entries.length === 1 ? entries[0].name : '');
  if (form === 'signin') {
    return (
      <SignIn
        key={turn}
        model={model}
        trans={trans}
        registry={opened.registry ?? ''}
        offered={registriesOf(entries.map(each => each.reference))}
        onClose={() => close()}
        onDone={close}
      />
    );
  }
  if (place === null) {
    return (
      <p className="jk-Hint">{trans.__('This folder has no versions.')}</p>
    );
  }
  return (
    <div className="jk-Remotes" aria-busy={list.busy}>
      <Problem
        error={list.error}
        remedies={[{ label: trans.__('Try again'), act: list.again }]}
      />
      {form === 'add' && (
        <Addition
          key={turn}
          model={model}
          trans={trans}
          known={entries}
          onClose={close}
        />
      )}
      {told && (
        <p className="jk-Told" role="status">
          {told}
        </p>
      )}
      {list.value && !entries.length && form !== 'add' && (
        <Nothing
          trans={trans}
          onAdd={() => setOpened({ form: 'add' })}
          onClone={() => void commands.execute('jupyter-kit:clone')}
        />
      )}
      <ul className="jk-Entries" aria-label={trans.__('Remotes')}>
        {entries.map(each => {
          const open = remote === each.name;
          return (
            <RemoteEntry
              key={each.name}
              model={model}
              trans={trans}
              commands={commands}
              remote={each}
              state={model.status?.remotes.find(
                state => state.remote === each.name
              )}
              open={open}
              form={open ? (form ?? null) : null}
              asked={open && deed && turn !== undefined ? { deed, turn } : null}
              onOpen={() => {
                setTold('');
                setOpened({ remote: each.name });
              }}
              onFold={() => setOpened({})}
              onClose={close}
            />
          );
        })}
      </ul>
      {!list.value && list.busy && (
        <p className="jk-Hint">{trans.__('Reading…')}</p>
      )}
    </div>
  );
}

/** What the section says where there are no remotes. */
function Nothing(props: {
  trans: TranslationBundle;
  onAdd: () => void;
  onClone: () => void;
}): JSX.Element {
  const { trans } = props;
  return (
    <div className="jk-Empty">
      <p>
        {trans.__(
          'The history is on this disk only. A remote keeps it in a registry or a folder elsewhere, and lets others work with it.'
        )}
      </p>
      <div className="jk-Form-buttons">
        <button
          type="button"
          className="jp-mod-styled jp-mod-accept jk-Button"
          onClick={props.onAdd}
        >
          {trans.__('Add a remote…')}
        </button>
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject jk-Button"
          onClick={props.onClone}
        >
          {trans.__('Clone a history…')}
        </button>
      </div>
    </div>
  );
}
