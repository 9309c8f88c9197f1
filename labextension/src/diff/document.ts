import type { TranslationBundle } from '@jupyterlab/translation';
import { ISignal, Signal } from '@lumino/signaling';
import { Panel, Widget } from '@lumino/widgets';

import { KitError } from '../api';
import type { IChange, ILogEntry } from '../replies';
import { Files } from './files';
import { Header } from './header';
import {
  apiPath,
  IDiffPlace,
  isNotebook,
  keyOf,
  shortName,
  titleOf
} from './place';
import type { INotebookDiffReply, Source } from './source';
import { note } from './views/note';
import type { ILook, IParts, IView } from './views/parts';
import { ProblemView } from './views/problem';
import { viewOf } from './views/select';
import { Waiting } from './waiting';

/** How many snapshots the pickers offer at first, and more of each time. */
const PAGE = 100;

/** What readers chose last holds for the next document too. */
const lastLook: ILook = { hideUnchanged: true, inline: false };

/** The change of a notebook, asked for before it is known how the notebook differs. */
interface IAhead {
  path: string;
  reply: Promise<INotebookDiffReply>;
  stop: AbortController;
}

/** Two states of a workspace compared: pickers at the top, the files that differ, and the change of one of them. */
export class DiffDocument extends Panel {
  constructor(
    place: IDiffPlace,
    private readonly _source: Source,
    private readonly _parts: IParts,
    /** Starts the rollback of one file to a snapshot. */
    private readonly _restore: (snapshot: string, path: string) => void
  ) {
    super();
    this._place = { ...place, before: place.before || 'HEAD' };
    this.addClass('jk-Diff');
    const busy = this._trans.__('Comparing…');
    this._waiting = new Waiting(this, busy, () => this._stop(), this._trans);
    this._files = new Files(this, this._trans);
    this._files.hide();
    this._body.addClass('jk-Diff-body');
    this._body.node.setAttribute('role', 'region');
    this._body.node.tabIndex = 0;
    const main = new Panel();
    main.addClass('jk-Diff-main');
    main.addWidget(this._files);
    main.addWidget(this._body);
    this.addWidget(new Header(this, this._trans));
    this.addWidget(main);
    void this._readHistory(PAGE);
    void this.refresh(true);
  }

  /** What is shown, to be written down and shown again. */
  get place(): IDiffPlace {
    return this._place;
  }

  /** The files that differ. */
  get changes(): readonly IChange[] {
    return this._changes;
  }

  /** How many differ: more than `changes` holds where they are many. */
  get total(): number {
    return this._total;
  }

  /** The one that is shown. */
  get selected(): IChange | null {
    return this._selected;
  }

  /** What can be chosen about how it is shown. */
  get looks(): readonly (keyof ILook)[] {
    return this._looks;
  }

  get look(): ILook {
    return this._look;
  }

  /** The snapshots that the pickers offer, newest first. */
  get history(): readonly ILogEntry[] {
    return this._history;
  }

  /** There are older snapshots than these. */
  get older(): boolean {
    return this._older;
  }

  /** Something of the above is new. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** What tells it from other documents. */
  get key(): string {
    return keyOf(this._place);
  }

  override dispose(): void {
    this._asked.abort();
    this._shown.abort();
    super.dispose();
    Signal.clearData(this);
  }

  /** Compare other states. */
  compare(states: { before?: string; after?: string }): void {
    this._place = { ...this._place, ...states };
    this._say();
    void this.refresh(true);
  }

  /** Show another of the files. */
  select(path: string): void {
    const change = this._changes.find(each => each.path === path);
    if (change) {
      this._selected = change;
      this._place = { ...this._place, path };
      this._say();
      void this._show(0);
    }
  }

  /** Find files by words among those too that are not listed; what is found is listed from then on. */
  async find(words: string): Promise<void> {
    const { before, after } = this._place;
    const { signal } = this._asked;
    if (this._total > this._changes.length && words.trim()) {
      const found = await this._source
        .find(before, after, this._answer, words, signal)
        .catch(() => []);
      if (!signal.aborted) {
        this._changes = joined(this._changes, found);
        this._say();
      }
    }
  }

  /** Show it otherwise. */
  see(look: Partial<ILook>): void {
    this._look = { ...Object.assign(lastLook, look) };
    this._say();
    void this._show(0);
  }

  /** Put the file back as it was before. */
  restore(): void {
    if (this._selected) {
      this._restore(
        this._place.before,
        this._selected.old_path ?? this._selected.path
      );
    }
  }

  /** Offer older snapshots. */
  loadOlder(): Promise<void> {
    return this._readHistory(this._history.length + PAGE);
  }

