import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId } from 'react';

/** A small form in the panel: a title, fields, and at the end a button that does it and one that leaves. */
export function Form(props: {
  title: string;
  about?: React.ReactNode;
  act: string;
  acting: string;
  busy: boolean;
  ready?: boolean;
  danger?: boolean;
  trans: TranslationBundle;
  onSubmit: () => void;
  onClose?: () => void;
  /** Stands below the form and is no part of it: another form, for example. */
  below?: React.ReactNode;
  children?: React.ReactNode;
}): JSX.Element {
  const id = useId();
  const { busy, ready = true, trans } = props;
  return (
    <div className="jk-Form">
      <form
        aria-labelledby={id}
        aria-busy={busy}
        noValidate
        onSubmit={event => {
          event.preventDefault();
          if (ready && !busy) {
            props.onSubmit();
          }
        }}
        onKeyDown={event => {
          if (event.key === 'Escape' && props.onClose && !busy) {
            event.stopPropagation();
            props.onClose();
          }
        }}
      >
        <h3 id={id} className="jk-Form-title">
          {props.title}
        </h3>
        {props.about && <p className="jk-Form-about">{props.about}</p>}
        {props.children}
        <div className="jk-Form-buttons">
          {props.onClose && (
            <button
              type="button"
              className="jp-mod-styled jp-mod-reject jk-Button"
              onClick={props.onClose}
            >
              {busy ? trans.__('Hide') : trans.__('Cancel')}
            </button>
          )}
          <button
            type="submit"
            className={`jp-mod-styled jk-Button ${props.danger ? 'jp-mod-warn' : 'jp-mod-accept'}`}
            disabled={!ready || busy}
          >
            {busy ? props.acting : props.act}
          </button>
        </div>
      </form>
      {props.below}
    </div>
  );
}
