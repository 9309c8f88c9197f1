import type { IEditorServices } from '@jupyterlab/codeeditor';
import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';

import type { Widget } from '@lumino/widgets';

import type { IChange } from '../../replies';
import type { Source } from '../source';

/** The lab's own parts that documents are shown with. What is null is missing in this application. */
export interface IParts {
  rendermime: IRenderMimeRegistry;
  editors: IEditorServices | null;
  languages: IEditorLanguageRegistry | null;
  translator: ITranslator;
  trans: TranslationBundle;
}

/** How a reader wants to see changes. */
export interface ILook {
  /** Leave out what is equal. */
  hideUnchanged: boolean;
  /** Both versions of a text in one column. */
  inline: boolean;
}

/** What a changed file is shown in. */
export interface IView extends Widget {
  /** What readers can choose about it. */
  readonly looks?: readonly (keyof ILook)[];
}

/** One changed file, to be shown. */
export interface ISubject {
  source: Source;
  change: IChange;
  /** Names of snapshots, empty for the files as they are now. */
  before: string;
  after: string;
  /** What the two are called. */
  titles: [string, string];
  look: ILook;
  /** Nobody waits for it any more. */
  signal: AbortSignal;
}
