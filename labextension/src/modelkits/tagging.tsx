import React, { useState } from 'react';

import { TextField, Tick } from '../forms/fields';
import { Form } from '../forms/form';
import { Problem } from '../forms/problem';
import { useTask } from '../forms/task';
import type { IModelKitProps } from './entry';
import { EXAMPLE, problemOf } from './references';

/** Give a ModelKit a further reference. */
export function Tagging(props: IModelKitProps): JSX.Element {
  const { model, trans, entry, known, onClose } = props;
  const [tag, setTag] = useState('');
  const [force, setForce] = useState(false);
  const task = useTask();
  const problem = tag ? problemOf(tag, 'here', trans) : null;
  const other = known.find(each => each.reference === tag);
  const taken = other && other.digest !== entry.digest;
  return (
    <Form
      title={trans.__('Give %1 another name', entry.reference)}
      about={trans.__('Both names mean the same ModelKit. Nothing is copied.')}
      act={trans.__('Tag')}
      acting={trans.__('Tagging…')}
      busy={task.busy}
      ready={Boolean(tag) && !problem && (!taken || force)}
      trans={trans}
      onClose={() => onClose()}
      onSubmit={() =>
        void task.run(async () => {
          await model.run('tag', { tag, name: entry.reference, force });
          onClose(trans.__('%1 is now %2 too.', entry.reference, tag));
        })
      }
    >
      <TextField
        label={trans.__('New reference')}
        value={tag}
        onChange={setTag}
        placeholder={EXAMPLE.tagged}
        problem={problem}
        focused
      />
      {taken && (
        <Tick
          label={trans.__('Move this name here')}
          hint={trans.__('Another ModelKit has it now.')}
          checked={force}
          onChange={setForce}
        />
      )}
      <Problem error={task.error} />
    </Form>
  );
}
