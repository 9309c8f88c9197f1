import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type { Widget } from '@lumino/widgets';

import type { IKitModel } from './tokens';

/**
 * Let the model look where the person looks: at the folder of the document in front, or else at that of the file browser; and see again
 * what has changed when the lab has saved, renamed or deleted a file.
 */
export function follow(
  app: JupyterFrontEnd,
  model: IKitModel,
  documents: IDocumentManager | null,
  browsers: IFileBrowserFactory | null
): void {
  const { contents } = app.serviceManager;
  const look = (folder: string): void => {
    void model.setFolder(contents.localPath(folder));
  };
  const lookAtDocument = (widget: Widget | null): void => {
    const context = widget && documents?.contextForWidget(widget);
    if (context) {
      look(context.path.split('/').slice(0, -1).join('/'));
    }
  };

  contents.fileChanged.connect(() => model.touch());
  app.shell.currentChanged?.connect((_, { newValue }) =>
    lookAtDocument(newValue)
  );
  void app.restored.then(() => {
    const browser = browsers?.tracker.currentWidget;
    browser?.model.pathChanged.connect((_, { newValue }) => look(newValue));
    const widget = app.shell.currentWidget;
    if (widget && documents?.contextForWidget(widget)) {
      lookAtDocument(widget);
    } else {
      look(browser?.model.path ?? '');
    }
  });
}
