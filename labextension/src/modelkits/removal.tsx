import React from 'react';

import { Form } from '../forms/form';
import { Problem } from '../forms/problem';
import { useTask } from '../forms/task';
import type { IModelKitProps } from './entry';

/** Ask once more, then forget a ModelKit's reference. */
export function Removal(props: IModelKitProps): JSX.Element {
  const { model, trans, entry, known, onClose } = props;
  const task = useTask();
  const others = known.filter(
    each => each.digest === entry.digest && each.reference !== entry.reference
  );
  const kept = others.length
    ? trans.__(
        'The ModelKit stays, as %1.',
        others.map(each => each.reference).join(', ')
      )
    : trans.__(
        'It is the last name of this ModelKit: the ModelKit goes too. Snapshots stay, and so does what was pushed.'
      );
  return (
    <Form
      title={trans.__('Delete %1?', entry.reference)}
      about={kept}
      act={trans.__('Delete')}
      acting={trans.__('Deleting…')}
      busy={task.busy}
      danger
      trans={trans}
      onClose={() => onClose()}
      onSubmit={() =>
        void task.run(async () => {
          await model.run('remove', { names: [entry.reference], yes: true });
          onClose(trans.__('%1 is deleted.', entry.reference));
        })
      }
    >
      <Problem error={task.error} />
    </Form>
  );
}
