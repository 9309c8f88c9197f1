/** What the verbs of ModelKits answer. The names and keys are those of jupyter_kit/frontends/JSON.md. */

export interface IModelKitSummary {
  reference: string;
  digest: string;
  format: string;
  name: string;
  version: string;
  author: string;
  layers: number;
  size: number;
  created: string | null;
}

export interface IModelKitList {
  entries: IModelKitSummary[];
  cut: boolean;
  place: string;
}

/** One entry of a Kitfile: what becomes a layer. */
export interface IKitfileEntry {
  name?: string;
  path?: string;
  description?: string;
  license?: string;
  framework?: string;
  format?: string;
  version?: string;
  digest?: string;
  parts?: IKitfileEntry[];
}

export interface IKitfile {
  manifestVersion?: string;
  package?: {
    name?: string;
    version?: string;
    description?: string;
    license?: string;
    authors?: string[];
  };
  model?: IKitfileEntry;
  code?: IKitfileEntry[];
  datasets?: IKitfileEntry[];
  docs?: IKitfileEntry[];
  prompts?: IKitfileEntry[];
}

export interface ISkipped {
  path: string;
  reason: string;
}

export interface IPackPlan {
  snapshot: string;
  kitfile: IKitfile;
  origin: string;
  left_out: ISkipped[];
}

export interface IPackedLayer {
  name: string;
  kind: string;
  path: string;
  digest: string;
  size: number;
  new_bytes: number;
}

export interface IPackResult {
  references: string[];
  digest: string;
  layers: IPackedLayer[];
  snapshot: string;
  bytes: number;
  new_bytes: number;
  seconds: number;
}

export interface IModelKitDetail {
  reference: string;
  digest: string;
  format: string;
  size: number;
  cli_version: string;
  created: string | null;
  kitfile: IKitfile;
  manifest: { layers: { digest: string; size: number }[] | null };
}

export interface IUnpackStep {
  action: 'folder' | 'write' | 'keep';
  path: string;
  size: number;
  exists: boolean;
  origin: string;
}

export interface IUnpackPlan {
  folder: string;
  steps: IUnpackStep[];
  layers: string[];
  skipped: ISkipped[];
  written: number;
  bytes: number;
}

export interface IUnpackResult {
  plan: IUnpackPlan;
  seconds: number;
}

export interface IMoved {
  reference: string;
  digest: string;
  copied: {
    bytes_moved: number;
    blobs_moved: number;
    blobs_mounted: number;
    blobs_skipped: number;
  };
  seconds: number;
}

export interface IKitfileWritten {
  file: string;
  kitfile: IKitfile;
}
