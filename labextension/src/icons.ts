import { LabIcon } from '@jupyterlab/ui-components';

import kitSvg from '../style/icons/kit.svg';
import snapshotSvg from '../style/icons/snapshot.svg';

/** The panel's icon: three layers, the newest on top. */
export const kitIcon = new LabIcon({ name: 'jupyter-kit:kit', svgstr: kitSvg });

/** Taking a snapshot: a layer put on the stack. */
export const snapshotIcon = new LabIcon({
  name: 'jupyter-kit:snapshot',
  svgstr: snapshotSvg
});
