import { PathExt } from '@jupyterlab/coreutils';
import type * as nbformat from '@jupyterlab/nbformat';
import { OutputAreaModel, SimplifiedOutputArea } from '@jupyterlab/outputarea';
import { MimeModel } from '@jupyterlab/rendermime';
import { Panel, Widget } from '@lumino/widgets';

import { KitError } from '../api';
import { size } from '../words';
import { imageType } from './place';
import type { Source } from './source';
import { ImagesView } from './views/images';
import { noted } from './views/note';
import type { IParts } from './views/parts';
import { IWayOut, ProblemView } from './views/problem';
import { Waiting } from './waiting';

/** Files up to this are shown without being asked for, in bytes. */
const SHOWN_MAX = 10_000_000;

/** Texts are shown up to this, in characters. */
const TEXT_MAX = 2_000_000;

/** Cells that are drawn at once; more come as the reader gets there. */
const CELLS = 40;

/** A file as it was in a snapshot, read-only, with the lab's own renderers. Nothing in it is trusted: no script of it runs. */
export class Preview extends Panel {
  constructor(
    readonly path: string,
    private readonly _snapshot: string,
    private readonly _source: Source,
    private readonly _parts: IParts
  ) {
    super();
    this.addClass('jk-Preview');
    this.node.tabIndex = 0;
    void this._load(SHOWN_MAX);
  }

  override dispose(): void {
    this._asked.abort();
    this._watch?.disconnect();
    super.dispose();
  }

  private async _load(most: number): Promise<void> {
    const { trans } = this._parts;
    this._asked = new AbortController();
    const { signal } = this._asked;
    const stop = (): void => {
      this._asked.abort();
      this._put(this._problem(new KitError('', trans.__('Stopped.')), most));
    };
    this._waiting ??= new Waiting(this, trans.__('Reading…'), stop, trans);
    const end = this._waiting.begin();
    try {
      const bytes = await this._source.bytes(this._snapshot, this.path, signal);
      let view: Widget;
      if ((bytes.size ?? 0) > most) {
        bytes.drop();
        view = this._large(bytes.size ?? 0);
      } else {
        view = await this._view(await bytes.read());
      }
      if (this.isDisposed || signal.aborted) {
        view.dispose();
        return;
      }
      this._put(view);
    } catch (reason) {
      if (!signal.aborted) {
        this._put(this._problem(KitError.from(reason), most));
      }
    } finally {
      end();
    }
  }

  private _put(view: Widget): void {
    [...this.widgets].forEach(widget => widget.dispose());
    this.addWidget(view);
  }

  private async _view(content: Blob): Promise<Widget> {
    const { trans } = this._parts;
    if (imageType(this.path)) {
      const image = { title: PathExt.basename(this.path), content };
      return new ImagesView(null, image, this.path, trans);
    }
    const text = await content.text();
    if (text.includes('\0') || text.includes('\ufffd')) {
      return this._unreadable(content.size);
    }
    switch (PathExt.extname(this.path).toLowerCase()) {
      case '.ipynb':
        return this._notebook(text);
      case '.md':
        return this._rendered('text/markdown', text);
      default:
        return this._text(text);
    }
  }

  private async _text(text: string, remark = ''): Promise<Widget> {
    const { trans } = this._parts;
    const { WholeText, languageOf } = await import('./views/text');
    const language = await languageOf(this.path, this._parts);
    const view = new WholeText(text.slice(0, TEXT_MAX), language, this.path);
    const cut = trans.__(
      'The rest is too long to show. Download it to see all.'
    );
    return noted(remark || (text.length > TEXT_MAX ? cut : ''), view);
  }

  private async _rendered(mime: string, text: string): Promise<Widget> {
    const renderer = this._parts.rendermime.createRenderer(mime);
    renderer.addClass('jk-Preview-document');
    await renderer.renderModel(
      new MimeModel({ data: { [mime]: text }, trusted: false })
    );
    return renderer;
  }

