import type { ServerConnection } from '@jupyterlab/services';
import { ISignal, Signal } from '@lumino/signaling';

import { KitError, requestAPI } from './api';
import type { IJob } from './replies';

/** How long a job may stay silent before it is asked about, in milliseconds: events get lost when a connection breaks. */
const SILENCE = 3000;

/** How many jobs are remembered. */
const REMEMBERED = 20;

/** How much the newest speed counts against those before, from 0 to 1: enough to follow, little enough to be readable. */
const SMOOTHING = 0.3;

/** How fast a job goes, measured here from what it tells. */
interface IPace {
  phase: string;
  done: number;
  /** When that was told, in milliseconds. */
  at: number;
  /** Units a second; 0 until it is known. */
  rate: number;
}

/** Whether a job has come to its end. */
export function hasEnded(job: IJob): boolean {
  return job.state !== 'queued' && job.state !== 'running';
}

/** The jobs of one workspace, as the server tells of them. */
export class Jobs {
  constructor(private readonly _settings: ServerConnection.ISettings) {}

  /** Running, queued and lately ended jobs, newest first. */
  get all(): readonly IJob[] {
    return this._all;
  }

  /** The job that runs, or else the next one to run. */
  get active(): IJob | null {
    const waiting = this._all.filter(job => !hasEnded(job));
    return (
      waiting.find(job => job.state === 'running') ??
      waiting[waiting.length - 1] ??
      null
    );
  }

  /** Emits when one of them has moved. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** How fast a job goes, in its units a second; 0 where that is not known. */
  rate(job: IJob): number {
    return this._paces.get(job.id)?.rate ?? 0;
  }

  /** These are the jobs now. */
  replace(jobs: readonly IJob[]): void {
    this._all = jobs;
    this._changed.emit();
  }

  /** Take in what was told of one job. */
  hear(job: IJob): void {
    this._measure(job);
    const known = this._all.find(each => each.id === job.id);
    if (known && hasEnded(known) && !hasEnded(job)) {
      return; // It was told before the end, and came after it.
    }
    this._all = known
      ? this._all.map(each =>
          each === known ? { ...job, result: job.result ?? known.result } : each
        )
      : [job, ...this._all].slice(0, REMEMBERED);
    if (hasEnded(job)) {
      this._paces.delete(job.id);
    }
    this._changed.emit();
  }

  /** Ask a job to stop. */
  async cancel(id: string): Promise<void> {
    this.hear(
      await requestAPI<IJob>(`jobs/${id}`, this._settings, { method: 'DELETE' })
    );
  }

  /** Wait for a job's end, and give its result. Throws KitError where it failed or was cancelled. */
  async result<T>(job: IJob): Promise<T> {
    while (!hasEnded(job)) {
      const heard = await this._heard(job.id);
      if (heard && !hasEnded(heard)) {
        job = heard;
      } else {
        // Events carry no result, and where none came the server is asked.
        job = await requestAPI<IJob>(`jobs/${job.id}`, this._settings);
        this.hear(job);
      }
    }
    if (job.error) {
      const { kind, message, hint, path } = job.error;
      throw new KitError(kind, message, hint, path);
    }
    if (job.state !== 'done') {
      throw new KitError('cancelled', job.message || `${job.verb}: cancelled.`);
    }
    return job.result as T;
  }

  /** What is heard next of a job, or null after a silence. */
  private _heard(id: string): Promise<IJob | null> {
    const before = this._all.find(job => job.id === id);
    return new Promise(resolve => {
      const done = (job: IJob | null): void => {
        clearTimeout(timer);
        this._changed.disconnect(listen);
        resolve(job);
      };
      const listen = (): void => {
        const job = this._all.find(each => each.id === id);
        if (job && job !== before) {
          done(job);
        }
      };
      const timer = setTimeout(() => done(null), SILENCE);
      this._changed.connect(listen);
    });
  }

  private _measure(job: IJob): void {
    const at = Date.now();
    const last = this._paces.get(job.id);
    if (!last || last.phase !== job.phase || job.done < last.done) {
      const { phase, done } = job;
      this._paces.set(job.id, { phase, done, at, rate: 0 });
    } else if (at > last.at) {
      const now = ((job.done - last.done) * 1000) / (at - last.at);
      const rate = last.rate ? last.rate + SMOOTHING * (now - last.rate) : now;
      this._paces.set(job.id, { ...last, done: job.done, at, rate });
    }
  }

  private _all: readonly IJob[] = [];
  private readonly _paces = new Map<string, IPace>();
  private readonly _changed = new Signal<this, void>(this);
}
