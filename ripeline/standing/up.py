"""The standing system in the foreground: Prefect with its UI, deployments, a worker, a mail sink, the web process; all end together."""

import sys
import time
from collections.abc import Callable
from getpass import getuser

from ripeline.connect.mail_server import SmtpSettings
from ripeline.database import database_now, open_session
from ripeline.migrations import upgrade
from ripeline.playbook.applied import apply_files, live_hash
from ripeline.playbook.files import read_folder
from ripeline.settings import Settings, read_settings
from ripeline.standing.child import Child, stop_all
from ripeline.standing.deploying import POOL
from ripeline.standing.interruption import interruptible, uninterrupted
from ripeline.standing.prefect_server import HOST, free_port, prefect_environment, start_prefect_server, wait_until_healthy
from ripeline.values import Refusal

PREFECT_PORT, SINK_PORT = 4200, 8325
OURSELVES = ("-c", "from ripeline.cli.main import main; main()")
WATCH_SECONDS = 0.3
Say = Callable[[str], None]


def stand_up(settings: Settings, say: Say) -> None:
    """Start everything and keep it up until Ctrl-C or SIGTERM; then, or when a part ends by itself, stop all of it.

    A part that ends by itself raises Refusal with its name and the end of its log.
    """
    children: list[Child] = []
    with interruptible():
        try:
            _ready_database(settings, say)
            _start(settings, say, children)
            say("everything is up; Ctrl-C stops all of it")
            while True:
                look_after(children)
                time.sleep(WATCH_SECONDS)
        except KeyboardInterrupt:
            say("stopping …")
        finally:
            with uninterrupted():
                stop_all(children)


def look_after(children: list[Child]) -> None:
    """Raise Refusal if one of them ended by itself."""
    for child in children:
        if child.has_ended():
            raise Refusal(f"the {child.name} ended by itself, so everything was stopped; the end of {child.log}:\n{child.last_words()}", 3)


def _ready_database(settings: Settings, say: Say) -> None:
    """Bring the tables up to date, and make the playbook of the folder live where none is yet."""
    upgrade(settings.url)
    with open_session(settings.url) as session:
        if live_hash(session) is None:
            applied = apply_files(session, read_folder(settings.home), now=database_now(session), by=getuser())
            say(f"playbook {applied.hash[:12]} is live")


def _start(settings: Settings, say: Say, children: list[Child]) -> None:
    prefect_port, web_port, sink_port = free_port(PREFECT_PORT), free_port(settings.web_port), free_port(SINK_PORT)
    home, logs, ours = settings.var_folder / "prefect", settings.var_folder / "log", surroundings(settings, web_port, sink_port)

    def start(name: str, *words: str) -> Child:
        child = Child(name, [sys.executable, *words], logs / f"{name.replace(' ', '-')}.log", prefect_environment(home, prefect_port) | ours, settings.home)
        children.append(child)
        return child

    server = start_prefect_server(home, prefect_port, logs / "prefect-server.log")
    children.append(server)
    if "RIPELINE_SMTP_SINK" in ours:
        start("mail sink", "-m", "ripeline.connect.sink", "--folder", str(settings.var_folder / "sink"), "--port", str(sink_port))
        say(f"mail   kept in {settings.var_folder / 'sink' / 'new'}, passed on to nobody")
    web = start("web process", *OURSELVES, "serve", "--host", HOST, "--port", str(web_port))
    wait_until_healthy(web, web_port, "/healthz")
    say(f"web    http://{HOST}:{web_port}")
    wait_until_healthy(server, prefect_port)
    say(f"flows  http://{HOST}:{prefect_port}")
    _to_its_end(start("deployments", "-m", "ripeline.standing.deploying"), children)
    start("worker", "-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process", "--name", "ripeline-up")


def _to_its_end(step: Child, children: list[Child]) -> None:
    """Wait for a step that ends by itself; one that fails raises Refusal with the end of its log."""
    children.remove(step)
    with step:
        while not step.has_ended():
            look_after(children)
            time.sleep(WATCH_SECONDS)
        if step.exit_code:
            raise Refusal(f"the flows could not be deployed; the end of {step.log}:\n{step.last_words()}", 3)


def surroundings(settings: Settings, web_port: int, sink_port: int) -> dict[str, str]:
    """Return what every part must agree on; mail goes to our sink unless the operator chose a channel or a mail server."""
    agreed = {
        "RIPELINE_HOME": str(settings.home.resolve()),
        "RIPELINE_VAR": str(settings.var_folder.resolve()),
        "RIPELINE_DATABASE_URL": settings.url,
        "RIPELINE_WEB_PORT": str(web_port),
    }
    if "base_url" not in settings.model_fields_set:
        agreed["RIPELINE_BASE_URL"] = f"http://{HOST}:{web_port}"
    return agreed | (_sink(settings, sink_port) if "channel" not in settings.model_fields_set and not read_settings(SmtpSettings).host else {})


def _sink(settings: Settings, port: int) -> dict[str, str]:
    chosen = {"RIPELINE_CHANNEL": "smtp", "RIPELINE_SMTP_HOST": HOST, "RIPELINE_SMTP_PORT": str(port), "RIPELINE_SMTP_SINK": "true"}
    trial = {
        "sender_name": "Ripeline on trial",
        "sender_address": "trial@ripeline.example",
        "company": "Nobody yet (set RIPELINE_COMPANY)",
        "postal_address": "Nowhere yet (set RIPELINE_POSTAL_ADDRESS)",
    }
    return chosen | {f"RIPELINE_{name.upper()}": value for name, value in trial.items() if not getattr(settings, name)}
