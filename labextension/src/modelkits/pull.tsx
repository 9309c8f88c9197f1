import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { TextField, Tick } from '../forms/fields';
import { Form } from '../forms/form';
import { RegistryProblem } from '../remotes/trouble';
import { useTask } from '../forms/task';
import { size } from '../forms/words';
import type { IKitModel } from '../tokens';
import { EXAMPLE, problemOf, registryOf } from './references';
import type { IMoved } from './replies';

/** Bring a ModelKit from a registry or a layout. */
export function Pull(props: {
  model: IKitModel;
  trans: TranslationBundle;
  onClose: (told?: string) => void;
}): JSX.Element {
  const { model, trans, onClose } = props;
  const [reference, setReference] = useState('');
  const [plain, setPlain] = useState(false);
  const task = useTask();
  const problem = reference ? problemOf(reference, 'outside', trans) : null;
  const pull = (): void =>
    void task.run(async () => {
      const moved = await model.run<IMoved>('pull', {
        reference,
        ...(plain && { plain_http: true })
      });
      onClose(
        trans.__(
          'Pulled %1: %2 came over the network.',
          moved.reference,
          size(moved.copied.bytes_moved)
        )
      );
    });
  return (
    <Form
      title={trans.__('Pull a ModelKit')}
      about={trans.__(
        'It comes into the store of this workspace, checked byte by byte. Unpack it then where you want its files.'
      )}
      act={trans.__('Pull')}
      acting={trans.__('Pulling…')}
      busy={task.busy}
      ready={Boolean(reference) && !problem}
      trans={trans}
      below={
        <RegistryProblem
          model={model}
          trans={trans}
          error={task.error}
          registry={registryOf(reference)}
          plain={plain}
          again={pull}
        />
      }
      onClose={() => onClose()}
      onSubmit={pull}
    >
      <TextField
        label={trans.__('Reference')}
        value={reference}
        onChange={setReference}
        placeholder={EXAMPLE.modelkit}
        hint={trans.__(
          'registry/repository:tag, oci:FOLDER:TAG, or kitops:NAME for what kit keeps on this machine'
        )}
        problem={problem}
        focused
      />
      <Tick
        label={trans.__('Without encryption (plain http)')}
        checked={plain}
        onChange={setPlain}
      />
    </Form>
  );
}
