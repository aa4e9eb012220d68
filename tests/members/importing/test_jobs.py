"""Long ledgers: what waits for a worker, who it acts as, and that every step is done wholly or not at all."""

import datetime as dt
import uuid

import kombu.exceptions
import pytest
from celery import current_app
from django.utils import timezone

from members.importing import jobs, progress
from members.models import LedgerImport, LedgerSource, Member
from tests.members.importing.pages import row, upload

CLERK = "street_clerk@S11"


def _stored(owner, pk):
    return owner.execute("select state, counts from members_ledgerimport where id = %s", [pk]).fetchone()


@pytest.fixture
def sent(settings, monkeypatch):
    """Everything is long; what goes into the queue is only written down."""
    settings.LEDGER_INLINE_BYTES = settings.LEDGER_INLINE_ROWS = 0
    found = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **_more: found.append((name, args)))
    return found


def waiting(login, world, django_capture_on_commit_callbacks, *rows):
    """The page of a long upload, and its import's id."""
    client = login(CLERK)
    with django_capture_on_commit_callbacks(execute=True):
        answer = upload(client, world, *rows)
    return client, answer.url, uuid.UUID(answer.url.rstrip("/").split("/")[-2])


def test_long_ledger_is_checked_and_saved_by_the_worker(login, world, acting, sent, django_capture_on_commit_callbacks):
    client, url, pk = waiting(login, world, django_capture_on_commit_callbacks, row(1), row(2))
    assert sent == [("members.run_import", [str(pk)])]
    page = client.get(url).content.decode()
    assert "<progress" in page
    assert 'http-equiv="refresh"' in page
    jobs.run(pk)
    with acting(CLERK):
        batch = LedgerImport.objects.get(pk=pk)
        assert (batch.state, batch.counts["new"]) == ("previewed", 2)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, {"confirm": "1"})
    assert len(sent) == 2
    with acting(CLERK):
        assert not Member.objects.filter(name=row(1)[1]).exists()
    jobs.run(pk)
    jobs.run(pk)  # a message that comes twice
    with acting(CLERK):
        assert LedgerImport.objects.get(pk=pk).state == "applied"
        assert Member.objects.filter(name=row(1)[1]).count() == 1


def test_list_of_imports_finds_the_waiting_one_again(login, world, sent, django_capture_on_commit_callbacks):
    client, url, _pk = waiting(login, world, django_capture_on_commit_callbacks, row(1))
    assert url in client.get("/admin/members/ledgerimport/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_worker_does_nothing_for_somebody_who_lost_the_right(
    login, world, acting, owner, sent, django_capture_on_commit_callbacks
):
    _client, _url, pk = waiting(login, world, django_capture_on_commit_callbacks, row(1))
    owner.execute("update portal_organizationgrant set until = '2020-01-01' where user_id = %s", [world.user(CLERK).pk])
    jobs.run(pk)
    assert _stored(owner, pk) == ("reading", {})


@pytest.mark.django_db(transaction=True)
def test_worker_does_nothing_for_an_account_that_was_switched_off(
    login, world, owner, sent, django_capture_on_commit_callbacks
):
    _client, _url, pk = waiting(login, world, django_capture_on_commit_callbacks, row(1))
    owner.execute("update portal_user set is_active = false where id = %s", [world.user(CLERK).pk])
    jobs.run(pk)
    assert _stored(owner, pk) == ("reading", {})


def test_worker_leaves_alone_what_does_not_wait(world, acting):
    with acting(CLERK):
        batch = LedgerImport.objects.get(organization=world.organization("C111"))
    jobs.run(batch.pk)
    jobs.run(uuid.uuid4())
    with acting(CLERK):
        assert LedgerImport.objects.get(pk=batch.pk).state == "previewed"


