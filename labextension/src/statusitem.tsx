import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import { ISignal, Signal } from '@lumino/signaling';
import React from 'react';

import { kitIcon } from './icons';
import { changeCount } from './replies';
import { doing } from './sidebar/jobbar';
import type { IKitModel } from './tokens';

/** What the status bar says: how many files have changed, or what is being done. A click shows the panel. */
export class StatusItem extends ReactWidget {
  constructor(
    private readonly _model: IKitModel,
    private readonly _trans: TranslationBundle,
    private readonly _show: () => void
  ) {
    super();
    this.addClass('jk-StatusItem');
    this.addClass('jp-mod-highlighted');
    _model.changed.connect(this._tell, this);
  }

  /** There is a workspace to tell of. */
  get isNeeded(): boolean {
    return typeof this._model.workspace?.folder === 'string';
  }

  get needed(): ISignal<this, void> {
    return this._needed;
  }

  private _tell(): void {
    this._needed.emit();
  }

  protected override onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._wanted ??= this._model.want('status');
  }

  protected override onBeforeDetach(msg: Message): void {
    this._wanted?.dispose();
    this._wanted = null;
    super.onBeforeDetach(msg);
  }

  protected render(): JSX.Element {
    return (
      <UseSignal signal={this._model.changed}>
        {() => {
          const words = statusWords(this._model, this._trans);
          return (
            <button
              type="button"
              className="jk-StatusItem-button"
              title={this._trans.__('Jupyter Kit: %1', words)}
              onClick={this._show}
            >
              <kitIcon.react tag="span" className="jk-StatusItem-icon" />
              <span>{words}</span>
            </button>
          );
        }}
      </UseSignal>
    );
  }

  private _wanted: IDisposable | null = null;
  private readonly _needed = new Signal<this, void>(this);
}

/** The state of a workspace in a few words. */
export function statusWords(
  model: IKitModel,
  trans: TranslationBundle
): string {
  const { status, work } = model;
  const job = work.active;
  if (job) {
    const share = job.total
      ? ` ${Math.floor((job.done / job.total) * 100)}%`
      : '…';
    return doing(job.verb, trans) + share;
  }
  if (!status) {
    return model.error ? trans.__('not available') : '…';
  }
  return status.clean
    ? trans.__('all kept')
    : trans.__('%1 changed', changeCount(status).toLocaleString());
}
