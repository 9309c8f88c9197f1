import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import React, { useEffect, useState } from 'react';

import { Problem } from '../forms/problem';
import { useModel, useReading } from '../forms/reading';
import type { IKitModel } from '../tokens';
import { ModelKitEntry } from './entry';
import { Pull } from './pull';
import type { IModelKitList } from './replies';
import type { IModelKitRequest } from './section';

/** The forms that the section has. */
export type ModelKitForm = 'push' | 'unpack' | 'tag' | 'remove' | 'pull';

/** What is open in the list: one ModelKit, and a form at it. */
interface IOpened {
  reference: string;
  form: ModelKitForm | null;
}

/** All ModelKits of the workspace, one below the other, and what is done with them. */
export function ModelKitList(props: {
  model: IKitModel;
  trans: TranslationBundle;
  commands: CommandRegistry;
  shown: boolean;
  request: IModelKitRequest | null;
}): JSX.Element {
  const { model, trans, commands, request } = props;
  useModel(model, 'workspace');
  const place = model.workspace?.folder ?? null;
  const list = useReading(
    model,
    props.shown && place !== null,
    place ?? '',
    () => model.look<IModelKitList>('list')
  );
  const [opened, setOpened] = useState<IOpened>({ reference: '', form: null });
  const [told, setTold] = useState('');
  useEffect(() => {
    if (request) {
      setOpened(request);
      setTold('');
    }
  }, [request?.turn]);

  if (place === null) {
    return (
      <p className="jk-Hint">{trans.__('This folder has no versions.')}</p>
    );
  }
  const entries = list.value?.entries ?? [];
  const close = (done?: string): void => {
    setOpened(({ reference }) => ({ reference, form: null }));
    if (done !== undefined) {
      setTold(done);
      list.again();
    }
  };
  return (
    <div className="jk-ModelKits" aria-busy={list.busy}>
      <Problem
        error={list.error}
        remedies={[{ label: trans.__('Try again'), act: list.again }]}
      />
      {opened.form === 'pull' && (
        <Pull model={model} trans={trans} onClose={close} />
      )}
      {told && (
        <p className="jk-Told" role="status">
          {told}
        </p>
      )}
      {list.value && !entries.length && opened.form !== 'pull' && (
        <Nothing trans={trans} commands={commands} />
      )}
      <ul className="jk-Entries" aria-label={trans.__('ModelKits')}>
        {entries.map(entry => (
          <ModelKitEntry
            key={entry.reference}
            model={model}
            trans={trans}
            commands={commands}
            entry={entry}
            known={entries}
            open={opened.reference === entry.reference}
            form={opened.reference === entry.reference ? opened.form : null}
            onOpen={form => {
              setTold('');
              setOpened({ reference: entry.reference, form });
            }}
            onFold={() => setOpened({ reference: '', form: null })}
            onClose={close}
          />
        ))}
      </ul>
      {!list.value && list.busy && (
        <p className="jk-Hint">{trans.__('Reading…')}</p>
      )}
    </div>
  );
}

/** What the section says where there are no ModelKits. */
function Nothing(props: {
  trans: TranslationBundle;
  commands: CommandRegistry;
}): JSX.Element {
  const { trans, commands } = props;
  return (
    <div className="jk-Empty">
      <p>
        {trans.__(
          'A ModelKit is a snapshot that others can use: model, data, code and documents under one name, ready for any registry.'
        )}
      </p>
      <div className="jk-Form-buttons">
        <button
          type="button"
          className="jp-mod-styled jp-mod-accept jk-Button"
          onClick={() => void commands.execute('jupyter-kit:pack')}
        >
          {trans.__('Pack a ModelKit…')}
        </button>
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject jk-Button"
          onClick={() => void commands.execute('jupyter-kit:pull')}
        >
          {trans.__('Pull one…')}
        </button>
      </div>
    </div>
  );
}
