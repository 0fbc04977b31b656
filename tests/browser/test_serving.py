"""What ``folioviz serve`` serves: the landing page, preheated pages, limits, and a way on when a kernel ends."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
from importlib.metadata import version
from itertools import product
from urllib.parse import urljoin, urlsplit

import psutil
import pytest
from playwright.sync_api import expect

from folioviz.serving.headers import headers
from tests.browser import serving
from tools import dashboard

pytestmark = pytest.mark.browser

PAGE = "voila/render/explorer.ipynb"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Write notebooks that show what was asked of them; the first is preheated."""
    where = tmp_path_factory.mktemp("notebooks")
    serving.notebook(where / "explorer.ipynb", serving.SHOWN, serving.ASKED)
    serving.notebook(
        where / "other.ipynb", serving.SHOWN, serving.ASKED, title="<b>Who</b> keeps the `folio`?"
    )
    serving.notebook(where / "wrong.ipynb", "raise ValueError('xyzzy')", title="What is wrong?")
    return where


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """Return where the server's log goes."""
    return tmp_path_factory.mktemp("served") / "log"


@pytest.fixture(scope="module")
def talk():
    """Serve a page that shows in a frame what its fragment names; return its port."""
    with serving.framing() as port:
        yield port


@pytest.fixture(scope="module")
def url(folder, log, talk):
    """Serve the notebooks below a path, as behind a proxy, one kernel preheated; the talk may frame them."""
    env = {"POOL": "1", "STORIES": "0", "LOG": "info", "FRAMES": f"http://localhost:{talk}"}
    env = {f"FOLIOVIZ_{name}": value for name, value in env.items()}
    with dashboard.served(folder, log, "/user/ann%40b.org/", **env) as at:
        yield at


def filled(log, notebook):
    """Wait until a kernel waits for a notebook's next visitor: one more was made ready than was taken."""

    def waits():
        said = log.read_text()
        taken = re.findall(rf"Using pre-heated kernel: \S+ for {re.escape(notebook)}", said)
        return said.count(f"Kernel pool of {notebook} is filled with 1 ") > len(taken)

    dashboard.until(waits, f"a kernel for {notebook}")


@pytest.fixture
def tab(chromium, url):
    """Open an empty page; whatever it fetches comes from its own server, preheated or not."""
    fetched = set()
    with dashboard.window(chromium) as window:  # it outlives the page, so that the page's last words are sent
        view = window.new_page()
        view.on("request", lambda request: fetched.add(urlsplit(request.url)))
        yield view
        if not view.is_closed():
            view.goto("about:blank")
    assert {one.netloc for one in fetched if one.scheme in {"http", "https", "ws"}} == {urlsplit(url).netloc}


@pytest.fixture(scope="module")
def shown(chromium, url):
    """Open a page for tests that leave its kernel alive."""
    with dashboard.window(chromium) as window:
        view = window.new_page()
        opened(view, url + PAGE)
        yield view
        view.goto("about:blank")


def opened(view, address):
    """Open a page and return what its notebook says it was asked."""
    view.goto(address)
    return asked(view)


def asked(view, not_pid=0):
    """Wait for a page's notebook, and return what it says."""
    dashboard.holds(
        view,
        "pid => { const t = document.querySelector('.t-asked')?.textContent;"
        " return t?.startsWith('{') && JSON.parse(t).pid !== pid }",
        arg=not_pid,
    )
    return json.loads(view.locator(".t-asked").inner_text())


def test_the_landing_page_has_a_card_for_each_notebook(tab, url):
    """Title, icon, the way to the explorer, its picture; the question of each; a heading's markup is text."""
    tab.goto(url)
    expect(tab).to_have_title("folioviz")
    expect(tab.locator("link[rel=icon]")).to_have_attribute("href", re.compile("^data:image/svg"))
    expect(tab.locator(".card strong")).to_have_text(["<b>Who</b> keeps the folio?", "What is wrong?"])
    expect(tab.locator(".words span").first).to_have_text("What it says.")
    expect(tab.locator(".shot img:visible")).to_have_count(1)
    dashboard.holds(tab, "() => document.querySelector('.shot img').naturalWidth > 1000")
    tab.get_by_role("link", name="Open the explorer").click()
    expect(tab).to_have_title("What is asked? – folioviz")
    asked(tab)


