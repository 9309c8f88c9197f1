import { nullTranslator } from '@jupyterlab/translation';
import type { ReactWidget } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';

import type { ITableDiff, ITensorChange } from '../diff/source';
import { TableSummary } from '../diff/views/table';
import { TensorsView } from '../diff/views/tensors';

const trans = nullTranslator.load('jupyter_kit');

let shown: ReactWidget | null = null;

function show(view: ReactWidget): void {
  shown = view;
  Widget.attach(view, document.body);
}

afterEach(() => shown?.dispose());

function tensor(
  name: string,
  more: Partial<ITensorChange> = {}
): ITensorChange {
  return {
    kind: 'modified',
    name,
    old_dtype: 'F32',
    new_dtype: 'F32',
    old_shape: [10, 64],
    new_shape: [10, 64],
    old_size: 2560,
    new_size: 2560,
    changed_bytes: 2559,
    ...more
  };
}

describe('tensors', () => {
  it('are listed with type, shape, and how much of them is new', async () => {
    const went = {
      new_dtype: null,
      new_shape: null,
      new_size: null,
      changed_bytes: null
    };
    const tensors = [
      tensor('wte'),
      tensor('one', { changed_bytes: 1 }),
      tensor('head', { new_dtype: 'F16', new_shape: [5], changed_bytes: null }),
      tensor('gone', { kind: 'removed', old_shape: [], ...went })
    ];
    const diff = { path: 'm', tensors, same: 99, metadata: '' };
    show(new TensorsView({ type: 'tensors', ...diff }, trans));
    const rows = await screen.findAllByRole('row');
    const cells = rows.map(row =>
      within(row)
        .queryAllByRole('cell')
        .map(cell => cell.textContent)
    );
    expect(cells.slice(1)).toEqual([
      ['F32', '10 × 64', '2.56 kB', '2.56 kB (99 %)'],
      ['F32', '10 × 64', '2.56 kB', '1 B (< 1 %)'],
      ['F32 → F16', '10 × 64 → 5', '2.56 kB', 'another type or shape'],
      ['F32', '1', '2.56 kB', 'removed']
    ]);
    expect(screen.getByText('4 tensors differ')).toBeTruthy();
    expect(screen.getByText('99 as before')).toBeTruthy();
  });
});

describe('a table', () => {
  it('tells its rows, and what became of its columns', async () => {
    const diff: ITableDiff = {
      type: 'table',
      path: 'a.csv',
      lines: [],
      cut: false,
      changed_columns: [
        { kind: 'added', name: 'country', changed_rows: null },
        { kind: 'modified', name: 'age', changed_rows: 1 }
      ],
      columns: 3,
      old_rows: 200,
      new_rows: 220
    };
    show(new TableSummary(diff, trans));
    await waitFor(() =>
      expect(screen.getByText('200 → 220 rows')).toBeTruthy()
    );
    const columns = screen.getAllByRole('listitem');
    expect(columns.map(each => each.textContent)).toEqual([
      'country added',
      'age changed in 1 row'
    ]);
  });
});
