import {
  LabIcon,
  ReactWidget,
  Toolbar,
  ToolbarButton,
  UseSignal
} from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
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

/** A section of a list with forms: it shows what was asked for last, and reads only while it is seen. */
export abstract class FormSection<T extends object> extends Section {
  /** Show a form, or do something with an entry. */
  ask(request: T): void {
    this.request = { ...request, turn: (this.request?.turn ?? 0) + 1 };
    this.update();
  }

  /** Add a button to the title. */
  protected addTool(icon: LabIcon, tooltip: string, onClick: () => void): void {
    this.toolbar.addItem(
      tooltip,
      new ToolbarButton({ icon, tooltip, onClick })
    );
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.update();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.update();
  }

  /** What was asked for; `turn` tells one request from the same one before. */
  protected request: (T & { turn: number }) | null = null;
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
