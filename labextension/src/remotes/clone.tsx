import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { TextField, Tick } from '../forms/fields';
import { Form } from '../forms/form';
import { useTask } from '../forms/task';
import { EXAMPLE, parts, problemOf, registryOf } from '../modelkits/references';
import type { IKitModel } from '../tokens';
import { RegistryProblem } from './trouble';

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
  const [plain, setPlain] = useState(false);
  const task = useTask();
  const problem = reference ? problemOf(reference, 'history', trans) : null;
  const proposed = problem ? '' : nameFor(reference);
  const called = into ?? proposed;
  const clone = (): void =>
    void task.run(async () => {
      await model.run('clone', {
        folder,
        reference,
        into: called,
        ...(plain && { plain_http: true })
      });
      props.onDone(folder ? `${folder}/${called}` : called);
    });
  return (
    <Form
      title={trans.__('Clone a history')}
      about={trans.__(
        'Makes a folder with the newest files and the whole history. Content of older snapshots comes when you ask for it.'
      )}
      act={trans.__('Clone')}
      acting={trans.__('Cloning…')}
      busy={task.busy}
      ready={Boolean(reference && called) && !problem}
      trans={trans}
      onClose={props.onClose}
      onSubmit={clone}
      below={
        <RegistryProblem
          model={model}
          trans={trans}
          error={task.error}
          registry={registryOf(reference)}
          plain={plain}
          again={clone}
        />
      }
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
      {registryOf(reference) && (
        <Tick
          label={trans.__('Without encryption (plain http)')}
          checked={plain}
          onChange={setPlain}
          disabled={task.busy}
        />
      )}
    </Form>
  );
}

/** What a clone is called where nobody says: the last word of the repository or of the folder. */
function nameFor(reference: string): string {
  const { repository } = parts(reference.replace(/^oci:/, ''));
  return repository.replace(/\/+$/, '').split('/').pop() ?? '';
}
