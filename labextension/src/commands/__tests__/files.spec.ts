import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { describe, expect, it } from 'vitest';

import type { Answer } from '../../__tests__/answering';
import { log } from '../../__tests__/payloads';
import { addFiles, wordsOf } from '../files';
import { FILE_HISTORY, OPEN_FILE_AS_OF, SHOW_PANEL } from '../names';
import { IMade, made, notices, others, press } from './room';

/** A lab whose file browser has this file selected. */
async function browsing(
  selected: string | null,
  answers: Record<string, Answer> = {}
): Promise<IMade & { called: Record<string, unknown>[] }> {
  const lab = await made({ log, ...answers }, [{ path: 'digits/train.ipynb' }]);
  const files = selected === null ? [] : [{ path: selected }];
  const browsers = {
    tracker: { currentWidget: { selectedItems: () => files.values() } }
  } as unknown as IFileBrowserFactory;
  addFiles(lab.room, browsers);
  const called = others(
    lab,
    'jupyter-kit:log',
    'jupyter-kit:rollback',
    OPEN_FILE_AS_OF,
    SHOW_PANEL
  );
  return { ...lab, called };
}

const [, OLD] = log.entries;

describe('the menu of a file', () => {
  it('shows its history', async () => {
    const lab = await browsing('digits/data/train.csv');
    await lab.commands.execute('jupyter-kit:browsed-file-history');
    expect(lab.called).toEqual([{ path: 'data/train.csv' }]);
  });

  it('restores it, or opens it, as of the snapshot that is chosen', async () => {
    const lab = await browsing('digits/data/train.csv');
    const restored = lab.commands.execute('jupyter-kit:browsed-file-restore');
    await press('Restore', wordsOf(OLD));
    await restored;
    const opened = lab.commands.execute('jupyter-kit:browsed-file-as-of');
    await press('Open', wordsOf(OLD));
    await opened;
    expect(lab.called).toEqual([
      { name: OLD.snapshot.id, paths: ['data/train.csv'] },
      { path: 'data/train.csv', snapshot: OLD.snapshot.id }
    ]);
    const asked = lab.asked.filter(each => each.verb === 'log');
    expect(asked[0].options).toMatchObject({ path: 'data/train.csv' });
  });

  it('does nothing where that is cancelled, or no snapshot has the file', async () => {
    const lab = await browsing('digits/data/train.csv');
    const done = lab.commands.execute('jupyter-kit:browsed-file-restore');
    await press('Cancel');
    await done;
    lab.answers.log = { entries: [], cut: false, before: null };
    await lab.commands.execute('jupyter-kit:browsed-file-as-of');
    expect(notices()).toEqual(['No snapshot has data/train.csv yet.']);
    expect(lab.called).toEqual([]);
  });

  it('shows the panel where nothing of a workspace is selected', async () => {
    for (const selected of [null, 'elsewhere.csv']) {
      const lab = await browsing(selected);
      await lab.commands.execute('jupyter-kit:browsed-file-history');
      expect(lab.done).toEqual([SHOW_PANEL]);
    }
  });
});

describe('the history of a file', () => {
  it('is that of the document in front, where none is named', async () => {
    const lab = await browsing(null);
    expect(lab.commands.isEnabled(FILE_HISTORY)).toBe(true);
    await lab.commands.execute(FILE_HISTORY);
    await lab.commands.execute(FILE_HISTORY, { path: 'a.py' });
    expect(lab.called).toEqual([{ path: 'train.ipynb' }, { path: 'a.py' }]);
  });
});
