import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { TextField } from '../forms/fields';
import { EXAMPLE, parts, problemOf, registryOf } from '../modelkits/references';
import type { IKitModel } from '../tokens';
import { ExchangeForm, useExchange } from './exchange';

/** Make a new workspace from a history that somebody has synced. */
export function Clone(props: {
  model: IKitModel;
  trans: TranslationBundle;
  /** API path of the folder that the new one is made in. */
  folder: string;
  onClose: () => void;
  onDone: (folder: string) => void;
}): JSX.Element {
  const { model, trans, folder } = props;
  const [reference, setReference] = useState('');
  const [into, setInto] = useState<string | null>(null);
  const problem = reference ? problemOf(reference, 'history', trans) : null;
  const called = into ?? (problem ? '' : nameFor(reference));
  const exchange = useExchange(async how => {
    await model.run('clone', { folder, reference, into: called, ...how });
    props.onDone(folder ? `${folder}/${called}` : called);
  });
  const { task } = exchange;
  return (
    <ExchangeForm
      model={model}
      exchange={exchange}
      registry={registryOf(reference)}
      kept={trans.__('No folder was made.')}
      title={trans.__('Clone a history')}
      about={trans.__(
        'Makes a folder with the newest files and the whole history. Content of older snapshots comes when you ask for it.'
      )}
      act={trans.__('Clone')}
      acting={trans.__('Cloning…')}
      ready={Boolean(reference && called) && !problem}
      trans={trans}
      onClose={props.onClose}
    >
      <TextField
        label={trans.__('Where the history is')}
        value={reference}
        onChange={setReference}
        placeholder={EXAMPLE.history}
        hint={trans.__('registry/repository, or oci:FOLDER')}
        problem={problem}
        disabled={task.busy}
        focused
      />
      <TextField
        label={trans.__('New folder')}
        value={called}
        onChange={setInto}
        hint={trans.__('In %1', folder || trans.__('the top folder'))}
        disabled={task.busy}
      />
    </ExchangeForm>
  );
}

/** What a clone is called where nobody says: the last word of the repository or of the folder. */
function nameFor(reference: string): string {
  const { repository } = parts(reference.replace(/^oci:/, ''));
  return repository.replace(/\/+$/, '').split('/').pop() ?? '';
}
