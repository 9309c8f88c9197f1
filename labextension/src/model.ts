import type { ServerConnection } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { KitError, Options, requestAPI } from './api';
import type {
  IJob,
  ILog,
  ILogEntry,
  IStatus,
  IWorkspaceEvent,
  IWorkspaceReply
} from './replies';
import type { IKitModel, Part } from './tokens';

/** How many snapshots one page of the history holds. */
const PAGE = 100;

/** How long a job may stay silent before it is asked about, in milliseconds: events get lost when a connection breaks. */
const SILENCE = 5000;

/** How many ended jobs are remembered. */
const ENDED_JOBS = 20;

const JOB_SCHEMA = 'https://schema.jupyter-kit.dev/job/v1';
const WORKSPACE_SCHEMA = 'https://schema.jupyter-kit.dev/workspace/v1';

/** One event of Jupyter's event bus, as far as it matters here. */
export interface IBusEvent {
  schema_id?: unknown;
  [key: string]: unknown;
}

/** Jupyter's event bus: `serviceManager.events.stream`. */
export interface IBus {
  connect(slot: (sender: unknown, event: IBusEvent) => void): boolean;
  disconnect(slot: (sender: unknown, event: IBusEvent) => void): boolean;
}

/** Whether a job has come to its end. */
export function hasEnded(job: IJob): boolean {
  return job.state !== 'queued' && job.state !== 'running';
}

/** The model of one workspace: asks the server, listens to its events, and keeps what it was told. */
export class KitModel implements IKitModel, IDisposable {
  constructor(
    readonly serverSettings: ServerConnection.ISettings,
    private readonly _bus: IBus
  ) {
    _bus.connect(this._onEvent);
  }

  get folder(): string {
    return this._folder;
  }

  get workspace(): IWorkspaceReply | null {
    return this._workspace;
  }

  get error(): KitError | null {
    return this._error;
  }

  get status(): IStatus | null {
    return this._status;
  }

  get history(): readonly ILogEntry[] {
    return this._history;
  }

  get more(): boolean {
    return this._more;
  }

  get jobs(): readonly IJob[] {
    return this._jobs;
  }

  get loading(): boolean {
    return this._loading > 0;
  }

  get changed(): ISignal<this, Part> {
    return this._changed;
  }

  get happened(): ISignal<this, IWorkspaceEvent> {
    return this._happened;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    if (!this._disposed) {
      this._disposed = true;
      this._bus.disconnect(this._onEvent);
      Signal.clearData(this);
    }
  }

  async setFolder(folder: string): Promise<void> {
    if (folder !== this._folder || !this._workspace) {
      this._folder = folder;
      await this.refresh();
    }
  }

  async refresh(): Promise<void> {
    const turn = ++this._turn;
    this._loading++;
    this._changed.emit('workspace');
    try {
      const workspace = await this._get<IWorkspaceReply>('workspace', {
        folder: this._folder
      });
      if (turn !== this._turn) {
        return;
      }
      if (workspace.folder !== this._workspace?.folder) {
        this._status = null;
        this._history = [];
        this._more = false;
        this._jobs = [];
      }
      this._workspace = workspace;
      this._error = null;
      if (workspace.folder !== null) {
        await Promise.all([
          this._readStatus(turn),
          this._readHistory(turn),
          this._readJobs(turn)
        ]);
      }
    } catch (reason) {
      if (turn === this._turn) {
        this._error = KitError.from(reason);
      }
    } finally {
      this._loading--;
      this._changed.emit('workspace');
    }
  }

  async loadMore(): Promise<void> {
    if (!this._more || this._loading) {
      return;
    }
    this._loading++;
    try {
      await this._readHistory(this._turn, this._history.length + PAGE);
    } finally {
      this._loading--;
      this._changed.emit('history');
    }
  }

  look<T>(verb: string, options: Options = {}): Promise<T> {
    return this._get<T>(verb, { folder: this._place, ...options });
  }

