/** The verbs that look: status, log, show, diff, inspect, info, audit, check, version; and what the history's menu does. */
import { Clipboard, InputDialog, Notification } from '@jupyterlab/apputils';
import type { CommandRegistry } from '@lumino/commands';

import type { Options } from '../api';
import { kitIcon } from '../icons';
import type { CheckReport } from '../schema';
import { firstLine, shortId } from '../words';
import { selected } from './keeping';
import {
  COMPARE_PICKED,
  COMPARE_WITH_NOW,
  COPY_ID,
  commandOf,
  IOpenAnswer,
  IOpenDiff,
  OPEN_ANSWER,
  OPEN_DIFF,
  PACK_SNAPSHOT,
  PICK,
  ROLL_BACK_HERE,
  SHOW_PANEL
} from './names';
import { IRoom, NO_ARGUMENTS, text, told, tried } from './room';

const NAMED = {
  args: {
    type: 'object',
    properties: { name: { type: 'string', description: 'A snapshot' } }
  }
};

/** Add the commands of these verbs. */
export function addLooking(room: IRoom): void {
  const { app, model, panel, trans } = room;
  const { commands } = app;
  const there = (): boolean => typeof model.workspace?.folder === 'string';
  const show = (): void => app.shell.activateById(panel.id);

  commands.addCommand(SHOW_PANEL, {
    label: trans.__('Versions of This Folder'),
    caption: trans.__('Show what has changed, and all snapshots'),
    icon: kitIcon,
    describedBy: NO_ARGUMENTS,
    execute: show
  });
  commands.addCommand(commandOf('status'), {
    label: trans.__('Show What Has Changed'),
    caption: trans.__('Which files differ from the last snapshot'),
    describedBy: NO_ARGUMENTS,
    execute: async () => {
      show();
      panel.reveal(panel.changes);
      await model.refresh();
    }
  });
  commands.addCommand(commandOf('log'), {
    label: trans.__('Show History'),
    caption: trans.__('All snapshots of this workspace, newest first'),
    describedBy: {
      args: { type: 'object', properties: { path: { type: 'string' } } }
    },
    execute: async args => {
      show();
      panel.reveal(panel.history);
      await model.setFilter({ path: text(args.path) ?? null });
    }
  });
  commands.addCommand(commandOf('diff'), {
    label: trans.__('Compare with the Last Snapshot'),
    caption: trans.__('What has changed since the snapshot you stand on'),
    isEnabled: there,
    describedBy: {
      args: {
        type: 'object',
        properties: {
          path: { type: 'string' },
          before: { type: 'string' },
          after: { type: 'string' }
        }
      }
    },
    execute: args => commands.execute(OPEN_DIFF, args)
  });

  const answer = (
    verb: string,
    label: string,
    options: (args: { [key: string]: unknown }) => Options = () => ({})
  ): void => {
    commands.addCommand(commandOf(verb), {
      label,
      isEnabled: verb === 'version' ? () => true : there,
      describedBy: NAMED,
      execute: args => {
        const asked: IOpenAnswer = {
          verb,
          options: options(args),
          title: label.replace('…', '')
        };
        return commands.execute(OPEN_ANSWER, { ...asked } as never);
      }
    });
  };
  answer('show', trans.__('Show This Snapshot'), args => ({
    name: text(args.name) ?? selected(room) ?? 'HEAD'
  }));
  answer('inspect', trans.__('Show the Store'), args => ({
    reference: text(args.reference)
  }));
  answer('audit', trans.__('Show Who Did What'), args => ({
    action: text(args.action)
  }));
  answer('version', trans.__('Show the Version of Jupyter Kit'));

  commands.addCommand(commandOf('info'), {
    label: trans.__('Show the Kitfile of a ModelKit…'),
    isEnabled: there,
    describedBy: {
      args: { type: 'object', properties: { reference: { type: 'string' } } }
    },
    execute: async args => {
      const reference =
        text(args.reference) ??
        (
          await InputDialog.getText({
            title: trans.__('Show the Kitfile of a ModelKit'),
            placeholder: trans.__('such as %1', 'digits:v1')
          })
        ).value;
      const asked: IOpenAnswer = {
        verb: 'info',
        options: { reference },
        title: reference ?? ''
      };
      return reference
        ? commands.execute(OPEN_ANSWER, { ...asked } as never)
        : null;
    }
  });

  commands.addCommand(commandOf('check'), {
    label: trans.__('Check All That Is Kept'),
    caption: trans.__('Read everything, and compare it with what was kept'),
    isEnabled: there,
    describedBy: NO_ARGUMENTS,
    execute: () =>
      tried(room, async () => {
        const report = await model.run<CheckReport>('check');
        if (report.ok) {
          told(trans.__('All that is kept is whole.'));
        } else {
          Notification.error(
            trans._n(
              '%1 file is damaged. Run “jupyter kit check --repair” in a terminal.',
              '%1 files are damaged. Run “jupyter kit check --repair” in a terminal.',
              report.damage.length
            ),
            { autoClose: false }
          );
        }
        return report;
      })
  });
  addMenu(room, commands, there);
}

/** What the context menu of a snapshot offers. */
function addMenu(
  room: IRoom,
  commands: CommandRegistry,
  there: () => boolean
): void {
  const { selection, trans } = room;
  const some = (): boolean => there() && selection.current !== null;
  const compare = (args: IOpenDiff): Promise<unknown> =>
    commands.execute(OPEN_DIFF, { ...args });

  commands.addCommand(COMPARE_WITH_NOW, {
    label: trans.__('Compare with Now'),
    isEnabled: some,
    describedBy: NO_ARGUMENTS,
    execute: () => compare({ before: selected(room) })
  });
  commands.addCommand(PICK, {
    label: () =>
      selection.isPicked(selected(room) ?? '')
        ? trans.__('Do Not Compare')
        : selection.picked.length
          ? trans.__(
              'Compare with “%1”',
              firstLine(selection.picked[0].snapshot.message) ||
                shortId(selection.picked[0].snapshot.id)
            )
          : trans.__('Pick for Comparing'),
    isEnabled: some,
    describedBy: NO_ARGUMENTS,
    execute: () => {
      if (selection.current) {
        selection.toggle(selection.current);
      }
      return selection.pair() ? commands.execute(COMPARE_PICKED) : undefined;
    }
  });
  commands.addCommand(COMPARE_PICKED, {
    label: trans.__('Compare the Snapshots Picked'),
    isEnabled: () => there() && selection.picked.length > 0,
    describedBy: NO_ARGUMENTS,
    execute: () => {
      const pair = selection.pair();
      const [first] = selection.picked;
      return pair
        ? compare({ before: pair[0].snapshot.id, after: pair[1].snapshot.id })
        : compare({ before: first.snapshot.id });
    }
  });
  commands.addCommand(ROLL_BACK_HERE, {
    label: trans.__('Roll Back to Here…'),
    isEnabled: some,
    describedBy: NO_ARGUMENTS,
    execute: () =>
      commands.execute(commandOf('rollback'), { name: selected(room) })
  });
  commands.addCommand(PACK_SNAPSHOT, {
    label: trans.__('Pack as a ModelKit…'),
    isEnabled: some,
    describedBy: NO_ARGUMENTS,
    execute: () =>
      commands.execute(commandOf('pack'), { snapshot: selected(room) })
  });
  commands.addCommand(COPY_ID, {
    label: trans.__('Copy Id'),
    isEnabled: some,
    describedBy: NO_ARGUMENTS,
    execute: () => Clipboard.copyToSystem(selected(room) ?? '')
  });
}
