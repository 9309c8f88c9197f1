/** What snapshots leave out, changed in a form: the lab's own editor opens no file whose name begins with a dot. */
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { showForm } from '../forms/dialog';
import { Field } from '../forms/fields';
import { Form } from '../forms/form';
import { Problem } from '../forms/problem';
import { useTask } from '../forms/task';
import type { IgnoredReply } from '../schema';
import type { IKitModel } from '../tokens';
import { EDIT_IGNORE } from './names';
import { IRoom, NO_ARGUMENTS, told, tried } from './room';

/** Add the command that changes what is ignored. */
export function addIgnored(room: IRoom): void {
  const { app, model, trans } = room;
  app.commands.addCommand(EDIT_IGNORE, {
    label: trans.__('Edit What Is Ignored…'),
    caption: trans.__('Say which files snapshots of this folder leave out'),
    isEnabled: () => typeof model.workspace?.folder === 'string',
    describedBy: NO_ARGUMENTS,
    execute: () =>
      tried(room, async () => {
        const { text } = await model.look<IgnoredReply>('ignored');
        await showForm('', close => (
          <Ignored before={text} onClose={close} {...{ model, trans }} />
        ));
      })
  });
}

/** The lines of the ignore file, to be changed. */
export function Ignored(props: {
  model: IKitModel;
  trans: TranslationBundle;
  before: string;
  onClose: () => void;
}): JSX.Element {
  const { model, trans, before, onClose } = props;
  const [text, setText] = useState(before);
  const task = useTask();
  return (
    <Form
      title={trans.__('What snapshots leave out')}
      about={trans.__(
        'Files that these lines name are in no later snapshot, whoever takes it: the lab, a kernel or a terminal. Snapshots there are stay as they are.'
      )}
      act={trans.__('Save')}
      acting={trans.__('Saving…')}
      busy={task.busy}
      trans={trans}
      onClose={onClose}
      onSubmit={() =>
        void task.run(async () => {
          await model.run('ignored', { text, before });
          told(trans.__('Saved in .kitignore of this folder.'));
          onClose();
        })
      }
    >
      <Field
        label={trans.__('One pattern a line')}
        hint={trans.__(
          '“scratch” is a file or folder beside .kit, “**/*.tmp” ends so anywhere, “!data/keep.csv” is kept after all. Left out without being named: .git, virtual environments, keys and .env.'
        )}
      >
        {ties => (
          <textarea
            {...ties}
            className="jp-mod-styled jk-Input jk-Lines"
            rows={10}
            value={text}
            disabled={task.busy}
            spellCheck={false}
            autoFocus
            onChange={event => setText(event.target.value)}
          />
        )}
      </Field>
      <Problem error={task.error} />
    </Form>
  );
}
