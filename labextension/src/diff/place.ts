import { PathExt } from '@jupyterlab/coreutils';

import type { ChangeKind, IChange, ILogEntry } from '../replies';

/** How many characters of an id people read and type. */
const SHORT = 10;

/** What a diff document shows. Names of snapshots are tags, ids or `HEAD`; an empty one means the files as they are now. */
export interface IDiffPlace {
  /** API path of the workspace. */
  folder: string;
  before: string;
  after: string;
  /** The file shown, relative to the workspace; empty for the first that differs. */
  path: string;
  /** Only this file is looked at; otherwise all that differ are listed. */
  alone: boolean;
}

/** How a file is shown. `text` stands for whatever the server can compare by lines; where it cannot, facts are shown. */
export type Kind = 'notebook' | 'image' | 'text' | 'facts';

const IMAGES: Record<string, string> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.svg': 'image/svg+xml',
  '.bmp': 'image/bmp'
};

/** The media type of an image, by its name; empty for anything else. */
export function imageType(path: string): string {
  return IMAGES[PathExt.extname(path).toLowerCase()] ?? '';
}

/** A notebook, by its name. */
export function isNotebook(path: string): boolean {
  return path.toLowerCase().endsWith('.ipynb');
}

/** How a changed file is shown. */
export function kindOf(change: IChange): Kind {
  const entries = [change.old_entry, change.new_entry].filter(Boolean);
  if (change.kind === 'renamed' || change.kind === 'mode') {
    return 'facts';
  }
  if (entries.some(entry => entry !== 'file')) {
    return entries.includes('folder') ? 'facts' : 'text';
  }
  if (isNotebook(change.path)) {
    return 'notebook';
  }
  return imageType(change.path) ? 'image' : 'text';
}

/** What a snapshot is called in few characters: its first tag, or the start of its id. Empty for the files as they are now. */
export function shortName(
  name: string,
  history: readonly ILogEntry[] = []
): string {
  const entry = find(name, history);
  if (entry) {
    return entry.tags[0] ?? entry.snapshot.id.slice(0, SHORT);
  }
  return /^[0-9a-f]{20,}$/.test(name) ? name.slice(0, SHORT) : name;
}

/** The entry of the history that a name means. */
export function find(
  name: string,
  history: readonly ILogEntry[]
): ILogEntry | undefined {
  if (!name) {
    return undefined;
  }
  return (
    history.find(
      each =>
        each.snapshot.id === name ||
        each.tags.includes(name) ||
        (name === 'HEAD' && each.head)
    ) ??
    (/^[0-9a-f]{4,}$/.test(name)
      ? history.find(each => each.snapshot.id.startsWith(name))
      : undefined)
  );
}

/** The title of a diff document: `train.ipynb: v1 → now`. */
export function titleOf(
  place: IDiffPlace,
  now: string,
  whole: string,
  history: readonly ILogEntry[] = []
): string {
  const file = place.alone && place.path ? PathExt.basename(place.path) : whole;
  const [before, after] = [place.before, place.after].map(
    name => shortName(name, history) || now
  );
  return `${file}: ${before} → ${after}`;
}

/** What tells one diff document from another. */
export function keyOf(place: IDiffPlace): string {
  return JSON.stringify([
    place.folder,
    place.before,
    place.after,
    place.alone ? place.path : ''
  ]);
}

/** One letter for a kind of change, as version control has them. */
export function letterOf(kind: ChangeKind): string {
  return { added: 'A', removed: 'D', modified: 'M', renamed: 'R', mode: 'P' }[
    kind
  ];
}

/** The API path of a file of a workspace. */
export function apiPath(folder: string, path: string): string {
  return folder ? `${folder}/${path}` : path;
}
