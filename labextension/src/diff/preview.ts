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
import type { IParts } from './views/parts';
import { ProblemView } from './views/problem';

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
    this._waiting.abort();
    this._watch?.disconnect();
    super.dispose();
  }

  private async _load(most: number): Promise<void> {
    const { signal } = this._waiting;
    try {
      const content = await this._source.content(
        this._snapshot,
        this.path,
        signal
      );
      const view =
        content.size > most
          ? this._large(content.size)
          : await this._view(content);
      if (this.isDisposed) {
        view.dispose();
        return;
      }
      this._put(view);
    } catch (reason) {
      if (!signal.aborted) {
        const again = {
          label: this._parts.trans.__('Try again'),
          run: () => void this._load(most)
        };
        this._put(new ProblemView(KitError.from(reason), again));
      }
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

  private async _text(text: string): Promise<Widget> {
    const { WholeText, languageOf } = await import('./views/text');
    const language = await languageOf(this.path, this._parts);
    return new WholeText(text.slice(0, TEXT_MAX), language, this.path);
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
    let notebook: nbformat.INotebookContent;
    try {
      notebook = JSON.parse(text);
    } catch {
      return this._text(text);
    }
    if (!Array.isArray(notebook?.cells)) {
      return this._text(text);
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
    return new ProblemView(
      new KitError(
        'large',
        trans.__('This file has %1.', size(bytes)),
        trans.__('Showing it may take a while.')
      ),
      {
        label: trans.__('Show it'),
        run: () => void this._load(Infinity)
      }
    );
  }

  private _unreadable(bytes: number): Widget {
    const { trans } = this._parts;
    const url = this._source.url(this._snapshot, this.path, true);
    return new ProblemView(
      new KitError(
        'unreadable',
        trans.__('There is no view for this file (%1).', size(bytes)),
        trans.__('Download it to look at it elsewhere.')
      ),
      {
        label: trans.__('Download'),
        run: () => window.open(url, '_blank', 'noopener')
      }
    );
  }

  private readonly _waiting = new AbortController();
  private _watch: IntersectionObserver | null = null;
}

/** A text that a notebook may hold as a list of lines. */
function joined(text: nbformat.MultilineString): string {
  return Array.isArray(text) ? text.join('') : String(text ?? '');
}
