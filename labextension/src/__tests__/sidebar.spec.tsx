import { nullTranslator } from '@jupyterlab/translation';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';

import type { IJob, IStatus } from '../replies';
import { ChangesView } from '../sidebar/changes';
import { EntryLine } from '../sidebar/entry';
import { groupOf, rowsOf } from '../sidebar/groups';
import { JobView } from '../sidebar/jobbar';
import { Notice } from '../sidebar/notice';
import { Selection } from '../sidebar/selection';
import { SnapshotBox } from '../sidebar/snapshotbox';
import { matching, timeline } from '../sidebar/timeline';
import { VirtualList } from '../sidebar/virtual';
import { log, status } from './payloads';

const trans = nullTranslator.load('jupyter_kit');

afterEach(cleanup);

describe('groups', () => {
  it('knows files by their names', () => {
    const groups = ['a.ipynb', 'b/c.CSV', 'm.safetensors', 'Makefile', 'x'];
    expect(groups.map(groupOf)).toEqual([
      'notebooks',
      'data',
      'models',
      'code',
      'other'
    ]);
  });

  it('puts heads before their changes, and hides those of a closed group', () => {
    const open = rowsOf(status.changes, new Set());
    const closed = rowsOf(status.changes, new Set(['data'] as const));
    expect(open.filter(row => row.type === 'head').length).toBe(
      closed.filter(row => row.type === 'head').length
    );
    expect(closed.length).toBe(open.length - 2);
  });
});

describe('ChangesView', () => {
  it('opens a change by click and by key, and offers to put it back', () => {
    const execute = vi.fn();
    render(<ChangesView {...{ status, trans, execute }} />);
    fireEvent.click(screen.getByText('train.csv'));
    expect(execute).toHaveBeenLastCalledWith('jupyter-kit:open-diff', {
      path: 'data/train.csv'
    });
    fireEvent.click(screen.getByLabelText('Put data/train.csv back as it was'));
    expect(execute).toHaveBeenLastCalledWith('jupyter-kit:rollback', {
      name: 'HEAD',
      paths: ['data/train.csv']
    });
    const tree = screen.getByRole('tree');
    fireEvent.focus(tree);
    fireEvent.keyDown(tree, { key: 'Home' });
    fireEvent.keyDown(tree, { key: 'ArrowDown' });
    fireEvent.keyDown(tree, { key: 'Enter' });
    expect(execute).toHaveBeenCalledTimes(3);
  });

  it('says that nothing has changed', () => {
    const clean = { ...status, clean: true, changes: [] };
    render(<ChangesView status={clean} trans={trans} execute={vi.fn()} />);
    expect(screen.getByText('Nothing has changed')).toBeTruthy();
    expect(screen.getByText(/“First model”/)).toBeTruthy();
  });

  const cut: IStatus = {
    ...status,
    lengths: { changes: 90_007 },
    groups: {
      notebooks: { count: 1, new_bytes: 5 },
      data: { count: 90_002, new_bytes: 2_000_000 }
    }
  };

  it('counts all changes of a group, and says how many did not come', () => {
    const filter = vi.fn();
    render(
      <ChangesView
        status={cut}
        filter={filter}
        {...{ trans }}
        execute={vi.fn()}
      />
    );
    expect(screen.getByText('90,002')).toBeTruthy();
    expect(screen.getByText('2.00 MB new')).toBeTruthy();
    fireEvent.click(screen.getByText('and 90,000 more: find them…'));
    expect(filter).toHaveBeenCalledTimes(1);
  });

  it('finds what came by itself, and asks for what did not', async () => {
    const far = { ...status.changes[0], path: 'far/away.csv' };
    const find = vi.fn(async () => ({ ...status, changes: [far] }));
    const props = { trans, find, filtering: true, execute: vi.fn() };
    const { rerender } = render(<ChangesView status={status} {...props} />);
    const box = screen.getByRole('searchbox');
    fireEvent.change(box, { target: { value: 'TRAIN data' } });
    expect(
      screen.getAllByText(/./, { selector: '.jk-Change-name' })
    ).toHaveLength(1);
    fireEvent.change(box, { target: { value: 'away' } });
    expect(screen.getByText('No changed file is called so')).toBeTruthy();
    expect(find).not.toHaveBeenCalled();
    rerender(<ChangesView status={cut} {...props} />);
    expect(screen.getByText('Looking…')).toBeTruthy();
    expect(await screen.findByText('away.csv')).toBeTruthy();
    expect(find).toHaveBeenCalledWith('away');
  });

  it('tells how far a long look is', () => {
    const looking = {
      folder: '',
      verb: 'status',
      phase: 'Reading files',
      done: 500_000,
      total: 2_000_000,
      unit: 'bytes'
    };
    const props = { trans, looking, execute: vi.fn() };
    render(<ChangesView status={null} {...props} />);
    expect(screen.getByRole('status').textContent).toBe(
      'Looking at changed files: 500 kB of 2.00 MB'
    );
  });

  it('cannot put back what no snapshot has', () => {
    const first = { ...status, head: null };
    render(<ChangesView status={first} trans={trans} execute={vi.fn()} />);
    expect(screen.queryAllByLabelText(/back as it was/)).toEqual([]);
  });
});

