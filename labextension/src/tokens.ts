import type { ServerConnection } from '@jupyterlab/services';
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type { KitError, Options } from './api';
import type { Jobs } from './jobs';
import type {
  IJob,
  ILogEntry,
  ILooking,
  IStatus,
  IWorkspaceEvent,
  IWorkspaceReply,
  SnapshotKind
} from './replies';

/** What of the model has changed. */
export type Part = 'workspace' | 'status' | 'history' | 'jobs';

/** Which snapshots the history holds. */
export interface IHistoryFilter {
  /** Only those of this kind. */
  kind: SnapshotKind | null;
  /** Only those in which this file changed. */
  path: string | null;
  /** Only those with these words. */
  find: string | null;
}

/** One workspace as the panel, the commands and the status bar see it: the one that the person looks at. */
export interface IKitModel {
  readonly serverSettings: ServerConnection.ISettings;

  /** API path of the folder looked at, which may lie in a workspace. */
  readonly folder: string;
  /** What was found for that folder; null until the server has answered. */
  readonly workspace: IWorkspaceReply | null;
  /** Why there is no answer, or null. */
  readonly error: KitError | null;
  /** What could not be read for that reason. */
  readonly failed: Part | null;
  readonly status: IStatus | null;
  /** How far the next status is, where it takes long; null while none is read. */
  readonly looking: ILooking | null;
  /** The newest snapshots that pass the filter, as many as were read so far. */
  readonly history: readonly ILogEntry[];
  /** There are older snapshots than `history` holds. */
  readonly more: boolean;
  /** The snapshot after the last of `history`, to compare that with. */
  readonly older: ILogEntry | null;
  readonly filter: IHistoryFilter;
  /** Running, queued and lately ended jobs of this workspace, newest first. */
  readonly jobs: readonly IJob[];
  readonly work: Jobs;
  /** Something is being read. */
  readonly loading: boolean;

  /** Emits which part is new. */
  readonly changed: ISignal<IKitModel, Part>;
  /** Emits what happened to the workspace, by whatever hand: this window, another, a kernel, a terminal. */
  readonly happened: ISignal<IKitModel, IWorkspaceEvent>;

  /** Look at another folder; the workspace that it lies in becomes the model's. */
  setFolder(folder: string): Promise<void>;
  /** Keep a part up to date until the answer is disposed of. What nobody wants is not read. */
  want(part: 'status' | 'history'): IDisposable;
  /** Files may have changed: see which, soon. */
  touch(): void;
  /** Read the state again. */
  refresh(): Promise<void>;
  /** Read older snapshots. */
  loadMore(): Promise<void>;
  /** Show other snapshots in the history. */
  setFilter(filter: Partial<IHistoryFilter>): Promise<void>;
  /** Ask a verb that only looks, with GET. Throws KitError. */
  look<T>(verb: string, options?: Options): Promise<T>;
  /** Carry out a verb, with POST; where it becomes a job, wait until it has ended. Throws KitError. */
  run<T>(verb: string, options?: Options): Promise<T>;
  /** Ask a job to stop. */
  cancel(job: string): Promise<void>;
}

/** The model of the workspace that the person looks at. */
export const IKitModel = new Token<IKitModel>(
  'jupyter-kit:IKitModel',
  'The workspace of Jupyter Kit that is looked at: its state, history and jobs, and its verbs.'
);
