import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { TextField } from '../forms/fields';
import { useReading } from '../forms/reading';
import { ExchangeForm, useExchange } from '../remotes/exchange';
import type { IRemoteList } from '../remotes/replies';
import { size } from '../words';
import type { IModelKitProps } from './entry';
import { destinations, problemOf, registryOf, short } from './references';
import type { IMoved } from './replies';

/** Send a ModelKit to a registry, a folder in the OCI layout, or kit's own store. */
export function Push(props: IModelKitProps): JSX.Element {
  const { model, trans, entry, known, onClose } = props;
  const own = registryOf(entry.reference) ? entry.reference : '';
  const [destination, setDestination] = useState(own);
  const remotes = useReading(model, true, '', () =>
    model.look<IRemoteList>('remote')
  );
  const offered = destinations(entry.reference, [
    ...(remotes.value?.entries ?? []).map(each => each.reference),
    ...known.map(each => each.reference)
  ]);
  const problem = destination ? problemOf(destination, 'outside', trans) : null;
  const exchange = useExchange(async how => {
    const moved = await model.run<IMoved>('push', {
      reference: entry.reference,
      destination,
      ...how
    });
    onClose(told(moved, trans));
  });
  const { task } = exchange;
  const choose = (value: string): void => {
    setDestination(value);
    task.clear();
  };
  return (
    <ExchangeForm
      model={model}
      exchange={exchange}
      registry={registryOf(destination)}
      kept={trans.__(
        'The layers that arrived whole stay there, and are not sent again.'
      )}
      title={trans.__('Push %1', entry.reference)}
      act={trans.__('Push')}
      acting={trans.__('Pushing…')}
      ready={Boolean(destination) && !problem}
      trans={trans}
      onClose={() => onClose()}
    >
      <TextField
        label={trans.__('Destination')}
        value={destination}
        onChange={choose}
        placeholder={offered[0]}
        offered={offered}
        problem={problem}
        disabled={task.busy}
        focused
      />
      <div
        className="jk-Offered"
        role="group"
        aria-label={trans.__('Destinations')}
      >
        {offered.slice(0, 4).map(each => (
          <button
            key={each}
            type="button"
            className="jk-Chip"
            aria-pressed={each === destination}
            disabled={task.busy}
            title={each}
            onClick={() => choose(each)}
          >
            {each}
          </button>
        ))}
      </div>
    </ExchangeForm>
  );
}

function told(moved: IMoved, trans: TranslationBundle): string {
  const { copied } = moved;
  const there = copied.blobs_skipped + copied.blobs_mounted;
  const sent = trans.__(
    'Pushed to %1: %2 sent',
    moved.reference,
    size(copied.bytes_moved)
  );
  const skipped = there
    ? trans._n(
        ', %1 blob was there already',
        ', %1 blobs were there already',
        there
      )
    : '';
  return `${sent}${skipped}. ${short(moved.digest)}…`;
}
