"""Binder's Jupyter server: Voila shows the notebooks in it as `folioviz serve` does, as far as that can be there."""

from functools import partial
from pathlib import Path

from folioviz.serving.pages import farewell, page_config, told
from folioviz.serving.serve import CULLING, OUTPUT_SECONDS

BELOW = "notebooks"

c.VoilaConfiguration.template = "folioviz"
# Else the gallery's address is answered by JupyterLab's file browser.
c.VoilaConfiguration.classic_tree = True
c.VoilaConfiguration.page_config_hook = partial(page_config, folder=Path(BELOW).resolve(), below=BELOW)
c.ServerApp.jinja_template_vars = {"folioviz": told(BELOW)}  # for pages that say that something is wrong
c.VoilaConfiguration.prelaunch_hook = farewell
c.VoilaExecutor.iopub_timeout = OUTPUT_SECONDS
c.KernelManager.transport = "ipc"
c.MappingKernelManager.update(CULLING)  # these are the server's, and voila.json is read by Voila alone