def test_an_address_that_is_none_has_a_way_back(tab, url):
    """What is not there, or not below the base, is told in the page's own look; the landing page is one click away."""
    for path in ("/", f"/{PAGE}", "nothing", "voila/render/nothing.ipynb"):
        assert tab.goto(urljoin(url, path)).status == 404
        expect(tab.get_by_role("alert")).to_contain_text("There is no such page")
    expect(tab.locator("footer")).to_contain_text(f"folioviz {version('folioviz')}")
    tab.get_by_role("link", name="To the gallery").click()
    expect(tab).to_have_title("folioviz")
    tab.goto(f"{url}voila/render/")  # what pages call "."
    expect(tab).to_have_title("folioviz")
    assert tab.url == url


def test_each_visitor_gets_the_query_of_their_own_address(chromium, tab, url, log):
    """Preheated, twice, and not preheated: what the address asks for arrives; the visitor before is unknown."""
    filled(log, "explorer.ipynb")
    first = opened(tab, f"{url}{PAGE}?scenario=aaa&step=3")
    with dashboard.window(chromium) as window:
        second = window.new_page()
        after = opened(second, f"{url}{PAGE}?scenario=%3Cb%3E")
        second.goto("about:blank")
    other = opened(tab, f"{url}voila/render/other.ipynb?x=1&x=2&y=")

    assert first["query"] == {"scenario": "aaa", "step": "3"}
    assert after["query"] == {"scenario": "<b>"}
    assert "aaa" not in after["url"]
    assert other["query"] == {"x": "1", "y": ""}
    assert [first["ready"], other["ready"]] == ["True", "False"]


def test_further_notebooks_get_a_kernel_once_somebody_has_come(chromium, tmp_path):
    """Not before; from then on they open at once."""
    where, log = tmp_path / "notebooks", tmp_path / "log"
    where.mkdir()
    serving.notebook(where / "explorer.ipynb", serving.SHOWN, serving.ASKED)
    serving.notebook(where / "other.ipynb", serving.SHOWN, serving.ASKED)
    with (
        dashboard.served(where, log, FOLIOVIZ_POOL="1", FOLIOVIZ_LOG="info") as at,
        dashboard.window(chromium) as window,
    ):
        page = window.new_page()
        opened(page, f"{at}{PAGE}")
        assert "Kernel pool of other.ipynb" not in log.read_text()
        filled(log, "other.ipynb")
        after = opened(page, f"{at}voila/render/other.ipynb?x=1")
        page.goto("about:blank")

    assert (after["ready"], after["query"]) == ("True", {"x": "1"})


def test_visitors_cannot_run_code(shown, log, tmp_path):
    """An execute_request on the kernel's own channel is not passed on; widgets' messages are."""
    target = tmp_path / "written"
    answers = shown.evaluate(
        """async code => {
            const kernel = window.jupyterapp.widgetManager.kernel, seen = [];
            kernel.anyMessage.connect((_, any) => { if (any.direction === 'recv') seen.push(any.msg.header.msg_type) });
            kernel.requestExecute({ code }).done.catch(() => null);
            await kernel.requestKernelInfo();
            return seen;
        }""",
        f"open({str(target)!r}, 'w').write('x')",
    )
    count = int(shown.locator(".t-label").inner_text())
    shown.locator(".t-button").click()
    expect(shown.locator(".t-label")).to_have_text(str(count + 1))

    assert "kernel_info_reply" in answers
    assert not {"execute_reply", "execute_input"} & set(answers)
    assert not target.exists()
    assert '"execute_request", which is not allowed' in log.read_text()


