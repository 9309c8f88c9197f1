import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import {
  MainAreaWidget,
  ReactWidget,
  WidgetTracker
} from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import React from 'react';

import type { Options } from '../api';
import { OPEN_ANSWER } from '../commands/names';
import { kitIcon } from '../icons';
import type { IKitModel } from '../tokens';
import { Answer } from './answer';

/** What a document shows, and what brings it back after a reload. */
interface IAsked {
  verb: string;
  options: Options;
  title: string;
}

/** Add the command that shows the answer of a verb, and bring back the documents that were open; gives what keeps track of these. */
export function addAnswers(
  app: JupyterFrontEnd,
  model: IKitModel,
  trans: TranslationBundle,
  restorer: ILayoutRestorer | null
): WidgetTracker<MainAreaWidget> {
  const asked = new WeakMap<MainAreaWidget, IAsked>();
  const tracker = new WidgetTracker<MainAreaWidget>({
    namespace: 'jupyter-kit-answers'
  });
  app.commands.addCommand(OPEN_ANSWER, {
    label: trans.__('Show an Answer of Jupyter Kit'),
    describedBy: {
      args: {
        type: 'object',
        required: ['verb'],
        properties: {
          verb: { type: 'string' },
          options: { type: 'object' },
          title: { type: 'string' }
        }
      }
    },
    execute: args => {
      const what: IAsked = {
        verb: String(args.verb),
        options: (args.options ?? {}) as Options,
        title: String(args.title ?? args.verb)
      };
      const id = `jupyter-kit-answer-${what.verb}-${String(what.options.reference ?? what.options.name ?? '')}`;
      const open = tracker.find(widget => widget.id === id);
      if (open) {
        app.shell.activateById(id);
        return;
      }
      const content = ReactWidget.create(
        React.createElement(Answer, { model, trans, ...what })
      );
      content.addClass('jk-Document');
      const widget = new MainAreaWidget({ content });
      widget.id = id;
      widget.title.label = what.title;
      widget.title.icon = kitIcon;
      widget.title.closable = true;
      asked.set(widget, what);
      app.shell.add(widget, 'main');
      app.shell.activateById(id);
      return tracker.add(widget);
    }
  });
  if (restorer) {
    void restorer.restore(tracker, {
      command: OPEN_ANSWER,
      args: widget =>
        (asked.get(widget) ?? {}) as unknown as ReadonlyPartialJSONObject,
      name: widget => widget.id,
      when: app.serviceManager.ready
    });
  }
  return tracker;
}
