import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { TextField } from '../forms/fields';
import { ExchangeForm, useExchange } from '../remotes/exchange';
import type { IKitModel } from '../tokens';
import { size } from '../words';
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
  const problem = reference ? problemOf(reference, 'outside', trans) : null;
  const exchange = useExchange(async how => {
    const moved = await model.run<IMoved>('pull', { reference, ...how });
    onClose(
      trans.__(
        'Pulled %1: %2 came over the network.',
        moved.reference,
        size(moved.copied.bytes_moved)
      )
    );
  });
  return (
    <ExchangeForm
      model={model}
      exchange={exchange}
      registry={registryOf(reference)}
      kept={trans.__(
        'The layers that came whole are kept, and do not come again.'
      )}
      title={trans.__('Pull a ModelKit')}
      about={trans.__(
        'It comes into the store of this workspace, checked byte by byte. Unpack it then where you want its files.'
      )}
      act={trans.__('Pull')}
      acting={trans.__('Pulling…')}
      ready={Boolean(reference) && !problem}
      trans={trans}
      onClose={() => onClose()}
    >
      <TextField
        label={trans.__('Reference')}
        value={reference}
        onChange={value => {
          setReference(value);
          exchange.task.clear();
        }}
        placeholder={EXAMPLE.modelkit}
        hint={trans.__(
          'registry/repository:tag, oci:FOLDER:TAG, or kitops:NAME for what kit keeps on this machine'
        )}
        problem={problem}
        disabled={exchange.task.busy}
        focused
      />
    </ExchangeForm>
  );
}
