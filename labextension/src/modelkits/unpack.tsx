import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useRef, useState } from 'react';

import { ChoiceField, TextField, Tick } from '../forms/fields';
import { Form } from '../forms/form';
import { Problem } from '../forms/problem';
import { useReading } from '../forms/reading';
import { useTask } from '../forms/task';
import { size } from '../words';
import type { IModelKitProps } from './entry';
import { layerWord } from './facts';
import { filterOf, layersOf } from './kitfile';
import { parts } from './references';
import type { IModelKitDetail, IUnpackPlan, IUnpackResult } from './replies';

type Existing = 'error' | 'overwrite' | 'ignore';

/** How many steps of a plan are listed. */
const STEPS_SHOWN = 100;

/** Write the files of a ModelKit into a folder; what would be written is shown first. */
export function Unpack(props: IModelKitProps): JSX.Element {
  const { model, trans, entry, onClose } = props;
  const { reference } = entry;
  const name = parts(reference).repository.split('/').pop() || 'modelkit';
  const [into, setInto] = useState(name);
  const [existing, setExisting] = useState<Existing>('error');
  const [refused, setRefused] = useState<ReadonlySet<number>>(new Set());
  const [plan, setPlan] = useState<IUnpackPlan | null>(null);
  const task = useTask();
  const detail = useReading(model, true, entry.digest, () =>
    model.look<IModelKitDetail>('inspect', { reference })
  );
  const layers = detail.value ? layersOf(detail.value.kitfile) : [];
  const wanted = layers.filter((_, index) => !refused.has(index));
  const options = {
    reference,
    into: into || '.',
    ...(refused.size && { filters: ['kitfile', ...wanted.map(filterOf)] }),
    ...(existing === 'overwrite' && { overwrite: true }),
    ...(existing === 'ignore' && { ignore_existing: true })
  };
  const change = (): void => {
    setPlan(null);
    task.clear();
  };
  const show = (): void =>
    void task.run(async () =>
      setPlan(
        await model.run<IUnpackPlan>('unpack', { ...options, dry_run: true })
      )
    );
  const unpack = (): void =>
    void task.run(async () => {
      const done = await model.run<IUnpackResult>('unpack', options);
      onClose(
        trans.__(
          'Unpacked %1 files (%2) into %3.',
          done.plan.written,
          size(done.plan.bytes),
          into || '.'
        )
      );
    });
  return (
    <Form
      title={trans.__('Unpack %1', reference)}
      act={plan ? trans.__('Unpack') : trans.__('Show what would be written')}
      acting={plan ? trans.__('Unpacking…') : trans.__('Looking…')}
      busy={task.busy}
      ready={wanted.length > 0 || !layers.length}
      trans={trans}
      onClose={() => onClose()}
      onSubmit={plan ? unpack : show}
    >
      <TextField
        label={trans.__('Folder')}
        value={into}
        onChange={value => {
          setInto(value);
          change();
        }}
        hint={trans.__(
          'In this workspace; it is made where it does not exist.'
        )}
        disabled={task.busy}
        focused
      />
      {layers.length > 1 && (
        <fieldset className="jk-Fieldset" disabled={task.busy}>
          <legend>{trans.__('Layers')}</legend>
          {layers.map((layer, index) => (
            <Tick
              key={index}
              label={
                <>
                  <span className={`jk-Badge jk-mod-${layer.type}`}>
                    {layerWord(layer, trans)}
                  </span>{' '}
                  {layer.path}
                </>
              }
              checked={!refused.has(index)}
              onChange={checked => {
                const next = new Set(refused);
                if (checked) {
                  next.delete(index);
                } else {
                  next.add(index);
                }
                setRefused(next);
                change();
              }}
            />
          ))}
        </fieldset>
      )}
      <ChoiceField
        label={trans.__('Files that exist already')}
        value={existing}
        onChange={value => {
          setExisting(value as Existing);
          change();
        }}
        choices={[
          ['error', trans.__('Stop, and write nothing')],
          ['ignore', trans.__('Keep them, write the others')],
          ['overwrite', trans.__('Replace them')]
        ]}
        disabled={task.busy}
      />
      {plan && <Plan plan={plan} trans={trans} />}
      <Problem error={task.error} />
    </Form>
  );
}

/** What unpacking would do. */
function Plan(props: {
  plan: IUnpackPlan;
  trans: TranslationBundle;
}): JSX.Element {
  const { plan, trans } = props;
  const node = useRef<HTMLDetailsElement>(null);
  // Whoever is about to write sees what.
  // In a block: new browsers give a promise, which React would take for what is to be called at the end.
  useEffect(() => {
    node.current?.scrollIntoView({ block: 'nearest' });
  }, [plan]);
  const steps = plan.steps.filter(step => step.action !== 'folder');
  const replaced = steps.filter(
    step => step.action === 'write' && step.exists
  ).length;
  const kept = steps.filter(step => step.action === 'keep').length;
  const told = [
    trans._n('%1 file, %2', '%1 files, %2', plan.written, size(plan.bytes)),
    replaced ? trans.__('%1 replaced', replaced) : '',
    kept ? trans.__('%1 kept', kept) : ''
  ];
  return (
    <details className="jk-Details jk-UnpackPlan" open ref={node}>
      <summary>
        {trans.__('To be written: %1', told.filter(Boolean).join(', '))}
      </summary>
      <ul className="jk-Steps">
        {steps.slice(0, STEPS_SHOWN).map(step => (
          <li
            key={step.path}
            className={
              step.action === 'keep'
                ? 'jk-mod-kept'
                : step.exists
                  ? 'jk-mod-replaced'
                  : 'jk-mod-new'
            }
          >
            <span className="jk-Step-word">
              {step.action === 'keep'
                ? trans.__('keep')
                : step.exists
                  ? trans.__('replace')
                  : trans.__('write')}
            </span>
            <span className="jk-Layer-path" title={step.path}>
              {step.path}
            </span>
            <span className="jk-Layer-size">{size(step.size)}</span>
          </li>
        ))}
      </ul>
      {steps.length > STEPS_SHOWN && (
        <p className="jk-Hint">
          {trans.__('and %1 more', steps.length - STEPS_SHOWN)}
        </p>
      )}
      {plan.skipped.map(({ path, reason }) => (
        <p key={path} className="jk-Hint">
          {path}: {reason}
        </p>
      ))}
    </details>
  );
}
