import type { ServerConnection } from '@jupyterlab/services';
import { DisposableDelegate, IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

import { KitError, Options, requestAPI } from './api';
import { Jobs } from './jobs';
import type {
  IJob,
  IJobsReply,
  ILog,
  ILogEntry,
  ILooking,
  IStatus,
  IWorkspaceEvent,
  IWorkspaceReply
} from './replies';
import type { IHistoryFilter, IKitModel, Part } from './tokens';

/** How many snapshots the first page of the history holds. Each further one doubles it, up to a limit: the more there is, the rarer it grows. */
const PAGE = 100;
const PAGE_MAX = 1000;

/** How many snapshots are read again at most when something happened; older ones are read when they are scrolled to. */
const AGAIN = 300;

/** How long after a file was saved the status is read, in milliseconds: several are often saved together. */
const SETTLE = 250;

/** How long after a server did not answer it is asked again, in milliseconds. */
const RETRY = 2000;

const JOB_SCHEMA = 'https://schema.jupyter-kit.dev/job/v1';
const LOOKING_SCHEMA = 'https://schema.jupyter-kit.dev/looking/v1';
const WORKSPACE_SCHEMA = 'https://schema.jupyter-kit.dev/workspace/v1';

const PARTS: Part[] = ['workspace', 'status', 'history', 'jobs'];

const NO_FILTER: IHistoryFilter = { kind: null, path: null, find: null };

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

/** The model of one workspace: asks the server, listens to its events, and keeps what it was told. */
export class KitModel implements IKitModel, IDisposable {
  constructor(
    readonly serverSettings: ServerConnection.ISettings,
    private readonly _bus: IBus
  ) {
    this.work = new Jobs(serverSettings);
    this.work.changed.connect(() => this._changed.emit('jobs'));
    _bus.connect(this._onEvent);
    document.addEventListener('visibilitychange', this._onVisible);
  }

  readonly work: Jobs;

  get folder(): string {
    return this._folder;
  }

  get workspace(): IWorkspaceReply | null {
    return this._workspace;
  }

  get error(): KitError | null {
    return this._error;
  }

  get failed(): Part | null {
    return this._failed;
  }

  get status(): IStatus | null {
    return this._status;
  }

  get looking(): ILooking | null {
    return this._looking;
  }

  get history(): readonly ILogEntry[] {
    return this._history;
  }

  get more(): boolean {
    return this._more;
  }

  get older(): ILogEntry | null {
    return this._older;
  }

  get filter(): IHistoryFilter {
    return this._filter;
  }

  get jobs(): readonly IJob[] {
    return this.work.all;
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
      clearTimeout(this._timer);
      document.removeEventListener('visibilitychange', this._onVisible);
      this._bus.disconnect(this._onEvent);
      Signal.clearData(this);
    }
  }

  async setFolder(folder: string): Promise<void> {
    if (folder !== this._folder || !this._workspace) {
      this._folder = folder;
      this._staleAll();
      await this._catchUp();
    }
  }

  want(part: 'status' | 'history'): IDisposable {
    this._wanted[part]++;
    void this._catchUp();
    return new DisposableDelegate(() => {
      this._wanted[part]--;
    });
  }

  touch(): void {
    this._stale.add('status');
    clearTimeout(this._timer);
    this._timer = setTimeout(() => void this._catchUp(), SETTLE);
  }

  async refresh(): Promise<void> {
    this._staleAll();
    await this._catchUp();
  }

  async loadMore(): Promise<void> {
    const last = this._history[this._history.length - 1];
    if (!this._more || this._loading || !last) {
      return;
    }
    await this._reading('history', async turn => {
      const known = this._history.length;
      const limit = Math.min(Math.max(PAGE, known), PAGE_MAX);
      const log = await this._log({ limit, before: last.snapshot.id });
      if (turn === this._turns.history) {
        this._history = [...this._history, ...log.entries];
        this._more = log.cut;
        this._older = log.before;
      }
    });
  }

  async setFilter(filter: Partial<IHistoryFilter>): Promise<void> {
    this._filter = { ...this._filter, ...filter };
    this._history = [];
    this._more = false;
    this._stale.add('history');
    this._changed.emit('history');
    await this._catchUp();
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
      void this.refresh();
      return reply as T;
    }
    this.work.hear(reply.job);
    try {
      return await this.work.result<T>(reply.job);
    } finally {
      void this.refresh();
    }
  }

  cancel(job: string): Promise<void> {
    return this.work.cancel(job);
  }

  /** The folder that verbs are about. */
  private get _place(): string {
    return this._workspace?.folder ?? this._folder;
  }

  private _get<T>(route: string, query: Options): Promise<T> {
    return requestAPI<T>(route, this.serverSettings, {}, query);
  }

  private _log(options: Options): Promise<ILog> {
    return this.look<ILog>('log', { ...options, ...this._filter });
  }

  private _staleAll(): void {
    for (const part of PARTS) {
      this._turns[part]++;
      this._stale.add(part);
    }
  }

  /** Read what is stale and wanted, unless nobody can see it. */
  private async _catchUp(): Promise<void> {
    const wanted = this._wanted.status + this._wanted.history > 0;
    if (!wanted || document.visibilityState === 'hidden' || this._disposed) {
      return;
    }
    if (this._stale.delete('workspace')) {
      await this._reading('workspace', turn => this._readWorkspace(turn));
    }
    if (!this._workspace || this._workspace.folder === null) {
      return;
    }
    const readings: Promise<void>[] = [];
    if (this._stale.delete('jobs')) {
      readings.push(this._reading('jobs', turn => this._readJobs(turn)));
    }
    if (this._wanted.status && this._stale.has('status')) {
      readings.push(this._startStatus());
    }
    if (this._wanted.history && this._stale.delete('history')) {
      readings.push(this._reading('history', turn => this._readHistory(turn)));
    }
    await Promise.all(readings);
  }

  /** Read the status, after the one that is being read: with 100,000 files that takes seconds, and saves would pile up. */
  private _startStatus(): Promise<void> {
    const running = this._statusRead;
    if (running?.turn === this._turns.status) {
      return running.done.then(() => this._catchUp());
    }
    this._stale.delete('status');
    const done = this._reading('status', turn => this._readStatus(turn));
    const mine = {
      turn: this._turns.status,
      done: done.finally(() => {
        if (this._statusRead === mine) {
          this._statusRead = null;
          this._looking = null;
        }
      })
    };
    this._statusRead = mine;
    return mine.done;
  }

  /** Read one part; where that fails, say so, and read it again next time. */
  private async _reading(
    part: Part,
    read: (turn: number) => Promise<void>
  ): Promise<void> {
    const turn = ++this._turns[part];
    this._loading++;
    this._changed.emit(part);
    try {
      await read(turn);
      if (turn === this._turns[part] && part === this._failed) {
        this._error = this._failed = null;
      }
    } catch (reason) {
      if (turn === this._turns[part]) {
        this._error = KitError.from(reason);
        this._failed = part;
        this._stale.add(part);
        if (this._error.kind === 'no-connection') {
          // A server that is started again tells nobody.
          clearTimeout(this._timer);
          this._timer = setTimeout(() => void this._catchUp(), RETRY);
        }
      }
    } finally {
      this._loading--;
      this._changed.emit(part);
    }
  }

  private async _readWorkspace(turn: number): Promise<void> {
    const workspace = await this._get<IWorkspaceReply>('workspace', {
      folder: this._folder
    });
    if (turn !== this._turns.workspace) {
      return;
    }
    if (!this._workspace || workspace.folder !== this._workspace.folder) {
      this._status = null;
      this._history = [];
      this._more = false;
      this._older = null;
      this._filter = NO_FILTER;
      this.work.replace([]);
    }
    this._workspace = workspace;
    this._error = this._failed = null;
  }

  private async _readStatus(turn: number): Promise<void> {
    const status = await this.look<IStatus>('status', { grouped: true });
    if (turn === this._turns.status) {
      this._status = status;
      this._looking = null;
    }
  }

  private async _readHistory(turn: number): Promise<void> {
    const filter = this._filter;
    const known = Math.min(this._history.length, AGAIN);
    const log = await this._log({ limit: Math.max(PAGE, known) });
    if (turn === this._turns.history && filter === this._filter) {
      this._history = log.entries;
      this._more = log.cut;
      this._older = log.before;
    }
  }

  private async _readJobs(turn: number): Promise<void> {
    const { jobs } = await this.look<IJobsReply>('jobs');
    if (turn === this._turns.jobs) {
      this.work.replace(jobs);
    }
  }

  private readonly _onEvent = (_: unknown, event: IBusEvent): void => {
    if (event.schema_id === JOB_SCHEMA) {
      const job = event as unknown as IJob;
      if (job.folder === this._place) {
        this.work.hear(job);
      }
    } else if (event.schema_id === LOOKING_SCHEMA) {
      const looking = event as unknown as ILooking;
      if (looking.folder === this._place && looking.verb === 'status') {
        this._hearLooking(looking);
      }
    } else if (event.schema_id === WORKSPACE_SCHEMA) {
      const happening = event as unknown as IWorkspaceEvent;
      if (happening.folder === this._place) {
        this._happened.emit(happening);
        this._stale.add('workspace').add('history');
        this.touch();
      }
    }
  };

  /** Another window's look is not waited for here. */
  private _hearLooking(looking: ILooking): void {
    if (this._statusRead) {
      this._looking = looking;
      this._changed.emit('status');
    }
  }

  private readonly _onVisible = (): void => {
    if (document.visibilityState !== 'hidden') {
      this.touch();
    }
  };

  private _folder = '';
  private _workspace: IWorkspaceReply | null = null;
  private _error: KitError | null = null;
  private _failed: Part | null = null;
  private _status: IStatus | null = null;
  private _statusRead: { turn: number; done: Promise<void> } | null = null;
  private _looking: ILooking | null = null;
  private _history: readonly ILogEntry[] = [];
  private _more = false;
  private _older: ILogEntry | null = null;
  private _filter = NO_FILTER;
  private _loading = 0;
  /** Counts the questions about each part: an answer that comes after a newer question is dropped. */
  private readonly _turns = { workspace: 0, status: 0, history: 0, jobs: 0 };
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _disposed = false;
  private readonly _stale = new Set(PARTS);
  private readonly _wanted = { status: 0, history: 0 };
  private readonly _changed = new Signal<this, Part>(this);
  private readonly _happened = new Signal<this, IWorkspaceEvent>(this);
}

function isJobReply(reply: unknown): reply is { job: IJob } {
  return (
    typeof reply === 'object' &&
    reply !== null &&
    'job' in reply &&
    Object.keys(reply).length === 1
  );
}