describe('timeline', () => {
  it('compares a metric with that of the nearest ancestor that has it', () => {
    const told = timeline(log.entries, log.before);
    expect(told.map(({ entry }) => entry.snapshot.id)).toEqual(
      log.entries.map(entry => entry.snapshot.id)
    );
    const [newest, older] = told.filter(({ metrics }) => metrics.length);
    const names = ['accuracy', 'loss'];
    names.forEach((name, index) => {
      const value = (from: typeof newest): number =>
        from.entry.snapshot.metrics[name];
      expect(newest.metrics[index].change).toBeCloseTo(
        value(newest) - value(older)
      );
    });
  });

  it('finds all words, anywhere', () => {
    const told = timeline(log.entries, log.before);
    expect(matching(told, 'MODEL first').length).toBe(1);
    expect(matching(told, 'accuracy').length).toBe(
      told.filter(({ metrics }) => metrics.length).length
    );
    expect(matching(told, 'nowhere')).toEqual([]);
  });
});

describe('EntryLine', () => {
  it('tells message, age in full, bytes added, mark and metrics, and can be picked', () => {
    const told = timeline(log.entries, log.before);
    const [open, select, pick, menu] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
    render(
      <EntryLine
        told={told[0]}
        current
        picked={false}
        withAuthor
        {...{ trans, open, select, pick, menu }}
      />
    );
    expect(screen.getByText('First model')).toBeTruthy();
    expect(screen.getByText('HEAD')).toBeTruthy();
    expect(screen.getByText('Ada')).toBeTruthy();
    expect(screen.getByText('+2.05 kB')).toBeTruthy();
    const time = document.querySelector('time');
    expect(time?.dateTime).toBe(log.entries[0].snapshot.created);
    expect(time?.title).toContain('2026');
    fireEvent.click(screen.getByText('First model'), { ctrlKey: true });
    expect(pick).toHaveBeenCalledTimes(1);
    expect(open).not.toHaveBeenCalled();
    fireEvent.click(screen.getByText('First model'));
    expect(open).toHaveBeenCalledTimes(1);
    fireEvent.click(screen.getAllByTitle('More…')[0]);
    expect(menu).toHaveBeenCalledTimes(1);
  });
});

describe('Selection', () => {
  it('holds two at most, and gives the older one first', () => {
    const selection = new Selection();
    const [a, b, c] = log.entries;
    [a, b, c].forEach(each => selection.toggle(each));
    expect(selection.pair()?.map(each => each.snapshot.id)).toEqual([
      c.snapshot.id,
      a.snapshot.id
    ]);
    selection.toggle(a);
    expect(selection.pair()).toBeNull();
  });
});

