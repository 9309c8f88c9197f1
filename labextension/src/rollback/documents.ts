import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { ServerConnection } from '@jupyterlab/services';
import type { Widget } from '@lumino/widgets';

import type { IRollbackStep } from './replies';

type Context = DocumentRegistry.Context;

/** Where documents may be open. */
const AREAS = ['main', 'left', 'right', 'down'];

/** A document that is open: one file, in one tab or several. */
export interface IOpenDocument {
  /** Its path in the workspace. */
  path: string;
  context: Context;
  widgets: Widget[];
}

/** What became of the open documents after a rollback. */
export interface IAftermath {
  /** Closed, because their files are gone. */
  closed: string[];
  /** Left as they are, because somebody went on writing in them meanwhile. */
  left: string[];
}

/** The documents of one workspace that are open in the lab. */
export class OpenDocuments {
  constructor(
    private readonly _app: JupyterFrontEnd,
    private readonly _documents: IDocumentManager | null,
    private readonly _folder: string
  ) {}

  /** All of them. */
  all(): IOpenDocument[] {
    const found = new Map<Context, IOpenDocument>();
    for (const area of AREAS) {
      for (const widget of this._widgets(area)) {
        const context = this._documents?.contextForWidget(widget);
        const path = context && this._path(context);
        if (context && path !== null && path !== undefined) {
          const known = found.get(context);
          if (known) {
            known.widgets.push(widget);
          } else {
            found.set(context, { path, context, widgets: [widget] });
          }
        }
      }
    }
    return [...found.values()];
  }

  /**
   * Those that a rollback concerns: their files change, or were asked for by name. `steps` are null where there are too many to know;
   * then it may be any in the files and folders asked for.
   */
  touched(
    steps: readonly IRollbackStep[] | null,
    paths: readonly string[]
  ): IOpenDocument[] {
    const changing = steps && new Set(steps.map(step => step.path));
    return this.all().filter(
      ({ path }) =>
        paths.includes(path) || (changing?.has(path) ?? within(path, paths))
    );
  }

  /** Save what is not saved. False where somebody cancelled it. */
  async save(documents: readonly IOpenDocument[]): Promise<boolean> {
    for (const { context } of documents.filter(isUnsaved)) {
      try {
        await context.save();
      } catch (reason) {
        // The lab has asked already what to do with a file that changed on disk, and the answer was to leave it.
        if ((reason as Error)?.name === 'ModalCancelError') {
          return false;
        }
        throw reason;
      }
      if (isUnsaved({ context })) {
        return false;
      }
    }
    return true;
  }

  /**
   * Show the files as they are on disk now, in exactly these documents. `given` are those whose unsaved text was given up; another that
   * has unsaved text was written in meanwhile, and keeps it.
   */
  async renew(
    documents: readonly IOpenDocument[],
    steps: readonly IRollbackStep[] | null,
    given: readonly IOpenDocument[]
  ): Promise<IAftermath> {
    const aftermath: IAftermath = { closed: [], left: [] };
    const byPath = new Map(steps?.map(step => [step.path, step]));
    for (const document of documents) {
      const { path, context, widgets } = document;
      const isGiven = given.some(each => each.context === context);
      if (context.isDisposed || context.model.collaborative) {
        continue; // The room of a collaborative document reads its file by itself.
      }
      if (context.model.dirty && !isGiven) {
        aftermath.left.push(path);
        continue;
      }
      const step = byPath.get(path);
      if (step?.action === 'delete') {
        context.model.dirty = false; // Otherwise closing would ask.
        widgets.forEach(widget => widget.close());
        aftermath.closed.push(path);
        continue;
      }
      await context.revert();
      if (step?.action === 'write' && step.size === 0) {
        context.model.fromString(''); // The lab leaves the old text where a file has become empty.
      }
      context.model.dirty = false;
    }
    return aftermath;
  }

  /** Those whose files are not there any more, as steps that deleted them. */
  async gone(documents: readonly IOpenDocument[]): Promise<IRollbackStep[]> {
    const { contents } = this._app.serviceManager;
    const steps = documents.map(async ({ path, context }) => {
      const isThere = await contents.get(context.path, { content: false }).then(
        () => true,
        reason =>
          (reason as ServerConnection.ResponseError).response?.status !== 404
      );
      const step = { action: 'delete' as const, path, size: 0, exists: true };
      return isThere ? [] : [step];
    });
    return (await Promise.all(steps)).flat();
  }

  /** Open files again. */
  open(paths: readonly string[]): void {
    for (const path of paths) {
      this._documents?.openOrReveal(
        this._folder ? `${this._folder}/${path}` : path
      );
    }
  }

  private _widgets(area: string): Widget[] {
    try {
      return [...this._app.shell.widgets(area)];
    } catch {
      return []; // Notebook 7 has other areas, and throws for these.
    }
  }

  /** Where its file lies in the workspace; null where it lies elsewhere. */
  private _path(context: Context): string | null {
    const { contents } = this._app.serviceManager;
    // A drive is another place, whatever its paths look like, but for that of a shared document: behind it is a file of this server.
    if (contents.driveName(context.path) && !context.model.collaborative) {
      return null;
    }
    const path = contents.localPath(context.path);
    if (this._folder === '') {
      return path;
    }
    return path.startsWith(`${this._folder}/`)
      ? path.slice(this._folder.length + 1)
      : null;
  }
}

/** Whether a document has text that its file has not. */
export function isUnsaved(document: Pick<IOpenDocument, 'context'>): boolean {
  return document.context.model.dirty;
}

/** Whether a path is one of `paths` or in one of them; without any, all are. */
export function within(path: string, paths: readonly string[]): boolean {
  return (
    paths.length === 0 ||
    paths.some(each => path === each || path.startsWith(`${each}/`))
  );
}
