import { ServerConnection } from '@jupyterlab/services';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { IBusEvent, KitModel } from '../model';
import type { IJob } from '../replies';
import { log, status } from './payloads';

type Answer = (url: URL, init: Request) => unknown;

/** What a server with one workspace answers, unless a test says otherwise. */
const ANSWERS: Record<string, Answer> = {
  workspace: url => ({
    folder: url.searchParams.get('folder') === 'elsewhere' ? null : 'digits',
    name: 'digits',
    version: '0.1.0',
    kitfile: false
  }),
  status: () => status,
  log: () => log,
  jobs: () => ({ jobs: [] })
};

const JOB: IJob = {
  id: 'j1',
  verb: 'snapshot',
  folder: 'digits',
  state: 'running',
  phase: 'Reading files',
  done: 0,
  total: 100,
  unit: 'bytes',
  path: null,
  started: '2026-11-26T12:00:00Z',
  seconds: 0,
  error: null,
  message: ''
};

/** A server, its event bus, and what it was asked. */
class Server {
  constructor(answers: Record<string, Answer> = {}) {
    this._answers = { ...ANSWERS, ...answers };
  }

  readonly asked: string[] = [];
  readonly slots: ((sender: unknown, event: IBusEvent) => void)[] = [];
  readonly bus = {
    connect: (slot: (sender: unknown, event: IBusEvent) => void) =>
      this.slots.push(slot) > 0,
    disconnect: () => true
  };
  readonly settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost/',
    fetch: async (request: RequestInfo | URL) => {
      const asked = request as Request;
      const url = new URL(asked.url);
      const route = url.pathname.replace('/jupyter_kit/api/', '');
      this.asked.push(route);
      const answer = this._answers[route];
      const body = answer ? await answer(url, asked) : {};
      return body instanceof Response
        ? body
        : new Response(JSON.stringify(body), { status: 200 });
    }
  });

  emit(event: IBusEvent): void {
    this.slots.forEach(slot => slot(this, event));
  }

  private readonly _answers: Record<string, Answer>;
}

function error(kind: string, status = 409): Response {
  const body = { kind, message: `It is ${kind}.`, hint: '', path: null };
  return new Response(JSON.stringify(body), { status });
}

async function opened(server: Server): Promise<KitModel> {
  const model = new KitModel(server.settings, server.bus);
  model.want('status');
  model.want('history');
  await model.setFolder('digits');
  await vi.waitFor(() => expect(model.loading).toBe(false));
  return model;
}

function happened(folder: string): IBusEvent {
  return {
    schema_id: 'https://schema.jupyter-kit.dev/workspace/v1',
    folder,
    head: null,
    snapshots: 13,
    reason: 'outside'
  };
}

