"""What opens in a browser."""

from __future__ import annotations

from typing import Annotated

import typer

from folioviz.files import paste, share
from folioviz.serving import serve as servers

IpOption = Annotated[str, typer.Option("--ip", help="The address to listen on.")]
BrowserOption = Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")]


def serve(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen on.")] = 8866,
    ip: IpOption = "localhost",
    browser: BrowserOption = True,
) -> None:
    """Open the dashboards in a browser, served by Voila."""
    servers.serve(ip, port, browser=browser)


def lab(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen on.")] = 8888,
    ip: IpOption = "localhost",
    browser: BrowserOption = True,
    allow_root: Annotated[bool, typer.Option("--allow-root", help="Run although you are root.")] = False,
) -> None:
    """Open the notebooks in JupyterLab."""
    servers.lab(ip, port, browser=browser, root=allow_root)


def open_(
    link: Annotated[
        str, typer.Argument(metavar="LINK", help="What Share has copied: an address, or its end.")
    ],
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen on.")] = 8866,
    ip: IpOption = "localhost",
    browser: BrowserOption = True,
) -> None:
    """Open the explorer at what a link shows, on this machine, wherever the link is from.

    Operations in the short form are opened as well.
    """
    query = share.query(paste.read(link)) + share.looks(paste.fields(link))
    servers.serve(ip, port, browser=browser, query=query)
