/** What one file's menu offers: its history, its restoring, and itself as it was. */
import { InputDialog, Notification } from '@jupyterlab/apputils';
import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { Contents } from '@jupyterlab/services';
import { historyIcon } from '@jupyterlab/ui-components';

import type { ILog, ILogEntry } from '../replies';
import { ago, firstLine, shortId } from '../words';
import {
  BROWSED_AS_OF,
  BROWSED_HISTORY,
  BROWSED_RESTORE,
  commandOf,
  FILE_HISTORY,
  OPEN_FILE_AS_OF
} from './names';
import { inWorkspace, IRoom, NO_ARGUMENTS, text, tried } from './room';

/** How many versions of a file are offered to choose from. */
const OFFERED = 50;

/** Add the commands about one file; those of the file browser only where there is one. */
export function addFiles(
  room: IRoom,
  browsers: IFileBrowserFactory | null
): void {
  const { app, trans } = room;
  const { commands } = app;

  commands.addCommand(FILE_HISTORY, {
    label: trans.__('History of This File'),
    caption: trans.__('Show the snapshots in which the file in front changed'),
    icon: historyIcon,
    describedBy: {
      args: {
        type: 'object',
        properties: {
          path: { type: 'string', description: 'Relative to the workspace' }
        }
      }
    },
    isEnabled: args => !!text(args.path) || documentPath(room) !== null,
    execute: args => {
      const path = text(args.path) ?? documentPath(room);
      return path ? commands.execute(commandOf('log'), { path }) : undefined;
    }
  });
  if (!browsers) {
    return;
  }

  /** What is selected in the file browser, where that is one file or folder. */
  const single = (): Contents.IModel | null => {
    const chosen = [...(browsers.tracker.currentWidget?.selectedItems() ?? [])];
    return chosen.length === 1 ? chosen[0] : null;
  };
  const isFolder = (): boolean => single()?.type === 'directory';
  /** Its path, once the model looks at its workspace. */
  const browsed = async (): Promise<string | null> => {
    const file = single();
    if (!file) {
      return null;
    }
    const local = app.serviceManager.contents.localPath(file.path);
    const folder = local.split('/').slice(0, -1).join('/');
    await room.model.setFolder(folder);
    return inWorkspace(room, local);
  };
  const about = (
    id: string,
    words: { label: string | (() => string); caption: string },
    act: (path: string) => Promise<unknown>,
    isVisible: () => boolean = () => true
  ): void => {
    commands.addCommand(id, {
      ...words,
      describedBy: NO_ARGUMENTS,
      isEnabled: () => single() !== null,
      isVisible,
      execute: async () => {
        const path = await browsed();
        return path === null
          ? commands.execute('jupyter-kit:show-panel')
          : act(path);
      }
    });
  };
  about(
    BROWSED_HISTORY,
    {
      label: () =>
        isFolder()
          ? trans.__('History of This Folder')
          : trans.__('History of This File'),
      caption: trans.__('Show the snapshots in which it changed')
    },
    path => commands.execute(commandOf('log'), { path })
  );
  about(
    BROWSED_RESTORE,
    {
      label: trans.__('Restore…'),
      caption: trans.__('Make it what it was, and leave all else as it is')
    },
    async path => {
      const version = await versionOf(room, path, trans.__('Restore'));
      return version
        ? commands.execute(commandOf('rollback'), {
            name: version,
            paths: [path]
          })
        : null;
    }
  );
  about(
    BROWSED_AS_OF,
    {
      label: trans.__('Open as of…'),
      caption: trans.__('Look at it as it was, beside the file as it is now')
    },
    async path => {
      const snapshot = await versionOf(room, path, trans.__('Open'));
      return snapshot
        ? commands.execute(OPEN_FILE_AS_OF, { path, snapshot })
        : null;
    },
    () => !isFolder()
  );
}

/** The document in front, by its path in the workspace. */
function documentPath(room: IRoom): string | null {
  const widget = room.app.shell.currentWidget;
  const context = widget && room.documents?.contextForWidget(widget);
  return context ? inWorkspace(room, context.path) : null;
}

/** Ask which version of a file is meant; gives the id of its snapshot. */
async function versionOf(
  room: IRoom,
  path: string,
  okLabel: string
): Promise<string | null> {
  const { model, trans } = room;
  const log = await tried(room, () =>
    model.look<ILog>('log', { path, limit: OFFERED })
  );
  if (!log) {
    return null;
  }
  if (!log.entries.length) {
    Notification.info(trans.__('No snapshot has %1 yet.', path), {
      autoClose: 5000
    });
    return null;
  }
  const words = log.entries.map(wordsOf);
  const answer = await InputDialog.getItem({
    title: path,
    label: trans.__('Snapshots in which it changed, newest first'),
    items: words,
    okLabel
  });
  const chosen = words.indexOf(answer.value ?? '');
  return answer.button.accept && chosen >= 0
    ? log.entries[chosen].snapshot.id
    : null;
}

export function wordsOf({ snapshot, tags }: ILogEntry): string {
  const names = tags.length ? ` [${tags.join(', ')}]` : '';
  const message = firstLine(snapshot.message) || snapshot.kind;
  return `${message}${names}, ${ago(snapshot.created)} (${shortId(snapshot.id)})`;
}
