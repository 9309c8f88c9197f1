import { describe, expect, it } from 'vitest';

import type { Answer } from '../../__tests__/answering';
import { log } from '../../__tests__/payloads';
import { addLooking } from '../looking';
import { OPEN_ANSWER, OPEN_DIFF } from '../names';
import { IMade, made, notices, others, press } from './room';

const [NEW, OLD] = log.entries;

async function looking(answers: Record<string, Answer> = {}): Promise<IMade> {
  const lab = await made({ log, ...answers });
  addLooking(lab.room);
  return lab;
}

describe('the commands that look', () => {
  it('bring their section of the panel', async () => {
    const lab = await looking();
    lab.room.model.want('history');
    await lab.commands.execute('jupyter-kit:status');
    await lab.commands.execute('jupyter-kit:log', { path: 'a.py' });
    expect(lab.done).toEqual([
      'show panel',
      'reveal changes',
      'show panel',
      'reveal history'
    ]);
    expect(lab.room.model.filter.path).toBe('a.py');
  });

  it('open the answer of a verb, about what is pointed at', async () => {
    const lab = await looking();
    const opened = others(lab, OPEN_ANSWER);
    await lab.commands.execute('jupyter-kit:show');
    lab.room.selection.current = OLD;
    await lab.commands.execute('jupyter-kit:show');
    await lab.commands.execute('jupyter-kit:show', { name: 'v1' });
    const info = lab.commands.execute('jupyter-kit:info');
    await press('Ok', 'digits:v1');
    await info;
    expect(opened).toMatchObject([
      { verb: 'show', options: { name: 'HEAD' } },
      { verb: 'show', options: { name: OLD.snapshot.id } },
      { verb: 'show', options: { name: 'v1' } },
      { verb: 'info', options: { reference: 'digits:v1' }, title: 'digits:v1' }
    ]);
  });

  it('tell what a check has found', async () => {
    const report = { ok: true, damage: [] as object[] };
    const lab = await looking({ check: () => report });
    await lab.commands.execute('jupyter-kit:check');
    expect(notices()).toEqual(['All that is kept is whole.']);
    Object.assign(report, { ok: false, damage: [{}, {}] });
    await lab.commands.execute('jupyter-kit:check');
    expect(notices()).toEqual([
      '2 files are damaged. Run “jupyter kit check --repair” in a terminal.'
    ]);
  });
});

describe('the menu of a snapshot', () => {
  it('is about the one that is pointed at, and needs one', async () => {
    const lab = await looking();
    const called = others(
      lab,
      OPEN_DIFF,
      'jupyter-kit:rollback',
      'jupyter-kit:pack'
    );
    const menu = ['compare-with-now', 'roll-back-here', 'pack-snapshot'];
    for (const id of [...menu, 'pick', 'copy-id']) {
      expect(lab.commands.isEnabled(`jupyter-kit:${id}`)).toBe(false);
    }
    lab.room.selection.current = OLD;
    for (const id of menu) {
      expect(lab.commands.isEnabled(`jupyter-kit:${id}`)).toBe(true);
      await lab.commands.execute(`jupyter-kit:${id}`);
    }
    const { id } = OLD.snapshot;
    expect(called).toEqual([{ before: id }, { name: id }, { snapshot: id }]);
  });

  it('compares two that were picked, the older one first', async () => {
    const lab = await looking();
    const opened = others(lab, OPEN_DIFF);
    const { selection } = lab.room;
    const label = (): string => lab.commands.label('jupyter-kit:pick');
    selection.current = NEW;
    expect(label()).toBe('Pick for Comparing');
    await lab.commands.execute('jupyter-kit:pick');
    expect(label()).toBe('Do Not Compare');
    expect(opened).toEqual([]);
    selection.current = OLD;
    expect(label()).toContain('Compare with “');
    await lab.commands.execute('jupyter-kit:pick');
    expect(opened).toEqual([
      { before: OLD.snapshot.id, after: NEW.snapshot.id }
    ]);
  });
});
