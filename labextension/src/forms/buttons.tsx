import type { LabIcon } from '@jupyterlab/ui-components';
import React from 'react';

import { afterMenu } from '../focus';

/** What a button is among others: the one that does it, one beside it, a quiet one, one that takes something away. */
export type ButtonKind = 'main' | 'other' | 'quiet' | 'danger';

const STYLE: Record<ButtonKind, string> = {
  main: 'jp-mod-accept',
  other: 'jp-mod-reject',
  quiet: 'jp-mod-minimal',
  danger: 'jp-mod-warn'
};

/** A button with words; without `act` it sends its form. */
export function Button(props: {
  label: string;
  kind?: ButtonKind;
  disabled?: boolean;
  act?: () => void;
}): JSX.Element {
  const { label, kind = 'other', disabled, act } = props;
  return (
    <button
      type={act ? 'button' : 'submit'}
      className={`jp-mod-styled jk-Button ${STYLE[kind]}`}
      disabled={disabled}
      onClick={act}
    >
      {label}
    </button>
  );
}

/** A small button that shows an icon alone; its label is read out, and shown where the pointer rests. */
export function IconButton(props: {
  icon: LabIcon;
  label: string;
  menu?: boolean;
  disabled?: boolean;
  spin?: boolean;
  act: (target: HTMLElement) => void;
}): JSX.Element {
  const { icon } = props;
  return (
    <button
      type="button"
      className={`jk-IconButton ${props.spin ? 'jk-mod-busy' : ''}`}
      title={props.label}
      aria-label={props.label}
      aria-haspopup={props.menu ? 'menu' : undefined}
      disabled={props.disabled}
      onBlur={props.menu ? afterMenu : undefined}
      onClick={event => props.act(event.currentTarget)}
    >
      <icon.react tag="span" />
    </button>
  );
}