def test_refused_file_of_the_worker_leaves_one_sentence_and_no_content(
    login, world, acting, sent, django_capture_on_commit_callbacks
):
    client = login(CLERK)
    with django_capture_on_commit_callbacks(execute=True):
        answer = upload(client, world, content=b"PK\x03\x04broken")
    pk = uuid.UUID(answer.url.rstrip("/").split("/")[-2])
    jobs.run(pk)
    assert client.get(answer.url).content.decode().count('role="alert"') == 1
    with acting(CLERK):
        batch = LedgerImport.objects.get(pk=pk)
        assert (batch.state, batch.refusal, batch.report) == ("refused", "damaged", "")
        assert not LedgerSource.objects.filter(batch=batch).exists()


def test_interrupted_work_says_so_and_is_begun_again(login, world, acting, sent, django_capture_on_commit_callbacks):
    client, url, pk = waiting(login, world, django_capture_on_commit_callbacks, row(1))
    assert 'role="alert"' not in client.get(url).content.decode()
    with acting(CLERK):
        LedgerImport.objects.filter(pk=pk).update(requested_at=timezone.now() - dt.timedelta(minutes=5))
    assert client.get(url).content.decode().count('role="alert"') == 1
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, {"restart": "1"})
    assert [args for _name, args in sent] == [[str(pk)], [str(pk)]]
    jobs.run(pk)
    with acting(CLERK):
        assert LedgerImport.objects.get(pk=pk).state == "previewed"


def test_claimed_work_is_neither_stuck_nor_begun_twice(
    login, world, acting, owner, sent, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(progress, "CLAIM_MILLISECONDS", 50)
    _client, _url, pk = waiting(login, world, django_capture_on_commit_callbacks, row(1))
    with acting(CLERK) as actor:
        LedgerImport.objects.filter(pk=pk).update(requested_at=timezone.now() - dt.timedelta(minutes=5))
        batch = LedgerImport.objects.get(pk=pk)
        assert jobs.is_stuck(batch)
        owner.autocommit = False
        owner.execute("select pg_advisory_xact_lock(hashtextextended('ledger work ' || %s, 0))", [str(pk)])
        assert progress.is_claimed(pk)
        assert not jobs.is_stuck(batch)
        assert jobs.restart(batch=batch, by=actor) is False
    jobs.run(pk)
    owner.rollback()
    with acting(CLERK):
        assert LedgerImport.objects.get(pk=pk).state == "reading"


def test_queue_that_does_not_answer_costs_no_upload(
    login, world, acting, settings, monkeypatch, django_capture_on_commit_callbacks
):
    def fail(*_args, **_more):
        raise kombu.exceptions.OperationalError("away")

    settings.LEDGER_INLINE_BYTES = 0
    monkeypatch.setattr(current_app, "send_task", fail)
    _client, _url, pk = waiting(login, world, django_capture_on_commit_callbacks, row(1))
    with acting(CLERK):
        assert LedgerImport.objects.get(pk=pk).state == "reading"


def test_confirming_while_it_is_checked_is_refused(login, world, acting, sent, django_capture_on_commit_callbacks):
    client, url, pk = waiting(login, world, django_capture_on_commit_callbacks, row(1))
    client.post(url, {"confirm": "1"})
    with acting(CLERK):
        assert LedgerImport.objects.get(pk=pk).state == "reading"
        assert not Member.objects.filter(name=row(1)[1]).exists()


def test_discarding_what_waits_leaves_no_file(login, world, acting, sent, django_capture_on_commit_callbacks):
    client, url, pk = waiting(login, world, django_capture_on_commit_callbacks, row(1))
    client.post(url, {"discard": "1"})
    jobs.run(pk)
    with acting(CLERK):
        assert LedgerImport.objects.get(pk=pk).state == "discarded"
        assert not LedgerSource.objects.filter(batch=pk).exists()


@pytest.mark.django_db(transaction=True)
def test_import_of_another_street_is_not_done_for_a_foreign_account(world, acting, owner):
    """Whoever can write into the queue can only begin again what its own requester asked for."""
    with acting("community_clerk@C121"):
        batch = LedgerImport.objects.get(organization=world.organization("C121"))
    foreign = world.user("community_clerk@C111").pk
    owner.execute(
        "update members_ledgerimport set state = 'reading', requested_by_id = %s where id = %s", [foreign, batch.pk]
    )
    jobs.run(batch.pk)
    assert _stored(owner, batch.pk) == ("reading", {})
