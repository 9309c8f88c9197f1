import { describe, expect, it, vi } from 'vitest';

import { takeByItself } from '../auto';
import { IMade, made, others } from '../commands/__tests__/room';
import { Refusal } from './answering';
import { status } from './payloads';

const NOTEBOOK = { path: 'digits/train.ipynb', dirty: true };

/** What the server was told of snapshots after saves. */
function told({ asked }: IMade): unknown[] {
  return asked.filter(each => each.verb === 'auto').map(each => each.options);
}

describe('snapshots after saves', () => {
  it('are switched on where the setting wants them, in each workspace once', async () => {
    const lab = await made({}, [], { autoSnapshot: true });
    takeByItself(lab.room);
    await vi.waitFor(() =>
      expect(told(lab)).toEqual([{ folder: 'digits', on: true }])
    );
    await lab.room.model.refresh();
    expect(told(lab)).toHaveLength(1);
  });

  it('are not heard of where the setting is as it comes', async () => {
    const lab = await made();
    takeByItself(lab.room);
    await lab.room.model.refresh();
    expect(told(lab)).toEqual([]);
  });

  it('follow the setting when it is changed', async () => {
    const lab = await made();
    takeByItself(lab.room);
    lab.set({ autoSnapshot: true });
    lab.set({ autoSnapshot: false });
    await vi.waitFor(() =>
      expect(told(lab)).toEqual([
        { folder: 'digits', on: true },
        { folder: 'digits', on: false }
      ])
    );
  });

  it('are asked for again where the server may have been started anew', async () => {
    const lab = await made({}, [], { autoSnapshot: true });
    takeByItself(lab.room);
    await vi.waitFor(() => expect(told(lab)).toHaveLength(1));
    lab.answers.status = new TypeError('Failed to fetch');
    await lab.room.model.refresh();
    expect(told(lab)).toHaveLength(1);
    lab.answers.status = status;
    await lab.room.model.refresh();
    await vi.waitFor(() => expect(told(lab)).toHaveLength(2));
  });

  it('are asked for again after the server refused', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const auto = new Refusal(409, { kind: 'conflict', message: 'It is set.' });
    const lab = await made({ auto }, [], { autoSnapshot: true });
    takeByItself(lab.room);
    await vi.waitFor(() =>
      expect(warn).toHaveBeenCalledWith('Jupyter Kit:', 'It is set.')
    );
    await lab.room.model.refresh();
    await vi.waitFor(() => expect(told(lab).length).toBeGreaterThan(1));
    warn.mockRestore();
  });
});

describe('snapshots after all cells were run', () => {
  /** Run all cells of the notebook in front, and give what snapshots were asked for. */
  async function run(
    settings: Record<string, unknown>,
    clean = false,
    raises = false
  ): Promise<{ lab: IMade; taken: unknown[] }> {
    const lab = await made(
      { status: { ...status, clean } },
      [NOTEBOOK],
      settings
    );
    takeByItself(lab.room);
    const taken = others(lab, 'jupyter-kit:snapshot');
    lab.commands.addCommand('notebook:run-all-cells', {
      describedBy: { args: {} },
      execute: async () => {
        if (raises) {
          throw new Error('A cell raised.');
        }
      }
    });
    await lab.commands.execute('notebook:run-all-cells').catch(() => undefined);
    return { lab, taken };
  }

  it('save the notebook, and say what they come from', async () => {
    const { lab, taken } = await run({ snapshotAfterRunAll: true });
    await vi.waitFor(() =>
      expect(taken).toEqual([
        { message: 'After running all of train.ipynb', kind: 'auto' }
      ])
    );
    expect(lab.done[0]).toBe('save digits/train.ipynb');
  });

  it('are not taken where nothing has changed', async () => {
    const { lab, taken } = await run({ snapshotAfterRunAll: true }, true);
    await vi.waitFor(() =>
      expect(lab.asked.filter(each => each.verb === 'status')).not.toEqual([])
    );
    await new Promise(resolve => setTimeout(resolve, 0));
    expect(taken).toEqual([]);
  });

  it('are not taken after a cell that raised, or where the setting is as it comes', async () => {
    for (const { lab, taken } of [
      await run({ snapshotAfterRunAll: true }, false, true),
      await run({})
    ]) {
      await new Promise(resolve => setTimeout(resolve, 0));
      expect(lab.done).toEqual([]);
      expect(taken).toEqual([]);
    }
  });
});
