import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useState } from 'react';

import { KitError } from '../api';
import {
  IRemedy,
  mayPass,
  Problem,
  tryAgain,
  wantsSignIn
} from '../forms/problem';
import { hasEnded } from '../jobs';
import type { IKitModel } from '../tokens';
import { SignIn } from './signin';

/** Whether the job that ended last came to moving something. */
function hasMoved(model: IKitModel): boolean {
  return (model.jobs.find(hasEnded)?.done ?? 0) > 0;
}

/** What a registry answered, with the way out: sign in and go on, or try again. */
export function RegistryProblem(props: {
  model: IKitModel;
  trans: TranslationBundle;
  error: KitError | null;
  /** Empty where no registry is concerned. */
  registry: string;
  plain?: boolean;
  /** What is kept of a move that did not come to its end. */
  kept: string;
  remedies?: (IRemedy | null | undefined | false)[];
  again: () => void;
}): JSX.Element | null {
  const { model, trans, error, registry, again } = props;
  const [signing, setSigning] = useState(false);
  useEffect(() => setSigning(false), [error]);
  if (!error) {
    return null;
  }
  if (signing) {
    return (
      <SignIn
        model={model}
        trans={trans}
        registry={registry}
        plain={props.plain}
        onClose={() => setSigning(false)}
        onDone={again}
      />
    );
  }
  const { kind, message, hint, path } = error;
  const told =
    kind === 'cancelled'
      ? new KitError(kind, trans.__('Stopped.'), props.kept)
      : mayPass(error) && hasMoved(model)
        ? new KitError(kind, message, `${hint} ${props.kept}`.trim(), path)
        : error;
  return (
    <Problem
      error={told}
      remedies={[
        wantsSignIn(error) &&
          Boolean(registry) && {
            label: trans.__('Sign in to %1…', registry),
            act: () => setSigning(true)
          },
        tryAgain(error, trans, again),
        ...(props.remedies ?? [])
      ]}
    />
  );
}
