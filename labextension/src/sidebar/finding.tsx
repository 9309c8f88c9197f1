import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useMemo, useState } from 'react';

import { changeCount, IChange, ILooking, IStatus } from '../replies';
import { size } from '../words';
import { withWords } from './groups';

/** How long after a key the server is asked, in milliseconds. */
export const TYPED = 250;

/** How far a look is that takes long. */
export function Looking(props: {
  looking: ILooking;
  trans: TranslationBundle;
}): JSX.Element {
  const { looking, trans } = props;
  const { done, total, unit } = looking;
  const [now, all] = [done, total ?? 0].map(each =>
    unit === 'bytes' ? size(each) : each.toLocaleString()
  );
  return (
    <p className="jk-Hint jk-Looking" role="status">
      {total
        ? trans.__('Looking at changed files: %1 of %2', now, all)
        : trans.__('Looking for changed files: %1', now)}
    </p>
  );
}

/** The changes that have the words, and what the groups of all of them have; the server is asked where not all changes came. */
export function useFound(
  status: IStatus | null,
  words: string,
  find?: (words: string) => Promise<IStatus>
): {
  changes: readonly IChange[];
  groups: IStatus['groups'];
  asking: boolean;
} {
  const [found, setFound] = useState<{ of: string; reply: IStatus }>();
  const ask = !!status && !!find && words !== '' && isCut(status);
  useEffect(() => {
    if (!ask) {
      return;
    }
    let wanted = true;
    const timer = setTimeout(() => {
      find(words).then(
        reply => wanted && setFound({ of: words, reply }),
        () => undefined
      );
    }, TYPED);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [ask, words, status]);
  const reply = ask && found?.of === words ? found.reply : null;
  const all = status?.changes;
  const changes = useMemo(
    () => reply?.changes ?? withWords(all ?? [], words),
    [reply, all, words]
  );
  const groups = words ? reply?.groups : status?.groups;
  return { changes, groups, asking: ask && !reply };
}

function isCut(status: IStatus): boolean {
  return changeCount(status) > status.changes.length;
}
