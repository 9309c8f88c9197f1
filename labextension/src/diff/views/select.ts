import type { IChange } from '../../replies';
import { kindOf } from '../place';
import type { INotebookDiffReply, ITableDiff, ITextDiff } from '../source';
import { FactsView, IFacts } from './facts';
import { IImage, ImagesView } from './images';
import { CellsView, LinesView } from './lines';
import { below, noted } from './note';
import type { IParts, ISubject, IView } from './parts';
import { TableSummary } from './table';
import { TensorsView } from './tensors';

/** Texts up to this are compared in the browser, side by side; the server compares longer ones by lines. In bytes. */
const TEXT_MAX = 1_000_000;

/** Lines longer than this are shown around what differs in them only, as the server cuts them. In characters. */
const LINE_MAX = 5000;

/** Images up to this are loaded. In bytes. */
const IMAGE_MAX = 50_000_000;

/** The view that fits a changed file; `ahead` is its change as a notebook, where that was asked for before. Throws KitError. */
export async function viewOf(
  subject: ISubject,
  parts: IParts,
  ahead?: Promise<INotebookDiffReply>
): Promise<IView> {
  const { change } = subject;
  switch (kindOf(change)) {
    case 'notebook':
      return notebookView(subject, parts, ahead);
    case 'image':
      return Math.max(change.old_size ?? 0, change.new_size ?? 0) > IMAGE_MAX
        ? factsView(subject, parts, null)
        : imagesView(subject, parts);
    case 'text':
      return textView(subject, parts);
    default:
      return factsView(subject, parts, null);
  }
}

async function notebookView(
  subject: ISubject,
  parts: IParts,
  ahead?: Promise<INotebookDiffReply>
): Promise<IView> {
  const { source, change, before, after, signal } = subject;
  const loading = import('./notebook');
  loading.catch(() => undefined); // Said below, where it is needed.
  const reply = await (ahead ?? source.notebook(before, after, change, signal));
  if (reply.base && reply.diff) {
    const { NotebookView } = await loading;
    return new NotebookView(
      reply.base,
      reply.diff,
      parts,
      subject.look.hideUnchanged
    );
  }
  const { trans } = parts;
  return reply.cells
    ? noted(
        trans.__('Cells are shown without their outputs. %1', reply.reason),
        new CellsView(reply.cells, trans)
      )
    : noted(
        trans.__('It is not shown by cells. %1', reply.reason),
        await textView(subject, parts)
      );
}

async function textView(subject: ISubject, parts: IParts): Promise<IView> {
  const { source, change, before, after, signal } = subject;
  const diff = await source.file(before, after, change.path, signal);
  switch (diff?.type) {
    case 'notebook':
      return new CellsView(diff, parts.trans);
    case 'tensors':
      return new TensorsView(diff, parts.trans);
    case 'table': {
      const lines = await linesView(diff, subject, parts);
      return below(new TableSummary(diff, parts.trans), lines);
    }
    case 'text':
      return linesView(diff, subject, parts);
    default:
      return factsView(subject, parts, diff?.shared_bytes ?? null);
  }
}

/** A text's lines: side by side, or as the server compared them where they are too long for that. */
async function linesView(
  diff: ITextDiff | ITableDiff,
  subject: ISubject,
  parts: IParts
): Promise<IView> {
  const { source, change, before, after, signal } = subject;
  const size = Math.max(change.old_size ?? 0, change.new_size ?? 0);
  const link = [change.old_entry, change.new_entry].includes('symlink');
  if (size > TEXT_MAX || link) {
    return new LinesView(diff, parts.trans);
  }
  const [old, fresh, views] = await Promise.all([
    change.old_size === null
      ? null
      : source.text(before, change.old_path ?? change.path, signal),
    change.new_size === null ? null : source.text(after, change.path, signal),
    import('./text')
  ]);
  if ([old, fresh].some(text => text?.split('\n').some(isLong))) {
    return new LinesView(diff, parts.trans);
  }
  const language = await views.languageOf(change.path, parts);
  const labels = subject.titles.map(title => `${change.path} (${title})`) as [
    string,
    string
  ];
  if (old === null || fresh === null) {
    const whole = new views.WholeText(
      old ?? fresh ?? '',
      language,
      labels[old === null ? 1 : 0]
    );
    whole.addClass(old === null ? 'jk-mod-added' : 'jk-mod-removed');
    return whole;
  }
  return new views.TextView(old, fresh, language, labels, subject.look);
}

async function imagesView(subject: ISubject, parts: IParts): Promise<IView> {
  const { source, change, before, after, signal } = subject;
  const { titles } = subject;
  const load = async (
    there: number | null,
    snapshot: string,
    path: string,
    title: string
  ): Promise<IImage | null> =>
    there === null
      ? null
      : { title, content: await source.content(snapshot, path, signal) };
  const [old, fresh] = await Promise.all([
    load(change.old_size, before, change.old_path ?? change.path, titles[0]),
    load(change.new_size, after, change.path, titles[1])
  ]);
  return new ImagesView(old, fresh, change.path, parts.trans);
}

function factsView(
  subject: ISubject,
  parts: IParts,
  shared: number | null
): IView {
  const { source, change, before, after } = subject;
  const isFile = (entry: IChange['old_entry']): boolean => entry === 'file';
  const facts: IFacts = {
    change,
    shared,
    titles: subject.titles,
    urls: [
      isFile(change.old_entry)
        ? source.url(before, change.old_path ?? change.path, true)
        : null,
      isFile(change.new_entry) ? source.url(after, change.path, true) : null
    ]
  };
  return new FactsView(facts, parts.trans);
}

function isLong(line: string): boolean {
  return line.length > LINE_MAX;
}
