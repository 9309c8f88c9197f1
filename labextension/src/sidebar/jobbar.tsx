import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon, ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import type { IJob } from '../replies';
import type { IKitModel } from '../tokens';
import { left, size } from '../words';

/** What runs now, how far it is, and the way to stop it. Takes no room while nothing runs. */
export class JobBar extends ReactWidget {
  constructor(
    private readonly _model: IKitModel,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jk-JobBar');
  }

  protected render(): JSX.Element {
    const { work } = this._model;
    return (
      <UseSignal signal={work.changed}>
        {() => {
          const { active } = work;
          return active ? (
            <JobView
              key={active.id}
              job={active}
              rate={work.rate(active)}
              waiting={
                work.all.filter(job => job.state === 'queued').length -
                (active.state === 'queued' ? 1 : 0)
              }
              cancel={() => this._model.cancel(active.id)}
              trans={this._trans}
            />
          ) : (
            <></>
          );
        }}
      </UseSignal>
    );
  }
}

/** What a verb is doing, as people say it. */
export function doing(verb: string, trans: TranslationBundle): string {
  const words: Record<string, string> = {
    snapshot: trans.__('Taking a snapshot'),
    rollback: trans.__('Rolling back'),
    check: trans.__('Checking the store'),
    prune: trans.__('Freeing space'),
    pack: trans.__('Packing a ModelKit'),
    unpack: trans.__('Unpacking a ModelKit'),
    push: trans.__('Pushing'),
    pull: trans.__('Pulling'),
    sync: trans.__('Syncing'),
    clone: trans.__('Cloning'),
    remove: trans.__('Removing')
  };
  return words[verb] ?? verb;
}

/** One job with its progress. */
export function JobView(props: {
  job: IJob;
  /** Units a second; 0 where that is not known. */
  rate: number;
  /** How many jobs wait behind it. */
  waiting: number;
  cancel: () => Promise<void>;
  trans: TranslationBundle;
}): JSX.Element {
  const { job, rate, waiting, trans } = props;
  const [stopping, setStopping] = useState(false);
  const known = job.total !== null && job.total > 0;
  const part = known ? Math.min(1, job.done / (job.total ?? 1)) : 0;
  const told = (amount: number): string =>
    job.unit === 'bytes' ? size(amount) : amount.toLocaleString();
  const facts: string[] = [];
  if (job.state === 'queued') {
    facts.push(trans.__('waiting'));
  } else if (known) {
    facts.push(
      trans.__('%1 of %2', told(job.done), told(job.total ?? 0)) +
        (job.unit === 'bytes' ? '' : ` ${job.unit}`)
    );
  } else if (job.done) {
    facts.push(told(job.done));
  }
  if (rate > 0 && job.unit === 'bytes') {
    facts.push(`${size(Math.round(rate))}/s`);
  }
  if (rate > 0 && known) {
    facts.push(trans.__('%1 left', left(((job.total ?? 0) - job.done) / rate)));
  }
  if (waiting > 0) {
    facts.push(trans._n('%1 more waits', '%1 more wait', waiting));
  }
  const title = doing(job.verb, trans);
  return (
    <div className="jk-Job" role="status" aria-label={title}>
      <div className="jk-Job-line">
        <span className="jk-Job-title">
          {stopping ? trans.__('Stopping…') : title}
        </span>
        <button
          type="button"
          className="jk-IconButton"
          disabled={stopping}
          title={trans.__('Cancel')}
          aria-label={trans.__('Cancel: %1', title)}
          onClick={event => {
            // The button goes with the job, and the focus with it.
            event.currentTarget
              .closest('.jk-Panel')
              ?.querySelector('textarea')
              ?.focus();
            setStopping(true);
            props.cancel().catch(() => setStopping(false));
          }}
        >
          <closeIcon.react tag="span" />
        </button>
      </div>
      <div
        className={`jk-Progress ${known ? '' : 'jk-mod-unknown'}`}
        role="progressbar"
        aria-label={job.phase || title}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={known ? Math.round(part * 100) : undefined}
      >
        <div
          className="jk-Progress-done"
          style={known ? { width: `${part * 100}%` } : undefined}
        />
      </div>
      <div className="jk-Job-line jk-Quiet" title={job.path ?? undefined}>
        <span className="jk-Job-phase">
          {[job.phase, job.path].filter(Boolean).join(': ')}
        </span>
      </div>
      <div className="jk-Job-line jk-Quiet">{facts.join(' · ')}</div>
    </div>
  );
}
