import { ReactWidget } from '@jupyterlab/ui-components';

/** One section of the panel: a React component under a title. */
export abstract class Section extends ReactWidget {
  constructor(id: string, title: string) {
    super();
    this.id = `jupyter-kit-${id}`;
    this.title.label = title;
    this.addClass('jk-Section');
    this.addClass(`jk-Section-${id}`);
  }
}
