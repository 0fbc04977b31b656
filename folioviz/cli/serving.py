"""What opens in a browser."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from folioviz.errors import FoliovizError
from folioviz.files import paste, share
from folioviz.race import link as races
from folioviz.serving import own
from folioviz.serving import serve as servers

IpOption = Annotated[str, typer.Option("--ip", metavar="ADDRESS", help="The address to listen on.")]
PortOption = Annotated[
    int, typer.Option("--port", metavar="PORT", min=1, max=65535, help="The port to listen on.")
]
BrowserOption = Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")]


def serve(
    port: PortOption = 8866,
    ip: IpOption = "localhost",
    browser: BrowserOption = True,
    base_url: Annotated[
        str,
        typer.Option(
            "--base-url", metavar="BASE", help="The path below which all is served, such as /user/ann/."
        ),
    ] = "/",
    live: Annotated[
        bool,
        typer.Option("--live", help="Show this machine, to you alone: at the address that is printed."),
    ] = False,
) -> None:
    """Open the dashboards in a browser, served by Voila."""
    servers.serve(ip, port, browser=browser, base=base_url, live=live)


def lab(
    port: PortOption = 8888,
    ip: IpOption = "localhost",
    browser: BrowserOption = True,
    allow_root: Annotated[bool, typer.Option("--allow-root", help="Run although you are root.")] = False,
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="FOLDER", help="Where your notebooks are; asked otherwise."),
    ] = None,
) -> None:
    """Open notebooks of your own in JupyterLab.

    They are copied to a folder of yours. A file that is there already stays as it is, whatever version it is from.
    """
    servers.check("lab", ip, port)
    folder = into or _asked()
    if kept := own.copied(folder):
        typer.echo(
            f"folioviz: left as they are in {folder}, other than in this version: {', '.join(kept)}", err=True
        )
    servers.lab(ip, port, browser=browser, root=allow_root, folder=folder)


def _asked() -> Path:
    """Ask for the folder.

    Raises:
        FoliovizError: if nobody is there to answer.
    """
    if not sys.stdin.isatty():
        raise FoliovizError("your notebooks need a folder: name it, like --into " + own.PLACE)
    return Path(typer.prompt("Folder for your notebooks", default=own.PLACE)).expanduser()


def open_(
    link: Annotated[
        str, typer.Argument(metavar="LINK", help="What Share has copied: an address, or its end.")
    ],
    port: PortOption = 8866,
    ip: IpOption = "localhost",
    browser: BrowserOption = True,
) -> None:
    """Open the explorer at what a link shows, on this machine, wherever the link is from.

    Operations in the short form are opened as well.
    """
    race = races.pasted(link)
    query = races.query(race) if race else share.query(paste.read(link)) + share.looks(paste.fields(link))
    servers.serve(ip, port, browser=browser, query=query)
