import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import { size } from '../../words';
import { letterOf } from '../place';
import type { ITensorChange, ITensorsDiff } from '../source';

/** Tensors that are listed; the sentence above says how many differ. */
const LISTED_MAX = 1000;

/** A file of tensors: those that differ, each with its type, its shape and how much of it is new. */
export class TensorsView extends ReactWidget {
  constructor(
    private readonly _diff: ITensorsDiff,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jk-Tensors');
  }

  protected render(): JSX.Element {
    const { tensors, same, metadata } = this._diff;
    const trans = this._trans;
    const rest = tensors.length - LISTED_MAX;
    return (
      <>
        <p className="jk-Summary">
          <b>
            {trans._n('%1 tensor differs', '%1 tensors differ', tensors.length)}
          </b>
          <span>{trans._n('%1 as before', '%1 as before', same)}</span>
          {metadata && <span>{trans.__('Metadata differ')}</span>}
        </p>
        {tensors.length > 0 && (
          <table className="jk-Tensors-table">
            <thead>
              <tr>
                <th scope="col">{trans.__('Tensor')}</th>
                <th scope="col">{trans.__('Type')}</th>
                <th scope="col">{trans.__('Shape')}</th>
                <th scope="col">{trans.__('Size')}</th>
                <th scope="col">{trans.__('Changed')}</th>
              </tr>
            </thead>
            <tbody>
              {tensors.slice(0, LISTED_MAX).map(tensor => (
                <Row key={tensor.name} tensor={tensor} trans={trans} />
              ))}
            </tbody>
          </table>
        )}
        {rest > 0 && (
          <p className="jk-Diff-note">{trans.__('and %1 more', rest)}</p>
        )}
      </>
    );
  }
}

function Row(props: {
  tensor: ITensorChange;
  trans: TranslationBundle;
}): JSX.Element {
  const { tensor, trans } = props;
  const whole = tensor.new_size ?? tensor.old_size ?? 0;
  const part = tensor.changed_bytes === null ? 1 : tensor.changed_bytes / whole;
  const words: Record<ITensorChange['kind'], string> = {
    added: trans.__('added'),
    removed: trans.__('removed'),
    modified:
      tensor.changed_bytes === null
        ? trans.__('another type or shape')
        : trans.__(
            '%1 (%2)',
            size(tensor.changed_bytes),
            percent(tensor.changed_bytes, whole)
          )
  };
  return (
    <tr className={`jk-mod-${tensor.kind}`}>
      <th scope="row" title={tensor.name}>
        <span className={`jk-Letter jk-mod-${tensor.kind}`} aria-hidden="true">
          {letterOf(tensor.kind)}
        </span>
        {tensor.name}
      </th>
      <td>{both(tensor.old_dtype, tensor.new_dtype)}</td>
      <td>{both(shape(tensor.old_shape), shape(tensor.new_shape))}</td>
      <td className="jk-mod-number">{size(whole)}</td>
      <td>
        {words[tensor.kind]}
        {tensor.kind === 'modified' && tensor.changed_bytes !== null && (
          <span className="jk-Part" aria-hidden="true">
            <span style={{ width: `${Math.max(2, part * 100)}%` }} />
          </span>
        )}
      </td>
    </tr>
  );
}

/** What it was and what it is; one of them where they are equal or there is no other. */
function both(old: string | null, fresh: string | null): string {
  return [...new Set([old, fresh].filter(each => each !== null))].join(' → ');
}

function shape(sizes: readonly number[] | null): string | null {
  return sizes && (sizes.length ? sizes.join(' × ') : '1');
}

/** A share that is never rounded to none or to all of it. */
function percent(part: number, whole: number): string {
  const share = (part / whole) * 100;
  if (share < 1) {
    return '< 1 %';
  }
  return `${Math.min(part < whole ? 99 : 100, Math.round(share))} %`;
}
