import type { TranslationBundle } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';

/** How long something may take before a moving line says so, and before it can be stopped, in milliseconds. */
const PATIENCE = 250;
const STOPPABLE = 1000;

/** Shows on a document that something takes its time: a moving line first, and what it is with a way to stop it when it takes longer. */
export class Waiting {
  constructor(
    private readonly _host: Widget,
    private readonly _text: string,
    private readonly _stop: () => void,
    private readonly _trans: TranslationBundle
  ) {}

  /** Something begins. Gives what ends it. */
  begin(): () => void {
    if (this._running++ === 0) {
      this._timers = [
        setTimeout(() => this._host.addClass('jk-mod-waiting'), PATIENCE),
        setTimeout(() => this._host.node.append(this._bar()), STOPPABLE)
      ];
    }
    let ended = false;
    return () => {
      if (!ended && --this._running === 0) {
        this._timers.forEach(clearTimeout);
        this._host.removeClass('jk-mod-waiting');
        this._shown?.remove();
      }
      ended = true;
    };
  }

  private _bar(): HTMLElement {
    const bar = document.createElement('div');
    bar.className = 'jk-Patience';
    bar.setAttribute('role', 'status');
    const button = document.createElement('button');
    button.className = 'jk-Button';
    button.textContent = this._trans.__('Cancel');
    button.onclick = () => this._stop();
    bar.append(this._text, button);
    this._shown = bar;
    return bar;
  }

  private _running = 0;
  private _timers: ReturnType<typeof setTimeout>[] = [];
  private _shown: HTMLElement | null = null;
}
