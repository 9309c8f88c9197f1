import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { TextField } from '../forms/fields';
import { Form } from '../forms/form';
import { Problem } from '../forms/problem';
import { useTask } from '../forms/task';
import { EXAMPLE, problemOf } from '../modelkits/references';
import type { IKitModel } from '../tokens';
import type { IRemote } from './replies';

/** Name a place that snapshots are synced with. */
export function Addition(props: {
  model: IKitModel;
  trans: TranslationBundle;
  known: readonly IRemote[];
  onClose: (told?: string) => void;
}): JSX.Element {
  const { model, trans, known, onClose } = props;
  const [name, setName] = useState(known.length ? '' : 'origin');
  const [reference, setReference] = useState('');
  const task = useTask();
  const taken = known.some(remote => remote.name === name)
    ? trans.__('There is a remote “%1” already.', name)
    : null;
  const problem = reference ? problemOf(reference, 'history', trans) : null;
  return (
    <Form
      title={trans.__('Add a remote')}
      about={trans.__(
        'A remote keeps the history of this workspace elsewhere: for you, for others, for the day the disk fails.'
      )}
      act={trans.__('Add')}
      acting={trans.__('Adding…')}
      busy={task.busy}
      ready={Boolean(name && reference) && !problem && !taken}
      trans={trans}
      onClose={() => onClose()}
      onSubmit={() =>
        void task.run(async () => {
          await model.run('remote', { action: 'add', remote: name, reference });
          onClose(
            trans.__('“%1” is added. Sync to send your snapshots there.', name)
          );
        })
      }
    >
      <TextField
        label={trans.__('Place')}
        value={reference}
        onChange={setReference}
        placeholder={EXAMPLE.history}
        problem={problem}
        hint={
          <ul className="jk-Forms">
            <li>
              <code>{EXAMPLE.history}</code>{' '}
              {trans.__('a repository of any OCI registry')}
            </li>
            <li>
              <code>{EXAMPLE.own}</code> {trans.__('a registry of your own')}
            </li>
            <li>
              <code>{EXAMPLE.folder}</code>{' '}
              {trans.__('a folder that the lab shows')}
            </li>
          </ul>
        }
        disabled={task.busy}
        focused
      />
      <TextField
        label={trans.__('Name')}
        value={name}
        onChange={setName}
        placeholder={EXAMPLE.remote}
        hint={trans.__('What you call it here')}
        problem={taken}
        disabled={task.busy}
      />
      <Problem error={task.error} />
    </Form>
  );
}
