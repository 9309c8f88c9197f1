import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { ContentsManager, Drive, ServerConnection } from '@jupyterlab/services';
import { Widget } from '@lumino/widgets';
import { describe, expect, it } from 'vitest';

import { OpenDocuments } from '../rollback/documents';
import type { IRollbackStep } from '../rollback/replies';

/** What is done to a document that is open. */
interface IDoc {
  path: string;
  dirty?: boolean;
  collaborative?: boolean;
  /** What saving it throws. */
  refusal?: Error;
}

/** The lab with these documents open, and what is done to them, in order. */
function lab(...docs: IDoc[]): { open: OpenDocuments; done: string[] } {
  const done: string[] = [];
  const serverSettings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost/'
  });
  const contents = new ContentsManager({
    defaultDrive: new Drive({ serverSettings })
  });
  for (const name of ['RTC', 's3']) {
    contents.addDrive(new Drive({ name, serverSettings }));
  }
  const contexts = new Map<Widget, DocumentRegistry.Context>();
  for (const { path, dirty, collaborative, refusal } of docs) {
    const widget = new Widget();
    widget.close = () => void done.push(`close ${path}`);
    const model = {
      dirty: dirty ?? false,
      collaborative: collaborative ?? false,
      fromString: (text: string) => void done.push(`${path} := "${text}"`)
    };
    const context = {
      path,
      model,
      isDisposed: false,
      revert: async () => void done.push(`revert ${path}`),
      save: async () => {
        if (refusal) {
          throw refusal;
        }
        model.dirty = false;
        done.push(`save ${path}`);
      }
    };
    contexts.set(widget, context as unknown as DocumentRegistry.Context);
  }
  const app = {
    shell: {
      widgets: (area: string) => (area === 'main' ? contexts.keys() : [])
    },
    serviceManager: { contents }
  } as unknown as JupyterFrontEnd;
  const documents = {
    contextForWidget: (widget: Widget) => contexts.get(widget),
    openOrReveal: (path: string) => void done.push(`open ${path}`)
  } as unknown as IDocumentManager;
  return { open: new OpenDocuments(app, documents, 'digits'), done };
}

function step(path: string, more: Partial<IRollbackStep> = {}): IRollbackStep {
  return { action: 'write', path, size: 3, exists: true, ...more };
}

describe('documents that are open', () => {
  it('are those of the workspace, and not those of another drive', () => {
    const { open } = lab(
      { path: 'digits/a.py' },
      { path: 'other/a.py' },
      { path: 's3:digits/b.py' },
      { path: 'RTC:digits/c.py' },
      { path: 'RTC:digits/d.ipynb', collaborative: true }
    );
    expect(open.all().map(each => each.path)).toEqual(['a.py', 'd.ipynb']);
  });

  it('are concerned where their files change, or may where too many do', () => {
    const { open } = lab(
      { path: 'digits/a.py' },
      { path: 'digits/data/b.csv' }
    );
    const paths = (
      steps: IRollbackStep[] | null,
      ...asked: string[]
    ): string[] => open.touched(steps, asked).map(each => each.path);
    expect(paths([step('a.py')])).toEqual(['a.py']);
    expect(paths([], 'data/b.csv')).toEqual(['data/b.csv']);
    expect(paths(null, 'data')).toEqual(['data/b.csv']);
    expect(paths(null)).toEqual(['a.py', 'data/b.csv']);
  });

  it('show what is on disk; one whose file is gone is closed', async () => {
    const { open, done } = lab(
      { path: 'digits/a.py' },
      { path: 'digits/b.py' },
      { path: 'digits/empty.py' }
    );
    const steps = [
      step('a.py'),
      step('b.py', { action: 'delete' }),
      step('empty.py', { size: 0 })
    ];
    const aftermath = await open.renew(open.all(), steps, []);
    expect(aftermath).toEqual({ closed: ['b.py'], left: [] });
    expect(done).toEqual([
      'revert digits/a.py',
      'close digits/b.py',
      'revert digits/empty.py',
      'digits/empty.py := ""'
    ]);
  });

  it('keep text that was written meanwhile, and lose what was given up', async () => {
    const { open, done } = lab(
      { path: 'digits/late.py', dirty: true },
      { path: 'digits/given.py', dirty: true }
    );
    const all = open.all();
    const steps = all.map(each => step(each.path));
    const aftermath = await open.renew(all, steps, [all[1]]);
    expect(aftermath.left).toEqual(['late.py']);
    expect(done).toEqual(['revert digits/given.py']);
  });

  it('are left to their room where others work on them too', async () => {
    const { open, done } = lab({ path: 'digits/a.ipynb', collaborative: true });
    const gone = [step('a.ipynb', { action: 'delete' })];
    await open.renew(open.all(), gone, open.all());
    expect(done).toEqual([]);
  });

  it('are saved where they are not, until somebody cancels that', async () => {
    const { open, done } = lab(
      { path: 'digits/saved.py' },
      { path: 'digits/a.py', dirty: true }
    );
    expect(await open.save(open.all())).toBe(true);
    expect(done).toEqual(['save digits/a.py']);
    const refusal = Object.assign(new Error(), { name: 'ModalCancelError' });
    const other = lab({ path: 'digits/a.py', dirty: true, refusal }).open;
    expect(await other.save(other.all())).toBe(false);
    const failing = {
      path: 'digits/a.py',
      dirty: true,
      refusal: new Error('403')
    };
    const third = lab(failing).open;
    await expect(third.save(third.all())).rejects.toThrow('403');
  });
});
