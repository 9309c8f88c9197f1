import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  ISanitizer,
  MainAreaWidget,
  ReactWidget,
  Sanitizer,
  WidgetTracker
} from '@jupyterlab/apputils';
import {
  ITranslator,
  nullTranslator,
  TranslationBundle
} from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import React from 'react';

import type { Options } from '../api';
import { OPEN_ANSWER } from '../commands/names';
import { kitIcon } from '../icons';
import { reveal, show } from '../shown';
import { IKitModel } from '../tokens';
import { Answer } from './answer';

/** What a document shows, and what brings it back after a reload. */
interface IAsked {
  /** API path of the workspace that is asked about; the one that is looked at where there was none. */
  folder?: string;
  verb: string;
  options: Options;
  title: string;
}

/** Adds the documents that show what verbs answer that have no view of their own. */
export const results: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-kit:results',
  description: 'Answers of verbs as documents, with forms for their options.',
  autoStart: true,
  requires: [IKitModel],
  optional: [ISanitizer, ITranslator, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    model: IKitModel,
    sanitizer: ISanitizer | null,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_kit');
    addAnswers(app, model, sanitizer ?? new Sanitizer(), trans, restorer);
  }
};

/** Add the command that shows the answer of a verb, and bring back the documents that were open; gives what keeps track of these. */
function addAnswers(
  app: JupyterFrontEnd,
  model: IKitModel,
  sanitizer: ISanitizer,
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
          folder: { type: 'string', description: 'The workspace' },
          verb: { type: 'string' },
          options: { type: 'object' },
          title: { type: 'string' }
        }
      }
    },
    execute: args => {
      const what: IAsked = {
        folder:
          typeof args.folder === 'string'
            ? args.folder
            : (model.workspace?.folder ?? undefined),
        verb: String(args.verb),
        options: (args.options ?? {}) as Options,
        title: String(args.title ?? args.verb)
      };
      const { folder, verb, options } = what;
      const id = `jupyter-kit-answer-${JSON.stringify([folder, verb, options])}`;
      const open = tracker.find(widget => widget.id === id);
      if (open) {
        reveal(app.shell, open);
        return;
      }
      const content = ReactWidget.create(
        React.createElement(Answer, { model, sanitizer, trans, ...what })
      );
      content.addClass('jk-Document');
      const widget = new MainAreaWidget({ content });
      widget.id = id;
      widget.title.label = what.title;
      widget.title.icon = kitIcon;
      widget.title.closable = true;
      asked.set(widget, what);
      show(app.shell, widget);
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
