import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, Notification } from '@jupyterlab/apputils';
import { ServerConnection } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';

import { KitModel } from '../model';
import { Flow } from '../rollback/flow';

const plan = {
  snapshot: 'aaaa',
  paths: [],
  steps: [{ action: 'write', path: 'a.csv', size: 3, exists: true }],
  kept: 0,
  left: [],
  written: 1,
  deleted: 0,
  bytes: 3
};

const nothing = { ...plan, steps: [], written: 0, bytes: 0 };

/** What a server answers to a rollback: at first with a plan, then with what it came to; null where it does not answer at all. */
type Answer = { status: number; body: object } | null;

function ok(body: object): Answer {
  return { status: 200, body };
}

/** A flow on a server that stands on a snapshot, clean, and answers each rollback that is no dry run with the next of these. */
function flow(
  planned: object,
  ...answers: Answer[]
): { flow: Flow; asked: string[]; place: { writable: boolean } } {
  const place = { writable: true };
  const asked: string[] = [];
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost/',
    fetch: async (input: RequestInfo | URL) => {
      const request = input as Request;
      const verb = new URL(request.url).pathname.split('/').pop() ?? '';
      let answer: Answer = ok(
        { jobs: { jobs: [] }, log: { entries: [], cut: false } }[verb] ?? {
          head: 'bbbb',
          clean: true
        }
      );
      if (verb === 'rollback') {
        const options = await request.json();
        answer = ok(planned);
        if (!options.dry_run) {
          asked.push(options.name);
          answer = answers.shift() ?? null;
        }
      }
      if (!answer) {
        throw new TypeError('Failed to fetch');
      }
      return new Response(JSON.stringify(answer.body), {
        status: answer.status
      });
    }
  });
  const bus = { connect: () => true, disconnect: () => true };
  const app = {
    shell: { widgets: () => [] },
    serviceManager: { contents: { get: async () => place } }
  } as unknown as JupyterFrontEnd;
  const trans = nullTranslator.load('jupyter_kit');
  const model = new KitModel(settings, bus);
  return { flow: new Flow(app, model, null, trans), asked, place };
}

/** Say yes to the plan. */
async function agree(): Promise<void> {
  await waitFor(() => expect(document.querySelector('.jk-Plan')).toBeTruthy());
  const buttons = document.querySelectorAll<HTMLElement>(
    '.jp-Dialog button.jp-mod-accept'
  );
  buttons[buttons.length - 1].click();
}

/** What is told, and the offers that come with it. */
async function told(message: string): Promise<Notification.IAction[]> {
  return waitFor(() => {
    const found = Notification.manager.notifications.find(each =>
      each.message.includes(message)
    );
    expect(found, message).toBeTruthy();
    return found?.options.actions ?? [];
  });
}

function press(actions: Notification.IAction[], label: string): void {
  const action = actions.find(each => each.label === label);
  expect(action, label).toBeTruthy();
  action?.callback(new MouseEvent('click'));
}

const done = ok({ plan, safety: null, undo: 'bbbb' });

const half = {
  status: 500,
  body: {
    kind: 'permission-denied',
    message: 'a.csv may not be written.',
    hint: 'Some files are as in aaaa already.',
    path: 'a.csv'
  }
};

afterEach(() => {
  Dialog.flush();
  Notification.dismiss();
});

describe('a rollback', () => {
  it('that fails half way can be undone', async () => {
    const { flow: one, asked } = flow(plan, half, done);
    void one.run({ folder: '', name: 'v1', paths: [] });
    await agree();
    const offers = await told('a.csv may not be written. Some files are as in');
    expect(offers.map(each => each.label)).toEqual(['Undo', 'Try again']);
    press(offers, 'Undo');
    const after = await told('Everything is as it was before.');
    expect(after.map(each => each.label)).toEqual(['Redo']);
    expect(asked).toEqual(['v1', 'bbbb']);
  });

  it('that fails half way can be finished, and undone as a whole', async () => {
    const again = ok({ plan, safety: 'half', undo: 'half' });
    const { flow: one, asked } = flow(plan, half, again, done);
    void one.run({ folder: '', name: 'v1', paths: [] });
    await agree();
    press(await told('a.csv may not be written.'), 'Try again');
    await agree();
    press(await told('Back at v1.'), 'Undo');
    await told('Everything is as it was before.');
    expect(asked).toEqual(['v1', 'v1', 'bbbb']);
  });

  it('is open where the server is gone', async () => {
    const { flow: one } = flow(plan, null);
    void one.run({ folder: '', name: 'v1', paths: [] });
    await agree();
    const offers = await told('The rollback may have ended half way.');
    expect(offers.map(each => each.label)).toEqual(['Undo', 'Try again']);
  });

  it('does not begin in a folder that is read-only', async () => {
    const { flow: one, asked, place } = flow(plan, done);
    place.writable = false;
    expect(await one.run({ folder: '', name: 'v1', paths: [] })).toBe(false);
    await told('This folder is read-only here. Ask whoever runs this server.');
    expect(asked).toEqual([]);
  });

  it('is carried out where no file differs but the history goes on elsewhere', async () => {
    const { flow: one, asked } = flow(nothing, done);
    expect(await one.run({ folder: '', name: 'v1', paths: [] })).toBe(true);
    expect(asked).toEqual(['v1']);
    const same = flow({ ...nothing, snapshot: 'bbbb' });
    expect(await same.flow.run({ folder: '', name: 'v2', paths: [] })).toBe(
      false
    );
    await told('Nothing to do: the files already are as in v2.');
    expect(same.asked).toEqual([]);
  });
});
