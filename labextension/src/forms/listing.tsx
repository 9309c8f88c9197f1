import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useRef, useState } from 'react';

import { Problem } from './problem';
import type { IReading } from './reading';

/** What of a list is open, and what was done last. */
export interface IOpened<T> {
  readonly opened: T;
  readonly told: string;
  open(next: T): void;
  /** Close the form that is open; with words, something was done. */
  close(told?: string): void;
}

/** What is open in a section of forms, for one workspace (`place`): what was asked for last, from outside or in it. */
export function useOpened<T extends object>(
  place: string | null,
  request: (T & { turn: number }) | null,
  nothing: T,
  closed: (opened: T) => T,
  again: () => void
): IOpened<T> {
  const [opened, setOpened] = useState(nothing);
  const [told, setTold] = useState('');
  const open = (next: T): void => {
    setOpened(next);
    setTold('');
  };
  const last = useRef(place);
  useEffect(() => {
    if (last.current !== null && last.current !== place) {
      open(nothing); // What was done to another workspace is no news of this one.
    }
    last.current = place;
  }, [place]);
  useEffect(() => {
    if (request) {
      open(request);
    }
  }, [request?.turn]);
  const close = (done?: string): void => {
    setOpened(closed);
    if (done !== undefined) {
      setTold(done);
      again();
    }
  };
  return { opened, told, open, close };
}

/** A list of a section: the form that belongs to no entry, what was done last, the entries, or what to do where there are none. */
export function Listing(props: {
  label: string;
  reading: IReading<{ entries: readonly unknown[] }>;
  form: React.ReactNode;
  told: string;
  empty: JSX.Element;
  trans: TranslationBundle;
  children: React.ReactNode;
}): JSX.Element {
  const { reading, trans } = props;
  const { value } = reading;
  return (
    <div className="jk-Listing" aria-busy={reading.busy}>
      <Problem
        error={reading.error}
        remedies={[{ label: trans.__('Try again'), act: reading.again }]}
      />
      {props.form}
      {props.told && (
        <p className="jk-Told" role="status">
          {props.told}
        </p>
      )}
      {value && !value.entries.length && !props.form && props.empty}
      <ul className="jk-Entries" aria-label={props.label}>
        {props.children}
      </ul>
      {!value && reading.busy && (
        <p className="jk-Hint">{trans.__('Reading…')}</p>
      )}
    </div>
  );
}
