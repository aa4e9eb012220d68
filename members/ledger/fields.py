"""The fields of a member file that a ledger can fill, and how sensitive each is (see design/ledgers.md)."""

FIRST_FIELDS = frozenset(
    [
        "name",
        "gender",
        "ethnicity",
        "birth_date",
        "id_number",
        "mobile",
        "member_type",
        "join_date",
        "community",
        "home_organization",
        "host_organization",
        "direction",
        "started_on",
        "reason",
        "occupation",
        "employer",
        "current_address",
        "remark",
    ]
)
"""What the first cut of the portal stores; the rest is read, checked and listed as not kept yet."""

NEVER_WITHOUT_CONSENT = frozenset({"thought_note", "lost_contact", "needs", "care_tags"})
"""Fields that an import must not write by itself."""

GROUP_FIELDS = frozenset(
    {"community", "home_organization", "host_organization", "destination", "liaison_name", "liaison_phone", "direction"}
    | {"counterpart_contact_name", "counterpart_contact_phone", "movement_scope", "former_occupation"}
)
"""Columns that offices fill once for a group of rows, so that a merged cell or 同上 means the value above."""

MASKED_FIELDS = frozenset(
    [
        "id_number",
        "mobile",
        "landline",
        "current_address",
        "household_address",
        "counterpart_contact_phone",
        "liaison_phone",
        "family_contact",
        "wechat_id",
    ]
)
"""Fields whose values leave the importer only masked, unless a right says otherwise."""
