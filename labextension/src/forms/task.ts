import { useCallback, useEffect, useRef, useState } from 'react';

import { KitError } from '../api';

/** One thing at a time that a component does: whether it runs, and how it failed. */
export interface ITask {
  readonly busy: boolean;
  readonly error: KitError | null;
  /** Do it, unless something runs already; resolves to whether it went well. */
  run(work: () => Promise<void>): Promise<boolean>;
  /** Forget how it failed. */
  clear(): void;
}

/** A task of the component that calls it. What ends after the component is gone changes nothing. */
export function useTask(): ITask {
  const [state, setState] = useState<{ busy: boolean; error: KitError | null }>(
    { busy: false, error: null }
  );
  const running = useRef(false);
  const there = useRef(true);
  useEffect(() => {
    there.current = true;
    return () => {
      there.current = false;
    };
  }, []);
  const run = useCallback(async (work: () => Promise<void>) => {
    if (running.current) {
      return false;
    }
    running.current = true;
    setState({ busy: true, error: null });
    let error: KitError | null = null;
    try {
      await work();
    } catch (reason) {
      error = KitError.from(reason);
    }
    running.current = false;
    if (there.current) {
      setState({ busy: false, error });
    }
    return error === null;
  }, []);
  const clear = useCallback(() => setState({ busy: false, error: null }), []);
  return { ...state, run, clear };
}
