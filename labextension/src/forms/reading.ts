import { useCallback, useEffect, useState } from 'react';

import { KitError } from '../api';
import type { IKitModel, Part } from '../tokens';

/** Something that is read from the server, and read again when it may have changed. */
export interface IReading<T> {
  readonly value: T | null;
  readonly error: KitError | null;
  readonly busy: boolean;
  again(): void;
}

/**
 * Read a value of the model's workspace while the component is shown.
 *
 * It is read again when something happens to the workspace, and when `key` is another; `read` itself may be a new function at every call.
 */
export function useReading<T>(
  model: IKitModel,
  shown: boolean,
  key: string,
  read: () => Promise<T>
): IReading<T> {
  const [state, setState] = useState<{
    key: string | null;
    value: T | null;
    error: KitError | null;
    busy: boolean;
  }>({ key: null, value: null, error: null, busy: false });
  const [turn, setTurn] = useState(0);
  const again = useCallback(() => setTurn(value => value + 1), []);

  useEffect(() => {
    model.happened.connect(again);
    return () => {
      model.happened.disconnect(again);
    };
  }, [model]);

  useEffect(() => {
    if (!shown) {
      return;
    }
    let gone = false;
    // What is shown of another workspace must not stay; what is shown of this one stays until the new is there.
    setState(old => ({
      key,
      value: old.key === key ? old.value : null,
      error: null,
      busy: true
    }));
    read().then(
      value => gone || setState({ key, value, error: null, busy: false }),
      reason =>
        gone ||
        setState(old => ({ ...old, error: KitError.from(reason), busy: false }))
    );
    return () => {
      gone = true;
    };
  }, [model, shown, key, turn]);

  return { ...state, again };
}

/** Draw the component again when a part of the model is new. */
export function useModel(model: IKitModel, ...parts: Part[]): void {
  const [, setTurn] = useState(0);
  useEffect(() => {
    const draw = (_: unknown, part: Part): void => {
      if (parts.includes(part)) {
        setTurn(value => value + 1);
      }
    };
    model.changed.connect(draw);
    return () => {
      model.changed.disconnect(draw);
    };
  }, [model]);
}

/** Whether the folder that is looked at lies in a workspace. */
export function hasFolder(model: IKitModel): boolean {
  return (model.workspace?.folder ?? null) !== null;
}
