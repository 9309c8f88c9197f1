import { EditorView } from '@codemirror/view';
import type * as nbformat from '@jupyterlab/nbformat';
import { Panel, Widget } from '@lumino/widgets';
import { CellDiffModel, NotebookDiffModel } from 'nbdime/lib/diff/model';
import { CellDiffWidget, MetadataDiffWidget } from 'nbdime/lib/diff/widget';
import type { IDiffEntry } from 'nbdime/lib/diff/diffentries';

import 'nbdime/lib/common/collapsible.css';
import 'nbdime/lib/upstreaming/flexpanel.css';
import 'nbdime/lib/styles/variables.css';
import 'nbdime/lib/styles/common.css';
import 'nbdime/lib/styles/diff.css';

import type { IParts } from './parts';

/** How long cells are drawn before the browser gets its turn, in milliseconds. */
const TURN = 12;

/** What all of nbdime's widgets are made with. */
type How = Omit<ConstructorParameters<typeof MetadataDiffWidget>[0], 'model'>;

/** Cells that stand together: one that differs, those that were put in and taken out at one place, or a run of equal ones. */
type Stretch = { equal: boolean; cells: CellDiffModel[] };

/** A notebook's change by cell with its outputs, as nbdime shows it. Long notebooks appear bit by bit, equal cells when asked for. */
export class NotebookView extends Panel {
  constructor(
    base: object,
    diff: object[],
    private readonly _parts: IParts,
    hideUnchanged: boolean
  ) {
    super();
    this.addClass('jk-NotebookDiff');
    this.addClass('nbdime-root');
    this.addClass('jp-Notebook-diff');
    const model = new NotebookDiffModel(
      base as nbformat.INotebookContent,
      diff as IDiffEntry[]
    );
    this._mimetype = model.mimetype;
    if (model.metadata) {
      const metadata = new MetadataDiffWidget({
        model: model.metadata,
        ...this._how()
      });
      nameButtons(metadata);
      this.addWidget(metadata);
    }
    const stretches = stretchesOf(model);
    if (!model.metadata && stretches.every(stretch => stretch.equal)) {
      this.addWidget(this._nothing());
    }
    this.drawn = this._draw(stretches, hideUnchanged);
  }

  readonly looks = ['hideUnchanged'] as const;

  /** All that is to be seen is there. */
  readonly drawn: Promise<void>;

  private async _draw(
    stretches: Stretch[],
    hideUnchanged: boolean
  ): Promise<void> {
    const pause = pauses();
    for (const stretch of stretches) {
      if (this.isDisposed) {
        return;
      }
      if (stretch.equal && hideUnchanged) {
        this.addWidget(this._gap(stretch.cells));
      } else if (stretch.equal || stretch.cells.length === 1) {
        for (const cell of stretch.cells) {
          this.addWidget(this._cell(cell));
          await pause();
        }
      } else {
        this.addWidget(this._beside(stretch.cells));
      }
      await pause();
    }
  }

  private _how(): How {
    const { editors, trans, translator } = this._parts;
    const label = EditorView.contentAttributes.of({
      'aria-label': trans.__('Lines of the cell')
    });
    return {
      editorFactory: editors
        ? ({ extensions = [], ...options }) =>
            editors.factoryService.newInlineEditor({
              ...options,
              extensions: [...extensions, label]
            })
        : undefined,
      translator,
      collapseIdentical: true
    };
  }

  private _cell(model: CellDiffModel): CellDiffWidget {
    const cell = new CellDiffWidget({
      model,
      rendermime: this._parts.rendermime,
      mimetype: this._mimetype,
      ...this._how()
    });
    nameButtons(cell);
    const { trans } = this._parts;
    if (model.added || model.deleted) {
      cell.node.setAttribute('role', 'group');
      cell.node.setAttribute(
        'aria-label',
        model.added ? trans.__('Cell added') : trans.__('Cell removed')
      );
    }
    return cell;
  }

  /** Cells that were put in beside those that were taken out at the same place. */
  private _beside(models: CellDiffModel[]): Panel {
    const chunk = new Panel();
    chunk.addClass('jp-Diff-addremchunk');
    for (const [name, removed] of [
      ['jp-Diff-addedchunk', false],
      ['jp-Diff-removedchunk', true]
    ] as const) {
      const side = new Panel();
      side.addClass(name);
      models
        .filter(model => model.deleted === removed)
        .forEach(model => side.addWidget(this._cell(model)));
      chunk.addWidget(side);
    }
    return chunk;
  }

  /** What stands for equal cells until somebody asks for them. */
  private _gap(models: CellDiffModel[]): Panel {
    const gap = new Panel();
    gap.addClass('jk-Gap');
    const button = document.createElement('button');
    button.className = 'jk-Gap-button';
    button.textContent = this._parts.trans._n(
      '%1 equal cell',
      '%1 equal cells',
      models.length
    );
    button.title = this._parts.trans.__('Show them');
    button.onclick = async () => {
      const pause = pauses();
      button.remove();
      gap.removeClass('jk-Gap');
      for (const model of models) {
        if (gap.isDisposed) {
          return;
        }
        gap.addWidget(this._cell(model));
        await pause();
      }
    };
    gap.node.appendChild(button);
    return gap;
  }

  private _nothing(): Widget {
    const node = document.createElement('p');
    node.className = 'jk-Diff-note';
    node.textContent = this._parts.trans.__(
      'The cells are the same. Only run counts, times, the state of widgets or the layout of the file differ.'
    );
    return new Widget({ node });
  }

  private readonly _mimetype: string;
}

/** The cells of a notebook, equal neighbours together. */
function stretchesOf(model: NotebookDiffModel): Stretch[] {
  const stretches: Stretch[] = [];
  for (const cells of model.chunkedCells) {
    const equal = cells.every(cell => cell.unchanged);
    const last = stretches[stretches.length - 1];
    if (equal && last?.equal) {
      last.cells.push(...cells);
    } else if (cells.length) {
      stretches.push({ equal, cells: [...cells] });
    }
  }
  return stretches;
}

/** Give nbdime's buttons that fold a part of a cell the name of that part; they show an arrow alone. */
function nameButtons({ node }: Widget): void {
  for (const button of node.querySelectorAll(
    '.jp-CollapsiblePanel-header-icon'
  )) {
    const name = button.parentElement?.textContent ?? '';
    button.setAttribute('aria-label', name);
  }
}

/** A function that lets the browser draw when work has gone on for its time. */
function pauses(): () => Promise<void> {
  let began = performance.now();
  return async () => {
    if (performance.now() - began > TURN) {
      await new Promise<void>(resolve => setTimeout(resolve, 0));
      began = performance.now();
    }
  };
}
