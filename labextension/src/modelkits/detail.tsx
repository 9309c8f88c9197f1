import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import React from 'react';

import { Button } from '../forms/buttons';
import { Problem } from '../forms/problem';
import { useReading } from '../forms/reading';
import type { IKitModel } from '../tokens';
import { Layers, PackageFacts } from './facts';
import { short } from './references';
import type { IModelKitDetail, IModelKitSummary } from './replies';

/** What a ModelKit holds: its Kitfile's words, its layers, its digest. */
export function Detail(props: {
  model: IKitModel;
  trans: TranslationBundle;
  commands: CommandRegistry;
  entry: IModelKitSummary;
}): JSX.Element {
  const { model, trans, commands, entry } = props;
  const { reference } = entry;
  const { value, error, again } = useReading(model, true, entry.digest, () =>
    model.look<IModelKitDetail>('inspect', { reference })
  );
  if (!value) {
    return error ? (
      <Problem
        error={error}
        remedies={[{ label: trans.__('Try again'), act: again }]}
      />
    ) : (
      <p className="jk-Hint">{trans.__('Reading…')}</p>
    );
  }
  const sizes = new Map(
    (value.manifest.layers ?? []).map(each => [each.digest, each.size])
  );
  const digest = <code title={value.digest}>{short(value.digest)}…</code>;
  return (
    <>
      <PackageFacts
        kitfile={value.kitfile}
        more={[
          [trans.__('Digest'), digest],
          [trans.__('Packed by'), value.cli_version]
        ]}
        trans={trans}
      />
      <Layers kitfile={value.kitfile} sizes={sizes} trans={trans} />
      <div className="jk-Form-buttons">
        <Button
          label={trans.__('Show Kitfile and manifest')}
          kind="quiet"
          act={() =>
            void commands.execute('jupyter-kit:inspect-modelkit', { reference })
          }
        />
      </div>
    </>
  );
}
