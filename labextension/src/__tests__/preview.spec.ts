import { RenderMimeRegistry } from '@jupyterlab/rendermime';
import { ServerConnection } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { Preview } from '../diff/preview';
import { Source } from '../diff/source';

const parts = {
  rendermime: new RenderMimeRegistry(),
  editors: null,
  languages: null,
  translator: nullTranslator,
  trans: nullTranslator.load('jupyter_kit')
};

/** A file as it was, on a server that gives this answer; whatever of it is read goes through `read`. */
function shown(path: string, answer: () => Promise<Response>): Preview {
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost/',
    fetch: answer
  });
  const preview = new Preview(path, 'v1', new Source(settings, ''), parts);
  MessageLoop.sendMessage(preview, Widget.Msg.BeforeAttach);
  document.body.append(preview.node);
  MessageLoop.sendMessage(preview, Widget.Msg.AfterAttach);
  return preview;
}

function button(preview: Preview, label: string): HTMLElement {
  const found = [...preview.node.querySelectorAll('button')];
  const wanted = found.find(each => each.textContent === label);
  expect(wanted, `the button ${label}`).toBeTruthy();
  return wanted as HTMLElement;
}

describe('a file as it was', () => {
  it('is not fetched before somebody wants it, where it is large', async () => {
    let dropped = 0;
    const preview = shown('big.csv', async () => {
      const body = new ReadableStream({ cancel: () => void dropped++ });
      const headers = { 'Content-Length': '50000000' };
      return new Response(body, { headers });
    });
    await waitFor(() => button(preview, 'Show it'));
    expect(preview.node.textContent).toContain('This file has 50.0 MB.');
    expect(dropped).toBe(1);
    button(preview, 'Download');
    preview.dispose();
  });

  it('can only be downloaded where the server gives it no other way', async () => {
    const preview = shown('model.bin', async () => {
      const error = { kind: 'invalid-input', message: 'Too large.', hint: '' };
      return new Response(JSON.stringify(error), { status: 400 });
    });
    await waitFor(() => button(preview, 'Download'));
    expect(preview.node.textContent).not.toContain('Try again');
    preview.dispose();
  });

  it('can be given up while the server does not answer', async () => {
    const preview = shown('a.csv', () => new Promise(() => undefined));
    await waitFor(() => button(preview, 'Cancel').click(), { timeout: 5000 });
    await waitFor(() => button(preview, 'Try again'));
    expect(preview.node.textContent).toContain('Stopped.');
    preview.dispose();
  });

  it.each(['{"cells": [1,', '[]', 'null', '{"cells": [null]}'])(
    'is text where it is called a notebook and is none: %s',
    async content => {
      const preview = shown('a.ipynb', async () => new Response(content));
      await waitFor(() =>
        expect(preview.node.textContent).toContain('This is no notebook')
      );
      preview.dispose();
    }
  );
});
