/** The verbs that keep versions: init, snapshot, metric, tag, remove, prune. */
import { Dialog, InputDialog, showDialog } from '@jupyterlab/apputils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';

import { KitError } from '../api';
import { kitIcon, snapshotIcon } from '../icons';
import type { PrunePlan, PruneResult, SnapshotResult } from '../schema';
import { firstLine, shortId, size } from '../words';
import { commandOf, SHOW_PANEL } from './names';
import {
  fault,
  inWorkspace,
  IRoom,
  NO_ARGUMENTS,
  setting,
  text,
  texts,
  told,
  tried
} from './room';

/** Add the commands of these verbs. */
export function addKeeping(room: IRoom): void {
  const { app, trans } = room;
  const { commands } = app;
  const there = (): boolean => typeof room.model.workspace?.folder === 'string';

  commands.addCommand(commandOf('init'), {
    label: trans.__('Keep Versions of This Folder'),
    caption: trans.__('Make a workspace of the folder that is shown'),
    icon: kitIcon,
    isEnabled: () => room.model.workspace?.folder === null,
    describedBy: NO_ARGUMENTS,
    execute: () =>
      tried(room, async () => {
        const made = await room.model.run('init');
        await room.model.refresh();
        await commands.execute(SHOW_PANEL);
        return made;
      })
  });

  commands.addCommand(commandOf('snapshot'), {
    label: trans.__('Take a Snapshot…'),
    caption: trans.__('Keep all files of this workspace as they are now'),
    icon: snapshotIcon,
    describedBy: {
      args: {
        type: 'object',
        properties: {
          message: { type: 'string', description: 'What this version is' },
          tags: { type: 'array', items: { type: 'string' } },
          kind: { type: 'string', enum: ['manual', 'auto'] }
        }
      }
    },
    execute: args => snapshot(room, args)
  });

  commands.addCommand(commandOf('metric'), {
    label: trans.__('Note a Metric…'),
    caption: trans.__('A number that the next snapshot will record'),
    isEnabled: there,
    describedBy: {
      args: {
        type: 'object',
        properties: { metrics: { type: 'array', items: { type: 'string' } } }
      }
    },
    execute: async args => {
      let metrics = texts(args.metrics);
      if (!metrics.length) {
        const answer = await InputDialog.getText({
          title: trans.__('Note a metric'),
          label: trans.__('The next snapshot records it'),
          placeholder: trans.__('accuracy=0.971')
        });
        metrics = (answer.value ?? '').split(/\s+/).filter(Boolean);
      }
      return metrics.length
        ? tried(room, () => room.model.run('metric', { metrics }))
        : null;
    }
  });

  commands.addCommand(commandOf('tag'), {
    label: trans.__('Tag This Snapshot…'),
    caption: trans.__('Give the snapshot a name'),
    isEnabled: there,
    describedBy: {
      args: {
        type: 'object',
        properties: {
          tag: { type: 'string' },
          name: { type: 'string', description: 'A snapshot, or a ModelKit' },
          force: { type: 'boolean' }
        }
      }
    },
    execute: async args => {
      const name = text(args.name) ?? selected(room) ?? 'HEAD';
      const tag =
        text(args.tag) ??
        (
          await InputDialog.getText({
            title: trans.__('Tag this snapshot'),
            placeholder: trans.__('such as v1 or best')
          })
        ).value?.trim();
      return tag ? giveTag(room, tag, name, args.force === true) : null;
    }
  });

  commands.addCommand(commandOf('remove'), {
    label: trans.__('Forget This Snapshot…'),
    caption: trans.__('Take a snapshot out of the history'),
    isEnabled: there,
    describedBy: {
      args: {
        type: 'object',
        properties: { names: { type: 'array', items: { type: 'string' } } }
      }
    },
    execute: async args => {
      const current = room.selection.current?.snapshot;
      const names = texts(args.names);
      if (!names.length && current) {
        names.push(current.id);
      }
      if (!names.length) {
        return null;
      }
      const message = names[0] === current?.id ? current.message : '';
      const answer = await showDialog({
        title: trans.__('Forget this snapshot?'),
        body: trans.__(
          '%1 leaves the history with its tags. Your files stay as they are. Its space comes back with “Free Space”.',
          firstLine(message) || names.map(shortId).join(', ')
        ),
        buttons: [
          Dialog.cancelButton(),
          Dialog.warnButton({ label: trans.__('Forget it') })
        ]
      });
      return answer.button.accept
        ? tried(room, () => room.model.run('remove', { names, yes: true }))
        : null;
    }
  });

  commands.addCommand(commandOf('prune'), {
    label: trans.__('Free Space…'),
    caption: trans.__('Give the disk back what no snapshot needs'),
    isEnabled: there,
    describedBy: {
      args: {
        type: 'object',
        properties: { keep_last: { type: 'number' } }
      }
    },
    execute: args =>
      tried(room, () =>
        prune(room, typeof args.keep_last === 'number' ? args.keep_last : null)
      )
  });
}

