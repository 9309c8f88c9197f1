import { ServerConnection } from '@jupyterlab/services';

import { KitModel } from '../model';
import { status } from './payloads';

/** What a model asked its server. */
export interface IAsked {
  verb: string;
  options: Record<string, unknown>;
}

/** An answer with a status other than 200. */
export class Refusal {
  constructor(
    readonly status: number,
    readonly body: object
  ) {}
}

/** The model of a workspace, on a server that gives one answer for each verb, and writes down what it was asked. */
export async function answering(
  answers: Record<string, object>
): Promise<{ model: KitModel; asked: IAsked[] }> {
  const asked: IAsked[] = [];
  const all: Record<string, object> = {
    workspace: {
      folder: 'digits',
      name: 'digits',
      version: '',
      kitfile: false
    },
    status,
    jobs: { jobs: [] },
    ...answers
  };
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost/',
    fetch: async (input: RequestInfo | URL) => {
      const request = input as Request;
      const url = new URL(request.url);
      const verb = url.pathname.split('/').pop() ?? '';
      const options =
        request.method === 'POST'
          ? ((await request.json()) as IAsked['options'])
          : Object.fromEntries(url.searchParams);
      asked.push({ verb, options });
      const answer = all[verb] ?? {};
      return answer instanceof Refusal
        ? new Response(JSON.stringify(answer.body), { status: answer.status })
        : new Response(JSON.stringify(answer));
    }
  });
  const bus = { connect: () => true, disconnect: () => true };
  const model = new KitModel(settings, bus);
  await model.setFolder('digits');
  model.want('status');
  return { model, asked };
}
