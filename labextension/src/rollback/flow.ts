import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { TranslationBundle } from '@jupyterlab/translation';

import { KitError, requestAPI } from '../api';
import { shortName } from '../diff/place';
import { hasEnded } from '../jobs';
import type { IJobsReply, ILog, IStatus } from '../replies';
import type { IKitModel } from '../tokens';
import { Decision, decide } from './dialog';
import {
  IAftermath,
  IOpenDocument,
  isUnsaved,
  OpenDocuments
} from './documents';
import type { IRollbackPlan, IRollbackResult, IRollbackStep } from './replies';

/** Steps of a plan that are read. Where there are more, every open document is looked at. */
const STEPS_MAX = 20_000;

/** How long the offer to undo stays before it goes to the notification centre, in milliseconds. */
const STAYS = 30_000;

/** What to roll back to what. */
export interface IRequest {
  folder: string;
  name: string;
  paths: string[];
}

/** How a rollback is told. */
interface IWay {
  /** Show the plan; otherwise only ask about what is not saved. */
  ask: boolean;
  /** What is said when it is done. */
  done: string;
  /** What the way back is called. */
  back: string;
  /** Documents that are opened when it is done. */
  reopen: string[];
  /** What brings back the state before, where an attempt that was cut off has changed it already. */
  origin?: string | null;
}

/** Something that can be done about what is told. */
type Offer = [label: string, run: () => void];

/** What cuts off the talk with the server, but not what was begun there. */
const CUT_OFF = ['no-connection', 'signed-out'];

/** The workspaces in which this window rolls back now. */
const running = new Set<string>();

/** Documents, by workspace, that could not be shown anew because the server was gone: they may show what was there before. */
const stale = new Map<string, readonly IOpenDocument[]>();

/** A rollback, from the plan to the offer to undo it. */
export class Flow {
  constructor(
    private readonly _app: JupyterFrontEnd,
    private readonly _model: IKitModel,
    private readonly _documents: IDocumentManager | null,
    private readonly _trans: TranslationBundle
  ) {}

  /**
   * Plan, ask, carry out, and offer to undo. True where it was done. Without `ask` people are asked only where text is not saved, or others
   * may be working on it: for all else the way back is kept.
   */
  run(request: IRequest, ask = true): Promise<boolean> {
    const name = shortName(request.name, this._model.history);
    return this._run(request, {
      ask,
      done:
        request.paths.length === 1
          ? this._trans.__('%1 is as it was in %2.', request.paths[0], name)
          : this._trans.__('Back at %1.', name),
      back: this._trans.__('Undo'),
      reopen: []
    });
  }

  private async _run(request: IRequest, way: IWay): Promise<boolean> {
    const { folder } = request;
    if (running.has(folder)) {
      this._busy();
      return false;
    }
    running.add(folder);
    try {
      if (await this._isBusy(folder)) {
        this._busy();
        return false;
      }
      return await this._carryOut(request, way);
    } catch (reason) {
      const error = KitError.from(reason);
      const again: Offer = [
        this._trans.__('Try again'),
        () => void this._run(request, way)
      ];
      this._fail(error, CUT_OFF.includes(error.kind) ? [again] : []);
      return false;
    } finally {
      running.delete(folder);
    }
  }

