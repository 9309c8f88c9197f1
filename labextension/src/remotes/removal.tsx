import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { Tick } from '../forms/fields';
import { Form } from '../forms/form';
import { Problem } from '../forms/problem';
import { useTask } from '../forms/task';
import type { IKitModel } from '../tokens';
import type { IRemote } from './replies';

/** Forget a remote; where only it has some content, only after the person has been told so. */
export function Removal(props: {
  model: IKitModel;
  trans: TranslationBundle;
  remote: IRemote;
  onClose: (told?: string) => void;
}): JSX.Element {
  const { model, trans, remote, onClose } = props;
  const [force, setForce] = useState(false);
  const [refused, setRefused] = useState(false);
  const task = useTask();
  const remove = async (): Promise<void> => {
    try {
      await model.run('remote', {
        action: 'remove',
        remote: remote.name,
        ...(force && { force: true })
      });
    } catch (reason) {
      setRefused((reason as { kind?: string }).kind === 'conflict');
      throw reason;
    }
    onClose(trans.__('“%1” is removed.', remote.name));
  };
  return (
    <Form
      title={trans.__('Remove “%1”?', remote.name)}
      about={trans.__(
        'This workspace forgets the place. What was sent to %1 stays there.',
        remote.reference
      )}
      act={trans.__('Remove')}
      acting={trans.__('Removing…')}
      busy={task.busy}
      ready={!refused || force}
      danger
      trans={trans}
      onClose={() => onClose()}
      onSubmit={() => void task.run(remove)}
    >
      <Problem error={task.error} />
      {refused && (
        <Tick
          label={trans.__('Remove it all the same')}
          hint={trans.__(
            'Snapshots whose content only this remote has can then not be opened here until you add it again.'
          )}
          checked={force}
          onChange={setForce}
        />
      )}
    </Form>
  );
}
