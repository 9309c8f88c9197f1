import type { IChange, IStatus } from '../replies';

/** What a file is to the people who made it. */
export type Group = 'notebooks' | 'data' | 'models' | 'code' | 'other';

/** The order in which they are shown. */
export const GROUPS: readonly Group[] = [
  'notebooks',
  'data',
  'models',
  'code',
  'other'
];

const ENDINGS: Record<Exclude<Group, 'other'>, string> = {
  notebooks: 'ipynb',
  data:
    'arrow avro bin csv dat db duckdb feather geojson h5 hdf5 jpeg jpg json jsonl mat mp3 mp4 nc ndjson npy npz orc parquet png ' +
    'rds sqlite sqlite3 tif tiff tsv wav xls xlsx xml zarr zip gz zst bz2 xz tar',
  models:
    'caffemodel ckpt cbm gguf ggml joblib keras mlmodel model mar onnx pb pickle pkl pmml pt pt2 pth safetensors skops tflite ubj',
  code: 'c cc cpp css cu cuh go h hpp html ini java jl js jsx lua m make pl py pyi pyx r rb rs scala sh sql swift toml ts tsx yaml yml'
};

const GROUP_OF = new Map<string, Group>(
  Object.entries(ENDINGS).flatMap(([group, endings]) =>
    endings
      .split(' ')
      .map((ending): [string, Group] => [ending, group as Group])
  )
);

/** Names without an ending that are code. */
const CODE_NAMES = new Set(['dockerfile', 'kitfile', 'makefile', 'snakefile']);

/** What a file is, by its name. */
export function groupOf(path: string): Group {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const ending = name.slice(name.lastIndexOf('.') + 1);
  return GROUP_OF.get(ending) ?? (CODE_NAMES.has(name) ? 'code' : 'other');
}

/** One line of the list of changes: the head of a group, or a change in it. */
export type Row =
  | {
      type: 'head';
      group: Group;
      count: number;
      newBytes: number | null;
      open: boolean;
    }
  | { type: 'change'; group: Group; change: IChange }
  /** There are so many that did not come. */
  | { type: 'more'; group: Group; count: number };

/** Changes as lines: groups in their order, paths sorted; of a closed group only the head. `sums` are of all changes, where not all came. */
export function rowsOf(
  changes: readonly IChange[],
  closed: ReadonlySet<Group>,
  sums: IStatus['groups'] = {}
): Row[] {
  const groups = new Map<Group, IChange[]>();
  for (const change of changes) {
    const group = groupOf(change.path);
    const list = groups.get(group);
    if (list) {
      list.push(change);
    } else {
      groups.set(group, [change]);
    }
  }
  return GROUPS.flatMap((group): Row[] => {
    const list = groups.get(group);
    if (!list) {
      return [];
    }
    list.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
    const open = !closed.has(group);
    const { count, new_bytes: newBytes } = sums[group] ?? {
      count: list.length,
      new_bytes: sum(list.map(change => change.new_bytes))
    };
    const head: Row = { type: 'head', group, count, newBytes, open };
    if (!open) {
      return [head];
    }
    const lines = list.map((change): Row => ({
      type: 'change',
      group,
      change
    }));
    const rest = count - list.length;
    return rest > 0
      ? [head, ...lines, { type: 'more', group, count: rest }]
      : [head, ...lines];
  });
}

/** The sum of what is known, or null where nothing is. */
function sum(numbers: (number | null)[]): number | null {
  const known = numbers.filter((each): each is number => each !== null);
  return known.length ? known.reduce((a, b) => a + b, 0) : null;
}

/** The changes that have all words of a text in their path. */
export function withWords(
  changes: readonly IChange[],
  text: string
): readonly IChange[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length
    ? changes.filter(({ path }) =>
        words.every(word => path.toLowerCase().includes(word))
      )
    : changes;
}
