"""The panel as people meet it: JupyterLab in a browser."""
