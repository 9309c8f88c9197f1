import type { TranslationBundle } from '@jupyterlab/translation';
import { copyIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import React from 'react';

import { Button, IconButton } from '../forms/buttons';
import { size } from '../words';
import { short, shown } from './references';
import type { IPackResult } from './replies';

/** What came of packing: the names, the digests, what it costs; and what comes next. */
export function Packed(props: {
  result: IPackResult;
  trans: TranslationBundle;
  commands: CommandRegistry;
  onAgain: () => void;
}): JSX.Element {
  const { result, trans, commands } = props;
  const references = result.references.map(shown);
  const copy = (reference: string): void =>
    void commands.execute('jupyter-kit:copy-reference', { reference });
  return (
    <div className="jk-Packed" role="status">
      <h3>{trans.__('Packed as %1', references.join(', '))}</h3>
      <p className="jk-Quiet">
        {trans._n('%1 layer', '%1 layers', result.layers.length)},{' '}
        {size(result.bytes)};{' '}
        {trans.__('%1 new on disk', size(result.new_bytes))}
      </p>
      <p>
        {trans.__('Digest')} <code className="jk-Digest">{result.digest}</code>
        <IconButton
          icon={copyIcon}
          label={trans.__('Copy the digest')}
          act={() => copy(result.digest)}
        />
      </p>
      <table className="jk-Table">
        <thead>
          <tr>
            <th scope="col">{trans.__('Layer')}</th>
            <th scope="col">{trans.__('Path')}</th>
            <th scope="col" className="jk-mod-number">
              {trans.__('Size')}
            </th>
            <th scope="col">{trans.__('Digest')}</th>
          </tr>
        </thead>
        <tbody>
          {result.layers.map(layer => (
            <tr key={layer.name}>
              <td>{layer.kind}</td>
              <td>
                <code>{layer.path}</code>
              </td>
              <td className="jk-mod-number">{size(layer.size)}</td>
              <td>
                <code title={layer.digest}>{short(layer.digest)}…</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="jk-Form-buttons">
        {references[0] && (
          <Button
            label={trans.__('Push %1…', references[0])}
            kind="main"
            act={() =>
              void commands.execute('jupyter-kit:push', {
                reference: references[0]
              })
            }
          />
        )}
        <Button label={trans.__('Pack another')} act={props.onAgain} />
      </div>
    </div>
  );
}
