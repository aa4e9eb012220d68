"""Row history by database triggers: it sees bulk writes and raw SQL, and names the signed actor.

Event tables hold ciphertext, never plain values. Their rows are written by triggers that run as the owner
(`secure_triggers`), so the app role can read history in its scope but cannot write or forge it.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import pghistory
import pghistory.models
import pgtrigger
from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _


class Event(pghistory.models.Event):
    """Base of every event table: what changed, when (pgh_created_at), how (pgh_label), by whom, and from what."""

    pgh_actor = models.TextField(_("actor"), null=True, db_default=models.Func(function="portal.recorded_actor"))
    pgh_source = models.TextField(_("source"), null=True, db_default=models.Func(function="portal.recorded_source"))

    class Meta:
        abstract = True


@contextmanager
def from_source(kind: str, pk: Any) -> Iterator[None]:
    """Within this transaction, what is written comes from a ledger, a report-in, … and not from somebody's own typing.

    `kind` and `pk` name its row ("ledger", id of the import); history keeps them beside the actor.
    """
    with transaction.atomic():  # after an exception the setting goes with what was written
        _write_source(f"{kind}:{pk}")
        yield
        _write_source("")


def _write_source(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select set_config('portal.source', %s, true)", [text])


def track_rows(*, exclude: Collection[str] = (), indexes: Collection[str] | None = None) -> Any:
    """Class decorator: record every insert, update and delete of the model at statement level.

    `indexes`: the foreign keys by which its history is looked up, beside the row itself; None for all of them. An index
    on history costs every write of a row as much as one on the row.
    """

    def track(model: type[models.Model]) -> Any:
        keys = (field for field in model._meta.local_fields if isinstance(field, models.ForeignKey))
        unused = [key for key in keys if indexes is not None and key.name not in {*exclude, *indexes}]
        return pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            exclude=list(exclude),
            context_field=None,  # type: ignore[arg-type]  # None is how pghistory documents no context
            base_model=Event,
            attrs={key.name: _unindexed(key) for key in unused},
            level=pgtrigger.Statement,
        )(model)

    return track


def _unindexed(key: Any) -> Any:
    """What pghistory makes of a foreign key, without its index."""
    return models.ForeignKey(
        key.remote_field.model, models.DO_NOTHING, null=key.null, related_name="+", related_query_name="+",
        verbose_name=key.verbose_name, db_constraint=False, db_index=False,
    )  # fmt: skip


SECURE_TRIGGERS = """
do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
            where n.nspname = 'public' and p.proname like 'pgtrigger\\_%' loop
    -- actor (with its signature) and source are read once for a statement: as a default, for each of its rows
    if strpos(pg_get_functiondef(f), '"pgh_created_at"') > 0 and strpos(pg_get_functiondef(f), '"pgh_actor"') = 0 then
      execute replace(replace(pg_get_functiondef(f), '"pgh_created_at"', '"pgh_actor", "pgh_source", "pgh_created_at"'),
                      'NOW(), ''', '(select portal.recorded_actor()), (select portal.recorded_source()), NOW(), ''');
    end if;
    execute format('alter function %s security definer set search_path = pg_catalog, public', f);
  end loop;
end $$;
"""
