"""The tuning panel, in a notebook or a browser: move an intervention, a belief or an event, see what it changes.

It needs the extra `panel`, of which Solara is imported when a panel is shown. In a browser it is a local web page,
served to this machine alone.
"""

from __future__ import annotations

import os
import threading
import time
import warnings
import webbrowser
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sim.scenario import ScenarioLike
from sim.widgets.levers import LeverError as LeverError
from sim.widgets.tuning import Tuning as Tuning
from sim.widgets.views import as_html, as_text

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

HOST = "127.0.0.1"

_HERE = ("127.0.0.1", "localhost")
_SETTINGS = {  # read once, as Solara is loaded
    "SOLARA_ASSETS_FONTAWESOME_ENABLED": "false",
    "SOLARA_THEME_SHOW_BANNER": "false",
    "SOLARA_THEME_TITLE": "serbia-sim",
    "SOLARA_APP": "sim.widgets.page",
}


class Panel(Tuning):
    """A panel that a notebook shows."""

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """Return the panel as a widget, and beside it the table alone for readers that show no widgets."""
        from sim.widgets.page import as_widget

        self.judge()
        bundle: dict[str, Any] = as_widget(self)._repr_mimebundle_(**kwargs)
        return {**bundle, "text/html": as_html(self), "text/plain": as_text(self)}


def tune(scenario: ScenarioLike = "today", **options: Any) -> Panel:
    """Return the panel of a scenario, simulated, to be shown in a notebook; options as of `Tuning`.

    Raises
    ------
    LeverError: if a name is not one of a settable quantity, or not one of a parameter.
    ModuleNotFoundError: if Solara is not installed.
    """
    _need()
    panel = Panel(scenario, **options)
    panel.update()
    return panel


def serve(port: int, *, browser: bool, **options: Any) -> None:
    """Serve the panel until interrupted.

    Parameters
    ----------
    port: on this machine; 0 for any that is free. browser: open a page. options: of `sim.widgets.tuning.Tuning`.

    Raises ModuleNotFoundError if Solara is not installed. OSError: if the port is taken.
    """
    os.environ.update(_SETTINGS)
    _need()
    # they are lax, it says
    warnings.filterwarnings("ignore", message="Cookies with samesite=none require https")
    import uvicorn
    from solara.server import starlette

    from sim.widgets import page

    page.OPTIONS.update(options)
    guarded = _here_alone(starlette.app)
    config = uvicorn.Config(guarded, host=HOST, port=port, log_level="warning", loop="asyncio")
    listening = config.bind_socket()
    address = f"http://{HOST}:{listening.getsockname()[1]}"
    server = uvicorn.Server(config)
    threading.Thread(target=_announce, args=(server, address, browser), daemon=True).start()
    server.run(sockets=[listening])


def _need() -> None:
    """Refuse to go on without Solara, and say what to install.

    Raises ModuleNotFoundError if it is not installed.
    """
    os.environ["SOLARA_TELEMETRY_MIXPANEL_ENABLE"] = "false"  # nothing is told to anybody
    try:
        import_module("solara")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "the tuning panel needs Solara: install the extra with pip install 'serbia-sim[panel]', "
            "or in a checkout with pip install -e '.[panel]'",
            name="solara",
        ) from error


def _here_alone(app: ASGIApp) -> ASGIApp:
    """Return an ASGI application that answers pages of this machine alone.

    A page of elsewhere that is open in the same browser may call this machine, too: its `Origin`, or the name under
    which it finds this machine (`Host`), gives it away. Starlette's own middleware looks at the host alone.
    """
    from starlette.datastructures import Headers
    from starlette.responses import PlainTextResponse
    from starlette.websockets import WebSocketClose

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        answering = app
        if scope["type"] in ("http", "websocket"):
            heads = Headers(scope=scope)
            host = heads.get("host", "")
            if (
                host.partition(":")[0] not in _HERE
                or heads.get("origin", f"http://{host}") != f"http://{host}"
            ):
                refusal = PlainTextResponse("this panel answers its own machine only", 403)
                answering = WebSocketClose(1008) if scope["type"] == "websocket" else refusal
        await answering(scope, receive, send)

    return guarded


def _announce(server: Any, address: str, browser: bool) -> None:
    """Say where the page is once it answers, and open it."""
    while not server.started:
        time.sleep(0.05)
    print(f"The panel is at {address}; Ctrl-C ends it.", flush=True)  # noqa: T201
    if browser:
        webbrowser.open(address)
