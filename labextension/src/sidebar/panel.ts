import type { TranslationBundle } from '@jupyterlab/translation';
import { SidePanel } from '@jupyterlab/ui-components';
import type { AccordionPanel } from '@lumino/widgets';

import { kitIcon } from '../icons';
import { ModelKits } from '../modelkits/section';
import { Remotes } from '../remotes/section';
import type { IKitModel } from '../tokens';
import { Changes } from './changes';
import { History } from './history';

/** The panel of Jupyter Kit: one section below the other, each of which folds. */
export class KitPanel extends SidePanel {
  constructor(model: IKitModel, trans: TranslationBundle) {
    super();
    this.id = 'jupyter-kit:panel';
    this.addClass('jk-Panel');
    this.title.icon = kitIcon;
    this.title.caption = trans.__('Versions of this folder');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Jupyter Kit'));
    this.addWidget(new Changes(model, trans));
    this.addWidget(new History(model, trans));
    this.addWidget(new ModelKits(model, trans));
    this.addWidget(new Remotes(model, trans));
    (this.content as AccordionPanel).collapse(2);
    (this.content as AccordionPanel).collapse(3);
  }
}
