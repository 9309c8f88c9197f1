import { LabIcon } from '@jupyterlab/ui-components';

import kitSvg from '../style/icons/kit.svg';

/** The panel's icon: a clock's hand over a stack. */
export const kitIcon = new LabIcon({ name: 'jupyter-kit:kit', svgstr: kitSvg });
