"""Login, and the answers that the admin's templates ask of a user object."""

from typing import Any

from guardian.backends import ObjectPermissionBackend

from portal import access


class GrantBackend(ObjectPermissionBackend):
    """Guardian is the store of grants; the database's resolver is the judge (portal.access).

    Subclassed, not used beside ours: guardian's own answers know no inheritance and cost many queries.
    """

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """`perm` is "portal.RIGHT"; `obj` an organization, or None for "anywhere". Other names are refused."""
        app, _, right = perm.partition(".")
        actor = access.current()
        if app != "portal" or actor is None or actor.user_id != user_obj.pk:
            return False
        return access.may(right, obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return bool(user_obj.is_active)

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()
