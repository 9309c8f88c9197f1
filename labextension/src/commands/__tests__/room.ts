import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import { ContentsManager, Drive } from '@jupyterlab/services';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { vi } from 'vitest';

import { Answer, answering, IAsked } from '../../__tests__/answering';
import type { KitPanel } from '../../sidebar/panel';
import { Selection } from '../../sidebar/selection';
import type { IRoom } from '../room';

/** How long something may take, in milliseconds, on a machine that does much else. */
const LONG = 10_000;

/** A document that is open. */
export interface IDoc {
  path: string;
  dirty?: boolean;
  readOnly?: boolean;
  collaborative?: boolean;
  /** What saving it throws. */
  refusal?: Error;
}

/** A room for commands: a model on a server, and as much of a lab as they touch. */
export interface IMade {
  room: IRoom;
  commands: CommandRegistry;
  /** What the server was asked. */
  asked: IAsked[];
  /** What it answers. */
  answers: Record<string, Answer>;
  /** What was done in the lab, in order. */
  done: string[];
  /** Change settings, as a person does on their page. */
  set(values: Record<string, unknown>): void;
}

/** Make a room with these answers of the server, open documents, and settings. */
export async function made(
  given: Record<string, Answer> = {},
  docs: IDoc[] = [],
  settings: Record<string, unknown> = {}
): Promise<IMade> {
  const { model, asked, answers } = await answering(given);
  const commands = new CommandRegistry();
  const done: string[] = [];
  const widgets = new Map<Widget, object>();
  for (const { path, refusal, ...state } of docs) {
    const context = {
      path,
      model: { dirty: false, readOnly: false, collaborative: false, ...state },
      revert: async () => void done.push(`revert ${path}`),
      save: async () => {
        if (refusal) {
          throw refusal;
        }
        context.model.dirty = false;
        done.push(`save ${path}`);
      }
    };
    widgets.set(new Widget(), context);
  }
  const { serverSettings } = model;
  const contents = new ContentsManager({
    defaultDrive: new Drive({ serverSettings })
  });
  const app = {
    commands,
    shell: {
      currentWidget: [...widgets.keys()][0] ?? null,
      widgets: (area: string) => (area === 'main' ? widgets.keys() : []),
      activateById: (id: string) => void done.push(`show ${id}`)
    },
    serviceManager: { contents }
  };
  const panel = {
    id: 'panel',
    changes: 'changes',
    history: 'history',
    reveal: (section: string) => void done.push(`reveal ${section}`)
  };
  const values = { saveBeforeSnapshot: true, ...settings };
  const changed = new Signal<object, void>({});
  const room: IRoom = {
    app: app as unknown as JupyterFrontEnd,
    model,
    selection: new Selection(),
    panel: panel as unknown as KitPanel,
    trans: nullTranslator.load('jupyter_kit'),
    documents: {
      contextForWidget: (widget: Widget) => widgets.get(widget)
    } as unknown as IDocumentManager,
    settings: {
      get: (name: keyof typeof values) => ({ composite: values[name] }),
      changed
    } as unknown as ISettingRegistry.ISettings
  };
  await vi.waitFor(() => {
    if (!model.workspace || model.loading) {
      throw new Error('The workspace is not known yet.');
    }
  }, LONG);
  asked.length = 0;
  return {
    room,
    commands,
    asked,
    answers,
    done,
    set: more => {
      Object.assign(values, more);
      changed.emit();
    }
  };
}

/** Let commands of other rooms be there, and write down what they are called with. */
export function others(
  { commands, done }: IMade,
  ...ids: string[]
): Record<string, unknown>[] {
  const called: Record<string, unknown>[] = [];
  for (const id of ids) {
    commands.addCommand(id, {
      describedBy: { args: {} },
      execute: args => {
        called.push({ ...args });
        done.push(id);
      }
    });
  }
  return called;
}

/** Fill the field of the dialog that comes up, where `text` says what with, and press one of its buttons. */
export async function press(label: string, text?: string): Promise<string> {
  const dialog = await vi.waitFor(() => {
    const node = document.querySelector<HTMLElement>('.jp-Dialog');
    if (!node) {
      throw new Error('No dialog came up.');
    }
    return node;
  }, LONG);
  const field = dialog.querySelector<HTMLInputElement>('input, select');
  if (field && text !== undefined) {
    field.value = text;
  }
  const buttons = [...dialog.querySelectorAll('button')];
  const button = buttons.find(each => each.textContent === label);
  if (!button) {
    const there = buttons.map(each => each.textContent).join(', ');
    throw new Error(`There is no ${label}, only ${there}.`);
  }
  const told = dialog.textContent ?? '';
  button.click();
  await vi.waitFor(() => {
    if (document.body.contains(dialog)) {
      throw new Error('The dialog stays.');
    }
  }, LONG);
  return told;
}

/** What the lab has told since this was last asked. */
export function notices(): string[] {
  const told = Notification.manager.notifications.map(each => each.message);
  Notification.dismiss();
  return told;
}
