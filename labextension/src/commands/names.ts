/**
 * The commands of this extension, and their arguments. There is one for each verb, `jupyter-kit:VERB`, with the options of that verb
 * as arguments, plus those below. Paths are relative to the workspace; without arguments a command asks, or takes what is selected.
 */
import type { Options } from '../api';

/** The id of a verb's command. */
export function commandOf(verb: string): string {
  return `jupyter-kit:${verb}`;
}

/** Show the panel. No arguments. */
export const SHOW_PANEL = 'jupyter-kit:show-panel';

/** Open what changed in a file, or between two states, as a document. */
export const OPEN_DIFF = 'jupyter-kit:open-diff';

/** Open a file as it was, read-only. */
export const OPEN_FILE_AS_OF = 'jupyter-kit:open-file-as-of';

/** Show the answer of a verb that has no view of its own, as a document. */
export const OPEN_ANSWER = 'jupyter-kit:open-answer';

/** Change what snapshots leave out. No arguments. */
export const EDIT_IGNORE = 'jupyter-kit:edit-ignore';

/** Show the history of one file in the panel; `path` is that file. */
export const FILE_HISTORY = 'jupyter-kit:file-history';

/** Arguments of `OPEN_DIFF`. */
export interface IOpenDiff {
  /** API path of the workspace; without one, that of the panel. */
  folder?: string;
  /** The file; without one, all that changed. */
  path?: string;
  /** A snapshot; without one, the one that the workspace stands on. */
  before?: string;
  /** A later one; without one, the files as they are now. */
  after?: string;
}

/** Arguments of `OPEN_FILE_AS_OF`. */
export interface IOpenFileAsOf {
  /** API path of the workspace; without one, that of the panel. */
  folder?: string;
  path: string;
  /** Its id, or a name of it; without one, people are asked. */
  snapshot?: string;
}

/** Arguments of `jupyter-kit:rollback`: it shows the plan and asks. */
export interface IRollback {
  /** API path of the workspace; without one, that of the panel. */
  folder?: string;
  /** The snapshot to go back to. */
  name: string;
  /** Only these files and folders. */
  paths?: string[];
}

/** Arguments of `OPEN_ANSWER`. */
export interface IOpenAnswer {
  verb: string;
  options?: Options;
  /** The document's title. */
  title?: string;
}

/** Compare the snapshots picked in the history: two with each other, one with now. No arguments. */
export const COMPARE_PICKED = 'jupyter-kit:compare-picked';

/** Of the history's context menu; they are about the snapshot that is pointed at, and take no arguments. */
export const COMPARE_WITH_NOW = 'jupyter-kit:compare-with-now';
export const PICK = 'jupyter-kit:pick';
export const ROLL_BACK_HERE = 'jupyter-kit:roll-back-here';
export const PACK_SNAPSHOT = 'jupyter-kit:pack-snapshot';
export const COPY_ID = 'jupyter-kit:copy-id';

/** Of the file browser's context menu; they are about the file that is selected there, and take no arguments. */
export const BROWSED_HISTORY = 'jupyter-kit:browsed-file-history';
export const BROWSED_RESTORE = 'jupyter-kit:browsed-file-restore';
export const BROWSED_AS_OF = 'jupyter-kit:browsed-file-as-of';

/** The settings of this extension, by the id of the plugin that their schema is named for. */
export const SETTINGS = 'jupyter-kit:plugin';

/** The commands of these rooms that the palette lists. */
export const PALETTE = [
  SHOW_PANEL,
  FILE_HISTORY,
  COMPARE_PICKED,
  EDIT_IGNORE,
  ...['init', 'snapshot', 'status', 'log', 'diff', 'metric', 'tag'].map(
    commandOf
  ),
  ...['check', 'prune', 'inspect', 'audit', 'version'].map(commandOf)
];
