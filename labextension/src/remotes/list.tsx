import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import React from 'react';

import { Listing, useOpened } from '../forms/listing';
import { useModel, useReading } from '../forms/reading';
import { registriesOf } from '../modelkits/references';
import { Notice } from '../sidebar/notice';
import type { IKitModel } from '../tokens';
import { Addition } from './addition';
import { Deed, RemoteEntry } from './entry';
import type { IRemoteList } from './replies';
import { SignIn } from './signin';

/** The forms that the section has. */
export type RemoteForm = 'add' | 'signin' | 'remove';

/** What is open in the list, or was asked for: a form or a deed, for a remote, a registry or for none. */
export interface IRemoteOpened {
  form?: RemoteForm;
  deed?: Deed;
  /** A remote's name; empty for the only one. */
  remote?: string;
  registry?: string;
  /** The remote that a deed is with where none is named and there are several, if there is one of that name. */
  preferred?: string;
  /** Tells one request from the same one before. */
  turn?: number;
}

/** All remotes of the workspace, one below the other, and what is done with them. */
export function RemoteEntries(props: {
  model: IKitModel;
  trans: TranslationBundle;
  commands: CommandRegistry;
  shown: boolean;
  request: (IRemoteOpened & { turn: number }) | null;
}): JSX.Element {
  const { model, trans, commands } = props;
  useModel(model, 'workspace', 'status');
  const place = model.workspace?.folder ?? null;
  const list = useReading(
    model,
    props.shown && place !== null,
    place ?? '',
    () => model.look<IRemoteList>('remote')
  );
  const { opened, told, open, close } = useOpened<IRemoteOpened>(
    place,
    props.request,
    {},
    ({ remote }) => ({ remote }),
    list.again
  );
  const { form, deed, turn } = opened;
  const entries = list.value?.entries ?? [];
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
  const [only] =
    entries.length > 1
      ? entries.filter(each => each.name === opened.preferred)
      : entries;
  const remote = opened.remote || (deed && only?.name) || '';
  return (
    <Listing
      label={trans.__('Remotes')}
      reading={list}
      told={told}
      trans={trans}
      form={
        form === 'add' && (
          <Addition
            key={turn}
            model={model}
            trans={trans}
            known={entries}
            onClose={close}
          />
        )
      }
      empty={
        <Notice
          title={trans.__('No remote yet')}
          text={trans.__(
            'The history is on this disk only. A remote keeps it in a registry or a folder elsewhere, and lets others work with it.'
          )}
          action={{
            label: trans.__('Add a remote…'),
            run: () => open({ form: 'add' })
          }}
          other={{
            label: trans.__('Clone a history…'),
            run: () => void commands.execute('jupyter-kit:clone')
          }}
        />
      }
    >
      {entries.map(each => {
        const isOpen = remote === each.name;
        return (
          <RemoteEntry
            key={each.name}
            {...{ model, trans, commands }}
            remote={each}
            state={model.status?.remotes.find(
              state => state.remote === each.name
            )}
            open={isOpen}
            form={isOpen ? (form ?? null) : null}
            asked={isOpen && deed && turn !== undefined ? { deed, turn } : null}
            onOpen={() => open({ remote: each.name })}
            onFold={() => open({})}
            onClose={close}
          />
        );
      })}
    </Listing>
  );
}
