import type { ServerConnection } from '@jupyterlab/services';
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { KitError, Options } from './api';
import type {
  IJob,
  ILogEntry,
  IStatus,
  IWorkspaceEvent,
  IWorkspaceReply
} from './replies';

/** What of the model has changed. */
export type Part = 'workspace' | 'status' | 'history' | 'jobs';

/** One workspace as the panel, the commands and the status bar see it: the one that the person looks at. */
export interface IKitModel {
  readonly serverSettings: ServerConnection.ISettings;

  /** API path of the folder looked at, which may lie in a workspace. */
  readonly folder: string;
  /** What was found for that folder; null until the server has answered. */
  readonly workspace: IWorkspaceReply | null;
  /** Why there is no answer, or null. */
  readonly error: KitError | null;
  readonly status: IStatus | null;
  /** The newest snapshots, as many as were read so far. */
  readonly history: readonly ILogEntry[];
  /** There are older snapshots than `history` holds. */
  readonly more: boolean;
  /** Running, queued and lately ended jobs of this workspace, newest first. */
  readonly jobs: readonly IJob[];
  /** Something is being read. */
  readonly loading: boolean;

  /** Emits which part is new. */
  readonly changed: ISignal<IKitModel, Part>;
  /** Emits what happened to the workspace, by whatever hand: this window, another, a kernel, a terminal. */
  readonly happened: ISignal<IKitModel, IWorkspaceEvent>;

  /** Look at another folder; the workspace that it lies in becomes the model's. */
  setFolder(folder: string): Promise<void>;
  /** Read the state again. */
  refresh(): Promise<void>;
  /** Read older snapshots. */
  loadMore(): Promise<void>;
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
