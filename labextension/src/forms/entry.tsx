import type { TranslationBundle } from '@jupyterlab/translation';
import {
  caretDownIcon,
  caretRightIcon,
  ellipsesIcon
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import React from 'react';

import { IconButton } from './buttons';
import { showMenu } from './menu';

/** The menu of an entry: commands in groups, and what they are about. */
export interface IEntryMenu {
  commands: CommandRegistry;
  groups: readonly (readonly string[])[];
  args: ReadonlyJSONObject;
}

/** One thing in a list: what it is called, two or three facts, buttons and a menu; what unfolds below it is `children`. */
export function Entry(props: {
  /** What it is called, for its menu. */
  label: string;
  name: React.ReactNode;
  facts: React.ReactNode;
  open: boolean;
  busy?: boolean;
  /** A form is open in it: the browser's own menu is wanted there. */
  filling: boolean;
  menu: IEntryMenu;
  trans: TranslationBundle;
  onToggle: () => void;
  buttons: React.ReactNode;
  children: React.ReactNode;
}): JSX.Element {
  const { open, menu } = props;
  const caret = open ? caretDownIcon : caretRightIcon;
  const show = (x: number, y: number): void =>
    showMenu(menu.commands, menu.groups, menu.args, x, y);
  return (
    <li
      className={`jk-Entry ${open ? 'jk-mod-open' : ''}`}
      aria-busy={props.busy}
      onContextMenu={event => {
        // Core's own menu comes with Shift.
        if (!event.shiftKey && !props.filling) {
          event.preventDefault();
          event.stopPropagation();
          show(event.clientX, event.clientY);
        }
      }}
    >
      <div className="jk-Entry-head">
        <button
          type="button"
          className="jk-Entry-title"
          aria-expanded={open}
          onClick={props.onToggle}
        >
          <caret.react className="jk-Entry-caret" tag="span" />
          <span className="jk-Entry-words">
            <span className="jk-Entry-name">{props.name}</span>
            <span className="jk-Entry-facts">{props.facts}</span>
          </span>
        </button>
        <div className="jk-Entry-buttons">
          {props.buttons}
          <IconButton
            icon={ellipsesIcon}
            label={props.trans.__('More for %1', props.label)}
            menu
            act={target => {
              const { left, bottom } = target.getBoundingClientRect();
              show(left, bottom);
            }}
          />
        </div>
      </div>
      {open && <div className="jk-Entry-body">{props.children}</div>}
    </li>
  );
}
