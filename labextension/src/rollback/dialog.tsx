import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import { size } from '../words';
import type { IOpenDocument } from './documents';
import type { IRollbackPlan, IRollbackStep } from './replies';

/** Steps that are listed; the counts say all. */
const LISTED_MAX = 500;

/** What is done about text that is not saved. */
export type Decision = 'save' | 'discard' | 'go' | null;

/** What somebody is asked. */
export interface IQuestion {
  /** What the snapshot is called. */
  name: string;
  plan: IRollbackPlan;
  /** Open documents with text that is not saved. */
  unsaved: readonly IOpenDocument[];
  /** Those that others may be working on. */
  shared: readonly IOpenDocument[];
}

/** Show what a rollback would do, and ask; null where it is not wanted. */
export async function decide(
  question: IQuestion,
  trans: TranslationBundle
): Promise<Decision> {
  const { unsaved, plan, name } = question;
  const what =
    plan.paths.length === 1
      ? trans.__('Restore %1 from %2?', plan.paths[0], name)
      : plan.paths.length
        ? trans._n(
            'Restore %1 file from %2?',
            'Restore %1 files from %2?',
            plan.paths.length,
            name
          )
        : trans.__('Roll back to %1?', name);
  const verb = plan.paths.length ? trans.__('Restore') : trans.__('Roll back');
  const ways: Dialog.IButton[] = unsaved.length
    ? [
        Dialog.warnButton({
          label: trans.__('Discard what is not saved'),
          actions: ['discard']
        }),
        Dialog.okButton({
          label: trans.__('Save a version first'),
          actions: ['save']
        })
      ]
    : [Dialog.okButton({ label: verb, actions: ['go'] })];
  const buttons = [Dialog.cancelButton({ label: trans.__('Cancel') }), ...ways];
  const result = await showDialog({
    title: what,
    body: new PlanBody(question, trans),
    buttons,
    defaultButton: buttons.length - 1
  });
  return result.button.accept
    ? ((result.button.actions[0] as Decision) ?? null)
    : null;
}

class PlanBody extends ReactWidget {
  constructor(
    private readonly _question: IQuestion,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jk-Plan');
  }

  protected render(): JSX.Element {
    return <Plan question={this._question} trans={this._trans} />;
  }
}

/** A rollback's plan: what is not saved, the counts, and every file. */
export function Plan(props: {
  question: IQuestion;
  trans: TranslationBundle;
}): JSX.Element {
  const { question, trans } = props;
  const { plan, unsaved, shared } = question;
  const steps = plan.lengths?.steps ?? plan.steps.length;
  return (
    <>
      {unsaved.length > 0 && (
        <div className="jk-Plan-unsaved">
          <b>{trans.__('Not saved yet')}</b>
          <ul>
            {unsaved.map(({ path }) => (
              <li key={path}>{path}</li>
            ))}
          </ul>
        </div>
      )}
      {shared.length > 0 && (
        <p className="jk-Plan-note">
          {trans.__(
            'Others may be working on %1; they will see the restored version too.',
            shared.map(each => each.path).join(', ')
          )}
        </p>
      )}
      <p className="jk-Plan-counts">
        <Count
          kind="written"
          count={plan.written}
          text={trans._n('%1 written', '%1 written', plan.written)}
        />
        <Count
          kind="deleted"
          count={plan.deleted}
          text={trans._n('%1 deleted', '%1 deleted', plan.deleted)}
        />
        <Count
          kind="kept"
          count={plan.kept}
          text={trans._n('%1 kept as it is', '%1 kept as they are', plan.kept)}
        />
        {plan.bytes > 0 && (
          <span className="jk-Plan-bytes">{size(plan.bytes)}</span>
        )}
      </p>
      {plan.steps.length > 0 && (
        <ul
          className="jk-Plan-steps"
          tabIndex={0}
          aria-label={trans.__('Files that change')}
        >
          {plan.steps.slice(0, LISTED_MAX).map(step => (
            <StepRow key={step.path} step={step} trans={trans} />
          ))}
          {steps > LISTED_MAX && (
            <li className="jk-Plan-more">
              {trans.__('and %1 more', steps - LISTED_MAX)}
            </li>
          )}
        </ul>
      )}
      {plan.left.length > 0 && (
        <p className="jk-Plan-note">
          {trans.__(
            'Left as they are: %1',
            plan.left.map(each => `${each.path} (${each.reason})`).join(', ')
          )}
        </p>
      )}
      <p className="jk-Plan-note">
        {trans.__('The present state is kept first, so you can undo this.')}
      </p>
    </>
  );
}

function Count(props: {
  kind: string;
  count: number;
  text: string;
}): JSX.Element | null {
  return props.count ? (
    <span className={`jk-Plan-count jk-mod-${props.kind}`}>{props.text}</span>
  ) : null;
}

function StepRow(props: {
  step: IRollbackStep;
  trans: TranslationBundle;
}): JSX.Element {
  const { step, trans } = props;
  const words: Record<IRollbackStep['action'], string> = {
    write: step.exists ? trans.__('replaced') : trans.__('brought back'),
    symlink: trans.__('link'),
    folder: trans.__('folder'),
    mode: trans.__('permissions'),
    delete: trans.__('deleted')
  };
  return (
    <li className={`jk-Step jk-mod-${step.action}`}>
      <span className="jk-Step-path" title={step.path}>
        {step.path}
      </span>
      <span className="jk-Step-action">{words[step.action]}</span>
      <span className="jk-Step-size">
        {step.action === 'write' || step.action === 'delete'
          ? size(step.size)
          : ''}
      </span>
    </li>
  );
}
