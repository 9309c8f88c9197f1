import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import React, { useEffect, useRef, useState } from 'react';

import { ChoiceField, MoreOptions, TextField, Tick } from '../forms/fields';
import { Form } from '../forms/form';
import { Problem, tryAgain } from '../forms/problem';
import { useModel, useReading } from '../forms/reading';
import { useTask } from '../forms/task';
import { Notice } from '../sidebar/notice';
import type { IKitModel } from '../tokens';
import { shortId } from '../words';
import { Packed } from './packed';
import { Planned } from './planned';
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
  /** API path of the workspace that is packed, whatever else is looked at meanwhile; the first that is found where it is null. */
  folder: string | null;
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

  // The panel may be closed.
  useEffect(() => {
    const wanted = [model.want('status'), model.want('history')];
    return () => wanted.forEach(each => each.dispose());
  }, [model]);
  const pinned = useRef(props.folder);
  pinned.current ??= model.workspace?.folder ?? null;
  const folder = pinned.current ?? '';
  const here = model.workspace?.folder === pinned.current;
  const some = Boolean(model.status?.snapshots);
  const kitfile = own ? { kitfile: KITFILE } : {};
  const plan = useReading(
    model,
    here && some,
    JSON.stringify([name, own]),
    () => model.look<IPackPlan>('pack', { name, ...kitfile, dry_run: true })
  );
  const list = useReading(model, here, '', () =>
    model.look<IModelKitList>('list')
  );
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
        path: joined(folder, KITFILE)
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
  if (!here && pinned.current !== null) {
    return (
      <Notice
        title={trans.__(
          'This form packs %1',
          folder || trans.__('the top folder')
        )}
        text={trans.__(
          'You look at another workspace now. All that you have filled in is still here: open a file of that folder, or the folder itself, to go on.'
        )}
        action={{
          label: trans.__('Open that folder'),
          run: () =>
            void commands.execute('filebrowser:open-path', { path: folder })
        }}
      />
    );
  }
  if (!model.status) {
    return (
      <div className="jk-Pack">
        <Problem error={model.error} />
        {!model.error && <p className="jk-Hint">{trans.__('Reading…')}</p>}
      </div>
    );
  }
  if (!here || !some) {
    return (
      <Notice
        title={trans.__('Pack a ModelKit')}
        text={trans.__(
          'A ModelKit is made of a snapshot, and there is none yet. Take one first.'
        )}
        action={{
          label: trans.__('Take a snapshot…'),
          run: () => void commands.execute('jupyter-kit:snapshot')
        }}
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
        <MoreOptions label={trans.__('More options')}>
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
        </MoreOptions>
        <Problem
          error={task.error}
          remedies={[tryAgain(task.error, trans, pack)]}
        />
      </Form>
      <Planned
        {...{ model, trans, commands, plan, own, writing }}
        kitfile={joined(folder, KITFILE)}
        onOwn={setOwn}
        onWrite={write}
      />
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
      trans.__('Where you stand: %1', head || shortId(model.status?.head ?? ''))
    ],
    ...model.history.map(({ snapshot, tags }): [string, string] => [
      snapshot.id,
      [
        tags.filter(tag => tag !== 'latest').join(', '),
        snapshot.message || shortId(snapshot.id)
      ]
        .filter(Boolean)
        .join(' — ')
    ])
  ];
  return choices.some(([value]) => value === chosen)
    ? choices
    : [[chosen, shortId(chosen)], ...choices];
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
