import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { afterEach, describe, expect, it } from 'vitest';

import { answering, Refusal } from '../../__tests__/answering';
import {
  inspect,
  list,
  push,
  unpackPlan as plan
} from '../../__tests__/payloads';
import { ModelKitList } from '../list';

const trans = nullTranslator.load('jupyter_kit');

afterEach(cleanup);

/** The section's list, with a form for the one ModelKit there is. */
async function shown(
  answers: Record<string, object>,
  form: 'push' | 'unpack' | 'remove' = 'push'
): ReturnType<typeof answering> {
  const known = await answering({
    list,
    inspect,
    remote: { entries: [] },
    ...answers
  });
  const commands = new CommandRegistry();
  const request = { form, reference: 'digits:v1', turn: 1 };
  render(
    <ModelKitList {...{ ...known, trans, commands, request }} shown={true} />
  );
  return known;
}

describe('ModelKitList', () => {
  it('shows what there is, and what is in it', async () => {
    await shown({});
    const entry = await screen.findByRole('button', { name: /^digits:v1/ });
    expect(entry.textContent).toContain('4 layers · 14.8 kB');
    fireEvent.click(entry);
    fireEvent.click(screen.getByRole('button', { name: /^digits:v1/ }));
    expect(await screen.findByText('model.joblib')).toBeTruthy();
    expect(screen.getByText('Ada')).toBeTruthy();
  });

  it('pushes to the place that was chosen, and tells what was sent', async () => {
    const { asked } = await shown({ push });
    fireEvent.click(await screen.findByText('oci:exports:v1'));
    fireEvent.click(screen.getByText('Push'));
    const told = await screen.findByRole('status');
    expect(told.textContent).toContain('Pushed to oci:../out:v1: 15.9 kB sent');
    expect(asked.find(each => each.verb === 'push')?.options).toEqual({
      folder: 'digits',
      reference: 'digits:v1',
      destination: 'oci:exports:v1'
    });
  });

  it('does not push to what is no place', async () => {
    const { asked } = await shown({});
    fireEvent.change(await screen.findByLabelText('Destination'), {
      target: { value: 'digits' }
    });
    expect(screen.getByText(/^Write registry\/repository/)).toBeTruthy();
    fireEvent.submit(screen.getByRole('form'));
    expect(asked.some(each => each.verb === 'push')).toBe(false);
  });

  it('offers to sign in where the registry wants it', async () => {
    const body = { kind: 'unauthorized', message: 'Who are you?', hint: '' };
    await shown({ push: new Refusal(424, body) });
    fireEvent.change(await screen.findByLabelText('Destination'), {
      target: { value: 'localhost:5000/team/digits:v1' }
    });
    fireEvent.click(screen.getByText('Push'));
    expect((await screen.findByRole('alert')).textContent).toContain('Who are');
    fireEvent.click(screen.getByText('Sign in to localhost:5000…'));
    expect(screen.getByLabelText('User name')).toBeTruthy();
  });

  it('shows what would be written before it writes, without the layers left out', async () => {
    const { asked } = await shown({ unpack: plan }, 'unpack');
    fireEvent.click(await screen.findByLabelText(/clean\.py/));
    fireEvent.click(screen.getByText('Show what would be written'));
    expect(await screen.findByText(/^To be written: 5 files/)).toBeTruthy();
    const { options } = asked.filter(each => each.verb === 'unpack')[0];
    expect(options).toMatchObject({ dry_run: true, into: 'digits' });
    expect(options.filters).toContain('model:model.joblib');
    expect(options.filters).not.toContain('code:clean.py');
  });

  it('says what deleting the last name does, and deletes', async () => {
    const { asked } = await shown({ remove: {} }, 'remove');
    expect(await screen.findByText(/It is the last name/)).toBeTruthy();
    fireEvent.click(screen.getByText('Delete'));
    expect(await screen.findByText('digits:v1 is deleted.')).toBeTruthy();
    expect(asked.find(each => each.verb === 'remove')?.options).toEqual({
      folder: 'digits',
      names: ['digits:v1'],
      yes: true
    });
  });
});
