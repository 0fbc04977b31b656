"""The notebooks behind a server: as dashboards with Voila, or in JupyterLab."""
