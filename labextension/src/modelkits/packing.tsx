import type { TranslationBundle } from '@jupyterlab/translation';
import { refreshIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import React, { useEffect, useState } from 'react';

import { IconButton } from '../forms/buttons';
import { ChoiceField, TextField, Tick } from '../forms/fields';
import { Form } from '../forms/form';
import { Problem } from '../forms/problem';
import { useModel, useReading } from '../forms/reading';
import { useTask } from '../forms/task';
import { short } from '../forms/words';
import type { IKitModel } from '../tokens';
import { Layers, LeftOut, PackageFacts } from './facts';
import { layersOf } from './kitfile';
import { Packed } from './packed';
import { EXAMPLE, problemOf } from './references';
import type {
  IKitfile,
  IKitfileWritten,
  IModelKitList,
  IPackPlan,
  IPackResult
} from './replies';

/** Where the file lies that people edit. */
const KITFILE = 'Kitfile';

type Compression = 'none' | 'gzip' | 'gzip-fastest';

/** Make a ModelKit of a snapshot: what would go in, what it is called, how it is written; and then what came of it. */
export function Packing(props: {
  model: IKitModel;
  trans: TranslationBundle;
  commands: CommandRegistry;
  snapshot: string;
}): JSX.Element {
  const { model, trans, commands } = props;
  useModel(model, 'workspace', 'status', 'history');
  const [name, setName] = useState(props.snapshot || 'HEAD');
  const [own, setOwn] = useState(false);
  const [reference, setReference] = useState<string | null>(null);
  const [compression, setCompression] = useState<Compression>('none');
  const [modelpack, setModelpack] = useState(false);
  const [result, setResult] = useState<IPackResult | null>(null);
  const task = useTask();
  const writing = useTask();
  useEffect(() => setName(props.snapshot || 'HEAD'), [props.snapshot]);

  const place = model.workspace?.folder ?? null;
  const some = Boolean(model.status?.snapshots);
  const kitfile = own ? { kitfile: KITFILE } : {};
  const plan = useReading(
    model,
    place !== null && some,
    JSON.stringify([place, name, own]),
    () => model.look<IPackPlan>('pack', { name, ...kitfile, dry_run: true })
  );
  const list = useReading(model, place !== null, place ?? '', () =>
    model.look<IModelKitList>('list')
  );

  if (place === null || !some) {
    return <NoSnapshot trans={trans} commands={commands} />;
  }
  const proposed = plan.value ? referenceFor(plan.value.kitfile) : '';
  const called = reference ?? proposed;
  const taken = list.value?.entries.some(each => each.reference === called);
  const changes = model.status?.changes.length ?? 0;
  const pack = (): void =>
    void task.run(async () => {
      setResult(
        await model.run<IPackResult>('pack', {
          name,
          reference: called,
          compression,
          use_model_pack: modelpack,
          ...kitfile,
          yes: true
        })
      );
      list.again();
    });
  const write = (): void =>
    void writing.run(async () => {
      await model.run<IKitfileWritten>('init', { kitfile: true });
      setOwn(true);
      await commands.execute('docmanager:open', {
        path: joined(place, KITFILE)
      });
    });
  if (result) {
    return (
      <Packed
        result={result}
        trans={trans}
        commands={commands}
        onAgain={() => setResult(null)}
      />
    );
  }
  return (
    <div className="jk-Pack">
      <Form
        title={trans.__('Pack a ModelKit')}
        about={trans.__(
          'A ModelKit is a snapshot that others can use. It shares its bytes with the snapshot: nothing is copied.'
        )}
        act={trans.__('Pack')}
        acting={trans.__('Packing…')}
        busy={task.busy}
        ready={
          Boolean(called && plan.value) && !problemOf(called, 'here', trans)
        }
        trans={trans}
        onSubmit={pack}
      >
        <ChoiceField
          label={trans.__('Snapshot')}
          value={name}
          onChange={setName}
          choices={snapshotChoices(model, name, trans)}
          hint={
            changes && name === 'HEAD' ? (
              <>
                {trans._n(
                  '%1 change since then is not in it.',
                  '%1 changes since then are not in it.',
                  changes
                )}{' '}
                <button
                  type="button"
                  className="jk-Link"
                  onClick={() => void commands.execute('jupyter-kit:snapshot')}
                >
                  {trans.__('Take a snapshot first…')}
                </button>
              </>
            ) : undefined
          }
          disabled={task.busy}
        />
        <TextField
          label={trans.__('Reference')}
          value={called}
          onChange={setReference}
          placeholder={EXAMPLE.modelkit}
          hint={
            taken
              ? trans.__(
                  'A ModelKit has this name. The name moves to the new one; the old one stays under its other names.'
                )
              : trans.__(
                  'A name for this workspace, or registry/repository:tag to push it there. Further tags follow after commas.'
                )
          }
          problem={called ? problemOf(called, 'here', trans) : null}
          disabled={task.busy}
        />
        <ChoiceField
          label={trans.__('Compression')}
          value={compression}
          onChange={value => setCompression(value as Compression)}
          choices={[
            ['none', trans.__('None: shares all bytes with the snapshot')],
            ['gzip', trans.__('gzip: smaller to send')],
            ['gzip-fastest', trans.__('gzip, fastest')]
          ]}
          disabled={task.busy}
        />
        <Tick
          label={trans.__('ModelPack format (CNCF) instead of kit’s own')}
          checked={modelpack}
          onChange={setModelpack}
          disabled={task.busy}
        />
        <Problem
          error={task.error}
          remedies={[task.error && { label: trans.__('Try again'), act: pack }]}
        />
      </Form>
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
            act={plan.again}
          />
        </div>
        <Problem
          error={plan.error}
          remedies={[
            { label: trans.__('Try again'), act: plan.again },
            model.workspace?.kitfile && {
              label: trans.__('Open the Kitfile'),
              act: () =>
                void commands.execute('docmanager:open', {
                  path: joined(place, KITFILE)
                })
            }
          ]}
        />
        {plan.value && (
          <>
            <Origin
              plan={plan.value}
              own={own}
              file={Boolean(model.workspace?.kitfile)}
              busy={writing.busy}
              trans={trans}
              onOwn={setOwn}
              onWrite={write}
              onOpen={() =>
                void commands.execute('docmanager:open', {
                  path: joined(place, KITFILE)
                })
              }
            />
            <Problem error={writing.error} />
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
    </div>
  );
}

/** Which Kitfile it is packed by, and how to come to another. */
function Origin(props: {
  plan: IPackPlan;
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
    : plan.origin
      ? trans.__('By %1, as the snapshot has it.', plan.origin)
      : trans.__(
          'There is no Kitfile in this snapshot; this one fits its files.'
        );
  return (
    <div className="jk-Origin">
      <p>{told}</p>
      <div className="jk-Form-buttons">
        {file ? (
          <>
            <button
              type="button"
              className="jp-mod-styled jp-mod-minimal jk-Button"
              onClick={props.onOpen}
            >
              {trans.__('Edit the Kitfile')}
            </button>
            <Tick
              label={trans.__('Use the file as it is now')}
              checked={own}
              onChange={props.onOwn}
            />
          </>
        ) : (
          <button
            type="button"
            className="jp-mod-styled jp-mod-minimal jk-Button"
            disabled={props.busy}
            onClick={props.onWrite}
          >
            {trans.__('Write a Kitfile to edit')}
          </button>
        )}
      </div>
    </div>
  );
}

/** What the form says before there is anything to pack. */
function NoSnapshot(props: {
  trans: TranslationBundle;
  commands: CommandRegistry;
}): JSX.Element {
  const { trans, commands } = props;
  return (
    <div className="jk-Empty">
      <h3>{trans.__('Pack a ModelKit')}</h3>
      <p>
        {trans.__(
          'A ModelKit is made of a snapshot, and there is none yet. Take one first.'
        )}
      </p>
      <button
        type="button"
        className="jp-mod-styled jp-mod-accept jk-Button"
        onClick={() => void commands.execute('jupyter-kit:snapshot')}
      >
        {trans.__('Take a snapshot…')}
      </button>
    </div>
  );
}

/** The snapshots to choose from: the one that the workspace stands on, and those that were read so far. */
function snapshotChoices(
  model: IKitModel,
  chosen: string,
  trans: TranslationBundle
): [string, string][] {
  const head = model.status?.head_message;
  const choices: [string, string][] = [
    [
      'HEAD',
      trans.__('Where you stand: %1', head || short(model.status?.head ?? ''))
    ],
    ...model.history.map(({ snapshot, tags }): [string, string] => [
      snapshot.id,
      [
        tags.filter(tag => tag !== 'latest').join(', '),
        snapshot.message || short(snapshot.id)
      ]
        .filter(Boolean)
        .join(' — ')
    ])
  ];
  return choices.some(([value]) => value === chosen)
    ? choices
    : [[chosen, short(chosen)], ...choices];
}

/** What a ModelKit may be called: its package's name and version. */
export function referenceFor({ package: told, model }: IKitfile): string {
  const name = (told?.name || model?.name || 'modelkit')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const tag = (told?.version || 'latest').replace(/[^A-Za-z0-9._-]+/g, '-');
  return `${name || 'modelkit'}:${tag}`;
}

function joined(folder: string, name: string): string {
  return folder ? `${folder}/${name}` : name;
}
