import type { ServerConnection } from '@jupyterlab/services';

import { IBytes, Options, requestAPI, requestBytes, routeUrl } from '../api';
import type { IChange, ILog } from '../replies';
import type { Diff, NotebookDiffReply } from '../schema';
import { imageType } from './place';

export type {
  CellChange as ICellChange,
  ColumnChange as IColumnChange,
  NotebookDiff as ICellsDiff,
  NotebookDiffReply as INotebookDiffReply,
  TableDiff as ITableDiff,
  TensorChange as ITensorChange,
  TensorsDiff as ITensorsDiff,
  TextDiff as ITextDiff
} from '../schema';

/** What can be said of the change of one file. */
export type FileDiff = Diff['files'][number];

/** What the documents of one workspace are made of: asks the server, and says what goes wrong as KitError. */
export class Source {
  constructor(
    readonly settings: ServerConnection.ISettings,
    readonly folder: string
  ) {}

  /** The files that differ: the first thousand, how many there are, and what the answer is called where they are more. */
  async changes(
    before: string,
    after: string,
    paths: string[] = [],
    signal?: AbortSignal
  ): Promise<{ changes: IChange[]; total: number; answer?: string }> {
    const query = { ...named(before, after), paths, stat: true };
    const reply = await this._ask<Diff>('diff', query, { signal });
    const { changes, lengths, answer } = reply;
    return { changes, total: lengths?.changes ?? changes.length, answer };
  }

  /** Of all files that differ, those with these words in their path, out of an answer that was given before. */
  async find(
    before: string,
    after: string,
    answer: string | undefined,
    match: string,
    signal?: AbortSignal
  ): Promise<IChange[]> {
    const query = { ...named(before, after), stat: true, answer, match };
    return (await this._ask<Diff>('diff', query, { signal })).changes;
  }

  /** The change of one file as the server sees it; null where it is none. */
  async file(
    before: string,
    after: string,
    path: string,
    signal?: AbortSignal
  ): Promise<FileDiff | null> {
    const query = { ...named(before, after), paths: [path] };
    const reply = await this._ask<Diff>('diff', query, { signal });
    return reply.files.find(each => each.path === path) ?? null;
  }

  /** The change of a notebook. */
  notebook(
    before: string,
    after: string,
    change: Pick<IChange, 'path' | 'old_path'>,
    signal?: AbortSignal
  ): Promise<NotebookDiffReply> {
    return this._ask<NotebookDiffReply>(
      'notebook-diff',
      { before, after, path: change.path, old_path: change.old_path },
      { signal }
    );
  }

  /** The newest snapshots; with `path`, those in which that file changed. */
  log(limit: number, path: string | null = null): Promise<ILog> {
    return this._ask<ILog>('log', { limit, path });
  }

  /** The content of a file in a snapshot, or on disk where that is empty. */
  async content(
    snapshot: string,
    path: string,
    signal?: AbortSignal
  ): Promise<Blob> {
    return (await this.bytes(snapshot, path, signal)).read();
  }

  /** The same, before it is read: how large it is, and what reads it. */
  async bytes(
    snapshot: string,
    path: string,
    signal?: AbortSignal
  ): Promise<IBytes> {
    const bytes = await requestBytes(
      'file',
      this.settings,
      { signal },
      { folder: this.folder, snapshot, path }
    );
    return {
      ...bytes,
      read: async () => {
        const content = await bytes.read();
        return content.slice(0, content.size, imageType(path) || content.type);
      }
    };
  }

  /** The text of a file. */
  async text(
    snapshot: string,
    path: string,
    signal?: AbortSignal
  ): Promise<string> {
    return (await this.content(snapshot, path, signal)).text();
  }

  /** Where a browser finds a file, to keep it with `download`. */
  url(snapshot: string, path: string, download = false): string {
    return routeUrl('file', this.settings, {
      folder: this.folder,
      snapshot,
      path,
      download: download ? 1 : null
    });
  }

  private _ask<T>(
    route: string,
    query: Options,
    init: RequestInit = {}
  ): Promise<T> {
    return requestAPI<T>(route, this.settings, init, {
      folder: this.folder,
      ...query
    });
  }
}

/** The two names as the verb takes them: without `after`, the files on disk. */
function named(before: string, after: string): Options {
  return { before, after: after || null };
}
