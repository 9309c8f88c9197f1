import React, { useState } from 'react';

import type { Options } from '../api';
import { MoreOptions, Tick } from '../forms/fields';
import { Form, IFormProps } from '../forms/form';
import { ITask, useTask } from '../forms/task';
import type { IKitModel } from '../tokens';
import { RegistryProblem } from './trouble';

/** Something that moves between this workspace and a place, and how that place is reached. */
export interface IExchange {
  readonly task: ITask;
  /** Without encryption. */
  readonly plain: boolean;
  setPlain(plain: boolean): void;
  go(): void;
}

/** A move of the component that calls it; `move` gets the options that say how the place is reached. */
export function useExchange(move: (how: Options) => Promise<void>): IExchange {
  const [plain, setPlain] = useState(false);
  const task = useTask();
  const go = (): void =>
    void task.run(() => move(plain ? { plain_http: true } : {}));
  return { task, plain, setPlain, go };
}

/** The form of a move: below its fields what few need, and below all what the place answered, with the way out. */
export function ExchangeForm(
  props: Omit<IFormProps, 'busy' | 'below' | 'onSubmit'> & {
    model: IKitModel;
    exchange: IExchange;
    /** The registry that is asked; empty where a folder is. */
    registry: string;
    /** What is kept of a move that did not come to its end. */
    kept: string;
    /** More of what few need. */
    options?: React.ReactNode;
  }
): JSX.Element {
  const { model, exchange, registry, options, trans } = props;
  const { task, plain } = exchange;
  return (
    <Form
      {...props}
      busy={task.busy}
      onSubmit={exchange.go}
      below={
        <RegistryProblem
          model={model}
          trans={trans}
          error={task.error}
          registry={registry}
          plain={plain}
          kept={props.kept}
          again={exchange.go}
        />
      }
    >
      {props.children}
      {(registry || options) && (
        <MoreOptions label={trans.__('More options')} open={plain}>
          {options}
          {registry && (
            <Tick
              label={trans.__('Without encryption (plain http)')}
              hint={trans.__('For a registry in your own network')}
              checked={plain}
              onChange={exchange.setPlain}
              disabled={task.busy}
            />
          )}
        </MoreOptions>
      )}
    </Form>
  );
}
