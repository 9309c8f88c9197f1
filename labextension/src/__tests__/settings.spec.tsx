import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { cleanup, render, screen } from '@testing-library/react';
import React from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { IDoc, IMade, made, notices, press } from '../commands/__tests__/room';
import { addRemoteCommands } from '../remotes/commands';
import { IRemoteOpened, RemoteEntries } from '../remotes/list';
import { rollback } from '../rollback/plugin';
import type { RollbackPlan, RollbackResult } from '../schema';
import settings from '../../schema/plugin.json';
import { remote, sync } from './payloads';

const PLAN: RollbackPlan = {
  snapshot: 'a'.repeat(64),
  paths: [],
  steps: [{ action: 'write', path: 'a.py', size: 3, exists: true }],
  kept: 2,
  left: [],
  written: 1,
  deleted: 0,
  bytes: 3
};

const RESULT: RollbackResult = {
  plan: PLAN,
  safety: null,
  written_bytes: 3,
  seconds: 0.1,
  undo: null
};

/** A lab with this setting, where somebody asks for a rollback. */
async function asking(
  askBeforeRollback: boolean,
  ...docs: IDoc[]
): Promise<IMade & { done: string[]; went: Promise<boolean> }> {
  const lab = await made(
    { rollback: options => (options.dry_run ? PLAN : RESULT) },
    docs
  );
  const registry = {
    get: async (_: string, name: string) => ({
      composite: { askBeforeRollback }[name]
    })
  } as unknown as ISettingRegistry;
  const { app, model, documents } = lab.room;
  await rollback.activate(app, model, documents, null, null, registry);
  const went = lab.commands.execute('jupyter-kit:rollback', { name: 'v1' });
  return { ...lab, went };
}

/** Whether files were written. */
function wrote({ asked }: IMade): boolean {
  return asked.some(each => each.verb === 'rollback' && each.options.yes);
}

describe('the setting to ask before a rollback', () => {
  it('shows the plan first, as it comes', async () => {
    expect(settings.properties.askBeforeRollback.default).toBe(true);
    const lab = await asking(true);
    expect(await press('Cancel')).toContain('Roll back to v1?');
    expect(await lab.went).toBe(false);
    expect(wrote(lab)).toBe(false);
  });

  it('goes ahead without it, where all that is there can be brought back', async () => {
    const lab = await asking(false, { path: 'digits/a.py' });
    expect(await lab.went).toBe(true);
    expect(wrote(lab)).toBe(true);
    expect(document.querySelector('.jp-Dialog')).toBeNull();
    await vi.waitFor(() => expect(notices()).toContain('Back at v1.'));
  });

  it('asks without it too, where text is not saved or others may write', async () => {
    for (const state of [{ dirty: true }, { collaborative: true }]) {
      const lab = await asking(false, { path: 'digits/a.py', ...state });
      await press('Cancel');
      expect(await lab.went).toBe(false);
      expect(wrote(lab)).toBe(false);
    }
  });
});

describe('the remote to sync with', () => {
  afterEach(cleanup);

  /** Sync by command in a workspace with these remotes; gives what names those that were synced with up to now. */
  async function synced(
    preferred: string,
    ...names: string[]
  ): Promise<() => unknown[]> {
    const entries = names.map(name => ({ ...remote.entries[0], name }));
    const lab = await made({ remote: { entries, cut: false }, sync });
    const { app, model, trans } = lab.room;
    const requests: (IRemoteOpened & { turn: number })[] = [];
    const panel = Object.assign(lab.room.panel, {
      remotes: { ask: (asked: object) => requests.push({ ...asked, turn: 1 }) }
    });
    addRemoteCommands(app, panel, model, trans, null, () => preferred);
    await lab.commands.execute('jupyter-kit:sync');
    const { commands } = lab;
    render(
      <RemoteEntries
        {...{ model, commands, trans }}
        shown
        request={requests[0]}
      />
    );
    await screen.findByText(names[0]);
    await vi.waitFor(() => expect(model.loading).toBe(false));
    return () =>
      lab.asked
        .filter(each => each.verb === 'sync')
        .map(each => each.options.remote);
  }

  it('is the one that the setting names, among several', async () => {
    const names = await synced('team', 'origin', 'team');
    await vi.waitFor(() => expect(names()).toEqual(['team']));
  });

  it('is the only one where there is no other', async () => {
    const names = await synced('team', 'origin');
    await vi.waitFor(() => expect(names()).toEqual(['origin']));
  });

  it('is chosen in the list where the setting names none of several', async () => {
    for (const preferred of ['', 'gone']) {
      const names = await synced(preferred, 'origin', 'team');
      await new Promise(resolve => setTimeout(resolve, 200));
      expect(names()).toEqual([]);
      cleanup();
    }
  });
});