describe('SnapshotBox', () => {
  it('takes a snapshot by Ctrl+Enter, and keeps the message where it failed', async () => {
    const take = vi.fn(async () => false);
    render(
      <SnapshotBox
        busy={false}
        metrics={status.pending_metrics}
        {...{ take, trans }}
      />
    );
    expect(screen.getByText('Will record accuracy 0.971')).toBeTruthy();
    const box = screen.getByLabelText<HTMLTextAreaElement>(
      'Message of the snapshot'
    );
    fireEvent.change(box, { target: { value: ' as it works ' } });
    fireEvent.keyDown(box, { key: 'Enter', ctrlKey: true });
    await vi.waitFor(() =>
      expect(take).toHaveBeenCalledWith('as it works', [])
    );
    expect(box.value).toBe(' as it works ');
    take.mockResolvedValue(true);
    fireEvent.click(screen.getByText('Tag'));
    fireEvent.change(screen.getByLabelText('Tags of the snapshot'), {
      target: { value: 'v1, best' }
    });
    fireEvent.keyDown(box, { key: 'Enter', metaKey: true });
    await vi.waitFor(() => expect(box.value).toBe(''));
    expect(take).toHaveBeenLastCalledWith('as it works', ['v1', 'best']);
  });
});

describe('JobView', () => {
  const job: IJob = {
    id: 'j',
    verb: 'snapshot',
    folder: '',
    state: 'running',
    phase: 'Reading files',
    done: 500_000_000,
    total: 2_000_000_000,
    unit: 'bytes',
    path: 'models/digits.safetensors',
    started: '2026-11-26T12:00:00Z',
    seconds: 1,
    error: null,
    message: ''
  };

  it('tells how far it is, how fast, how long it takes, and can be cancelled', () => {
    const cancel = vi.fn(() => Promise.resolve());
    render(
      <JobView {...{ job, cancel, trans }} rate={100_000_000} waiting={1} />
    );
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe(
      '25'
    );
    expect(
      screen.getByText(
        '500 MB of 2.00 GB · 100 MB/s · 15 s left · 1 more waits'
      )
    ).toBeTruthy();
    fireEvent.click(screen.getByLabelText('Cancel: Taking a snapshot'));
    expect(cancel).toHaveBeenCalledTimes(1);
    expect(screen.getByText('Stopping…')).toBeTruthy();
  });

  it('promises nothing where the end is not known', () => {
    const unknown = { ...job, total: null };
    render(
      <JobView
        job={unknown}
        rate={0}
        waiting={0}
        cancel={vi.fn()}
        trans={trans}
      />
    );
    const bar = screen.getByRole('progressbar');
    expect(bar.getAttribute('aria-valuenow')).toBeNull();
    expect(bar.className).toContain('jk-mod-unknown');
  });
});

describe('Notice', () => {
  it('shows the command to run, and the way on', () => {
    const run = vi.fn();
    render(
      <Notice
        fault
        title="Gone."
        command="jupyter x"
        action={{ label: 'Go', run }}
      />
    );
    expect(screen.getByRole('alert').textContent).toContain('jupyter x');
    fireEvent.click(screen.getByText('Go'));
    expect(run).toHaveBeenCalled();
  });
});

describe('VirtualList', () => {
  it('draws the rows that are seen, of as many as there are', () => {
    const rows = Array.from({ length: 100_000 }, (_, index) => index);
    const { container } = render(
      <VirtualList
        rows={rows}
        height={() => 20}
        render={row => <p key={row}>{row}</p>}
      />
    );
    const drawn = container.querySelectorAll('p');
    expect(drawn.length).toBeGreaterThan(20);
    expect(drawn.length).toBeLessThan(100);
    const space = container.querySelector<HTMLElement>('.jk-List-space');
    expect(space?.style.height).toBe('2000000px');
  });
});
