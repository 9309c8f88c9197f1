/** One path that a rollback changes. */
export interface IRollbackStep {
  action: 'write' | 'symlink' | 'folder' | 'mode' | 'delete';
  path: string;
  size: number;
  exists: boolean;
}

/** What a rollback would do. */
export interface IRollbackPlan {
  snapshot: string;
  paths: string[];
  steps: IRollbackStep[];
  kept: number;
  left: { path: string; reason: string }[];
  written: number;
  deleted: number;
  bytes: number;
  /** Of lists that are shown in part: how long they are. */
  lengths?: Record<string, number>;
}

/** A rollback that was carried out. */
export interface IRollbackResult {
  plan: IRollbackPlan;
  safety: string | null;
  written_bytes: number;
  seconds: number;
  undo: string | null;
  lengths?: Record<string, number>;
}
