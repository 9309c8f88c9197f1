import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import React from 'react';

import { Listing, useOpened } from '../forms/listing';
import { useModel, useReading } from '../forms/reading';
import { Notice } from '../sidebar/notice';
import type { IKitModel } from '../tokens';
import { ModelKitEntry } from './entry';
import { Pull } from './pull';
import type { IModelKitList } from './replies';

/** The forms that the section has. */
export type ModelKitForm = 'push' | 'unpack' | 'tag' | 'remove' | 'pull';

/** What is open in the list: one ModelKit, or none, and a form at it. */
export interface IModelKitOpened {
  reference: string;
  form: ModelKitForm | null;
}

const NOTHING: IModelKitOpened = { reference: '', form: null };

/** All ModelKits of the workspace, one below the other, and what is done with them. */
export function ModelKitList(props: {
  model: IKitModel;
  trans: TranslationBundle;
  commands: CommandRegistry;
  shown: boolean;
  request: (IModelKitOpened & { turn: number }) | null;
}): JSX.Element {
  const { model, trans, commands } = props;
  useModel(model, 'workspace');
  const place = model.workspace?.folder ?? null;
  const list = useReading(
    model,
    props.shown && place !== null,
    place ?? '',
    () => model.look<IModelKitList>('list')
  );
  const { opened, told, open, close } = useOpened(
    place,
    props.request,
    NOTHING,
    ({ reference }) => ({ reference, form: null }),
    list.again
  );
  if (place === null) {
    return (
      <p className="jk-Hint">{trans.__('This folder has no versions.')}</p>
    );
  }
  const entries = list.value?.entries ?? [];
  return (
    <Listing
      label={trans.__('ModelKits')}
      reading={list}
      told={told}
      trans={trans}
      form={
        opened.form === 'pull' && (
          <Pull model={model} trans={trans} onClose={close} />
        )
      }
      empty={
        <Notice
          title={trans.__('No ModelKits yet')}
          text={trans.__(
            'A ModelKit is a snapshot that others can use: model, data, code and documents under one name, ready for any registry.'
          )}
          action={{
            label: trans.__('Pack a ModelKit…'),
            run: () => void commands.execute('jupyter-kit:pack')
          }}
          other={{
            label: trans.__('Pull one…'),
            run: () => open({ reference: '', form: 'pull' })
          }}
        />
      }
    >
      {entries.map(entry => {
        const { reference } = entry;
        const form = opened.reference === reference ? opened.form : null;
        return (
          <ModelKitEntry
            key={reference}
            {...{ model, trans, commands, entry, form }}
            known={entries}
            open={opened.reference === reference}
            onOpen={form => open({ reference, form })}
            onFold={() => open(NOTHING)}
            onClose={close}
          />
        );
      })}
    </Listing>
  );
}
