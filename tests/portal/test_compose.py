"""docker-compose.yml cannot be run here, so it is read: its variables, its services, and the manual."""

import ast
import re
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parent.parent.parent
COMPOSE = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
MANUAL = (PROJECT / "docs" / "operations.md").read_text()
APPS = ("portal", "members", "contacts", "activities", "checkin")
OF_THE_SHELL = {"PATH", "HOME", "LANG", "LC_ALL"}
OF_OUR_PROCESSES = ("setup", "web", "worker", "beat")


def variables_read(*files: Path) -> set[str]:
    """Every name that the code takes from (or puts into) os.environ."""
    names = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            key = None
            if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
                key = node.slice
            elif isinstance(node, ast.Call) and re.fullmatch(
                r"os\.environ\.(get|setdefault|pop)|os\.getenv", ast.unparse(node.func)
            ):
                key = node.args[0]
            if isinstance(key, ast.Constant):
                names.add(key.value)
    return names


def variables_documented() -> set[str]:
    return set(re.findall(r"^\| `([A-Z_]+)` \|", MANUAL, flags=re.MULTILINE))


def test_every_variable_of_the_code_is_in_the_manual() -> None:
    files = [file for app in APPS for file in (PROJECT / app).rglob("*.py")] + [PROJECT / "manage.py"]
    mentioned = set(re.findall(r"`([A-Z_]+)`", MANUAL))
    assert variables_read(*files) - OF_THE_SHELL - mentioned == set()


def test_every_variable_of_the_settings_is_in_the_table_and_none_else() -> None:
    read = variables_read(*(PROJECT / "portal" / f"{name}.py" for name in ("settings", "keys", "embedded", "launch")))
    by_itself = {"C_FORCE_ROOT", "DJANGO_SETTINGS_MODULE", "MAKELEVEL"}
    assert variables_documented() == read - OF_THE_SHELL - by_itself


def test_compose_gives_our_processes_only_variables_that_the_portal_reads() -> None:
    for name in OF_OUR_PROCESSES:
        given = set(COMPOSE["services"][name]["environment"]) - {"PORTAL_ADMIN_URL"}
        assert given <= variables_documented(), name
        assert {"DATABASE_URL", "REDIS_URL", "PORTAL_VAR", "PORTAL_BASE_URL", "PORTAL_ALLOWED_HOSTS"} <= given


def test_compose_gives_the_owner_only_to_setup() -> None:
    assert set(COMPOSE["services"]) == {"setup", "web", "worker", "beat", "postgres", "redis"}
    for name in ("web", "worker", "beat"):
        environment = COMPOSE["services"][name]["environment"]
        assert "DATABASE_OWNER_URL" not in environment
        assert "portal_app" in environment["DATABASE_URL"]
        assert "owner" not in str(environment)
    assert "portal_owner" in COMPOSE["services"]["setup"]["environment"]["DATABASE_OWNER_URL"]


def test_compose_holds_no_secret_and_opens_no_door_to_the_network() -> None:
    text = (PROJECT / "docker-compose.yml").read_text()
    for secret in re.findall(r"PASSWORD: (.*)", text) + re.findall(r"://\w+:([^@\s]+)@", text):
        assert secret.startswith("${"), secret
    ports = {name: service.get("ports", []) for name, service in COMPOSE["services"].items()}
    assert {name for name, opened in ports.items() if opened} == {"web"}
    assert all(port.startswith("127.0.0.1:") for port in ports["web"])


def test_compose_starts_the_modules_that_exist() -> None:
    services = COMPOSE["services"]
    assert services["web"]["command"].startswith("gunicorn portal.wsgi:application ")
    assert services["worker"]["command"].startswith("celery --app portal ")
    assert " worker " in services["worker"]["command"]
    assert " beat " in services["beat"]["command"]
    for module in ("wsgi.py", "celery.py"):
        assert (PROJECT / "portal" / module).exists()
    assert "C.UTF-8" in services["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]
