import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { size } from '../words';
import { ILayer, layersOf, LayerType } from './kitfile';
import type { IKitfile, ISkipped } from './replies';

/** What a layer is, in a word. */
export function layerWord(layer: ILayer, trans: TranslationBundle): string {
  const words: Record<LayerType, string> = {
    model: layer.part ? trans.__('part') : trans.__('model'),
    code: trans.__('code'),
    datasets: trans.__('data'),
    docs: trans.__('docs'),
    prompts: trans.__('prompt')
  };
  return words[layer.type];
}

/** What a Kitfile says of the whole: name, version, authors, licence, description; what is missing is left out. */
export function PackageFacts(props: {
  kitfile: IKitfile;
  more?: readonly (readonly [label: string, value: React.ReactNode])[];
  trans: TranslationBundle;
}): JSX.Element {
  const { trans, more = [] } = props;
  const told = props.kitfile.package ?? {};
  const facts = [
    [trans.__('Name'), told.name],
    [trans.__('Version'), told.version],
    [trans.__('Authors'), told.authors?.join(', ')],
    [trans.__('Licence'), told.license],
    [trans.__('Description'), told.description],
    ...more
  ] as const;
  return (
    <dl className="jk-KitFacts">
      {facts
        .filter(([, value]) => value)
        .map(([label, value]) => (
          <React.Fragment key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </React.Fragment>
        ))}
    </dl>
  );
}

/** The layers that a Kitfile describes; with their sizes where these are known, by digest. */
export function Layers(props: {
  kitfile: IKitfile;
  sizes?: ReadonlyMap<string, number>;
  trans: TranslationBundle;
}): JSX.Element {
  const { kitfile, sizes, trans } = props;
  return (
    <ul className="jk-Layers" aria-label={trans.__('Layers')}>
      {layersOf(kitfile).map((layer, index) => (
        <li key={index} className="jk-Layer">
          <span className={`jk-Badge jk-mod-${layer.type}`}>
            {layerWord(layer, trans)}
          </span>
          <span className="jk-Layer-path" title={layer.path}>
            {layer.path}
          </span>
          {layer.about && <span className="jk-Quiet">{layer.about}</span>}
          {sizes?.has(layer.digest) && (
            <span className="jk-Layer-size">
              {size(sizes.get(layer.digest) ?? 0)}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

/** What is left out, each with its reason. */
export function LeftOut(props: {
  skipped: readonly ISkipped[];
  trans: TranslationBundle;
}): JSX.Element | null {
  const { skipped, trans } = props;
  if (!skipped.length) {
    return null;
  }
  return (
    <details className="jk-Details">
      <summary>
        {trans._n(
          '%1 path is left out',
          '%1 paths are left out',
          skipped.length
        )}
      </summary>
      <ul>
        {skipped.map(({ path, reason }) => (
          <li key={path}>
            <code>{path}</code> <span className="jk-Quiet">{reason}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
