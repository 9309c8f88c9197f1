import { nullTranslator } from '@jupyterlab/translation';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { HeaderView } from '../sidebar/header';
import { HistoryView } from '../sidebar/history';
import { Selection } from '../sidebar/selection';
import { statusWords } from '../statusitem';
import type { IKitModel } from '../tokens';
import { VERSION } from '../version';
import { answering, Refusal } from './answering';
import { status } from './payloads';

const trans = nullTranslator.load('jupyter_kit');

const DIGITS = {
  folder: 'digits',
  name: 'digits',
  version: VERSION,
  kitfile: false
};

const ELSEWHERE = { ...DIGITS, folder: null };

const MISSING = new Refusal(404, {});

const DAMAGED = new Refusal(500, {
  kind: 'content-corrupt',
  message: 'A file list is damaged.',
  hint: 'Run “jupyter kit check”.'
});

const EMPTY = { entries: [], cut: false, before: null };

afterEach(cleanup);

/** The model where the routes are answered so. */
async function looking(answers: Record<string, object>): Promise<IKitModel> {
  const { model } = await answering({ workspace: DIGITS, ...answers });
  await vi.waitFor(() =>
    expect(model.status ?? model.error ?? model.workspace).toBeTruthy()
  );
  await vi.waitFor(() => expect(model.loading).toBe(false));
  return model;
}

async function head(answers: Record<string, object>): Promise<{
  run: ReturnType<typeof vi.fn>;
}> {
  const run = vi.fn(async () => true);
  render(<HeaderView model={await looking(answers)} {...{ trans, run }} />);
  return { run };
}

/** The history of one file, or of all, where the server answers so. */
async function history(
  answers: Record<string, object>,
  path: string | null
): Promise<void> {
  const { model, asked } = await answering(answers);
  model.want('history');
  await vi.waitFor(() => expect(model.status).toBeTruthy());
  await model.setFilter({ path });
  await vi.waitFor(() => expect(model.loading).toBe(false));
  expect(asked.map(({ verb }) => verb)).toContain('log');
  render(
    <HistoryView
      selection={new Selection()}
      filtering={false}
      execute={vi.fn()}
      {...{ model, trans }}
    />
  );
}

describe('HistoryView', () => {
  it('says that there is no snapshot only where there is none', async () => {
    expect(status.snapshots).toBeGreaterThan(0);
    await history({ log: DAMAGED }, null);
    expect(screen.queryByRole('note')).toBeNull();
    cleanup();
    const fresh = { ...status, snapshots: 0, head: null };
    await history({ status: fresh, log: EMPTY }, null);
    expect(screen.getByText('No snapshot yet')).toBeTruthy();
  });

  it('says of a file that no snapshot has it', async () => {
    await history({ log: EMPTY }, 'new.ipynb');
    expect(screen.getByText('No snapshot has this file')).toBeTruthy();
    cleanup();
    await history({ log: DAMAGED }, 'new.ipynb');
    expect(screen.queryByRole('note')).toBeNull();
  });
});

describe('HeaderView', () => {
  it('names the workspace, counts its snapshots, and takes one', async () => {
    const { run } = await head({});
    expect(screen.getByText('digits')).toBeTruthy();
    expect(screen.getByText(`${status.snapshots} snapshots`)).toBeTruthy();
    expect(screen.queryByRole('alert')).toBeNull();
    fireEvent.click(screen.getByText('Snapshot'));
    await vi.waitFor(() =>
      expect(run).toHaveBeenCalledWith('snapshot', { message: '', tags: [] })
    );
  });

  it('offers to keep versions of a folder that has none', async () => {
    const { run } = await head({ workspace: ELSEWHERE });
    expect(
      screen.getByText('No versions of “digits” are kept yet')
    ).toBeTruthy();
    fireEvent.click(screen.getByText('Keep versions of this folder'));
    expect(run).toHaveBeenCalledWith('init');
  });

  it('says in one sentence what to run where the server has another version', async () => {
    await head({ workspace: { ...DIGITS, version: '9.9.9' } });
    const alert = screen.getByRole('alert');
    expect(alert.textContent).toContain(`version ${VERSION}`);
    expect(alert.querySelector('code')?.textContent).toBe(
      'pip install --force-reinstall jupyter-kit==9.9.9'
    );
    expect(screen.getByText('Snapshot')).toBeTruthy();
  });

  it('says what to run where the server part is missing', async () => {
    await head({ workspace: MISSING });
    const alert = screen.getByRole('alert');
    expect(alert.textContent).toContain('The server part');
    expect(alert.querySelector('code')?.textContent).toBe(
      'jupyter server extension enable jupyter_kit'
    );
    expect(screen.getByText('Try again')).toBeTruthy();
  });

  it('keeps what it has where only the status cannot be read', async () => {
    await head({ status: DAMAGED });
    const alert = screen.getByRole('alert');
    expect(alert.textContent).toContain('Run “jupyter kit check”.');
    expect(screen.getByText('Snapshot')).toBeTruthy();
  });
});

describe('statusWords', () => {
  const words = async (answers: Record<string, object>): Promise<string> =>
    statusWords(await looking(answers), trans);

  it('tells of changes, of none, and of what stands in the way', async () => {
    expect(await words({})).toMatch(/^\d+ changed$/);
    const clean = { ...status, clean: true, changes: [] };
    expect(await words({ status: clean })).toBe('all kept');
    expect(await words({ status: DAMAGED })).toBe('not available');
  });

  it('tells how far the job is that runs', async () => {
    const job = { id: 'j', verb: 'push', folder: 'digits', state: 'running' };
    const jobs = (total: number | null): Record<string, object> => ({
      jobs: { jobs: [{ ...job, done: 1, total }] }
    });
    expect(await words(jobs(4))).toBe('Pushing 25%');
    expect(await words(jobs(null))).toBe('Pushing…');
  });
});
