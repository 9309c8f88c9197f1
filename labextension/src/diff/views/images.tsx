import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import { size } from '../../words';

/** One version of an image. */
export interface IImage {
  /** What the version is called. */
  title: string;
  content: Blob;
}

/** Images side by side, each with its size and dimensions. An SVG is shown as an image, where no script of it runs. */
export class ImagesView extends ReactWidget {
  constructor(
    private readonly _before: IImage | null,
    private readonly _after: IImage | null,
    private readonly _path: string,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jk-Images');
    this._urls = [_before, _after].map(
      image => image && URL.createObjectURL(image.content)
    );
  }

  override dispose(): void {
    this._urls.forEach(url => url && URL.revokeObjectURL(url));
    super.dispose();
  }

  protected render(): JSX.Element {
    const sides = [this._before, this._after] as const;
    return (
      <div className="jk-Images-row">
        {sides.map(
          (image, side) =>
            image && (
              <Figure
                key={side}
                image={image}
                url={this._urls[side] ?? ''}
                side={side ? 'after' : 'before'}
                label={`${this._path} (${image.title})`}
                trans={this._trans}
              />
            )
        )}
      </div>
    );
  }

  private readonly _urls: (string | null)[];
}

function Figure(props: {
  image: IImage;
  url: string;
  side: string;
  label: string;
  trans: TranslationBundle;
}): JSX.Element {
  const { image, trans } = props;
  const [facts, setFacts] = useState('');
  return (
    <figure className={`jk-Figure jk-mod-${props.side}`}>
      <div className="jk-Figure-frame">
        {facts === 'broken' ? (
          <p className="jk-Diff-note">
            {trans.__('The browser cannot show this image.')}
          </p>
        ) : (
          <img
            src={props.url}
            alt={props.label}
            onLoad={event => {
              const { naturalWidth, naturalHeight } = event.currentTarget;
              setFacts(`${naturalWidth} × ${naturalHeight} · `);
            }}
            onError={() => setFacts('broken')}
          />
        )}
      </div>
      <figcaption>
        <b>{image.title}</b>
        <span>
          {facts === 'broken' ? '' : facts}
          {size(image.content.size)}
        </span>
      </figcaption>
    </figure>
  );
}