def test_a_closed_page_ends_its_kernel(tab, url):
    """The page's farewell is accepted, so that its process ends at once."""
    process = psutil.Process(opened(tab, url + PAGE)["pid"])
    tab.context.new_page()
    with tab.expect_event("close"):
        tab.close(run_before_unload=True)

    process.wait(dashboard.PATIENCE)
    assert not process.is_running()


CONNECTED = "window.jupyterapp?.widgetManager?.kernel?.connectionStatus === 'connected'"
FAREWELL = """async () => {
    const data = new FormData();
    data.append('_xsrf', document.cookie.match(/_xsrf=([^;]+)/)[1]);
    const { id } = window.jupyterapp.widgetManager.kernel;
    await fetch(`${document.body.dataset.baseUrl}api/shutdown/${id}`, { method: 'POST', body: data });
}"""
CUT = """() => {
    const { kernel } = window.jupyterapp.widgetManager;
    if (kernel.connectionStatus === 'connected') kernel._ws.close();
    return document.getElementById('fv-ended');
}"""
"""Close the connection, and one that was opened again before the network was gone, until the page says so."""
INERT = "document.querySelector('.t-button').closest('[inert]') !== null"


def test_a_page_whose_kernel_dies_says_so_and_starts_again(tab, url):
    """One message, and nothing else can be used; the new page asks for what the address did, or the page holds."""
    before = opened(tab, f"{url}{PAGE}?step=7")
    dashboard.holds(tab, CONNECTED)
    os.kill(before["pid"], signal.SIGKILL)
    expect(tab.get_by_role("alertdialog")).to_contain_text("The kernel has ended")
    assert tab.evaluate(INERT)
    expect(tab.get_by_role("button", name="Reload")).to_be_focused()
    tab.keyboard.press("Enter")
    after = asked(tab, before["pid"])
    dashboard.holds(tab, CONNECTED)
    tab.evaluate("document.querySelector('.t-asked').dataset.fvQuery = '?held=1'")
    tab.evaluate(FAREWELL)  # of another tab: the connection stays, and only what is asked now gets no answer
    tab.locator(".t-button").dispatch_event("click")  # a slow page has noticed by now, and takes no other
    expect(tab.get_by_role("alertdialog")).to_have_count(1)
    tab.get_by_role("button", name="Reload").click()
    last = asked(tab, after["pid"])

    assert after["query"] == {"step": "7"}
    assert last["query"] == {"held": "1"}


def test_a_lost_network_is_told_until_it_is_back(shown):
    """One message, and nothing else can be used; then the server has the kernel, and all goes on."""
    dashboard.holds(shown, CONNECTED)
    told, button, label = shown.locator("#fv-ended"), shown.locator(".t-button"), shown.locator(".t-label")
    count = int(label.inner_text())
    button.focus()
    shown.context.set_offline(True)
    dashboard.holds(shown, CUT)
    expect(told).to_contain_text("The connection is lost")
    assert shown.evaluate(INERT)
    with shown.expect_response(re.compile(r"/api/kernels/[\w-]+$")) as answer:
        shown.context.set_offline(False)
    assert answer.value.ok  # what a slow server is asked in passing, too: no error in the console
    expect(told).to_have_count(0)
    expect(button).to_be_focused()
    shown.keyboard.press("Enter")

    expect(label).to_have_text(str(count + 1))


def test_an_error_in_a_notebook_shows_no_traceback(tab, url):
    """Whoever looks learns that something is wrong, not what the code is."""
    tab.goto(f"{url}voila/render/wrong.ipynb")
    expect(tab.locator("#rendered_cells")).to_be_attached()
    tab.wait_for_load_state("load")

    assert "xyzzy" not in tab.content()


