import type { TranslationBundle } from '@jupyterlab/translation';

/** The rules of kit's references: `[registry/]repository[:tag][@digest]`, and `oci:FOLDER[:TAG]` for a layout. */

const REPOSITORY =
  /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const REGISTRY =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const LAYOUT = 'oci:';
const KITOPS = 'kitops:';

/** A reference in its parts; `registry` is empty for one of this machine. */
export interface IReference {
  registry: string;
  repository: string;
  tag: string;
  digest: string;
}

/** What names a place outside, and what only a workspace has. */
export type Place = 'here' | 'outside' | 'history';

/** A reference in its parts, whether or not they are right. */
export function parts(text: string): IReference {
  const [rest, digest = ''] = split(text, '@');
  const [head, tail] = split(rest, '/');
  const outside = tail !== undefined && /[:.]/.test(head);
  const [repository, tag = ''] = split(outside ? tail : rest, ':');
  return { registry: outside ? head : '', repository, tag, digest };
}

/** The registry that a reference names; empty for layouts and for what is here. */
export function registryOf(reference: string): string {
  return isFolder(reference) || reference.startsWith(KITOPS)
    ? ''
    : parts(reference).registry;
}

/** Whether it names a folder, and no registry. */
export function isFolder(reference: string): boolean {
  return reference.startsWith(LAYOUT);
}

/** A reference as people write it. */
export function shown(reference: string): string {
  return reference.replace(/^localhost\//, '');
}

/** The start of a digest: enough to tell it from others. */
export function short(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12);
}

/** What is wrong with a reference as typed; null where it can be sent. */
export function problemOf(
  text: string,
  place: Place,
  trans: TranslationBundle
): string | null {
  if (/\s/.test(text) && !isFolder(text)) {
    return trans.__('A reference has no spaces.');
  }
  if (isFolder(text)) {
    if (place === 'here') {
      return trans.__('A folder is a place to push to, not a name.');
    }
    return text.length > LAYOUT.length
      ? null
      : trans.__('Name the folder: oci:FOLDER.');
  }
  if (text.startsWith(KITOPS) && place === 'outside') {
    return problemOf(text.slice(KITOPS.length), 'here', trans);
  }
  return problemOfParts(parts(text), place, trans);
}

function problemOfParts(
  { registry, repository, tag, digest }: IReference,
  place: Place,
  trans: TranslationBundle
): string | null {
  if (place !== 'here' && !registry) {
    return trans.__(
      'Write registry/repository, such as ghcr.io/team/digits, or oci:FOLDER.'
    );
  }
  if (registry && !REGISTRY.test(registry)) {
    return trans.__('“%1” is not a registry.', registry);
  }
  if (!REPOSITORY.test(repository)) {
    return trans.__(
      '“%1” is not a repository: lower case letters, digits, and . _ - / between them.',
      repository
    );
  }
  // Further tags may follow after commas.
  const wrong = tag.split(',').find(each => tag && !TAG.test(each));
  if (wrong !== undefined) {
    return trans.__('“%1” is not a tag.', wrong);
  }
  return digest && !DIGEST.test(digest)
    ? trans.__('“%1” is not a digest.', digest)
    : null;
}

/**
 * Where a ModelKit may be pushed to, likeliest first.
 *
 * Where its own reference says; beside the workspace's remotes and other ModelKits; a folder.
 */
export function destinations(
  reference: string,
  known: readonly string[]
): string[] {
  const own = parts(reference);
  const name = own.repository.split('/').pop() ?? own.repository;
  const tag = own.tag ? `:${own.tag}` : '';
  const beside = known.map(other => {
    const { registry, repository } = parts(other);
    const folder = repository.split('/').slice(0, -1);
    return registryOf(other)
      ? `${[registry, ...folder, name].join('/')}${tag}`
      : '';
  });
  const all = [
    own.registry ? reference : '',
    ...beside,
    `${LAYOUT}exports${tag}`,
    `${KITOPS}${name}${tag}`
  ];
  return [...new Set(all.filter(Boolean))];
}

/** The registries that a set of references names, in their order. */
export function registriesOf(references: readonly string[]): string[] {
  return [...new Set(references.map(registryOf).filter(Boolean))];
}

function split(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** What references look like, for fields that want one. */
export const EXAMPLE = {
  modelkit: 'ghcr.io/team/digits:v1',
  tagged: 'ghcr.io/team/digits:best',
  history: 'ghcr.io/team/digits-history',
  own: 'localhost:5000/digits',
  folder: 'oci:../backup',
  registry: 'ghcr.io',
  remote: 'team'
} as const;
