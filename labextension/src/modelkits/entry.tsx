import type { TranslationBundle } from '@jupyterlab/translation';
import { downloadIcon, fileUploadIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import React from 'react';

import { IconButton } from '../forms/buttons';
import { Entry } from '../forms/entry';
import type { IKitModel } from '../tokens';
import { ago, size } from '../words';
import { Detail } from './detail';
import type { ModelKitForm } from './list';
import { Push } from './push';
import { Removal } from './removal';
import type { IModelKitSummary } from './replies';
import { Tagging } from './tagging';
import { Unpack } from './unpack';

/** The commands of a ModelKit's menu, in groups. */
const MENU = [
  [
    'jupyter-kit:push',
    'jupyter-kit:unpack',
    'jupyter-kit:tag-modelkit',
    'jupyter-kit:copy-reference'
  ],
  ['jupyter-kit:inspect-modelkit'],
  ['jupyter-kit:remove-modelkit']
];

/** What the forms of a ModelKit are about, and how they end. */
export interface IModelKitProps {
  model: IKitModel;
  trans: TranslationBundle;
  commands: CommandRegistry;
  entry: IModelKitSummary;
  /** All ModelKits of the workspace. */
  known: readonly IModelKitSummary[];
  onClose: (told?: string) => void;
}

/** One ModelKit: what it is called and how large it is; below it, when it is open, what it holds or the form that was asked for. */
export function ModelKitEntry(
  props: IModelKitProps & {
    open: boolean;
    form: ModelKitForm | null;
    onOpen: (form: ModelKitForm | null) => void;
    onFold: () => void;
  }
): JSX.Element {
  const { trans, commands, entry, open, form, onOpen } = props;
  const { reference } = entry;
  const facts = [
    [entry.name, entry.version].filter(Boolean).join(' '),
    trans._n('%1 layer', '%1 layers', entry.layers),
    size(entry.size),
    entry.created && ago(entry.created)
  ].filter(Boolean);
  return (
    <Entry
      label={reference}
      name={<Name reference={reference} />}
      facts={
        <>
          {facts.join(' · ')}
          {entry.format === 'modelpack' && (
            <span className="jk-Badge">{trans.__('ModelPack')}</span>
          )}
        </>
      }
      open={open}
      filling={form !== null}
      menu={{ commands, groups: MENU, args: { reference } }}
      trans={trans}
      onToggle={() => (open ? props.onFold() : onOpen(null))}
      buttons={
        <>
          <IconButton
            icon={fileUploadIcon}
            label={trans.__('Push %1', reference)}
            act={() => onOpen('push')}
          />
          <IconButton
            icon={downloadIcon}
            label={trans.__('Unpack %1', reference)}
            act={() => onOpen('unpack')}
          />
        </>
      }
    >
      {form === null ? <Detail {...props} /> : FORMS[form](props)}
    </Entry>
  );
}

/** The form that each word asks for; pulling is about no ModelKit that is here. */
const FORMS: Record<
  ModelKitForm,
  (props: IModelKitProps) => JSX.Element | null
> = {
  push: props => <Push {...props} />,
  unpack: props => <Unpack {...props} />,
  tag: props => <Tagging {...props} />,
  remove: props => <Removal {...props} />,
  pull: () => null
};

/** A reference whose end stays readable where there is little room: the place gives way, name and tag stay. */
function Name({ reference }: { reference: string }): JSX.Element {
  const cut = reference.lastIndexOf('/') + 1;
  return (
    <span className="jk-Name" title={reference}>
      {cut > 0 && (
        <span className="jk-Name-place">{reference.slice(0, cut)}</span>
      )}
      <span className="jk-Name-own">{reference.slice(cut)}</span>
    </span>
  );
}
