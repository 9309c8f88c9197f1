import type { IKitfile, IKitfileEntry } from './replies';

/** The kinds of layers, as kit's filters call them, in the order of a Kitfile. */
export type LayerType = 'model' | 'code' | 'datasets' | 'docs' | 'prompts';

/** One layer as a Kitfile describes it. */
export interface ILayer {
  type: LayerType;
  /** Part of a model, not the model itself. */
  part: boolean;
  name: string;
  path: string;
  /** What else is known of it: framework, format, description. */
  about: string;
  digest: string;
}

/** The layers that a Kitfile describes, in its order. */
export function layersOf(kitfile: IKitfile): ILayer[] {
  const { model } = kitfile;
  return [
    ...(model?.path ? [layer('model', model)] : []),
    ...(model?.parts ?? []).map(part => layer('model', part, true)),
    ...(kitfile.code ?? []).map(each => layer('code', each)),
    ...(kitfile.datasets ?? []).map(each => layer('datasets', each)),
    ...(kitfile.docs ?? []).map(each => layer('docs', each)),
    ...(kitfile.prompts ?? []).map(each => layer('prompts', each))
  ];
}

/** The filter that wants exactly one layer: its type with its path, or all of its type where the path cannot be written. */
export function filterOf(layer: ILayer): string {
  return /[:,]/.test(layer.path) || !layer.path
    ? layer.type
    : `${layer.type}:${layer.path}`;
}

function layer(type: LayerType, entry: IKitfileEntry, part = false): ILayer {
  const { name = '', path = '.', digest = '' } = entry;
  const facts = [entry.framework, entry.format, entry.version];
  const told = [...new Set(facts.filter(Boolean))].join(' · ');
  return { type, part, name, path, digest, about: entry.description || told };
}
