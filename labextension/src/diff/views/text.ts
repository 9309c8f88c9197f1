import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState, Extension } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { jupyterTheme } from '@jupyterlab/codemirror';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import type { ILook, IParts } from './parts';

/** Lines that stay around a change, and how many have to be equal to be folded away. */
const MARGIN = 3;
const FOLDED_MIN = 6;

/** How long the finer comparison may take, in milliseconds; after that, whole lines are marked. */
const COMPARE_MAX = 500;

/** The language that a file is written in, by its name; nothing where the lab does not know it. */
export async function languageOf(
  path: string,
  parts: IParts
): Promise<Extension> {
  const language = parts.languages?.findByFileName(path);
  if (!language) {
    return [];
  }
  const loaded = await parts.languages?.getLanguage(language);
  return loaded?.support ?? [];
}

/** What every editor here has: the lab's theme, line numbers, and no way to write. */
export function reading(language: Extension, label: string): Extension {
  return [
    language,
    jupyterTheme,
    lineNumbers(),
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': label })
  ];
}

/** Two versions of a text, side by side or in one column, with syntax colours. */
export class TextView extends Widget {
  constructor(
    private readonly _before: string,
    private readonly _after: string,
    private readonly _language: Extension,
    private readonly _labels: [string, string],
    private readonly _look: ILook
  ) {
    super();
    this.addClass('jk-TextDiff');
    this.toggleClass('jk-mod-inline', _look.inline);
  }

  readonly looks = ['hideUnchanged', 'inline'] as const;

  protected override onAfterAttach(_: Message): void {
    if (this._view) {
      return;
    }
    const collapseUnchanged = this._look.hideUnchanged
      ? { margin: MARGIN, minSize: FOLDED_MIN }
      : undefined;
    const diffConfig = { scanLimit: 5000, timeout: COMPARE_MAX };
    if (this._look.inline) {
      this._view = new EditorView({
        doc: this._after,
        parent: this.node,
        extensions: [
          reading(this._language, this._labels[1]),
          unifiedMergeView({
            original: this._before,
            mergeControls: false,
            collapseUnchanged,
            diffConfig
          })
        ]
      });
    } else {
      this._view = new MergeView({
        a: {
          doc: this._before,
          extensions: reading(this._language, this._labels[0])
        },
        b: {
          doc: this._after,
          extensions: reading(this._language, this._labels[1])
        },
        parent: this.node,
        collapseUnchanged,
        diffConfig
      });
    }
  }

  override dispose(): void {
    this._view?.destroy();
    super.dispose();
  }

  private _view: MergeView | EditorView | null = null;
}

/** One version of a text, whole: of a file that was added or removed, or as it was. */
export class WholeText extends Widget {
  constructor(
    private readonly _text: string,
    private readonly _language: Extension,
    private readonly _label: string
  ) {
    super();
    this.addClass('jk-WholeText');
  }

  protected override onAfterAttach(_: Message): void {
    this._view ??= new EditorView({
      doc: this._text,
      parent: this.node,
      extensions: reading(this._language, this._label)
    });
  }

  override dispose(): void {
    this._view?.destroy();
    super.dispose();
  }

  private _view: EditorView | null = null;
}
