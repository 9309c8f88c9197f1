import type { JupyterFrontEnd } from '@jupyterlab/application';
import {
  Clipboard,
  ICommandPalette,
  MainAreaWidget,
  ReactWidget
} from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { OPEN_ANSWER } from '../commands/names';
import { hasFolder } from '../forms/reading';
import { kitIcon } from '../icons';
import { opened, reveal, show } from '../shown';
import type { KitPanel } from '../sidebar/panel';
import type { IKitModel } from '../tokens';
import type { ModelKitForm } from './list';
import { shortId } from '../words';
import { Packing } from './packing';

/** The form to pack by, as a document. */
export const PACK = 'jupyter-kit:pack';

/** The arguments of commands about one ModelKit. */
const REFERENCE = {
  args: {
    type: 'object',
    properties: {
      reference: { type: 'string', description: 'The ModelKit, as listed' }
    }
  }
} as const;

/** Add the commands about ModelKits. */
export function addModelKitCommands(
  app: JupyterFrontEnd,
  panel: KitPanel,
  model: IKitModel,
  trans: TranslationBundle,
  palette: ICommandPalette | null
): void {
  const { commands, shell } = app;
  const there = (): boolean => hasFolder(model);
  const show = (form: ModelKitForm, reference: unknown): void => {
    shell.activateById(panel.id);
    panel.reveal(panel.modelkits);
    if (reference || form === 'pull') {
      panel.modelkits.ask({ form, reference: String(reference ?? '') });
    }
  };
  commands.addCommand(PACK, {
    label: trans.__('Pack a ModelKit…'),
    caption: trans.__('Make a ModelKit of a snapshot'),
    icon: kitIcon,
    isEnabled: there,
    describedBy: {
      args: {
        type: 'object',
        properties: {
          snapshot: { type: 'string', description: 'An id or a tag; HEAD' }
        }
      }
    },
    execute: args => openPacking(app, model, trans, String(args.snapshot ?? ''))
  });
  const asking: [string, ModelKitForm, string, string][] = [
    ['push', 'push', trans.__('Push…'), trans.__('Push a ModelKit…')],
    ['unpack', 'unpack', trans.__('Unpack…'), trans.__('Unpack a ModelKit…')],
    ['tag-modelkit', 'tag', trans.__('Tag…'), trans.__('Tag a ModelKit…')],
    [
      'remove-modelkit',
      'remove',
      trans.__('Delete…'),
      trans.__('Delete a ModelKit…')
    ],
    ['pull', 'pull', trans.__('Pull a ModelKit…'), trans.__('Pull a ModelKit…')]
  ];
  for (const [verb, form, short, long] of asking) {
    commands.addCommand(`jupyter-kit:${verb}`, {
      label: args => (args.reference ? short : long),
      isEnabled: there,
      describedBy: REFERENCE,
      execute: args => show(form, args.reference)
    });
  }
  commands.addCommand('jupyter-kit:copy-reference', {
    label: trans.__('Copy Reference'),
    describedBy: REFERENCE,
    execute: args => Clipboard.copyToSystem(String(args.reference ?? ''))
  });
  commands.addCommand('jupyter-kit:inspect-modelkit', {
    label: trans.__('Show Kitfile and Manifest'),
    describedBy: REFERENCE,
    execute: ({ reference }) =>
      commands.execute(OPEN_ANSWER, {
        verb: 'inspect',
        options: { reference: reference ?? '' },
        title: String(reference ?? '')
      })
  });
  commands.addCommand('jupyter-kit:list', {
    label: trans.__('Show ModelKits'),
    isEnabled: there,
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => show('push', '')
  });
  const category = trans.__('Jupyter Kit');
  for (const verb of ['pack', 'push', 'unpack', 'pull', 'list']) {
    palette?.addItem({ command: `jupyter-kit:${verb}`, category });
  }
}

/** Show the form to pack by. The one that is open for the same workspace and snapshot keeps what was filled in. */
function openPacking(
  app: JupyterFrontEnd,
  model: IKitModel,
  trans: TranslationBundle,
  snapshot: string
): void {
  const { commands, shell } = app;
  const folder = model.workspace?.folder ?? null;
  const id = `jupyter-kit-pack-${JSON.stringify([folder, snapshot])}`;
  const open = opened(shell, id);
  if (open) {
    reveal(shell, open);
    return;
  }
  const content = ReactWidget.create(
    React.createElement(Packing, { model, trans, commands, folder, snapshot })
  );
  content.addClass('jk-Document');
  const widget = new MainAreaWidget({ content });
  widget.id = id;
  const named = model.history.find(each => each.snapshot.id === snapshot);
  widget.title.label = snapshot
    ? trans.__(
        'Pack %1',
        named?.tags[0] ?? (named?.snapshot.message || shortId(snapshot))
      )
    : trans.__('Pack a ModelKit');
  widget.title.icon = kitIcon;
  widget.title.closable = true;
  show(shell, widget);
}
