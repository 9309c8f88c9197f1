import { ServerConnection } from '@jupyterlab/services';
import { describe, expect, it } from 'vitest';

import { KitError, requestAPI, routeUrl } from '../api';

/** Settings of a server that gives one answer, at a base URL as under JupyterHub. */
function server(
  status: number,
  body: string,
  asked: Request[] = []
): ServerConnection.ISettings {
  return ServerConnection.makeSettings({
    baseUrl: 'http://localhost/user/ada/',
    fetch: async (request: RequestInfo | URL) => {
      asked.push(request as Request);
      return new Response(body, { status });
    }
  });
}

async function error(settings: ServerConnection.ISettings): Promise<KitError> {
  try {
    await requestAPI('status', settings);
  } catch (reason) {
    return reason as KitError;
  }
  throw new Error('It did not fail.');
}

describe('requestAPI', () => {
  it('gives the JSON of the answer', async () => {
    expect(await requestAPI('status', server(200, '{"clean": true}'))).toEqual({
      clean: true
    });
  });

  it('asks below the base URL, and repeats the name of a list', () => {
    const query = { folder: 'a b', paths: ['x', 'y'], before: null };
    expect(routeUrl('diff', server(200, ''), query)).toBe(
      'http://localhost/user/ada/jupyter_kit/api/diff?folder=a+b&paths=x&paths=y'
    );
  });

  it('throws what the server says', async () => {
    const body =
      '{"kind": "store-full", "message": "Full.", "hint": "Prune.", "path": "a.csv"}';
    const reason = await error(server(507, body));
    expect(reason).toMatchObject({
      kind: 'store-full',
      message: 'Full.',
      hint: 'Prune.',
      path: 'a.csv',
      status: 507
    });
  });

  it('tells a missing server extension from something that was not found', async () => {
    expect((await error(server(404, '<html>'))).kind).toBe(
      'no-server-extension'
    );
    const body = '{"kind": "not-found", "message": "No v9.", "hint": ""}';
    expect((await error(server(404, body))).kind).toBe('not-found');
  });

  it('says that the server does not answer', async () => {
    const settings = ServerConnection.makeSettings({
      fetch: () => Promise.reject(new TypeError('Failed to fetch'))
    });
    expect((await error(settings)).kind).toBe('no-connection');
  });
});
