import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import {
  cleanup,
  fireEvent,
  render,
  screen,
  waitFor
} from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import { afterEach, describe, expect, it } from 'vitest';

import { answering, IAsked, Refusal } from '../../__tests__/answering';
import inspect from '../../__tests__/payloads/inspect.json';
import list from '../../__tests__/payloads/list.json';
import log from '../../__tests__/payloads/log.json';
import plan from '../../__tests__/payloads/pack-plan.json';
import push from '../../__tests__/payloads/push.json';
import unpack from '../../__tests__/payloads/unpack-plan.json';
import { Packing } from '../../modelkits/packing';
import { Pull } from '../../modelkits/pull';
import { Push } from '../../modelkits/push';
import { Unpack } from '../../modelkits/unpack';
import { Addition } from '../../remotes/addition';
import { Clone } from '../../remotes/clone';
import { SignIn } from '../../remotes/signin';
import type { IModelKitSummary } from '../../modelkits/replies';
import type { IKitModel } from '../../tokens';

const trans = nullTranslator.load('jupyter_kit');

afterEach(cleanup);

/** What a form tells when it has done its work. */
interface IShown {
  asked: IAsked[];
  told: string[];
}

/** One form: how it is drawn, what is typed into it, and what is asked when it is sent. */
interface ICase {
  verb: string;
  draw: (model: IKitModel, tell: (words?: string) => void) => JSX.Element;
  /** Label of the field that can be wrong, a wrong text with the words that say so, and a right one. */
  field: string;
  wrong?: [text: string, problem: RegExp];
  right: string;
  /** Fields beside it. */
  others?: Record<string, string>;
  /** The button that sends it. */
  act: string;
  answer: object;
  sent: object;
}

const commands = new CommandRegistry();
const [entry] = list.entries as IModelKitSummary[];
const pushed = 'localhost:5000/team/digits:v1';
const history = 'localhost:5000/team/history';

const CASES: Record<string, ICase> = {
  push: {
    verb: 'push',
    draw: (model, onClose) => (
      <Push {...{ model, trans, commands, entry, onClose }} known={[entry]} />
    ),
    field: 'Destination',
    wrong: ['digits', /^Write registry\/repository/],
    right: pushed,
    act: 'Push',
    answer: push,
    sent: { reference: 'digits:v1', destination: pushed }
  },
  pull: {
    verb: 'pull',
    draw: (model, onClose) => <Pull {...{ model, trans, onClose }} />,
    field: 'Reference',
    wrong: ['ghcr.io/Team/digits', /^“Team\/digits” is not a repository/],
    right: pushed,
    act: 'Pull',
    answer: push,
    sent: { reference: pushed }
  },
  addition: {
    verb: 'remote',
    draw: (model, onClose) => (
      <Addition {...{ model, trans, onClose }} known={[]} />
    ),
    field: 'Place',
    wrong: ['oci:', /^Name the folder/],
    right: history,
    act: 'Add',
    answer: { entries: [], cut: false },
    sent: { action: 'add', remote: 'origin', reference: history }
  },
  clone: {
    verb: 'clone',
    draw: (model, onClose) => (
      <Clone
        {...{ model, trans }}
        folder="work"
        onClose={() => onClose()}
        onDone={onClose}
      />
    ),
    field: 'Where the history is',
    wrong: ['team/history', /^Write registry\/repository/],
    right: history,
    act: 'Clone',
    answer: { workspace: '', reference: history },
    sent: { folder: 'work', reference: history, into: 'history' }
  },
  signin: {
    verb: 'login',
    draw: (model, onClose) => (
      <SignIn
        {...{ model, trans }}
        registry=""
        onClose={() => onClose()}
        onDone={onClose}
      />
    ),
    field: 'Registry',
    wrong: ['ghcr.io/team', /^Only the host/],
    right: 'ghcr.io',
    others: { 'User name': 'ada', 'Password or token': 'pass:word' },
    act: 'Sign in',
    answer: { registry: 'ghcr.io', username: 'ada', kept: null },
    sent: { registry: 'ghcr.io', username: 'ada', password: 'pass:word' }
  },
  unpack: {
    verb: 'unpack',
    draw: (model, onClose) => (
      <Unpack {...{ model, trans, commands, entry, onClose }} known={[entry]} />
    ),
    field: 'Folder',
    right: 'served',
    act: 'Show what would be written',
    answer: unpack,
    sent: { reference: 'digits:v1', into: 'served', dry_run: true }
  },
  packing: {
    verb: 'pack',
    draw: model => (
      <Packing {...{ model, trans, commands }} folder="digits" snapshot="" />
    ),
    field: 'Reference',
    wrong: ['digits:not a tag', /has no spaces/],
    right: 'digits:v2',
    act: 'Pack',
    answer: {
      references: ['digits:v2'],
      digest: '',
      layers: [],
      bytes: 0,
      new_bytes: 0
    },
    sent: { name: 'HEAD', reference: 'digits:v2', compression: 'none' }
  }
};

