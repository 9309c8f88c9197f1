import { RenderMimeRegistry } from '@jupyterlab/rendermime';
import { ServerConnection } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import { DiffDocument } from '../diff/document';
import type { IDiffPlace } from '../diff/place';
import { Source } from '../diff/source';

const parts = {
  rendermime: new RenderMimeRegistry(),
  editors: null,
  languages: null,
  translator: nullTranslator,
  trans: nullTranslator.load('jupyter_kit')
};

/** The routes that a new document asks for while the server has not answered, and those of them that it gave up once nothing differs. */
async function asked(
  place: Partial<IDiffPlace>
): Promise<[string[], string[]]> {
  const requests: Request[] = [];
  let answer = (): void => undefined;
  const answered = new Promise<void>(resolve => (answer = resolve));
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost/',
    fetch: async (info: RequestInfo | URL) => {
      const request = info as Request;
      requests.push(request);
      if (routeOf(request) === 'notebook-diff') {
        return new Promise<Response>(() => undefined);
      }
      await answered;
      return new Response('{"changes": [], "entries": [], "cut": false}');
    }
  });
  const shown = new DiffDocument(
    { folder: '', before: 'v1', after: '', path: '', alone: true, ...place },
    new Source(settings, ''),
    parts,
    () => undefined
  );
  const routes = requests.map(routeOf).sort();
  answer();
  await new Promise(resolve => setTimeout(resolve, 20));
  const given = requests.filter(each => each.signal.aborted).map(routeOf);
  shown.dispose();
  return [routes, given];
}

function routeOf(request: Request): string {
  return new URL(request.url).pathname.split('/').pop() ?? '';
}

describe('a comparison of all files', () => {
  it('says how many differ where only the first are listed', async () => {
    const reply = { changes: [{ path: 'a' }], lengths: { changes: 100_000 } };
    const settings = ServerConnection.makeSettings({
      baseUrl: 'http://localhost/',
      fetch: async () => new Response(JSON.stringify(reply))
    });
    expect(await new Source(settings, '').changes('v1', '')).toEqual({
      changes: [{ path: 'a' }],
      total: 100_000
    });
  });

  it('finds those that are not listed, in the answer that was given', async () => {
    const asked: URL[] = [];
    const settings = ServerConnection.makeSettings({
      baseUrl: 'http://localhost/',
      fetch: async request => {
        const url = new URL((request as Request).url);
        asked.push(url);
        const path = url.searchParams.get('match') ? 'far/b' : 'a';
        const reply = {
          changes: [{ path }],
          lengths: { changes: 100_000 },
          answer: 'x1'
        };
        return new Response(JSON.stringify(reply));
      }
    });
    const source = new Source(settings, '');
    const { answer } = await source.changes('v1', '');
    const found = await source.find('v1', '', answer, 'far');
    expect(found).toEqual([{ path: 'far/b' }]);
    expect(asked[1].searchParams.get('answer')).toBe('x1');
  });
});

describe('a comparison of one notebook', () => {
  it('asks at once how it differs, and gives that up where it does not', async () => {
    expect(await asked({ path: 'a.ipynb' })).toEqual([
      ['diff', 'log', 'notebook-diff'],
      ['notebook-diff']
    ]);
  });

  it('is not asked for where it is another file, or not alone', async () => {
    const rest = [['diff', 'log'], []];
    expect(await asked({ path: 'a.py' })).toEqual(rest);
    expect(await asked({ path: 'a.ipynb', alone: false })).toEqual(rest);
  });
});

describe('a comparison that fails', () => {
  it('is called what was asked for', async () => {
    const settings = ServerConnection.makeSettings({
      baseUrl: 'http://localhost/',
      fetch: async () => new Response('{}', { status: 500 })
    });
    const shown = new DiffDocument(
      { folder: '', before: 'v1', after: '', path: 'a.py', alone: true },
      new Source(settings, ''),
      parts,
      () => undefined
    );
    await shown.refresh(true);
    expect(shown.title.label).toBe('a.py: v1 → now');
    shown.dispose();
  });
});

describe('a comparison that is overtaken', () => {
  it('shows what it owes when something happened before the first answer', async () => {
    let answer = (): void => undefined;
    const answered = new Promise<void>(resolve => (answer = resolve));
    const settings = ServerConnection.makeSettings({
      baseUrl: 'http://localhost/',
      fetch: async () => {
        await answered;
        return new Response('{"changes": [], "entries": [], "cut": false}');
      }
    });
    const shown = new DiffDocument(
      { folder: '', before: 'v1', after: '', path: 'a.py', alone: true },
      new Source(settings, ''),
      parts,
      () => undefined
    );
    const renewed = shown.renew(null);
    answer();
    await renewed;
    expect(shown.node.textContent).toContain('a.py is the same in both.');
    shown.dispose();
  });
});
