import { ReactWidget, Toolbar, UseSignal } from '@jupyterlab/ui-components';
import type { Widget } from '@lumino/widgets';
import React from 'react';

import type { IKitModel } from '../tokens';

/** One section of the panel: a React component under a title, with a toolbar in it, drawn anew when the model has changed. */
export abstract class Section extends ReactWidget {
  constructor(
    id: string,
    title: string,
    protected readonly model?: IKitModel
  ) {
    super();
    this.id = `jupyter-kit-${id}`;
    this.title.label = title;
    this.addClass('jk-Section');
    this.addClass(`jk-Section-${id}`);
  }

  /** Shown at the right end of the section's title. */
  readonly toolbar = new Toolbar<Widget>();
}

/** Draws its content anew whenever the model has changed. */
export function OnChange(props: {
  model: IKitModel;
  children: () => JSX.Element | null;
}): JSX.Element {
  return (
    <UseSignal signal={props.model.changed} initialSender={props.model}>
      {props.children}
    </UseSignal>
  );
}
