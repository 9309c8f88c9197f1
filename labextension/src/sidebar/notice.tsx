import type { LabIcon } from '@jupyterlab/ui-components';
import React from 'react';

/** What an empty place says: what is so, what to do, and a button that does it. */
export interface INotice {
  icon?: LabIcon;
  title: string;
  text?: string;
  /** A command line to run. */
  command?: string;
  action?: { label: string; run: () => void; busy?: boolean };
  /** What else can be done. */
  other?: { label: string; run: () => void };
  /** It tells of a fault. */
  fault?: boolean;
}

/** A place with nothing to show, and the way on. */
export function Notice(props: INotice): JSX.Element {
  const { icon, title, text, command, action, other, fault } = props;
  return (
    <div
      className="jk-Notice"
      role={fault ? 'alert' : 'note'}
      tabIndex={action ? undefined : 0} // Where there is little room it scrolls, and a key has to reach it.
    >
      {icon && <icon.react tag="span" className="jk-Notice-icon" />}
      <h3 className="jk-Notice-title">{title}</h3>
      {text && <p className="jk-Notice-text">{text}</p>}
      {command && <code className="jk-Notice-command">{command}</code>}
      {action && (
        <button
          type="button"
          className="jp-mod-styled jp-mod-accept jk-Button"
          disabled={action.busy}
          onClick={action.run}
        >
          {action.label}
        </button>
      )}
      {other && (
        <button type="button" className="jk-TextButton" onClick={other.run}>
          {other.label}
        </button>
      )}
    </div>
  );
}
