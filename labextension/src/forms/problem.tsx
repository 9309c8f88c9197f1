import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useRef } from 'react';

import type { KitError } from '../api';
import { Button } from './buttons';

/** What a form can offer where something failed. */
export interface IRemedy {
  label: string;
  act: () => void;
}

/** What went wrong, where it went wrong: what happened, what to do, and buttons that do it. */
export function Problem(props: {
  error: KitError | null;
  remedies?: (IRemedy | null | undefined | false)[];
}): JSX.Element | null {
  const { error, remedies = [] } = props;
  const place = useRef<HTMLDivElement>(null);
  // Where there is little room it may lie below what is seen.
  useEffect(() => {
    place.current?.scrollIntoView({ block: 'nearest' });
  }, [error]);
  if (!error) {
    return null;
  }
  const offered = remedies.filter(Boolean) as IRemedy[];
  // Several things that are wrong come as lines with a star each.
  const [message, ...each] = error.message.split(/\n\s*\* /);
  return (
    <div
      className={`jk-Problem ${error.kind === 'cancelled' ? 'jk-mod-mild' : ''}`}
      role="alert"
      ref={place}
    >
      <p className="jk-Problem-message">{message}</p>
      {each.length > 0 && (
        <ul className="jk-Problem-list">
          {each.map(one => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      )}
      {error.hint && <p className="jk-Problem-hint">{error.hint}</p>}
      {offered.length > 0 && (
        <div className="jk-Form-buttons">
          {offered.map(({ label, act }) => (
            <Button key={label} label={label} kind="quiet" act={act} />
          ))}
        </div>
      )}
    </div>
  );
}

/** The registry does not know who asks, or refuses what it was told. */
export function wantsSignIn(error: KitError | null): boolean {
  return error?.kind === 'unauthorized';
}

/** Doing the same again later may help. */
export function mayPass(error: KitError | null): boolean {
  return [
    'registry-unavailable',
    'transfer-failed',
    'store-busy',
    'no-connection',
    'cancelled'
  ].includes(error?.kind ?? '');
}

/** Try again, for what may pass; go on, for what was stopped. */
export function tryAgain(
  error: KitError | null,
  trans: TranslationBundle,
  act: () => void
): IRemedy | false {
  const label =
    error?.kind === 'cancelled' ? trans.__('Go on') : trans.__('Try again');
  return mayPass(error) && { label, act };
}