  private async _notebook(text: string): Promise<Widget> {
    const notebook = notebookOf(text);
    if (!notebook) {
      const { trans } = this._parts;
      return this._text(
        text,
        trans.__('This is no notebook that can be read. Its text is shown.')
      );
    }
    const panel = new Panel();
    panel.addClass('jk-Preview-notebook');
    await this._draw(panel, notebook, 0);
    return panel;
  }

  /** Draw some cells, and the next ones when the reader comes near the end. */
  private async _draw(
    panel: Panel,
    notebook: nbformat.INotebookContent,
    first: number
  ): Promise<void> {
    const language = notebook.metadata?.language_info?.name ?? 'python';
    for (const cell of notebook.cells.slice(first, first + CELLS)) {
      panel.addWidget(await this._cell(cell, language));
    }
    const next = first + CELLS;
    if (next >= notebook.cells.length || this.isDisposed) {
      return;
    }
    const end = new Widget();
    end.addClass('jk-Preview-end');
    panel.addWidget(end);
    this._watch = new IntersectionObserver(
      entries => {
        if (entries.some(entry => entry.isIntersecting)) {
          this._watch?.disconnect();
          end.dispose();
          void this._draw(panel, notebook, next);
        }
      },
      { root: this.node, rootMargin: '1000px' }
    );
    this._watch.observe(end.node);
  }

  private async _cell(cell: nbformat.ICell, language: string): Promise<Widget> {
    const source = joined(cell.source);
    if (cell.cell_type === 'markdown') {
      return this._rendered('text/markdown', source);
    }
    const panel = new Panel();
    panel.addClass('jk-PreviewCell');
    const code = document.createElement('pre');
    code.className = 'jk-PreviewCell-source';
    code.textContent = source;
    const { languages } = this._parts;
    if (languages && cell.cell_type === 'code') {
      code.textContent = '';
      await languages.highlight(source, languages.findBest(language), code);
    }
    panel.addWidget(new Widget({ node: code }));
    const outputs = cell.outputs as nbformat.IOutput[] | undefined;
    if (Array.isArray(outputs) && outputs.length) {
      const area = new SimplifiedOutputArea({
        model: new OutputAreaModel({ values: outputs, trusted: false }),
        rendermime: this._parts.rendermime
      });
      area.addClass('jk-PreviewCell-outputs');
      panel.addWidget(area);
    }
    return panel;
  }

  private _large(bytes: number): Widget {
    const { trans } = this._parts;
    const error = new KitError(
      'large',
      trans.__('This file has %1.', size(bytes)),
      trans.__('Showing it may take a while.')
    );
    const show = {
      label: trans.__('Show it'),
      run: () => void this._load(Infinity)
    };
    return new ProblemView(error, [show, this._download()]);
  }

  private _unreadable(bytes: number): Widget {
    const { trans } = this._parts;
    const error = new KitError(
      'unreadable',
      trans.__('There is no view for this file (%1).', size(bytes)),
      trans.__('Download it to look at it elsewhere.')
    );
    return new ProblemView(error, [this._download()]);
  }

  private _problem(error: KitError, most: number): Widget {
    const again = {
      label: this._parts.trans.__('Try again'),
      run: () => void this._load(most)
    };
    // The server's word for what it gives to be downloaded only.
    const ways = error.kind === 'invalid-input' ? this._download() : again;
    return new ProblemView(error, [ways]);
  }

  private _download(): IWayOut {
    const url = this._source.url(this._snapshot, this.path, true);
    return {
      label: this._parts.trans.__('Download'),
      run: () => window.open(url, '_blank', 'noopener')
    };
  }

  private _asked = new AbortController();
  private _waiting: Waiting | null = null;
  private _watch: IntersectionObserver | null = null;
}

/** A notebook, by the text of its file; null where it is none. */
function notebookOf(text: string): nbformat.INotebookContent | null {
  try {
    const notebook = JSON.parse(text);
    const { cells } = notebook ?? {};
    return Array.isArray(cells) && cells.every(cell => cell?.cell_type)
      ? notebook
      : null;
  } catch {
    return null;
  }
}

/** A text that a notebook may hold as a list of lines. */
function joined(text: nbformat.MultilineString): string {
  return Array.isArray(text) ? text.join('') : String(text ?? '');
}