def test_large_uploads_and_messages_are_refused(shown, url):
    """A body over 64 KiB is not read, a websocket message over 5 MiB ends the connection."""
    server = http.client.HTTPConnection(urlsplit(url).netloc, timeout=dashboard.PATIENCE)
    server.putrequest("POST", "/voila/api/shutdown/x")
    server.putheader("Content-Length", "70000")
    server.endheaders()
    status = server.getresponse().status
    code = shown.evaluate(
        """() => new Promise(done => {
            const id = window.jupyterapp.widgetManager.kernel.id;
            const socket = new WebSocket(`ws://${location.host}/api/kernels/${id}/channels`);
            socket.onopen = () => socket.send('x'.repeat(6 * 1024 * 1024));
            socket.onclose = event => done(event.code);
        })"""
    )

    assert status in {400, 413}
    assert code in {1006, 1009}


def test_every_answer_says_what_a_browser_may_do(shown, url, talk):
    """Pages, files and errors have the same headers; a page reaches no other server, and makes no code of text."""
    for path in ("", "voila/static/voila.js", "nothing", "voila/render/nothing.ipynb"):
        answer = shown.request.get(f"{url}{path}")
        wanted = {name.lower(): value for name, value in headers(f"http://localhost:{talk}").items()}
        assert {name: answer.headers.get(name) for name in wanted} == wanted
    tried = shown.evaluate(
        """async other => {
            const picture = Object.assign(new Image(), { src: `${other}x.png` });
            const later = new Promise(done => setTimeout(done)); // what runs now, the browser's tools let do anything
            return [
                await fetch(other, { mode: 'no-cors' }).catch(error => error.name),
                await picture.decode().catch(error => error.name),
                await later.then(() => eval('1')).catch(error => error.name),
            ];
        }""",
        f"http://localhost:{talk}/",
    )

    assert tried == ["TypeError", "EncodingError", "EvalError"]


def test_a_frame_is_for_those_whom_the_operator_names(chromium, url, talk):
    """A page of theirs shows the landing page within it; in another's there is nothing of it."""
    with dashboard.window(chromium) as window:
        view = window.new_page()
        explorer = view.frame_locator("iframe").get_by_role("link", name="Open the explorer")
        view.goto(f"http://localhost:{talk}/#{url}")
        expect(explorer).to_be_attached()
        with view.expect_console_message(lambda said: "frame-ancestors" in said.text):
            view.goto(f"http://127.0.0.1:{talk}/#{url}")
        expect(explorer).to_have_count(0)


def test_a_full_machine_says_so(chromium, folder, tmp_path):
    """With one place, a second visitor gets a sentence and a button, and gets in when the first has left."""
    with (
        dashboard.served(folder, tmp_path / "log", FOLIOVIZ_POOL="0", FOLIOVIZ_VISITORS="1") as at,
        dashboard.window(chromium) as window,
    ):
        one, two = window.new_page(), window.new_page()
        process = psutil.Process(opened(one, at + PAGE)["pid"])
        refused = two.goto(at + PAGE)
        expect(two.get_by_role("alert")).to_contain_text("All places are taken")
        one.goto("about:blank")
        process.wait(dashboard.PATIENCE)

        def again():
            """Press the button; tell whether there was room by then."""
            with two.expect_navigation() as waiting:
                two.get_by_role("link", name="Try again").click()
            return waiting.value.status == 200

        dashboard.until(again, "a place that is free")
        asked(two)
        two.goto("about:blank")

    assert refused.status == 503


def test_the_landing_page_fits(chromium, url):
    """No sideways scrolling at any width, light or dark; pictures are taken."""
    pictures = dashboard.ROOT / "screenshots"
    pictures.mkdir(exist_ok=True)
    with dashboard.window(chromium) as window:
        view = window.new_page()
        view.goto(url)
        for (width, height), scheme in product(((1440, 900), (390, 844)), ("light", "dark")):
            view.set_viewport_size({"width": width, "height": height})
            view.emulate_media(color_scheme=scheme)
            view.screenshot(path=pictures / f"landing-{scheme}-{width}.png")
            assert view.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