/** The id of the snapshot that is pointed at in the history. */
export function selected(room: IRoom): string | undefined {
  return room.selection.current?.snapshot.id;
}

async function snapshot(
  room: IRoom,
  args: { [key: string]: unknown }
): Promise<SnapshotResult | null> {
  const { model, trans } = room;
  await followCurrentDocument(room);
  if (model.workspace?.folder === null) {
    await room.app.commands.execute(SHOW_PANEL);
    return null;
  }
  let message = typeof args.message === 'string' ? args.message : null;
  if (message === null) {
    const answer = await InputDialog.getText({
      title: trans.__('Take a snapshot'),
      label: trans.__('What is this version?'),
      okLabel: trans.__('Snapshot')
    });
    if (!answer.button.accept) {
      return null;
    }
    message = answer.value ?? '';
  }
  return tried(room, async () => {
    if (setting(room, 'saveBeforeSnapshot')) {
      await saveAll(room);
    }
    const done = await model.run<SnapshotResult>('snapshot', {
      message: message ?? '',
      tags: texts(args.tags),
      ...(text(args.kind) ? { kind: text(args.kind) } : {})
    });
    const files = trans._n('Kept %1 file', 'Kept %1 files', done.files);
    told(
      done.unchanged
        ? trans.__('Kept. No file differs from the snapshot before.')
        : `${files}, ${trans.__('%1 new.', size(done.new_bytes))}`
    );
    return done;
  });
}

/** The workspace of the document in front, where the model looks elsewhere. */
async function followCurrentDocument(room: IRoom): Promise<void> {
  const widget = room.app.shell.currentWidget;
  const context = widget && room.documents?.contextForWidget(widget);
  if (context) {
    const path = room.app.serviceManager.contents.localPath(context.path);
    await room.model.setFolder(path.split('/').slice(0, -1).join('/'));
  } else if (!room.model.workspace) {
    await room.model.refresh();
  }
}

/** The open documents of the workspace with edits that are not on disk yet. */
export function unsaved(room: IRoom): DocumentRegistry.Context[] {
  const found = new Set<DocumentRegistry.Context>();
  for (const widget of room.app.shell.widgets('main')) {
    const context = room.documents?.contextForWidget(widget);
    if (
      context?.model.dirty &&
      !context.model.readOnly &&
      inWorkspace(room, context.path) !== null
    ) {
      found.add(context as DocumentRegistry.Context);
    }
  }
  return [...found];
}

/** Save what is open and edited, so that the snapshot has what is seen. */
async function saveAll(room: IRoom): Promise<void> {
  for (const context of unsaved(room)) {
    try {
      await context.save();
    } catch (reason) {
      if ((reason as Error).name !== 'ModalCancelError') {
        throw reason;
      }
      throw new KitError(
        'cancelled',
        room.trans.__('%1 was not saved.', context.path)
      );
    }
  }
}

async function giveTag(
  room: IRoom,
  tag: string,
  name: string,
  force: boolean
): Promise<unknown> {
  const { trans } = room;
  try {
    return await room.model.run('tag', { tag, name, force });
  } catch (reason) {
    if (KitError.from(reason).kind !== 'conflict' || force) {
      fault(reason, trans);
      return null;
    }
    const answer = await showDialog({
      title: trans.__('Move the tag “%1”?', tag),
      body: KitError.from(reason).message,
      buttons: [
        Dialog.cancelButton(),
        Dialog.okButton({ label: trans.__('Move it here') })
      ]
    });
    return answer.button.accept ? giveTag(room, tag, name, true) : null;
  }
}

async function prune(room: IRoom, keep: number | null): Promise<unknown> {
  const { model, trans } = room;
  const rule = keep === null ? {} : { keep_last: keep };
  const plan = await model.run<PrunePlan>('prune', { ...rule, dry_run: true });
  if (!plan.remove.length && !plan.dead_bytes) {
    told(
      trans.__('There is nothing to free: snapshots need all that is kept.')
    );
    return plan;
  }
  const answer = await showDialog({
    title: trans.__('Free %1?', size(plan.dead_bytes)),
    body: plan.remove.length
      ? trans._n(
          '%1 snapshot is removed for good.',
          '%1 snapshots are removed for good.',
          plan.remove.length
        )
      : trans.__('No snapshot is removed, only what none of them needs.'),
    buttons: [
      Dialog.cancelButton(),
      Dialog.warnButton({ label: trans.__('Free Space') })
    ]
  });
  if (!answer.button.accept) {
    return null;
  }
  const done = await model.run<PruneResult>('prune', {
    ...rule,
    yes: true
  });
  told(trans.__('Freed %1.', size(done.freed_bytes)));
  return done;
}
