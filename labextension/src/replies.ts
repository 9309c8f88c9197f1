/** What the server's routes answer, under the names that the lab has for it. `schema.ts` is made of the server's dataclasses. */
import type { Change, JobEvent, Snapshot, Status } from './schema';

export type {
  Change as IChange,
  JobsReply as IJobsReply,
  Log as ILog,
  LogEntry as ILogEntry,
  Looking as ILooking,
  RemoteState as IRemoteState,
  Status as IStatus,
  WorkspaceEvent as IWorkspaceEvent,
  WorkspaceReply as IWorkspaceReply
} from './schema';

export type SnapshotKind = Snapshot['kind'];

export type ChangeKind = Change['kind'];

/** A job as it is known here: events tell of it without its result. */
export type IJob = JobEvent & { result?: unknown };

/** How many files have changed; the list holds a thousand at most. */
export function changeCount(status: Status): number {
  return status.lengths?.changes ?? status.changes.length;
}
