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

/** What a server answers: one thing, or what follows from the options; an Error is a server that cannot be reached. */
export type Answer = object | ((options: IAsked['options']) => object);

/** The model of a workspace, on a server that answers each verb, and writes down what it was asked. Its answers may be changed. */
export async function answering(given: Record<string, Answer>): Promise<{
  model: KitModel;
  asked: IAsked[];
  answers: Record<string, Answer>;
}> {
  const asked: IAsked[] = [];
  const answers: Record<string, Answer> = {
    workspace: {
      folder: 'digits',
      name: 'digits',
      version: '',
      kitfile: false
    },
    status,
    jobs: { jobs: [] },
    ...given
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
      const known = answers[verb] ?? {};
      const answer = typeof known === 'function' ? known(options) : known;
      if (answer instanceof Error) {
        throw answer;
      }
      return answer instanceof Refusal
        ? new Response(JSON.stringify(answer.body), { status: answer.status })
        : new Response(JSON.stringify(answer));
    }
  });
  const bus = { connect: () => true, disconnect: () => true };
  const model = new KitModel(settings, bus);
  await model.setFolder('digits');
  model.want('status');
  return { model, asked, answers };
}
