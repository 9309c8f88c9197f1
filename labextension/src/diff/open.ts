/** What the plugin loads when the first document is opened: the documents themselves, and all they are made of. */
import { MainAreaWidget } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import type { ServerConnection } from '@jupyterlab/services';

import { kitIcon } from '../icons';
import { ago } from '../words';
import { Banner } from './banner';
import { DiffDocument } from './document';
import { find, IDiffPlace, shortName } from './place';
import { Preview } from './preview';
import { Source } from './source';
import type { IParts } from './views/parts';

/** What documents ask the lab for. */
export interface IActions {
  restore(folder: string, snapshot: string, path: string): void;
  compare(folder: string, snapshot: string, path: string): void;
}

/** A file as it was. */
export interface IPreviewPlace {
  folder: string;
  snapshot: string;
  path: string;
}

let count = 0;

/** A document that compares. */
export function diffDocument(
  place: IDiffPlace,
  settings: ServerConnection.ISettings,
  parts: IParts,
  actions: IActions
): MainAreaWidget<DiffDocument> {
  const content = new DiffDocument(
    place,
    new Source(settings, place.folder),
    parts,
    (snapshot, path) => actions.restore(place.folder, snapshot, path)
  );
  const widget = new MainAreaWidget({ content });
  widget.id = `jupyter-kit-diff-${++count}`;
  widget.title.icon = kitIcon;
  widget.title.closable = true;
  widget.toolbar.hide();
  return widget;
}

/** A file as it was in a snapshot. */
export function previewDocument(
  place: IPreviewPlace,
  settings: ServerConnection.ISettings,
  parts: IParts,
  actions: IActions
): MainAreaWidget<Preview> {
  const { folder, snapshot, path } = place;
  const { trans } = parts;
  const source = new Source(settings, folder);
  const content = new Preview(path, snapshot, source, parts);
  const widget = new MainAreaWidget({ content });
  const name = (title: string, age: string): void => {
    widget.title.label = `${PathExt.basename(path)} (${title})`;
    [...widget.contentHeader.widgets].forEach(each => each.dispose());
    widget.contentHeader.addWidget(
      new Banner(
        title,
        age,
        trans,
        () => actions.restore(folder, snapshot, path),
        () => actions.compare(folder, snapshot, path)
      )
    );
  };
  widget.id = `jupyter-kit-preview-${++count}`;
  widget.title.icon = kitIcon;
  widget.title.caption = trans.__('%1 as of %2', path, shortName(snapshot));
  widget.title.closable = true;
  widget.toolbar.hide();
  name(shortName(snapshot), '');
  void source.log(1000).then(
    log => {
      const entry = find(snapshot, log.entries);
      if (entry && !widget.isDisposed) {
        const title = shortName(snapshot, log.entries);
        name(title, ago(entry.snapshot.created));
      }
    },
    () => undefined // The banner then does without its age.
  );
  return widget;
}
