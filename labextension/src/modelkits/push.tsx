import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { TextField, Tick } from '../forms/fields';
import { Form } from '../forms/form';
import { useReading } from '../forms/reading';
import { useTask } from '../forms/task';
import { short, size } from '../forms/words';
import type { IRemoteList } from '../remotes/replies';
import { RegistryProblem } from '../remotes/trouble';
import type { IKitModel } from '../tokens';
import { destinations, problemOf, registryOf } from './references';
import type { IModelKitSummary, IMoved } from './replies';

/** Send a ModelKit to a registry, a folder in the OCI layout, or kit's own store. */
export function Push(props: {
  model: IKitModel;
  trans: TranslationBundle;
  entry: IModelKitSummary;
  known: readonly IModelKitSummary[];
  onClose: (told?: string) => void;
}): JSX.Element {
  const { model, trans, entry, known, onClose } = props;
  const own = registryOf(entry.reference) ? entry.reference : '';
  const [destination, setDestination] = useState(own);
  const [plain, setPlain] = useState(false);
  const task = useTask();
  const remotes = useReading(model, true, '', () =>
    model.look<IRemoteList>('remote')
  );
  const offered = destinations(entry.reference, [
    ...(remotes.value?.entries ?? []).map(each => each.reference),
    ...known.map(each => each.reference)
  ]);
  const problem = destination ? problemOf(destination, 'outside', trans) : null;
  const registry = registryOf(destination);
  const push = (): void =>
    void task.run(async () => {
      const moved = await model.run<IMoved>('push', {
        reference: entry.reference,
        destination,
        ...(plain && { plain_http: true })
      });
      onClose(told(moved, trans));
    });
  return (
    <Form
      title={trans.__('Push %1', entry.reference)}
      act={trans.__('Push')}
      acting={trans.__('Pushing…')}
      busy={task.busy}
      ready={Boolean(destination) && !problem}
      trans={trans}
      below={
        <RegistryProblem
          model={model}
          trans={trans}
          error={task.error}
          registry={registry}
          plain={plain}
          again={push}
        />
      }
      onClose={() => onClose()}
      onSubmit={push}
    >
      <TextField
        label={trans.__('Destination')}
        value={destination}
        onChange={value => {
          setDestination(value);
          task.clear();
        }}
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
            onClick={() => {
              setDestination(each);
              task.clear();
            }}
          >
            {each}
          </button>
        ))}
      </div>
      {registry && (
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
