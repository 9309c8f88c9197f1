/** What the server's routes answer. The names and keys are those of jupyter_kit/frontends/JSON.md. */

export type SnapshotKind = 'manual' | 'auto' | 'safety';

export type ChangeKind = 'added' | 'removed' | 'modified' | 'renamed' | 'mode';

export interface IChange {
  kind: ChangeKind;
  path: string;
  old_path: string | null;
  old_size: number | null;
  new_size: number | null;
  old_mode: number | null;
  new_mode: number | null;
  new_bytes: number | null;
  old_entry: string | null;
  new_entry: string | null;
}

export interface IRemoteState {
  remote: string;
  branch: string;
  ahead: number;
  behind: number;
}

export interface IStatus {
  workspace: string;
  head: string | null;
  head_created: string | null;
  head_message: string | null;
  head_tags: string[];
  snapshots: number;
  changes: IChange[];
  skipped: [string, string][];
  pending_metrics: Record<string, number>;
  remotes: IRemoteState[];
  clean: boolean;
  /** How many entries lists have of which only a part came. */
  lengths?: Record<string, number>;
  /** Names the answer, for questions about what of it did not come. */
  answer?: string;
  /** All changes, by what the files are, where that was asked for. */
  groups?: Record<string, { count: number; new_bytes: number | null }>;
}

/** How many files have changed; the list holds a thousand at most. */
export function changeCount(status: IStatus): number {
  return status.lengths?.changes ?? status.changes.length;
}

export interface ISnapshot {
  id: string;
  created: string;
  author: string;
  message: string;
  kind: SnapshotKind;
  parents: string[];
  tags: string[];
  file_count: number;
  bytes: number;
  notebook: string | null;
  metrics: Record<string, number>;
}

export interface ILogEntry {
  snapshot: ISnapshot;
  tags: string[];
  head: boolean;
}

export interface ILog {
  entries: ILogEntry[];
  cut: boolean;
  before: ILogEntry | null;
}

export interface IWorkspaceReply {
  folder: string | null;
  name: string;
  version: string;
  kitfile: boolean;
}

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

export interface IErrorReply {
  kind: string;
  message: string;
  hint: string;
  path: string | null;
}

export interface IJob {
  id: string;
  verb: string;
  folder: string;
  state: JobState;
  phase: string;
  done: number;
  total: number | null;
  unit: string;
  path: string | null;
  started: string;
  seconds: number;
  result?: unknown;
  error: IErrorReply | null;
  message: string;
}

export interface IWorkspaceEvent {
  folder: string;
  head: string | null;
  snapshots: number;
  reason:
    | 'snapshot'
    | 'rollback'
    | 'tag'
    | 'remove'
    | 'sync'
    | 'modelkit'
    | 'outside'
    | 'files';
}

/** How far an answer is that somebody waits for, told where it takes long. */
export interface ILooking {
  folder: string;
  verb: string;
  phase: string;
  done: number;
  total: number | null;
  unit: string;
}
