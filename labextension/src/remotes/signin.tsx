import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useRef, useState } from 'react';

import { Field, MoreOptions, TextField, Tick } from '../forms/fields';
import { Form } from '../forms/form';
import { Problem, tryAgain } from '../forms/problem';
import { useTask } from '../forms/task';
import { EXAMPLE } from '../modelkits/references';
import type { IKitModel } from '../tokens';
import type { ISignedIn } from './replies';

/**
 * Sign in to a registry.
 *
 * The password stays in its field, from which it is sent: no state, setting or layout ever holds it.
 */
export function SignIn(props: {
  model: IKitModel;
  trans: TranslationBundle;
  registry: string;
  offered?: readonly string[];
  plain?: boolean;
  onClose: () => void;
  onDone: (told: string) => void;
}): JSX.Element {
  const { model, trans } = props;
  const [registry, setRegistry] = useState(props.registry);
  const [username, setUsername] = useState('');
  const [filled, setFilled] = useState(false);
  const [plain, setPlain] = useState(props.plain ?? false);
  const secret = useRef<HTMLInputElement>(null);
  const task = useTask();
  const problem = /[/\s]/.test(registry)
    ? trans.__('Only the host: ghcr.io, localhost:5000.')
    : null;
  const signIn = (): void =>
    void task.run(async () => {
      const done = await model.run<ISignedIn>('login', {
        registry,
        username,
        password: secret.current?.value ?? '',
        ...(plain && { plain_http: true })
      });
      if (secret.current) {
        secret.current.value = '';
      }
      const where = done.kept
        ? trans.__('The password is kept in %1.', done.kept)
        : trans.__('The password is forgotten when the server stops.');
      props.onDone(
        `${trans.__('Signed in to %1 as %2.', done.registry, done.username)} ${where}`
      );
    });
  return (
    <Form
      title={
        props.registry
          ? trans.__('Sign in to %1', props.registry)
          : trans.__('Sign in to a registry')
      }
      act={trans.__('Sign in')}
      acting={trans.__('Signing in…')}
      busy={task.busy}
      ready={Boolean(registry && username && filled) && !problem}
      trans={trans}
      onClose={props.onClose}
      onSubmit={signIn}
    >
      {!props.registry && (
        <TextField
          label={trans.__('Registry')}
          value={registry}
          onChange={setRegistry}
          placeholder={EXAMPLE.registry}
          offered={props.offered}
          hint={trans.__('Its host, with the port if it has one')}
          problem={problem}
          disabled={task.busy}
          focused
        />
      )}
      <TextField
        label={trans.__('User name')}
        value={username}
        onChange={setUsername}
        disabled={task.busy}
        focused={Boolean(props.registry)}
      />
      <Field label={trans.__('Password or token')}>
        {ties => (
          <input
            {...ties}
            ref={secret}
            className="jp-mod-styled jk-Input"
            type="password"
            autoComplete="off"
            disabled={task.busy}
            onInput={event => setFilled(event.currentTarget.value !== '')}
          />
        )}
      </Field>
      <MoreOptions label={trans.__('More options')} open={plain}>
        <Tick
          label={trans.__('Without encryption (plain http)')}
          checked={plain}
          onChange={setPlain}
          disabled={task.busy}
        />
      </MoreOptions>
      <Problem
        error={task.error}
        remedies={[tryAgain(task.error, trans, signIn)]}
      />
    </Form>
  );
}
