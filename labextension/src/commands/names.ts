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

/** Show the history of one file in the panel. */
export const FILE_HISTORY = 'jupyter-kit:file-history';

/** Arguments of `OPEN_DIFF`. */
export interface IOpenDiff {
  /** The file; without one, all that changed. */
  path?: string;
  /** A snapshot; without one, the one that the workspace stands on. */
  before?: string;
  /** A later one; without one, the files as they are now. */
  after?: string;
}

/** Arguments of `OPEN_FILE_AS_OF`. */
export interface IOpenFileAsOf {
  path: string;
  /** Its id, or a name of it; without one, people are asked. */
  snapshot?: string;
}

/** Arguments of `jupyter-kit:rollback`: it shows the plan and asks. */
export interface IRollback {
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

/** Arguments of `FILE_HISTORY`. */
export interface IFileHistory {
  path: string;
}
