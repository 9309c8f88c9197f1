import { ISignal, Signal } from '@lumino/signaling';

import type { ILogEntry } from '../replies';

/** The snapshots that a person points at in the history: the current one, and up to two picked for comparing. */
export class Selection {
  /** What commands take that were given no snapshot. */
  get current(): ILogEntry | null {
    return this._current;
  }

  set current(entry: ILogEntry | null) {
    if (entry?.snapshot.id !== this._current?.snapshot.id) {
      this._current = entry;
      this._changed.emit();
    }
  }

  /** Picked for comparing, in the order of picking; two at most. */
  get picked(): readonly ILogEntry[] {
    return this._picked;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  isPicked(id: string): boolean {
    return this._picked.some(each => each.snapshot.id === id);
  }

  /** Pick a snapshot, or let it go; a third takes the place of the one picked last. */
  toggle(entry: ILogEntry): void {
    const others = this._picked.filter(
      each => each.snapshot.id !== entry.snapshot.id
    );
    this._picked =
      others.length < this._picked.length
        ? others
        : [...others.slice(0, 1), entry];
    this._changed.emit();
  }

  /** Pick none. */
  clear(): void {
    this._picked = [];
    this._changed.emit();
  }

  /** The two picked ones, the older first; null until there are two. */
  pair(): [ILogEntry, ILogEntry] | null {
    const [a, b] = this._picked;
    if (!a || !b) {
      return null;
    }
    return a.snapshot.created <= b.snapshot.created ? [a, b] : [b, a];
  }

  private _current: ILogEntry | null = null;
  private _picked: readonly ILogEntry[] = [];
  private readonly _changed = new Signal<this, void>(this);
}