/** Draw a form on a server that gives this answer to its verb. */
async function shown(each: ICase, answer: object): Promise<IShown> {
  const told: string[] = [];
  const { model, asked } = await answering({
    list,
    inspect,
    log,
    remote: { entries: [] },
    [each.verb]: (options: IAsked['options']) =>
      each.verb === 'pack' && isLook(each, options) ? plan : answer
  });
  render(each.draw(model, words => told.push(words ?? '')));
  await screen.findByLabelText(each.field);
  return { asked, told };
}

/** Fill all fields in, and leave the keyboard in the first. */
async function fill(each: ICase, text: string): Promise<HTMLElement> {
  for (const [label, value] of Object.entries(each.others ?? {})) {
    await userEvent.type(screen.getByLabelText(label), value);
  }
  const field = screen.getByLabelText(each.field);
  await userEvent.clear(field);
  await userEvent.type(field, text);
  return field;
}

/** What was asked of the form's verb to do it. */
const sent = (each: ICase, asked: IAsked[]): object[] =>
  asked
    .filter(({ verb, options }) => verb === each.verb && !isLook(each, options))
    .map(({ options }) => options);

/** The form to pack looks at its plan by the same verb, and that to add a remote may read the list. */
function isLook(each: ICase, options: IAsked['options']): boolean {
  return each.verb === 'pack' ? 'dry_run' in options : !('folder' in options);
}

describe.each(Object.entries(CASES))('the form %s', (_, each) => {
  const button = (): HTMLButtonElement =>
    screen.getByRole('button', { name: each.act });

  it('is sent by the Enter key', async () => {
    const { asked } = await shown(each, each.answer);
    const field = await fill(each, each.right);
    await waitFor(() => expect(button().disabled).toBe(false));
    await userEvent.type(field, '{Enter}');
    await waitFor(() => expect(sent(each, asked)).toHaveLength(1));
    expect(sent(each, asked)[0]).toMatchObject(each.sent);
  });

  it.runIf(each.wrong)('says what is wrong, and sends nothing', async () => {
    const { asked } = await shown(each, each.answer);
    const [text, problem] = each.wrong ?? ['', /^$/];
    const field = await fill(each, text);
    expect(screen.getByText(problem).className).toBe('jk-Field-problem');
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(button().disabled).toBe(true);
    await userEvent.type(field, '{Enter}');
    fireEvent.submit(screen.getAllByRole('form')[0]);
    expect(sent(each, asked)).toHaveLength(0);
  });

  it('shows what went wrong with the way on, and stays as it was filled in', async () => {
    const body = { kind: 'store-busy', message: 'Busy.', hint: 'Wait a bit.' };
    const { asked, told } = await shown(each, new Refusal(503, body));
    const field = await fill(each, each.right);
    await userEvent.click(button());
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('Busy.');
    expect(alert.textContent).toContain('Wait a bit.');
    expect((field as HTMLInputElement).value).toBe(each.right);
    expect(button().disabled).toBe(false);
    expect(sent(each, asked)).toHaveLength(1);
    expect(told).toEqual([]);
  });

  it('is not sent twice while it is busy', async () => {
    const { asked } = await shown(each, each.answer);
    await fill(each, each.right);
    await waitFor(() => expect(button().disabled).toBe(false));
    const form = screen.getAllByRole('form')[0];
    fireEvent.submit(form);
    fireEvent.submit(form);
    await waitFor(() => expect(sent(each, asked).length).toBeGreaterThan(0));
    expect(sent(each, asked)).toHaveLength(1);
  });
});
