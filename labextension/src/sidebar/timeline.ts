import type { ILogEntry } from '../replies';

/** The fewest digits that name a snapshot, as on the command line. */
const ID_DIGITS = 4;

/** One snapshot of the timeline, with what is told of it beside its record. */
export interface ITimelineEntry {
  entry: ILogEntry;
  metrics: { name: string; value: number; change: number | null }[];
}

/**
 * The entries of a history with their changes against the ones before.
 *
 * A metric is compared with that of the nearest ancestor that has it, so a safety snapshot between two trainings hides nothing.
 */
export function timeline(
  entries: readonly ILogEntry[],
  older: ILogEntry | null
): ITimelineEntry[] {
  const since = new Map<string, Record<string, number>>();
  const told: ITimelineEntry[] = [];
  const oldestFirst = [...(older ? [older] : []), ...[...entries].reverse()];
  for (const entry of oldestFirst) {
    const { id, parents, metrics } = entry.snapshot;
    const before = since.get(parents[0]) ?? {};
    const names = Object.keys(metrics);
    since.set(id, names.length ? { ...before, ...metrics } : before);
    told.push({
      entry,
      metrics: Object.entries(metrics).map(([name, value]) => ({
        name,
        value,
        change: name in before ? value - before[name] : null
      }))
    });
  }
  return told.slice(older ? 1 : 0).reverse();
}

/** Those whose message, tags, author, notebook or id have all words of a text. */
export function matching(
  entries: readonly ITimelineEntry[],
  text: string
): readonly ITimelineEntry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) {
    return entries;
  }
  return entries.filter(({ entry, metrics }) => {
    const { message, author, id, notebook, kind } = entry.snapshot;
    const names = metrics.map(({ name }) => name);
    const all = [
      message,
      author,
      notebook ?? '',
      kind,
      ...entry.tags,
      ...names
    ];
    const searched = all.join('\n').toLowerCase();
    return words.every(
      word =>
        searched.includes(word) ||
        (word.length >= ID_DIGITS && id.startsWith(word))
    );
  });
}
