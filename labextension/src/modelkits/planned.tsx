import type { TranslationBundle } from '@jupyterlab/translation';
import { refreshIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import React from 'react';

import { Button, IconButton } from '../forms/buttons';
import { Tick } from '../forms/fields';
import { Problem } from '../forms/problem';
import type { IReading } from '../forms/reading';
import type { ITask } from '../forms/task';
import type { IKitModel } from '../tokens';
import { Layers, LeftOut, PackageFacts } from './facts';
import { layersOf } from './kitfile';
import type { IPackPlan } from './replies';

/** What packing would put in, and by which Kitfile. */
export function Planned(props: {
  model: IKitModel;
  trans: TranslationBundle;
  commands: CommandRegistry;
  plan: IReading<IPackPlan>;
  /** By the Kitfile as it is on disk, not as the snapshot has it. */
  own: boolean;
  /** API path of the Kitfile on disk. */
  kitfile: string;
  writing: ITask;
  onOwn: (own: boolean) => void;
  onWrite: () => void;
}): JSX.Element {
  const { model, trans, plan, own, writing } = props;
  const file = Boolean(model.workspace?.kitfile);
  const edit = (): void =>
    void props.commands.execute('docmanager:open', { path: props.kitfile });
  const again = (): void => {
    void model.refresh();
    plan.again();
  };
  return (
    <section
      className="jk-Pack-plan"
      aria-label={trans.__('What goes in')}
      aria-busy={plan.busy}
    >
      <div className="jk-Title">
        <h3>{trans.__('What goes in')}</h3>
        <IconButton
          icon={refreshIcon}
          label={trans.__('Look again')}
          disabled={plan.busy}
          spin={plan.busy}
          act={again}
        />
      </div>
      <Origin
        plan={plan.value}
        own={own}
        file={file}
        busy={writing.busy}
        trans={trans}
        onOwn={props.onOwn}
        onWrite={props.onWrite}
        onOpen={edit}
      />
      <Problem error={writing.error} />
      <Problem
        error={plan.error}
        remedies={[{ label: trans.__('Look again'), act: again }]}
      />
      {plan.value && !plan.error && (
        <>
          <PackageFacts kitfile={plan.value.kitfile} trans={trans} />
          {layersOf(plan.value.kitfile).length === 0 && (
            <p className="jk-Hint">
              {trans.__('No layer: the Kitfile names no files.')}
            </p>
          )}
          <Layers kitfile={plan.value.kitfile} trans={trans} />
          <LeftOut skipped={plan.value.left_out} trans={trans} />
        </>
      )}
      {!plan.value && plan.busy && (
        <p className="jk-Hint">{trans.__('Looking at the files…')}</p>
      )}
    </section>
  );
}

/** Which Kitfile it is packed by, and how to come to another. */
function Origin(props: {
  plan: IPackPlan | null;
  own: boolean;
  file: boolean;
  busy: boolean;
  trans: TranslationBundle;
  onOwn: (own: boolean) => void;
  onWrite: () => void;
  onOpen: () => void;
}): JSX.Element {
  const { plan, own, file, trans } = props;
  const told = own
    ? trans.__('By the Kitfile as it is in the folder now.')
    : plan?.origin
      ? trans.__('By %1, as the snapshot has it.', plan.origin)
      : trans.__(
          'There is no Kitfile in this snapshot; this one fits its files.'
        );
  return (
    <div className="jk-Origin">
      {(own || plan) && <p>{told}</p>}
      <div className="jk-Form-buttons">
        {file ? (
          <>
            <Button
              label={trans.__('Edit the Kitfile')}
              kind="quiet"
              act={props.onOpen}
            />
            <Tick
              label={trans.__('Use the file as it is now')}
              checked={own}
              onChange={props.onOwn}
            />
          </>
        ) : (
          <Button
            label={trans.__('Write a Kitfile to edit')}
            kind="quiet"
            disabled={props.busy}
            act={props.onWrite}
          />
        )}
      </div>
    </div>
  );
}