describe('KitModel', () => {
  beforeEach(() => {
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('asks nothing while nobody looks', async () => {
    const server = new Server();
    const model = new KitModel(server.settings, server.bus);
    await model.setFolder('digits');
    expect(server.asked).toEqual([]);
  });

  it('reads only what is wanted', async () => {
    const server = new Server();
    const model = new KitModel(server.settings, server.bus);
    model.want('status');
    await model.setFolder('digits');
    await vi.waitFor(() => expect(model.status?.snapshots).toBe(12));
    expect(server.asked).not.toContain('log');
  });

  it('reads status, history and jobs of a workspace', async () => {
    const model = await opened(new Server());
    expect(model.status?.changes).toHaveLength(7);
    expect(model.history).toHaveLength(8);
    expect(model.more).toBe(true);
    expect(model.older?.snapshot.id).toBe(log.before?.snapshot.id);
  });

  it('reads no state where there is no workspace, and forgets that of the last', async () => {
    const server = new Server();
    const model = await opened(server);
    server.asked.length = 0;
    await model.setFolder('elsewhere');
    expect(model.workspace?.folder).toBeNull();
    expect(model.history).toHaveLength(0);
    expect(model.status).toBeNull();
    expect(server.asked).toEqual(['workspace']);
  });

  it('reads again when a kernel took a snapshot, but not for another workspace', async () => {
    const server = new Server();
    const model = await opened(server);
    server.asked.length = 0;
    server.emit(happened('another'));
    server.emit(happened('digits'));
    await vi.waitFor(() => expect(server.asked).toContain('log'));
    await vi.waitFor(() => expect(model.loading).toBe(false));
    expect(server.asked.filter(route => route === 'status')).toHaveLength(1);
  });

  it('goes on where the history ended', async () => {
    const asked: (string | null)[] = [];
    const server = new Server({
      log: url => {
        asked.push(url.searchParams.get('before'));
        return log;
      }
    });
    const model = await opened(server);
    await model.loadMore();
    expect(asked).toEqual([null, log.entries[7].snapshot.id]);
    expect(model.history).toHaveLength(16);
  });

  it('keeps the answer to the newest question', async () => {
    let turn = 0;
    const server = new Server({
      status: async () => {
        const snapshots = ++turn;
        await new Promise(resolve => setTimeout(resolve, 60 / snapshots));
        return { ...status, snapshots };
      }
    });
    const model = new KitModel(server.settings, server.bus);
    model.want('status');
    const first = model.setFolder('digits');
    await vi.waitFor(() => expect(turn).toBe(1));
    await Promise.all([first, model.refresh()]);
    expect(model.status?.snapshots).toBe(2);
  });

  it('reads one status after the other while files are saved, and shows each', async () => {
    let turn = 0;
    let running = 0;
    const most: number[] = [];
    const answers: (() => void)[] = [];
    const server = new Server({
      status: async () => {
        const snapshots = ++turn;
        most.push(++running);
        await new Promise<void>(resolve => answers.push(resolve));
        running--;
        return { ...status, snapshots };
      }
    });
    const model = new KitModel(server.settings, server.bus);
    model.want('status');
    await model.setFolder('digits');
    await vi.waitFor(() => expect(turn).toBe(1));
    model.touch();
    await new Promise(resolve => setTimeout(resolve, 400));
    answers[0]();
    await vi.waitFor(() => expect(model.status?.snapshots).toBe(1));
    await vi.waitFor(() => expect(turn).toBe(2));
    answers[1]();
    await vi.waitFor(() => expect(model.status?.snapshots).toBe(2));
    expect(most).toEqual([1, 1]);
  });

  it('hears how far a long look is, until the answer is there', async () => {
    let answer = (): void => undefined;
    const server = new Server({
      status: async () => {
        await new Promise<void>(resolve => (answer = resolve));
        return status;
      }
    });
    const model = new KitModel(server.settings, server.bus);
    const looking = {
      schema_id: 'https://schema.jupyter-kit.dev/looking/v1',
      folder: 'digits',
      verb: 'status',
      phase: 'Reading files',
      done: 1,
      total: 2,
      unit: 'bytes'
    };
    model.want('status');
    await model.setFolder('digits');
    await vi.waitFor(() => expect(server.asked).toContain('status'));
    server.emit({ ...looking, folder: 'another' });
    server.emit({ ...looking, verb: 'diff' });
    expect(model.looking).toBeNull();
    server.emit(looking);
    expect(model.looking?.done).toBe(1);
    answer();
    await vi.waitFor(() => expect(model.looking).toBeNull());
    expect(model.status).not.toBeNull();
    server.emit(looking);
    expect(model.looking).toBeNull();
  });

  it('says what failed, keeps what it has, and tries again', async () => {
    let broken = true;
    const server = new Server({
      status: () => (broken ? error('store-busy', 503) : status)
    });
    const model = await opened(server);
    expect(model.error?.kind).toBe('store-busy');
    expect(model.failed).toBe('status');
    expect(model.history).toHaveLength(8);
    broken = false;
    await model.refresh();
    expect(model.error).toBeNull();
    expect(model.status?.snapshots).toBe(12);
  });

  it('waits for the end of a job, and asks for its result', async () => {
    const result = { id: 'abc', unchanged: false };
    const server = new Server({
      snapshot: () => ({ job: JOB }),
      'jobs/j1': () => ({ ...JOB, state: 'done', result })
    });
    const model = await opened(server);
    const done = model.run('snapshot', { message: 'x' });
    await vi.waitFor(() => expect(model.work.active?.id).toBe('j1'));
    server.emit({
      schema_id: 'https://schema.jupyter-kit.dev/job/v1',
      ...JOB,
      state: 'done'
    });
    expect(await done).toEqual(result);
    expect(model.work.active).toBeNull();
  });

  it('throws what a job failed with', async () => {
    const server = new Server({
      push: () => ({
        job: {
          ...JOB,
          state: 'failed',
          error: { kind: 'denied', message: 'No.', hint: 'Ask.', path: null }
        }
      })
    });
    const model = await opened(server);
    await expect(model.run('push')).rejects.toMatchObject({
      kind: 'denied',
      hint: 'Ask.'
    });
  });

  it('is not told back to running by a late event', async () => {
    const model = await opened(new Server());
    model.work.hear({ ...JOB, state: 'done' });
    model.work.hear(JOB);
    expect(model.work.all[0].state).toBe('done');
  });
});
