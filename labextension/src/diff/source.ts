import type { ServerConnection } from '@jupyterlab/services';

import { IBytes, Options, requestAPI, requestBytes, routeUrl } from '../api';
import type { IChange, ILog } from '../replies';
import { imageType } from './place';

/** The change of a text file: the lines of a unified diff. */
export interface ITextDiff {
  type: 'text';
  path: string;
  lines: string[];
  cut: boolean;
}

/** One cell that differs. Positions are from 0. */
export interface ICellChange {
  kind: 'added' | 'removed' | 'modified' | 'moved';
  cell_type: string;
  before: number | null;
  after: number | null;
  source: string[];
  outputs: string;
  metadata: string;
}

/** The change of a notebook by cell, without its outputs. */
export interface ICellsDiff {
  type: 'notebook';
  path: string;
  cells: ICellChange[];
  metadata: string;
}

/** What can be said of any file. */
export interface IFileFacts {
  type: 'facts';
  path: string;
  old_size: number | null;
  new_size: number | null;
  shared_bytes: number;
}

/** One tensor that differs; what concerns a side is null where it does not exist on that side. */
export interface ITensorChange {
  kind: 'added' | 'removed' | 'modified';
  name: string;
  old_dtype: string | null;
  new_dtype: string | null;
  old_shape: number[] | null;
  new_shape: number[] | null;
  old_size: number | null;
  new_size: number | null;
  /** How many bytes differ; null where type or shape do. */
  changed_bytes: number | null;
}

/** The change of a file of tensors. */
export interface ITensorsDiff {
  type: 'tensors';
  path: string;
  tensors: ITensorChange[];
  /** How many are as before. */
  same: number;
  metadata: string;
}

/** One column that differs. */
export interface IColumnChange {
  kind: 'added' | 'removed' | 'modified';
  name: string;
  changed_rows: number | null;
}

/** The change of a table: its columns, and its lines as of a text. */
export interface ITableDiff extends Omit<ITextDiff, 'type'> {
  type: 'table';
  changed_columns: IColumnChange[];
  columns: number;
  old_rows: number | null;
  new_rows: number | null;
}

export type FileDiff =
  ITextDiff | ICellsDiff | ITensorsDiff | ITableDiff | IFileFacts;

/** Two states compared. */
export interface IDiffReply {
  before: string;
  after: string;
  changes: IChange[];
  files: FileDiff[];
  /** How many changes there are, where not all are listed. */
  lengths?: Record<string, number>;
}

/** A notebook compared by nbdime, or by ourselves and the reason for that. */
export interface INotebookDiffReply {
  base: object | null;
  diff: object[] | null;
  cells: ICellsDiff | null;
  reason: string;
}

/** What the documents of one workspace are made of: asks the server, and says what goes wrong as KitError. */
export class Source {
  constructor(
    readonly settings: ServerConnection.ISettings,
    readonly folder: string
  ) {}

  /** The files that differ: the first thousand, and how many there are. */
  async changes(
    before: string,
    after: string,
    paths: string[] = [],
    signal?: AbortSignal
  ): Promise<{ changes: IChange[]; total: number }> {
    const query = { ...named(before, after), paths, stat: true };
    const reply = await this._ask<IDiffReply>('diff', query, { signal });
    const { changes, lengths } = reply;
    return { changes, total: lengths?.changes ?? changes.length };
  }

  /** The change of one file as the server sees it; null where it is none. */
  async file(
    before: string,
    after: string,
    path: string,
    signal?: AbortSignal
  ): Promise<FileDiff | null> {
    const query = { ...named(before, after), paths: [path] };
    const reply = await this._ask<IDiffReply>('diff', query, { signal });
    return reply.files.find(each => each.path === path) ?? null;
  }

  /** The change of a notebook. */
  notebook(
    before: string,
    after: string,
    change: Pick<IChange, 'path' | 'old_path'>,
    signal?: AbortSignal
  ): Promise<INotebookDiffReply> {
    return this._ask<INotebookDiffReply>(
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