  /** Look again which files differ. With `anyway`, or where the file that is shown differs otherwise now, show it anew. */
  async refresh(anyway = false): Promise<void> {
    // A look that another one overtakes has shown nothing yet: this one owes it.
    anyway = this._owed ||= anyway;
    const { before, after, path, alone } = this._place;
    this._asked.abort();
    this._asked = new AbortController();
    const { signal } = this._asked;
    const end = anyway ? this._waiting.begin() : null;
    const ahead = anyway && alone && isNotebook(path) ? this._ask(path) : null;
    try {
      const reply = await this._source.changes(
        before,
        after,
        alone && path ? [path] : [],
        signal
      );
      const { total, answer } = reply;
      let { changes } = reply;
      if (path && answer && !changes.some(each => each.path === path)) {
        const found = await this._source.find(before, after, answer, path);
        changes = joined(
          changes,
          found.filter(each => each.path === path)
        );
      }
      if (signal.aborted) {
        ahead?.stop.abort();
        return;
      }
      this._owed = false;
      const old = this._selected;
      this._changes = changes;
      this._total = total;
      this._answer = answer;
      this._selected =
        changes.find(each => each.path === path || each.old_path === path) ??
        changes[0] ??
        null;
      this._files.setHidden(changes.length < 2);
      this._say();
      if (anyway || JSON.stringify(old) !== JSON.stringify(this._selected)) {
        await this._show(anyway ? 0 : this._body.node.scrollTop, ahead);
      }
    } catch (reason) {
      ahead?.stop.abort();
      if (!signal.aborted) {
        this._owed = false;
        this._fail(reason);
      }
    } finally {
      end?.();
    }
  }

  /** Look again: the history or the files have changed. */
  async renew(path: string | null): Promise<void> {
    await Promise.all([
      this._readHistory(Math.max(PAGE, this._history.length)),
      this.refresh(
        path !== null &&
          path === apiPath(this._place.folder, this._selected?.path ?? '')
      )
    ]);
  }

  private get _trans(): TranslationBundle {
    return this._parts.trans;
  }

  private async _readHistory(limit: number): Promise<void> {
    try {
      const log = await this._source.log(limit);
      this._history = log.entries;
      this._older = log.cut;
      this._say();
    } catch {
      // The pickers then offer the two states only; what went wrong is said in place of the files.
    }
  }

  /** Ask for the change of a notebook while the server still looks how it differs: both take a second where it is long. */
  private _ask(path: string): IAhead {
    const { before, after } = this._place;
    const stop = new AbortController();
    const asked = { path, old_path: null };
    const reply = this._source.notebook(before, after, asked, stop.signal);
    reply.catch(() => undefined); // Said where it is shown; it may turn out that it is not.
    return { path, reply, stop };
  }

  private async _show(
    scroll: number,
    ahead: IAhead | null = null
  ): Promise<void> {
    const change = this._selected;
    if (ahead && ahead.path !== change?.path) {
      ahead.stop.abort();
      ahead = null;
    }
    this._shown.abort();
    this._shown = ahead?.stop ?? new AbortController();
    const { signal } = this._shown;
    if (!change) {
      this._put(this._note());
      return;
    }
    const { before, after } = this._place;
    const end = this._waiting.begin();
    try {
      const [source, look] = [this._source, this._look];
      const titles = [before, after].map(
        name => shortName(name, this._history) || this._trans.__('now')
      ) as [string, string];
      const view = await viewOf(
        { source, change, before, after, titles, look, signal },
        this._parts,
        ahead?.reply
      );
      if (signal.aborted || this.isDisposed) {
        view.dispose();
        return;
      }
      this._put(view);
      this._body.node.scrollTop = scroll;
    } catch (reason) {
      if (!signal.aborted) {
        this._fail(reason);
      }
    } finally {
      end();
    }
  }

  private _put(view: IView): void {
    [...this._body.widgets].forEach(widget => widget.dispose());
    this._looks = view.looks ?? [];
    this._say();
    this._body.node.setAttribute('aria-label', this._selected?.path ?? '');
    this._body.addWidget(view);
  }

  private _fail(reason: unknown): void {
    const again = {
      label: this._trans.__('Try again'),
      run: () => void this.refresh(true)
    };
    this._put(new ProblemView(KitError.from(reason), [again]));
  }

  /** Nobody wants to wait any longer. */
  private _stop(): void {
    this._asked.abort();
    this._shown.abort();
    this._fail(new KitError('cancelled', this._trans.__('Stopped.')));
  }

  private _note(): Widget {
    const view = note(
      this._place.alone && this._place.path
        ? this._trans.__('%1 is the same in both.', this._place.path)
        : this._trans.__('Nothing differs between the two.')
    );
    view.addClass('jk-mod-empty');
    return view;
  }

  private _say(): void {
    this.title.label = titleOf(
      this._place,
      this._trans.__('now'),
      this._trans.__('All files'),
      this._history
    );
    this.title.caption = [this._place.folder, this._place.path]
      .filter(Boolean)
      .join('/');
    this._changed.emit();
  }

  private readonly _files: Files;
  private readonly _waiting: Waiting;
  private readonly _body = new Panel();
  private readonly _changed = new Signal<this, void>(this);
  private _place: IDiffPlace;
  private _look: ILook = { ...lastLook };
  private _changes: readonly IChange[] = [];
  private _total = 0;
  private _answer: string | undefined;
  private _selected: IChange | null = null;
  private _history: readonly ILogEntry[] = [];
  private _older = false;
  private _asked = new AbortController();
  private _shown = new AbortController();
  private _looks: readonly (keyof ILook)[] = [];
  private _owed = false;
}

/** Changes with those of others that are not among them. */
function joined(changes: readonly IChange[], others: IChange[]): IChange[] {
  const known = new Set(changes.map(each => each.path));
  return [...changes, ...others.filter(each => !known.has(each.path))];
}