  private async _carryOut(request: IRequest, way: IWay): Promise<boolean> {
    const trans = this._trans;
    const plan = await this._ask<IRollbackPlan>(request, { dry_run: true });
    const place = await this._app.serviceManager.contents
      .get(request.folder, { content: false })
      .catch(() => null); // Whoever may not know this hears it from the rollback.
    if (place?.writable === false) {
      throw new KitError(
        'read-only',
        trans.__('This folder is read-only here.'),
        trans.__('Ask whoever runs this server.')
      );
    }
    const open = new OpenDocuments(this._app, this._documents, request.folder);
    const touched = open.touched(known(plan), request.paths);
    const unsaved = touched.filter(isUnsaved);
    const fixed = touched.filter(({ context }) => context.model.readOnly);
    if (fixed.length) {
      throw new KitError(
        'read-only',
        trans.__('%1 is read-only here.', fixed[0].path),
        trans.__('Close it, or ask whoever runs this server, then try again.')
      );
    }
    if (plan.steps.length === 0 && unsaved.length === 0) {
      const { head } = await this._status(request.folder);
      if (request.paths.length === 0 && head !== plan.snapshot) {
        return this._write(request, way, open, plan, []); // No file differs, but the history goes on from elsewhere.
      }
      await this._renew(open, request, plan, null, []);
      Notification.info(
        trans.__(
          'Nothing to do: the files already are as in %1.',
          shortName(request.name, this._model.history)
        ),
        { autoClose: 5000 }
      );
      return false;
    }
    const shared = touched.filter(each => each.context.model.collaborative);
    const name = shortName(request.name, this._model.history);
    const decision: Decision =
      way.ask || unsaved.length || shared.length
        ? await decide({ name, plan, unsaved, shared }, trans)
        : 'go';
    if (decision === null) {
      return false;
    }
    // What has become unsaved while the dialog was open counts as what was decided on.
    if (decision === 'save' && !(await open.save(touched))) {
      return false;
    }
    const given = decision === 'discard' ? touched.filter(isUnsaved) : [];
    return this._write(request, way, open, plan, given);
  }

  private async _write(
    request: IRequest,
    way: IWay,
    open: OpenDocuments,
    plan: IRollbackPlan,
    given: readonly IOpenDocument[]
  ): Promise<boolean> {
    const trans = this._trans;
    const began = Date.now();
    const { head, clean } = await this._status(request.folder);
    let result: IRollbackResult | null = null;
    let failure: KitError | null = null;
    try {
      result = await this._done(request);
    } catch (reason) {
      failure = KitError.from(reason);
    }
    const { closed, left } = await this._renew(
      open,
      request,
      result?.plan ?? plan,
      failure,
      given
    );
    /** What brings everything back. After a failure: the snapshot taken for it, or the one that stood there. */
    const origin = async (): Promise<string | null> =>
      way.origin ??
      result?.undo ??
      (failure &&
        (await this._safety(request.folder, began, clean ? head : null)));
    const undo = async (): Promise<void> => {
      try {
        const name = await origin();
        if (name === null) {
          Notification.info(trans.__('Nothing was changed.'));
        } else {
          const done = trans.__('Everything is as it was before.');
          const back = trans.__('Redo');
          const undoing = { ask: false, done, back, reopen: closed };
          await this._run({ ...request, name }, undoing);
        }
      } catch (reason) {
        this._fail(KitError.from(reason), offers);
      }
    };
    const finish = async (): Promise<void> => {
      try {
        await this._run(request, { ...way, origin: await origin() });
      } catch (reason) {
        this._fail(KitError.from(reason), offers);
      }
    };
    const offers: Offer[] = [
      [trans.__('Undo'), () => void undo()],
      [trans.__('Try again'), () => void finish()]
    ];
    open.open(way.reopen);
    if (!failure) {
      this._succeed(way, left, (await origin()) ? () => void undo() : null);
      return true;
    }
    if (CUT_OFF.includes(failure.kind)) {
      const hint = trans.__(
        'The rollback may have ended half way. Once the server is there again, finish it with “Try again”, or bring everything back with “Undo”.'
      );
      this._fail(new KitError(failure.kind, failure.message, hint), offers);
    } else {
      const isOpen = await origin().then(Boolean, () => true);
      this._fail(failure, isOpen ? offers : []);
    }
    return false;
  }

  /** Carry it out, telling how far it is. */
  private async _done(request: IRequest): Promise<IRollbackResult> {
    const toast = Notification.emit(
      this._trans.__('Rolling back…'),
      'in-progress',
      { autoClose: false }
    );
    const follow = (): void => this._follow(toast, request.folder);
    this._model.changed.connect(follow);
    try {
      return await this._model.run<IRollbackResult>('rollback', {
        ...request,
        yes: true,
        limit: STEPS_MAX
      });
    } finally {
      this._model.changed.disconnect(follow);
      Notification.dismiss(toast);
    }
  }

