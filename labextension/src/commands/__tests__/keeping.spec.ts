import { afterEach, describe, expect, it } from 'vitest';

import { Answer, Refusal } from '../../__tests__/answering';
import type { PrunePlan, SnapshotResult } from '../../schema';
import { addKeeping, unsaved } from '../keeping';
import { IDoc, IMade, made, notices, others, press } from './room';

const TAKEN: SnapshotResult = {
  id: 'c'.repeat(64),
  created: '2026-11-26T12:00:00Z',
  message: '',
  kind: 'manual',
  tags: [],
  parents: [],
  files: 3,
  bytes: 9000,
  new_bytes: 2000,
  stored_bytes: 900,
  seconds: 0.1,
  metrics: {},
  skipped: [],
  unchanged: false
};

const PLAN: PrunePlan = {
  keep: [],
  remove: ['d'.repeat(64)],
  dead_chunks: 1,
  dead_bytes: 5000,
  unlink_segments: 1,
  rewrite_segments: 0
};

async function keeping(
  answers: Record<string, Answer> = {},
  docs: IDoc[] = [],
  settings: Record<string, unknown> = {}
): Promise<IMade> {
  const lab = await made({ snapshot: TAKEN, ...answers }, docs, settings);
  addKeeping(lab.room);
  return lab;
}

/** What a verb was asked with. */
function options({ asked }: IMade, verb: string): object[] {
  return asked.filter(each => each.verb === verb).map(each => each.options);
}

afterEach(() => void notices());

describe('a snapshot', () => {
  it('is taken of what is seen: open documents are saved first', async () => {
    const lab = await keeping({}, [
      { path: 'digits/train.ipynb', dirty: true },
      { path: 'elsewhere/notes.md', dirty: true },
      { path: 'digits/fixed.py', dirty: true, readOnly: true }
    ]);
    expect(unsaved(lab.room).map(each => each.path)).toEqual([
      'digits/train.ipynb'
    ]);
    const args = { message: 'It works', tags: ['v1'] };
    await lab.commands.execute('jupyter-kit:snapshot', args);
    expect(lab.done).toEqual(['save digits/train.ipynb']);
    expect(options(lab, 'snapshot')).toEqual([{ folder: 'digits', ...args }]);
    expect(notices()).toEqual(['Kept 3 files, 2.00 kB new.']);
  });

  it('is taken of what is on disk where the setting says so', async () => {
    const docs = [{ path: 'digits/train.ipynb', dirty: true }];
    const lab = await keeping({}, docs, { saveBeforeSnapshot: false });
    await lab.commands.execute('jupyter-kit:snapshot', { message: '' });
    expect(lab.done).toEqual([]);
    expect(options(lab, 'snapshot')).toHaveLength(1);
  });

  it('is not taken where a document is not to be saved', async () => {
    const refusal = Object.assign(new Error(), { name: 'ModalCancelError' });
    const docs = [{ path: 'digits/train.ipynb', dirty: true, refusal }];
    const lab = await keeping({}, docs);
    await lab.commands.execute('jupyter-kit:snapshot', { message: '' });
    expect(options(lab, 'snapshot')).toEqual([]);
    expect(notices()).toEqual(['Cancelled.']);
  });

  it('asks what it is, unless somebody has said it', async () => {
    const lab = await keeping();
    const first = lab.commands.execute('jupyter-kit:snapshot');
    await press('Cancel');
    expect(await first).toBeNull();
    const second = lab.commands.execute('jupyter-kit:snapshot');
    await press('Snapshot', 'By hand');
    await second;
    expect(options(lab, 'snapshot')).toEqual([
      { folder: 'digits', message: 'By hand', tags: [] }
    ]);
  });

  it('says what went wrong, and what to do', async () => {
    const body = { kind: 'store-full', message: 'It is full.', hint: 'Prune.' };
    const lab = await keeping({ snapshot: new Refusal(507, body) });
    const done = lab.commands.execute('jupyter-kit:snapshot', { message: '' });
    expect(await done).toBeNull();
    expect(notices()).toEqual(['It is full.']);
  });

  it('shows the panel where there is no workspace yet', async () => {
    const folder = { folder: null, name: '', version: '', kitfile: false };
    const lab = await keeping({ workspace: folder });
    others(lab, 'jupyter-kit:show-panel');
    expect(lab.commands.isEnabled('jupyter-kit:init')).toBe(true);
    expect(lab.commands.isEnabled('jupyter-kit:prune')).toBe(false);
    await lab.commands.execute('jupyter-kit:snapshot', { message: '' });
    expect(lab.done).toEqual(['jupyter-kit:show-panel']);
    expect(options(lab, 'snapshot')).toEqual([]);
  });
});

describe('a tag', () => {
  it('is moved where it is there already, after somebody was asked', async () => {
    const lab = await keeping({
      tag: ({ force }) =>
        force
          ? {}
          : new Refusal(409, { kind: 'conflict', message: 'v1 is taken.' })
    });
    const done = lab.commands.execute('jupyter-kit:tag', { tag: 'v1' });
    expect(await press('Move it here')).toContain('v1 is taken.');
    await done;
    expect(options(lab, 'tag')).toMatchObject([
      { tag: 'v1', name: 'HEAD', force: false },
      { tag: 'v1', name: 'HEAD', force: true }
    ]);
  });
});

describe('what is gone for good', () => {
  it('is forgotten only after somebody was asked, whatever the settings', async () => {
    const lab = await keeping({}, [], { askBeforeRollback: false });
    const args = { names: ['v1'] };
    const first = lab.commands.execute('jupyter-kit:remove', args);
    await press('Cancel');
    expect(await first).toBeNull();
    expect(options(lab, 'remove')).toEqual([]);
    const second = lab.commands.execute('jupyter-kit:remove', args);
    await press('Forget it');
    await second;
    expect(options(lab, 'remove')).toEqual([
      { folder: 'digits', names: ['v1'], yes: true }
    ]);
  });

  it('gives its space back after somebody saw how much', async () => {
    const lab = await keeping({
      prune: ({ yes }) =>
        yes ? { plan: PLAN, freed_bytes: 5000, seconds: 1 } : PLAN
    });
    const done = lab.commands.execute('jupyter-kit:prune', { keep_last: 3 });
    const told = await press('Free Space');
    expect(told).toContain('Free 5.00 kB?');
    expect(told).toContain('1 snapshot is removed for good.');
    await done;
    expect(options(lab, 'prune')).toMatchObject([
      { keep_last: 3, dry_run: true },
      { keep_last: 3, yes: true }
    ]);
    expect(notices()).toEqual(['Freed 5.00 kB.']);
  });

  it('asks nobody where there is nothing to free', async () => {
    const lab = await keeping({
      prune: { ...PLAN, remove: [], dead_bytes: 0 }
    });
    await lab.commands.execute('jupyter-kit:prune');
    expect(options(lab, 'prune')).toHaveLength(1);
    expect(notices()[0]).toMatch(/^There is nothing to free/);
  });
});

describe('a metric', () => {
  it('is noted as it was typed, and several at once', async () => {
    const lab = await keeping();
    const done = lab.commands.execute('jupyter-kit:metric');
    await press('Ok', 'accuracy=0.9  loss=0.1');
    await done;
    expect(options(lab, 'metric')).toEqual([
      { folder: 'digits', metrics: ['accuracy=0.9', 'loss=0.1'] }
    ]);
  });
});
