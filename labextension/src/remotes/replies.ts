/** What the verbs of remotes answer. The names and keys are those of jupyter_kit/frontends/JSON.md. */

export interface IRemote {
  name: string;
  reference: string;
  heads: [branch: string, id: string][];
}

export interface IRemoteList {
  entries: IRemote[];
  cut: boolean;
}

export interface IFetched {
  remote: string;
  branch: string;
  snapshot: string;
  snapshots: string[];
  ahead: number;
  behind: number;
  received_bytes: number;
}

export interface IPushResult {
  remote: string;
  branch: string;
  snapshot: string;
  snapshots: string[];
  segments: number;
  sent_bytes: number;
  received_bytes: number;
}

export interface ISynced {
  action: 'none' | 'push' | 'pull' | 'merge';
  snapshot: string;
  fetched: IFetched | null;
  pushed: IPushResult | null;
}

export interface IPulled {
  fetched: IFetched;
  rollback: { written_bytes: number; safety: string | null } | null;
}

export interface ISignedIn {
  registry: string;
  username: string;
  kept: string | null;
}

export interface ICloned {
  workspace: string;
  reference: string;
}
