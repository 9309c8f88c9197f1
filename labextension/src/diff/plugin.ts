import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyJSONObject } from '@lumino/coreutils';

import {
  commandOf,
  IOpenDiff,
  IOpenFileAsOf,
  IRollback,
  OPEN_DIFF,
  OPEN_FILE_AS_OF
} from '../commands/names';
import { text } from '../commands/room';
import { reveal, show } from '../shown';
import { IKitModel } from '../tokens';
import type { DiffDocument } from './document';
import type { IActions, IPreviewPlace } from './open';
import { IDiffPlace, keyOf } from './place';
import type { Preview } from './preview';
import type { IParts } from './views/parts';

/** How long changes of files are collected before documents look again, in milliseconds. */
const QUIET = 400;

/** The schema of a command whose arguments are texts. */
const ARGUMENTS = (names: Record<string, string>): ReadonlyJSONObject => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(names).map(([name, description]) => [
      name,
      { type: 'string', description }
    ])
  )
});

/** Adds the documents that compare, and files as they were. */
export const documents: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-kit:documents',
  description: 'Comparisons, and files as they were, as documents.',
  autoStart: true,
  requires: [IKitModel, IRenderMimeRegistry],
  optional: [
    IEditorServices,
    IEditorLanguageRegistry,
    ITranslator,
    ILayoutRestorer
  ],
  activate: (
    app: JupyterFrontEnd,
    model: IKitModel,
    rendermime: IRenderMimeRegistry,
    editors: IEditorServices | null,
    languages: IEditorLanguageRegistry | null,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null
  ) => {
    translator ??= nullTranslator;
    const trans = translator.load('jupyter_kit');
    const parts: IParts = { rendermime, editors, languages, translator, trans };
    const { commands, serviceManager } = app;
    const settings = serviceManager.serverSettings;
    const actions: IActions = {
      restore: (folder, name, path) => {
        const args: IRollback = { folder, name, paths: [path] };
        void commands.execute(commandOf('rollback'), { ...args });
      },
      compare: (folder, before, path) =>
        void commands.execute(OPEN_DIFF, { folder, before, path })
    };
    const diffs = new WidgetTracker<MainAreaWidget<DiffDocument>>({
      namespace: 'jupyter-kit-diff'
    });
    const previews = new WidgetTracker<MainAreaWidget<Preview>>({
      namespace: 'jupyter-kit-preview'
    });
    const places = new WeakMap<MainAreaWidget, IPreviewPlace>();

    commands.addCommand(OPEN_DIFF, {
      label: trans.__('Compare'),
      caption: trans.__('Compare two snapshots, or one and the files now'),
      describedBy: {
        args: ARGUMENTS({
          folder: 'API path of the workspace',
          before: 'A snapshot; the one that the workspace stands on',
          after: 'A later one; the files as they are now',
          path: 'The file; all that changed'
        })
      },
      execute: async args => {
        const asked = args as Partial<IDiffPlace> & IOpenDiff;
        const folder = asked.folder ?? model.workspace?.folder ?? '';
        const place: IDiffPlace = {
          folder,
          before: text(asked.before) ?? 'HEAD',
          after: text(asked.after) ?? '',
          path: text(asked.path) ?? '',
          alone: asked.alone ?? Boolean(text(asked.path))
        };
        const open = diffs.find(each => each.content.key === keyOf(place));
        if (open) {
          reveal(app.shell, open);
          await open.content.renew(null);
          return open;
        }
        const { diffDocument } = await import('./open');
        const widget = diffDocument(place, settings, parts, actions);
        widget.content.changed.connect(() => {
          widget.title.label = widget.content.title.label;
          widget.title.caption = widget.content.title.caption;
          void diffs.save(widget);
        });
        await diffs.add(widget);
        show(app.shell, widget);
        return widget;
      }
    });

    commands.addCommand(OPEN_FILE_AS_OF, {
      label: trans.__('Open as of…'),
      caption: trans.__('Open a file as it was, read-only'),
      describedBy: {
        args: ARGUMENTS({
          folder: 'API path of the workspace',
          snapshot: 'A snapshot; people are asked',
          path: 'The file'
        })
      },
      execute: async args => {
        const asked = args as Partial<IOpenFileAsOf>;
        const folder = asked.folder ?? model.workspace?.folder ?? '';
        const path = text(asked.path);
        const snapshot = text(asked.snapshot) ?? (await ask(folder, path));
        if (!path || !snapshot) {
          return;
        }
        const open = previews.find(each => {
          const place = places.get(each);
          return (
            place?.folder === folder &&
            place.path === path &&
            place.snapshot === snapshot
          );
        });
        if (open) {
          reveal(app.shell, open);
          return open;
        }
        const { previewDocument } = await import('./open');
        const place = { folder, snapshot, path };
        const widget = previewDocument(place, settings, parts, actions);
        places.set(widget, place);
        await previews.add(widget);
        show(app.shell, widget);
        return widget;
      }
    });

    /** Ask in which version of a file somebody is interested. */
    const ask = async (
      folder: string,
      path: string | undefined
    ): Promise<string | null> => {
      const { askVersion } = await import('./choice');
      return path ? askVersion(settings, folder, path, trans) : null;
    };

    const renew = (folder: string | null, path: string | null): void => {
      diffs.forEach(({ content }) => {
        const { place } = content;
        const within = place.folder ? `${place.folder}/` : '';
        const touched =
          path === null
            ? place.folder === folder
            : place.after === '' && path.startsWith(within);
        if (touched) {
          void content.renew(path);
        }
      });
    };
    model.happened.connect((_, { folder }) => renew(folder, null));
    const timers = new Map<string, number>();
    serviceManager.contents.fileChanged.connect((_, change) => {
      const path = change.newValue?.path ?? change.oldValue?.path;
      if (path) {
        const local = serviceManager.contents.localPath(path);
        clearTimeout(timers.get(local));
        timers.set(
          local,
          window.setTimeout(() => {
            timers.delete(local);
            renew(null, local);
          }, QUIET)
        );
      }
    });

    void restorer?.restore(diffs, {
      command: OPEN_DIFF,
      args: ({ content }) => ({ ...content.place }),
      name: ({ content }) => content.key
    });
    void restorer?.restore(previews, {
      command: OPEN_FILE_AS_OF,
      args: widget => ({ ...places.get(widget) }),
      name: widget => JSON.stringify(places.get(widget))
    });
  }
};
