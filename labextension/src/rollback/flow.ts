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
import { IOpenDocument, isUnsaved, OpenDocuments } from './documents';
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
}

/** The workspaces in which this window rolls back now. */
const running = new Set<string>();

/** A rollback, from the plan to the offer to undo it. */
export class Flow {
  constructor(
    private readonly _app: JupyterFrontEnd,
    private readonly _model: IKitModel,
    private readonly _documents: IDocumentManager | null,
    private readonly _trans: TranslationBundle
  ) {}

  /** Plan, ask, carry out, and offer to undo. True where it was done. */
  run(request: IRequest): Promise<boolean> {
    const name = shortName(request.name, this._model.history);
    return this._run(request, {
      ask: true,
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
      this._fail(KitError.from(reason), null);
      return false;
    } finally {
      running.delete(folder);
    }
  }

  private async _carryOut(request: IRequest, way: IWay): Promise<boolean> {
    const trans = this._trans;
    const plan = await this._ask<IRollbackPlan>(request, { dry_run: true });
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
      Notification.info(
        trans.__(
          'Nothing to do: the files already are as in %1.',
          shortName(request.name, this._model.history)
        ),
        { autoClose: 5000 }
      );
      return false;
    }
    const decision: Decision =
      way.ask || unsaved.length
        ? await decide(
            {
              name: shortName(request.name, this._model.history),
              plan,
              unsaved,
              shared: touched.filter(each => each.context.model.collaborative)
            },
            trans
          )
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
    const before = await this._standing(request.folder);
    const toast = Notification.emit(trans.__('Rolling back…'), 'in-progress', {
      autoClose: false
    });
    const follow = (): void => this._follow(toast, request.folder);
    this._model.changed.connect(follow);
    let result: IRollbackResult | null = null;
    let failure: KitError | null = null;
    try {
      result = await this._model.run<IRollbackResult>('rollback', {
        ...request,
        yes: true,
        limit: STEPS_MAX
      } as never);
    } catch (reason) {
      failure = KitError.from(reason);
    } finally {
      this._model.changed.disconnect(follow);
      Notification.dismiss(toast);
    }
    // After an error half way some files are as in the snapshot already: the documents show what is on disk now, whatever it is.
    const steps = result ? known(result.plan) : known(plan);
    const touched = open.touched(steps, request.paths);
    const { closed, left } = await open.renew(
      touched,
      failure ? onlyWritten(steps) : steps,
      failure ? [] : given
    );
    const undo =
      result?.undo ??
      (failure && (await this._wayBack(request.folder, began, before)));
    if (undo) {
      const back: IRequest = { ...request, name: undo };
      const undoing: IWay = {
        ask: false,
        done: trans.__('Everything is as it was before.'),
        back: trans.__('Redo'),
        reopen: closed
      };
      if (failure) {
        this._fail(failure, () => void this._run(back, undoing));
      } else {
        this._succeed(way, left, () => void this._run(back, undoing));
      }
    } else if (failure) {
      this._fail(failure, null);
    } else {
      this._succeed(way, left, null);
    }
    open.open(way.reopen);
    return failure === null;
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

  private _fail(error: KitError, undo: (() => void) | null): void {
    if (error.kind === 'cancelled' && !undo) {
      Notification.info(this._trans.__('Cancelled. Nothing was changed.'), {
        autoClose: 5000
      });
      return;
    }
    Notification.error([error.message, error.hint].filter(Boolean).join(' '), {
      autoClose: false,
      actions: undo ? [{ label: this._trans.__('Undo'), callback: undo }] : []
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

  /** The snapshot whose files are on disk now, exactly; null where there is none. */
  private async _standing(folder: string): Promise<string | null> {
    const status = await requestAPI<IStatus>(
      'status',
      this._model.serverSettings,
      {},
      { folder }
    );
    return status.clean ? status.head : null;
  }

  /** What brings back the state before a rollback that failed: the snapshot taken for it, or the one that was there. */
  private async _wayBack(
    folder: string,
    began: number,
    before: string | null
  ): Promise<string | null> {
    try {
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
    } catch {
      return before;
    }
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
function onlyWritten(steps: IRollbackStep[] | null): IRollbackStep[] | null {
  return steps && steps.filter(step => step.action !== 'delete');
}
