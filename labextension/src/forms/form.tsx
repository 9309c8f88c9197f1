import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useId, useRef } from 'react';

import { isLost } from '../focus';
import { Button } from './buttons';

/** What a form is made of. */
export interface IFormProps {
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
}

/** A small form in the panel: a title, fields, and at the end a button that does it and one that leaves. */
export function Form(props: IFormProps): JSX.Element {
  const id = useId();
  const node = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // A section that was folded has its height a frame later.
    const frame = requestAnimationFrame(() =>
      node.current?.scrollIntoView({ block: 'nearest' })
    );
    const place = node.current;
    const back =
      place?.closest('.jk-Entry')?.querySelector('button') ??
      place?.closest('.jk-Section')?.previousElementSibling;
    return () => {
      cancelAnimationFrame(frame);
      if (isLost() && back instanceof HTMLElement) {
        back.focus();
      }
    };
  }, []);
  const { busy, ready = true, trans } = props;
  return (
    <div className="jk-Form" ref={node}>
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
        <div className="jk-Form-buttons jk-Form-end">
          <Button
            label={busy ? props.acting : props.act}
            kind={props.danger ? 'danger' : 'main'}
            disabled={!ready || busy}
          />
          {props.onClose && (
            <Button
              label={busy ? trans.__('Hide') : trans.__('Cancel')}
              act={props.onClose}
            />
          )}
        </div>
      </form>
      {props.below}
    </div>
  );
}
