import type { ISanitizer } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { refreshIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useRef, useState } from 'react';

import type { Options } from '../api';
import { IconButton } from '../forms/buttons';
import { Form } from '../forms/form';
import { Problem } from '../forms/problem';
import { useModel } from '../forms/reading';
import { useTask } from '../forms/task';
import type { HtmlReply } from '../schema';
import type { IKitModel } from '../tokens';
import { given, OptionFields } from './options';
import { isPosted, verbNamed } from './verbs';

/** The answer of one verb, as the server draws it; with a form for the verb's options, and a button that asks again. */
export function Answer(props: {
  model: IKitModel;
  sanitizer: ISanitizer;
  trans: TranslationBundle;
  /** The workspace that is asked about; the one that is looked at where this is left out. */
  folder?: string;
  verb: string;
  options: Options;
  onAsked?: (options: Options) => void;
}): JSX.Element {
  const { model, sanitizer, trans, folder, verb } = props;
  useModel(model, 'workspace');
  const known = verbNamed(verb);
  const [values, setValues] = useState(props.options);
  const [html, setHtml] = useState<string | null>(null);
  /** The options of the plan that is shown, where what is shown is a plan. */
  const [planned, setPlanned] = useState<Options | null>(null);
  const task = useTask();
  const place = folder ?? model.workspace?.folder;

  const ask = (more: Options = {}): void =>
    void task.run(async () => {
      const options = given(values);
      const asked = {
        ...options,
        ...more,
        form: 'html',
        ...(folder !== undefined && { folder })
      };
      const answer = isPosted(verb)
        ? await model.run<HtmlReply>(verb, asked)
        : await model.look<HtmlReply>(verb, asked);
      setHtml(answer.html);
      setPlanned(more.dry_run ? options : null);
      props.onAsked?.(options);
    });
  const prune = verb === 'prune';
  const first = (): void => ask(prune ? { dry_run: true } : {});
  const missing = known.options.some(
    ({ name, required }) => required && !given(values)[name]
  );
  // What takes long begins when somebody says so.
  const ready = place !== undefined && !missing;
  const begun = useRef(false);
  useEffect(() => {
    if (ready && !begun.current && verb !== 'check') {
      begun.current = true;
      first();
    }
  }, [ready]);

  return (
    <div className="jk-Answer">
      <Form
        title={known.purpose || verb}
        act={prune ? trans.__('Show the plan') : trans.__('Show')}
        acting={trans.__('Asking…')}
        busy={task.busy}
        ready={ready}
        trans={trans}
        onSubmit={first}
      >
        {known.options.length > 0 && (
          <details className="jk-Details jk-Options" open={html === null}>
            <summary>{trans.__('Options')}</summary>
            <OptionFields
              options={known.options}
              values={values}
              trans={trans}
              onChange={next => {
                setValues(next);
                setPlanned(null);
              }}
            />
          </details>
        )}
      </Form>
      <section
        className="jk-Answer-shown"
        aria-label={trans.__('Answer')}
        aria-busy={task.busy}
        aria-live="polite"
      >
        <Problem
          error={task.error}
          remedies={[{ label: trans.__('Try again'), act: first }]}
        />
        {html !== null && (
          <>
            <div className="jk-Answer-bar">
              {planned && (
                <button
                  type="button"
                  className="jp-mod-styled jp-mod-warn jk-Button"
                  disabled={task.busy}
                  onClick={() => ask({ yes: true })}
                >
                  {trans.__('Remove these')}
                </button>
              )}
              <IconButton
                icon={refreshIcon}
                label={trans.__('Ask again')}
                disabled={task.busy}
                spin={task.busy}
                act={first}
              />
            </div>
            <Shown html={cleaned(html, sanitizer)} />
          </>
        )}
      </section>
    </div>
  );
}

/** What stands before all that is from elsewhere: the one block of rules that answers come with. */
const STYLE = /^<style>[^<]*<\/style>/;

/** An answer as the lab lets it be shown: its own rules, and of the rest what does nothing by itself. */
export function cleaned(html: string, sanitizer: ISanitizer): string {
  const [style = ''] = STYLE.exec(html) ?? [];
  return style + sanitizer.sanitize(html.slice(style.length));
}

/** HTML that our server made, where its style touches nothing else; the theme's colours reach it. */
function Shown({ html }: { html: string }): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const node = host.current;
    if (node) {
      const root = node.shadowRoot ?? node.attachShadow({ mode: 'open' });
      root.innerHTML = html;
    }
  }, [html]);
  return <div ref={host} className="jk-Answer-html" tabIndex={0} />;
}
