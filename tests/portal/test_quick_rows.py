"""Rows that are put together without Django's look at each column: what was left out is still read when it is asked."""

import pytest
from django.db.models import signals

from members.models import Member
from portal.quick_rows import QuickRows


@pytest.mark.parametrize("model", QuickRows.__subclasses__())
def test_nobody_is_told_of_rows_that_are_read(model):
    """Else the shortcut would leave somebody out."""
    assert not signals.pre_init.has_listeners(model)
    assert not signals.post_init.has_listeners(model)


def test_row_knows_where_it_is_from_and_what_it_left_out(acting, django_assert_num_queries):
    with acting("community_clerk@C111"):
        whole = Member.objects.select_related("organization").get()
        part = Member.objects.only("name").get()
        assert part.get_deferred_fields() == {
            field.attname for field in Member._meta.concrete_fields if field.name not in ("id", "name")
        }
        assert not whole.get_deferred_fields()
        assert (part._state.adding, part._state.db) == (False, "default")
        with django_assert_num_queries(0):
            assert (part, part.name, whole.organization.short_name) == (whole, "秘C111秘", "样例C111")
        with django_assert_num_queries(1):
            assert part.state == whole.state
        part.gender = "female"
        part.save()
        whole.refresh_from_db()
        assert whole.gender == "female"
