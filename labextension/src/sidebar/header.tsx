import type { TranslationBundle } from '@jupyterlab/translation';
import {
  historyIcon,
  offlineBoltIcon,
  ReactWidget,
  refreshIcon
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import React from 'react';

import { ENABLE } from '../api';
import { commandOf } from '../commands/names';
import type { IKitModel } from '../tokens';
import { VERSION } from '../version';
import { Notice } from './notice';
import { OnChange } from './section';
import { SnapshotBox } from './snapshotbox';

/** The head of the panel: which workspace this is, the snapshot box, and what stands in the way where something does. */
export class Header extends ReactWidget {
  constructor(
    private readonly _model: IKitModel,
    private readonly _trans: TranslationBundle,
    private readonly _commands: CommandRegistry
  ) {
    super();
    this.addClass('jk-Header');
  }

  protected render(): JSX.Element {
    return (
      <OnChange model={this._model}>
        {() => (
          <HeaderView
            model={this._model}
            trans={this._trans}
            run={async (verb, args = {}) =>
              (await this._commands.execute(commandOf(verb), args)) !== null
            }
          />
        )}
      </OnChange>
    );
  }
}

/** Whether the sections have something to show. */
export function hasWorkspace(model: IKitModel): boolean {
  return !!model.workspace?.folder || model.workspace?.folder === '';
}

/** The head as a component. */
export function HeaderView(props: {
  model: IKitModel;
  trans: TranslationBundle;
  /** Carry out a verb's command; resolves to whether it did what was asked. */
  run: (
    verb: string,
    args?: Record<string, string | string[]>
  ) => Promise<boolean>;
}): JSX.Element {
  const { model, trans, run } = props;
  const { workspace, error, status, work } = model;
  const retry = {
    label: trans.__('Try again'),
    run: () => void model.refresh(),
    busy: model.loading
  };
  if (error && model.failed === 'workspace') {
    const isMissing = error.kind === 'no-server-extension';
    return (
      <Notice
        fault
        icon={offlineBoltIcon}
        title={error.message}
        text={
          isMissing
            ? trans.__('Run this in a terminal, then restart Jupyter.')
            : error.hint
        }
        command={isMissing ? ENABLE : undefined}
        action={retry}
      />
    );
  }
  if (!workspace) {
    return <div className="jk-Waiting" aria-busy />;
  }
  if (workspace.folder === null) {
    const name = model.folder.split('/').pop();
    return (
      <Notice
        icon={historyIcon}
        title={
          name
            ? trans.__('No versions of “%1” are kept yet', name)
            : trans.__('No versions of this folder are kept yet')
        }
        text={trans.__(
          'Snapshots keep notebooks, data and models together, so that you can see what changed and go back.'
        )}
        action={{
          label: trans.__('Keep versions of this folder'),
          run: () => void run('init'),
          busy: model.loading
        }}
        other={{
          label: trans.__('Clone a history…'),
          run: () => void run('clone')
        }}
      />
    );
  }
  return (
    <>
      <div className="jk-Header-line">
        <span
          className="jk-Header-name"
          title={workspace.folder || trans.__('The root of this server')}
        >
          {workspace.name}
        </span>
        <span className="jk-Quiet jk-Header-count">
          {status && trans._n('%1 snapshot', '%1 snapshots', status.snapshots)}
        </span>
        <button
          type="button"
          className={`jk-IconButton ${model.loading ? 'jk-mod-busy' : ''}`}
          title={trans.__('Refresh')}
          aria-label={trans.__('Refresh')}
          onClick={() => void model.refresh()}
        >
          <refreshIcon.react tag="span" />
        </button>
      </div>
      {workspace.version !== VERSION && (
        <Fault
          text={trans.__(
            'This page is of version %1 and the server of %2: reload the page, or where that does not help, run this and restart Jupyter.',
            VERSION,
            workspace.version
          )}
          command={`pip install --force-reinstall jupyter-kit==${workspace.version}`}
        />
      )}
      {error && (
        <Fault
          text={[error.message, error.hint].filter(Boolean).join(' ')}
          action={retry}
        />
      )}
      <SnapshotBox
        busy={work.active?.verb === 'snapshot'}
        metrics={status?.pending_metrics ?? {}}
        take={(message, tags) => run('snapshot', { message, tags })}
        trans={trans}
      />
    </>
  );
}

function Fault(props: {
  text: string;
  command?: string;
  action?: { label: string; run: () => void; busy?: boolean };
}): JSX.Element {
  const { text, command, action } = props;
  return (
    <div className="jk-Fault" role="alert">
      <span>{text}</span>
      {command && <code className="jk-Notice-command">{command}</code>}
      {action && (
        <button
          type="button"
          className="jp-mod-styled jp-mod-reject jk-Button"
          disabled={action.busy}
          onClick={action.run}
        >
          {action.label}
        </button>
      )}
    </div>
  );
}
