import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { afterEach, describe, expect, it } from 'vitest';

import { answering, Refusal } from '../../__tests__/answering';
import { remote, sync } from '../../__tests__/payloads';
import type { IRemoteState } from '../../replies';
import { RemoteEntries } from '../list';
import { standing } from '../sentences';
import { SignIn } from '../signin';

const trans = nullTranslator.load('jupyter_kit');

afterEach(cleanup);

async function shown(
  answers: Record<string, object>
): ReturnType<typeof answering> {
  const known = await answering({ remote, ...answers });
  const commands = new CommandRegistry();
  render(
    <RemoteEntries {...{ ...known, trans, commands }} shown request={null} />
  );
  return known;
}

describe('RemoteEntries', () => {
  it('syncs, and tells what went', async () => {
    const { asked } = await shown({ sync });
    fireEvent.click(await screen.findByLabelText('Sync with origin'));
    const told = await screen.findByRole('status');
    expect(told.textContent).toBe('Sent 1 snapshot to “origin” (9.90 kB).');
    expect(asked.find(each => each.verb === 'sync')?.options).toEqual({
      folder: 'digits',
      remote: 'origin'
    });
  });

  it('merges where both sides went on, after it was asked to', async () => {
    const body = { kind: 'diverged', message: 'Both went on.', hint: '' };
    const { asked } = await shown({ sync: new Refusal(409, body) });
    fireEvent.click(await screen.findByLabelText('Sync with origin'));
    fireEvent.click(await screen.findByText('Sync and merge'));
    await screen.findByText('Sync and merge');
    const merges = asked.filter(each => each.verb === 'sync');
    expect(merges.map(each => each.options.merge)).toEqual([undefined, true]);
  });

  it('adds the first remote, and refuses what is no place', async () => {
    const { asked } = await shown({ remote: { entries: [], cut: false } });
    fireEvent.click(await screen.findByText('Add a remote…'));
    const place = screen.getByLabelText('Place');
    fireEvent.change(place, { target: { value: 'digits' } });
    expect(screen.getByText(/^Write registry\/repository/)).toBeTruthy();
    fireEvent.change(place, { target: { value: 'oci:../backup' } });
    fireEvent.click(screen.getByText('Add'));
    await screen.findByRole('status');
    expect(asked.filter(each => each.options.action)).toEqual([
      {
        verb: 'remote',
        options: {
          folder: 'digits',
          action: 'add',
          remote: 'origin',
          reference: 'oci:../backup'
        }
      }
    ]);
  });
});

describe('standing', () => {
  const [origin] = remote.entries;
  const words = (ahead: number, behind: number): string =>
    standing(origin, { ahead, behind } as IRemoteState, trans);

  it('counts both sides', () => {
    expect(words(0, 0)).toBe('Both sides have the same snapshots.');
    expect(words(2, 0)).toBe('2 snapshots are not there yet.');
    expect(words(0, 1)).toBe('1 snapshot there is not here yet.');
    expect(words(1, 2)).toContain('1 snapshot here, 2 snapshots there');
  });
});

describe('SignIn', () => {
  it('sends the password once, and keeps it nowhere', async () => {
    const login = { registry: 'ghcr.io', username: 'ada', kept: 'auth.json' };
    const { model, asked } = await answering({ login });
    let told = '';
    const props = { model, trans, registry: 'ghcr.io' };
    const done = new Promise<void>(resolve =>
      render(
        <SignIn
          {...props}
          onClose={() => undefined}
          onDone={words => {
            told = words;
            resolve();
          }}
        />
      )
    );
    fireEvent.change(screen.getByLabelText('User name'), {
      target: { value: 'ada' }
    });
    const secret = screen.getByLabelText<HTMLInputElement>('Password or token');
    fireEvent.input(secret, { target: { value: 'pass:word' } });
    fireEvent.click(screen.getByText('Sign in'));
    await done;
    expect(asked.find(each => each.verb === 'login')?.options.password).toBe(
      'pass:word'
    );
    expect(secret.value).toBe('');
    expect(told).toBe(
      'Signed in to ghcr.io as ada. The password is kept in auth.json.'
    );
  });
});
