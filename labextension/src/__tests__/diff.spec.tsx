import { nullTranslator } from '@jupyterlab/translation';
import { render, screen } from '@testing-library/react';
import React from 'react';
import { describe, expect, it } from 'vitest';

import { IDiffPlace, keyOf, kindOf, shortName, titleOf } from '../diff/place';
import type { IChange, ILogEntry } from '../replies';
import { Plan } from '../rollback/dialog';
import { within } from '../rollback/documents';
import type { IRollbackPlan } from '../rollback/replies';

const trans = nullTranslator.load('jupyter_kit');

const ID = 'ab12cd34ef'.repeat(6) + 'abcd';

const history = [
  { snapshot: { id: ID }, tags: ['v1'], head: true }
] as ILogEntry[];

function change(path: string, more: Partial<IChange> = {}): IChange {
  return {
    kind: 'modified',
    path,
    old_path: null,
    old_size: 1,
    new_size: 2,
    old_mode: null,
    new_mode: null,
    new_bytes: null,
    old_entry: 'file',
    new_entry: 'file',
    ...more
  };
}

const place: IDiffPlace = {
  folder: 'work',
  before: ID,
  after: '',
  path: 'a/train.ipynb',
  alone: true
};

describe('a diff document', () => {
  it('is called by its file and by what people call the two states', () => {
    const titled = titleOf(place, 'now', 'All files', history);
    expect(titled).toBe('train.ipynb: v1 → now');
    const whole = { ...place, alone: false, after: 'HEAD' };
    expect(titleOf(whole, 'now', 'All files')).toBe(
      'All files: ab12cd34ef → HEAD'
    );
    expect(shortName('HEAD', history)).toBe('v1');
  });

  it('is the same document for another file of all that differ', () => {
    const whole = { ...place, alone: false };
    expect(keyOf(whole)).toBe(keyOf({ ...whole, path: 'other' }));
    expect(keyOf(place)).not.toBe(keyOf({ ...place, path: 'other' }));
  });

  it.each([
    [change('a.ipynb'), 'notebook'],
    [change('a.PNG'), 'image'],
    [change('a.py'), 'text'],
    [change('a.py', { kind: 'mode' }), 'facts'],
    [change('a.ipynb', { kind: 'renamed', old_path: 'b' }), 'facts'],
    [change('a.png', { new_entry: 'symlink' }), 'text'],
    [change('a', { new_entry: 'folder' }), 'facts']
  ])('shows each kind of file in its way', (changed, kind) => {
    expect(kindOf(changed)).toBe(kind);
  });
});

describe('a rollback', () => {
  const plan: IRollbackPlan = {
    snapshot: ID,
    paths: [],
    steps: [
      { action: 'write', path: 'a.csv', size: 1500, exists: true },
      { action: 'delete', path: 'b.csv', size: 3, exists: true }
    ],
    kept: 4,
    left: [],
    written: 1,
    deleted: 1,
    bytes: 1500
  };

  it('shows the plan, file by file, and that it can be undone', () => {
    const question = { name: 'v1', plan, unsaved: [], shared: [] };
    render(<Plan question={question} trans={trans} />);
    const shown = screen.getAllByRole('listitem').map(row => row.textContent);
    expect(shown).toEqual(['a.csvreplaced1.50 kB', 'b.csvdeleted3 B']);
    expect(screen.getByText('1 deleted')).toBeTruthy();
    expect(screen.getByText(/undo this/)).toBeTruthy();
    expect(screen.queryByText('Not saved yet')).toBeNull();
  });

  it('concerns what is in the folders asked for, and all where none is', () => {
    expect(within('data/a.csv', ['data'])).toBe(true);
    expect(within('database.csv', ['data'])).toBe(false);
    expect(within('anything', [])).toBe(true);
  });
});
