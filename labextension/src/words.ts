/** Numbers and times as people read them, in their own language. */

const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB'];

/** Seconds in each unit of time that people speak of. */
const SPANS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1]
];

/** Below this many seconds an age is noise. */
const JUST_NOW = 10;

/** The language of the page. */
function language(): string | undefined {
  return document.documentElement.lang.replace('_', '-') || undefined;
}

/** Bytes as `512 B`, `3.4 MB`. */
export function size(bytes: number): string {
  if (Math.abs(bytes) < 1000) {
    return `${bytes} B`;
  }
  let value = bytes;
  let unit = -1;
  while (Math.abs(value) >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = Math.abs(value) < 9.995 ? 2 : Math.abs(value) < 99.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** A metric in at most six significant digits. */
export function metric(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** A metric's change, with its sign; the minus is a real one, so that it is not taken for a dash. */
export function change(value: number): string {
  const digits = String(Number(Math.abs(value).toPrecision(3)));
  return `${value < 0 ? '−' : '+'}${digits}`;
}

/** How long ago a time was: `3 minutes ago`. */
export function ago(time: string, now = Date.now()): string {
  const seconds = (now - Date.parse(time)) / 1000;
  const format = new Intl.RelativeTimeFormat(language(), { numeric: 'auto' });
  if (Math.abs(seconds) < JUST_NOW) {
    return format.format(0, 'second');
  }
  const [unit, length] =
    SPANS.find(([, length]) => Math.abs(seconds) >= length) ??
    SPANS[SPANS.length - 1];
  return format.format(-Math.trunc(seconds / length), unit);
}

/** A time in full, by the person's clock. */
export function clock(time: string): string {
  return new Date(time).toLocaleString(language(), {
    dateStyle: 'full',
    timeStyle: 'medium'
  });
}

/** Seconds that are left, roughly: `8 s`, `3 min`, `2 h`. */
export function left(seconds: number): string {
  if (seconds < 60) {
    return `${Math.max(1, Math.round(seconds))} s`;
  }
  const minutes = Math.round(seconds / 60);
  return minutes < 60
    ? `${minutes} min`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The first line of a message. */
export function firstLine(message: string): string {
  const [first, ...rest] = message.trim().split('\n');
  return rest.length ? `${first} …` : first;
}

/** The last word of a path, and the folder that it lies in with a slash. */
export function nameAndFolder(path: string): [string, string] {
  const cut = path.lastIndexOf('/') + 1;
  return [path.slice(cut), path.slice(0, cut)];
}

/** A snapshot's id as people read and type it. */
export function shortId(id: string): string {
  return id.slice(0, 10);
}
