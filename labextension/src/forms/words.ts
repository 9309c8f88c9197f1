import { Time } from '@jupyterlab/coreutils';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A size in bytes as people read it: three digits at most, in powers of 1000. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

/** How long ago a time was. */
export function ago(time: string): string {
  return Time.formatHuman(new Date(time));
}

/** The start of a digest or id: enough to tell it from others. */
export function short(digest: string): string {
  return digest.startsWith('sha256:')
    ? digest.slice(0, 19)
    : digest.slice(0, 8);
}
