import type { LabIcon } from '@jupyterlab/ui-components';
import React from 'react';

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
      className={`jk-IconButton ${props.spin ? 'jk-mod-spin' : ''}`}
      title={props.label}
      aria-label={props.label}
      aria-haspopup={props.menu ? 'menu' : undefined}
      disabled={props.disabled}
      onClick={event => props.act(event.currentTarget)}
    >
      <icon.react tag="span" />
    </button>
  );
}
