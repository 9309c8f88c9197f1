import type { TranslationBundle } from '@jupyterlab/translation';

import type { IRemoteState } from '../replies';
import { shortId, size } from '../words';
import type { IPulled, IRemote, ISynced } from './replies';

/** How this workspace and a remote stood to each other at the last contact, and what to do. */
export function standing(
  remote: IRemote,
  state: IRemoteState | undefined,
  trans: TranslationBundle
): string {
  if (!state || !remote.heads.length) {
    return trans.__(
      'Nothing was exchanged yet. Sync sends your snapshots there, or brings what is there.'
    );
  }
  const { ahead, behind } = state;
  if (ahead && behind) {
    return trans.__(
      'Both sides went on: %1 here, %2 there. Sync and merge keeps both histories and joins them in a new snapshot with the files that are here now.',
      trans._n('%1 snapshot', '%1 snapshots', ahead),
      trans._n('%1 snapshot', '%1 snapshots', behind)
    );
  }
  if (ahead) {
    return trans._n(
      '%1 snapshot is not there yet.',
      '%1 snapshots are not there yet.',
      ahead
    );
  }
  if (behind) {
    return trans._n(
      '%1 snapshot there is not here yet.',
      '%1 snapshots there are not here yet.',
      behind
    );
  }
  return trans.__('Both sides have the same snapshots.');
}

/** What a sync did. */
export function synced(
  name: string,
  { action, fetched, pushed, snapshot }: ISynced,
  trans: TranslationBundle
): string {
  const brought = fetched?.snapshots.length ?? 0;
  const sent = pushed?.snapshots.length ?? 0;
  const told = [
    brought
      ? trans._n(
          'Brought %1 snapshot from “%2”.',
          'Brought %1 snapshots from “%2”.',
          brought,
          name
        )
      : '',
    sent
      ? trans._n(
          'Sent %1 snapshot to “%2” (%3).',
          'Sent %1 snapshots to “%2” (%3).',
          sent,
          name,
          size(pushed?.sent_bytes ?? 0)
        )
      : '',
    action === 'merge'
      ? trans.__(
          'Both are joined in %1, with your files; theirs are in %2.',
          shortId(snapshot),
          shortId(fetched?.snapshot ?? '')
        )
      : '',
    action === 'pull'
      ? trans.__('Your files are as in %1.', shortId(snapshot))
      : ''
  ].filter(Boolean);
  return told.length
    ? told.join(' ')
    : trans.__('You and “%1” have the same snapshots.', name);
}

/** What a pull did. */
export function pulled(
  name: string,
  { fetched, rollback }: IPulled,
  trans: TranslationBundle
): string {
  const came = fetched.snapshots.length;
  const told = came
    ? trans._n(
        'Brought %1 snapshot from “%2”.',
        'Brought %1 snapshots from “%2”.',
        came,
        name
      )
    : trans.__('“%1” has nothing new.', name);
  return rollback
    ? `${told} ${trans.__('Your files are as in %1.', shortId(fetched.snapshot))}`
    : told;
}
