/** Answers of verbs that have no view of their own, as documents: the same HTML that notebooks show. */
import { MainAreaWidget } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

import type { Options } from '../api';
import { kitIcon } from '../icons';
import { OPEN_ANSWER } from './names';
import { IRoom, text, tried } from './room';

/** The verbs whose answers may be asked for with GET. */
const LOOKS = new Set([
  'show',
  'inspect',
  'info',
  'audit',
  'version',
  'status'
]);

/** Add the command that opens an answer. */
export function addAnswers(room: IRoom): void {
  const { app, model, trans } = room;
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
    execute: args =>
      tried(room, async () => {
        const verb = text(args.verb) ?? 'status';
        const options = { ...(args.options as Options), form: 'html' };
        const { html } = LOOKS.has(verb)
          ? await model.look<{ html: string }>(verb, options)
          : await model.run<{ html: string }>(verb, options);
        const id = `jupyter-kit-answer-${JSON.stringify([model.folder, verb, args.options ?? {}])}`;
        const known = [...app.shell.widgets('main')].find(
          (widget): widget is MainAreaWidget =>
            widget instanceof MainAreaWidget && widget.id === id
        );
        const widget = known ?? new MainAreaWidget({ content: new Widget() });
        const { node } = widget.content;
        node.className = 'lm-Widget jk-Answer jp-RenderedHTMLCommon';
        node.innerHTML = html; // The server escapes whatever is not its own: names, messages, values.
        node.tabIndex = 0;
        if (!known) {
          widget.id = id;
          widget.title.label = text(args.title) ?? verb;
          widget.title.icon = kitIcon;
          widget.title.closable = true;
          app.shell.add(widget, 'main');
        }
        app.shell.activateById(id);
        return widget;
      })
  });
}