  /** Show in the documents what is on disk now, whatever that is: after an error half way, some files are as in the snapshot already. */
  private async _renew(
    open: OpenDocuments,
    request: IRequest,
    plan: IRollbackPlan,
    failure: KitError | null,
    given: readonly IOpenDocument[]
  ): Promise<IAftermath> {
    const { folder, paths } = request;
    const steps = known(plan);
    const touched = open.touched(steps, paths);
    const before = (stale.get(folder) ?? []).filter(
      old => !touched.some(each => each.context === old.context)
    );
    if (failure && CUT_OFF.includes(failure.kind)) {
      stale.set(folder, [...touched, ...before]);
      return { closed: [], left: [] };
    }
    stale.delete(folder);
    const gone = await open.gone(before);
    return open.renew(
      [...touched, ...before],
      steps && [...(failure ? onlyWritten(steps) : steps), ...gone],
      failure ? [] : given
    );
  }

  private _follow(toast: string, folder: string): void {
    const job = this._model.jobs.find(
      each =>
        each.verb === 'rollback' && each.folder === folder && !hasEnded(each)
    );
    if (job) {
      Notification.update({
        id: toast,
        message: job.phase || this._trans.__('Rolling back…'),
        type: 'in-progress',
        progress: job.total ? Math.min(1, job.done / job.total) : undefined
      });
    }
  }

  private _succeed(
    way: IWay,
    left: readonly string[],
    undo: (() => void) | null
  ): void {
    const trans = this._trans;
    const remark = left.length
      ? ` ${trans.__('%1 was edited meanwhile; its tab keeps that text.', left.join(', '))}`
      : '';
    Notification.success(way.done + remark, {
      autoClose: STAYS,
      actions: undo ? [{ label: way.back, callback: undo }] : []
    });
  }

  private _fail(error: KitError, offers: readonly Offer[]): void {
    if (error.kind === 'cancelled' && offers.length === 0) {
      Notification.info(this._trans.__('Cancelled. Nothing was changed.'), {
        autoClose: 5000
      });
      return;
    }
    Notification.error([error.message, error.hint].filter(Boolean).join(' '), {
      autoClose: false,
      actions: offers.map(([label, callback]) => ({ label, callback }))
    });
  }

  private _busy(): void {
    Notification.warning(
      this._trans.__(
        'A rollback of this folder is still running. Wait until it is done, then try again.'
      ),
      { autoClose: 8000 }
    );
  }

  /** Whether a rollback runs there already, started here or in another window. */
  private async _isBusy(folder: string): Promise<boolean> {
    const { jobs } = await requestAPI<IJobsReply>(
      'jobs',
      this._model.serverSettings,
      {},
      { folder }
    );
    return jobs.some(job => job.verb === 'rollback' && !hasEnded(job));
  }

  private _status(folder: string): Promise<IStatus> {
    const { serverSettings } = this._model;
    return requestAPI<IStatus>('status', serverSettings, {}, { folder });
  }

  /** The snapshot that was taken before a rollback which failed, or what `before` says where there is none; null where nothing was changed. */
  private async _safety(
    folder: string,
    began: number,
    before: string | null
  ): Promise<string | null> {
    const log = await requestAPI<ILog>(
      'log',
      this._model.serverSettings,
      {},
      { folder, limit: 1, kind: 'safety' }
    );
    const safety = log.entries[0]?.snapshot;
    const clock = 2000; // The server's clock may be a little behind.
    return safety && Date.parse(safety.created) >= began - clock
      ? safety.id
      : before;
  }

  private _ask<T>(request: IRequest, more: object): Promise<T> {
    return requestAPI<T>('rollback', this._model.serverSettings, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...request, limit: STEPS_MAX, ...more })
    });
  }
}

/** The steps of a plan, or null where not all were read. */
function known(plan: IRollbackPlan): IRollbackStep[] | null {
  return plan.steps.length < plan.written + plan.deleted ? null : plan.steps;
}

/** Deletions come last: after an error nothing says that they were done. */
function onlyWritten(steps: readonly IRollbackStep[]): IRollbackStep[] {
  return steps.filter(step => step.action !== 'delete');
}