  async run<T>(verb: string, options: Options = {}): Promise<T> {
    const reply = await requestAPI<T | { job: IJob }>(
      verb,
      this.serverSettings,
      {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ folder: this._place, ...options })
      }
    );
    if (!isJobReply(reply)) {
      await this.refresh();
      return reply as T;
    }
    this._hear(reply.job);
    return this._ended<T>(reply.job);
  }

  async cancel(job: string): Promise<void> {
    this._hear(
      await requestAPI<IJob>(`jobs/${job}`, this.serverSettings, {
        method: 'DELETE'
      })
    );
  }

  /** The folder that verbs are about. */
  private get _place(): string {
    return this._workspace?.folder ?? this._folder;
  }

  private _get<T>(route: string, query: Options): Promise<T> {
    return requestAPI<T>(route, this.serverSettings, {}, query);
  }

  private async _readStatus(turn: number): Promise<void> {
    const status = await this.look<IStatus>('status');
    if (turn === this._turn) {
      this._status = status;
      this._changed.emit('status');
    }
  }

  private async _readHistory(turn: number, limit?: number): Promise<void> {
    const log = await this.look<ILog>('log', {
      limit: limit ?? Math.max(PAGE, this._history.length)
    });
    if (turn === this._turn) {
      this._history = log.entries;
      this._more = log.cut;
      this._changed.emit('history');
    }
  }

  private async _readJobs(turn: number): Promise<void> {
    const { jobs } = await this.look<{ jobs: IJob[] }>('jobs');
    if (turn === this._turn) {
      this._jobs = jobs;
      this._changed.emit('jobs');
    }
  }

  /** Wait for the end of a job, and give its result. */
  private async _ended<T>(job: IJob): Promise<T> {
    while (!hasEnded(job)) {
      await this._heard();
      job = this._jobs.find(each => each.id === job.id) ?? job;
      if (hasEnded(job) || Date.now() - this._heardAt >= SILENCE) {
        job = await this._get<IJob>(`jobs/${job.id}`, {});
        this._hear(job);
      }
    }
    if (job.error) {
      const { kind, message, hint, path } = job.error;
      throw new KitError(kind, message, hint, path);
    }
    if (job.state === 'cancelled') {
      throw new KitError('cancelled', job.message);
    }
    return job.result as T;
  }

  /** Resolves when something was heard of any job, or after a silence. */
  private _heard(): Promise<void> {
    return new Promise(resolve => {
      const done = (): void => {
        clearTimeout(timer);
        this._changed.disconnect(heard);
        resolve();
      };
      const heard = (_: unknown, part: Part): void => {
        if (part === 'jobs') {
          done();
        }
      };
      const timer = setTimeout(done, SILENCE);
      this._changed.connect(heard);
    });
  }

  private _hear(job: IJob): void {
    this._heardAt = Date.now();
    const known = this._jobs.find(each => each.id === job.id);
    this._jobs = known
      ? this._jobs.map(each =>
          each === known ? { ...job, result: job.result ?? known.result } : each
        )
      : [job, ...this._jobs].slice(0, ENDED_JOBS);
    this._changed.emit('jobs');
  }

  private readonly _onEvent = (_: unknown, event: IBusEvent): void => {
    if (event.schema_id === JOB_SCHEMA) {
      const job = event as unknown as IJob;
      if (job.folder === this._place) {
        this._hear(job);
      }
    } else if (event.schema_id === WORKSPACE_SCHEMA) {
      const happening = event as unknown as IWorkspaceEvent;
      if (happening.folder === this._place) {
        this._happened.emit(happening);
        void this.refresh();
      }
    }
  };

  private _folder = '';
  private _workspace: IWorkspaceReply | null = null;
  private _error: KitError | null = null;
  private _status: IStatus | null = null;
  private _history: readonly ILogEntry[] = [];
  private _more = false;
  private _jobs: readonly IJob[] = [];
  private _loading = 0;
  /** Counts the readings: an answer that comes after a newer question is dropped. */
  private _turn = 0;
  private _heardAt = 0;
  private _disposed = false;
  private readonly _changed = new Signal<this, Part>(this);
  private readonly _happened = new Signal<this, IWorkspaceEvent>(this);
}

function isJobReply(reply: unknown): reply is { job: IJob } {
  return typeof reply === 'object' && reply !== null && 'job' in reply;
}
