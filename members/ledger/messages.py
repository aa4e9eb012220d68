"""Every sentence that the importer says, by its stable code. No sentence repeats what a cell holds."""

from django.utils.translation import gettext, ngettext


def refusal_text(code: str) -> str:
    """The sentence for a file that is refused as a whole."""
    texts = {
        "empty": gettext("The file is empty. Please choose the ledger again."),
        "damaged": gettext(
            "The file is damaged or is not a table. Please open it, save it as .xlsx and upload it again."
        ),
        "password": gettext("The file is protected by a password. Please remove the password and upload it again."),
        "too_large": gettext(
            "The file is too large to be read safely. Please keep only the ledger and upload it again."
        ),
        "too_many_rows": gettext("The ledger has too many rows. Please split it into several files."),
        "unsupported_format": gettext(
            "This kind of file cannot be read. Please save the ledger as .xlsx and upload it."
        ),
        "no_header": gettext(
            "No header row was found. Please make sure that a row has column titles such as name and phone number."
        ),
        "no_people": gettext(
            "There are titles but no people below them. Please fill in the rows below the titles and try again."
        ),
        "side_by_side": gettext(
            "Two tables stand side by side in this sheet. Please put the right one below the left one, or into a sheet "
            "of its own, and upload it again."
        ),
        "turned": gettext(
            "In this sheet each person has a column. Please turn it round, so that each person has a row (copy, then "
            "paste special, transpose), and upload it again."
        ),
        "encoding": gettext("The characters of the file cannot be read. Please save it as .xlsx and upload it again."),
        "timeout": gettext("Reading the file took too long. Please keep only the ledger and upload it again."),
    }
    return texts[code]


def problem_text(code: str) -> str:
    """The sentence for a problem of one row or cell; unknown codes give a general sentence."""
    text = _identity(code) or _dates(code) or _values(code) or _rows(code)
    return text or gettext("Please check this cell.")


def _identity(code: str) -> str | None:
    return {
        "id_missing": gettext("The ID number is missing. The row can be imported; please add the number later."),
        "id_precision_lost": gettext(
            "The ID number was typed as a number and its last digits are lost. Please type it again as text."
        ),
        "id_checksum": gettext("The check digit of the ID number is wrong. Please compare it with the card."),
        "id_other_document": gettext(
            "This is the number of another document. The row can be imported; please add the ID number later."
        ),
        "id_length": gettext("The ID number must have 18 characters."),
        "id_birthdate": gettext("The birth date inside the ID number is not possible."),
        "id_area": gettext("The area code at the beginning of the ID number does not exist."),
        "id_format": gettext("This is not an ID number of a resident."),
        "id_masked": gettext("The ID number is masked with asterisks. Please type the whole number."),
        "id_tail_zero": gettext(
            "The ID number ends in 000, as numbers do that lost digits. Please compare it with the card."
        ),
        "gender_differs_from_id": gettext("The gender does not agree with the ID number. Please check which is right."),
        "birth_differs_from_id": gettext(
            "The birth date does not agree with the ID number. Please check which is right."
        ),
        "duplicate_row": gettext("The same person is already in an earlier row of this file."),
        "identity_conflict": gettext("Two rows have the same ID number but different names. Please check who is who."),
        "name_missing": gettext("The name is missing."),
        "name_remark": gettext(
            "The words beside the name may mean that the person has left or died. Please check them, then delete the "
            "words or the row."
        ),
        "name_format": gettext("This does not look like a name. Please check the cell."),
        "name_rare": gettext("The name has a character that cannot be shown everywhere. Please check it."),
    }.get(code)


def _dates(code: str) -> str | None:
    return {
        "date_ambiguous_month": gettext(
            "The date was typed as a number, so January and October look the same. Please type the month as two digits."
        ),
        "date_ambiguous_order": gettext("It is not clear which number is the month. Please type year, month, day."),
        "date_ambiguous": gettext("The date can be read in more than one way. Please type it as year-month-day."),
        "date_two_digit_year": gettext("The year has only two digits. Please type four."),
        "date_impossible": gettext("This date does not exist. Please check it."),
        "date_future": gettext("This date is in the future. Please check it."),
        "date_too_early": gettext("This date is too long ago. Please check it."),
        "date_remark": gettext("There are words beside the date. Please type the date alone."),
        "date_format": gettext("This date cannot be read. Please type it as year-month-day."),
        "date_range": gettext("The cell holds two dates. Please type only the first day."),
        "join_before_birth": gettext("The date of joining lies before the date of birth."),
        "join_before_18": gettext("The member was younger than 18 on the date of joining. Please check it."),
        "full_before_join": gettext("The date of full membership lies before the date of joining."),
        "full_equals_join": gettext(
            "Joining and full membership on the same day were possible only from April 1969 to August 1977."
        ),
        "full_of_probationary": gettext("A probationary member has no date of full membership. Please check it."),
        "end_before_start": gettext("The end lies before the start. Please check the two dates."),
        "under_18": gettext("According to this date the member is younger than 18. Please check it."),
    }.get(code)


def _values(code: str) -> str | None:
    return {
        "choice_unknown": gettext("This word is not known here. Please choose one of the usual words."),
        "mobile_format": gettext("This is not a mobile number. Please check it."),
        "mobile_masked": gettext("The phone number is masked with asterisks. Please type the whole number."),
        "mobile_precision_lost": gettext(
            "The phone number was typed as a number and digits are lost. Please type it again."
        ),
        "mobile_remark": gettext(
            "There are words beside the phone number. Please make sure that it is the member's own."
        ),
        "mobile_several": gettext("The cell holds several phone numbers; the first one is used."),
        "ditto": gettext("A word such as “same as above” stands here. Please type the value itself."),
        "cell_error": gettext("The cell shows a formula error, so that it counts as empty."),
        "other_kind": gettext(
            "A phone number, an ID number or a date stands here. Please check the columns of this row."
        ),
        "too_long": gettext("The text is too long for this field."),
        "two_values": gettext("Two columns hold different values for this field. Please check which is right."),
        "inherited": gettext("Taken over from the row above."),
    }.get(code)


def _rows(code: str) -> str | None:
    return {
        "community_missing": gettext(
            "The community is not given. The row will wait in the list of rows without a community."
        ),
        "community_unknown": gettext(
            "This community is not among those that you may import into. Please check its name."
        ),
        "community_out_of_scope": gettext(
            "This community is not among those that you may import into. Please check its name."
        ),
        "community_ambiguous": gettext("Several communities have this name. Please write the street before it."),
        "direction_conflict": gettext(
            "The file says both outgoing and incoming. Please state for this file which of the two is right."
        ),
        "not_a_member": gettext("According to this row the person is no Party member. Please check it."),
        "not_floating": gettext("According to this row the person is no floating member. Please check it."),
        "row_struck": gettext("This row is struck through. Please check whether the person has left."),
        "row_red": gettext("This row is marked in red. Please check what the mark means."),
        "shifted_row": gettext("The cells of this row seem to be shifted by one column. Please check the whole row."),
    }.get(code)


def skip_text(reason: str) -> str:
    """Why a row or a sheet does not count as people's data."""
    texts = {
        "blank": gettext("Empty row"),
        "total": gettext("Row of totals"),
        "note": gettext("Note or signature"),
        "repeated_header": gettext("Header repeated"),
        "numbered_empty": gettext("Numbered row without a person"),
        "sample": gettext("Sample row"),
        "section": gettext("Heading between the rows"),
        "hidden_row": gettext("Hidden row, left out"),
        "below_gap": gettext("Below more than 200 empty rows, left out"),
        "hidden_sheet": gettext("Hidden sheet, left out"),
        "no_header": gettext("No header row with names of people"),
        "no_rows": gettext("No rows below the header"),
        "summary": gettext("Summary that repeats the other sheets, left out"),
        "empty_sheet": gettext("Empty sheet"),
        "side_by_side": gettext("Two tables side by side, left out: please put one below the other"),
        "turned": gettext("One column for each person, left out: please turn it round to one row for each person"),
    }
    return texts.get(reason, reason)


def below_gap_text(count: int) -> str:
    """One line about rows that stand far below the others."""
    return ngettext(
        "%(count)d row below more than 200 empty rows was left out. If it belongs to the ledger, please delete the "
        "empty rows and upload the file again.",
        "%(count)d rows below more than 200 empty rows were left out. If they belong to the ledger, please delete the "
        "empty rows and upload the file again.",
        count,
    ) % {"count": count}


def unmapped_text(unknown: list[str], asked: list[str], unused: list[str], hidden: list[str]) -> str | None:
    """One line about the columns of a sheet that are not imported; None when all are."""
    parts = []
    if unknown:
        parts.append(gettext("Columns not imported: %(columns)s") % {"columns": "、".join(unknown)})
    if asked:
        parts.append(
            gettext("Columns whose meaning is not clear, not imported: %(columns)s") % {"columns": "、".join(asked)}
        )
    if unused:
        parts.append(gettext("Columns known but not kept yet: %(columns)s") % {"columns": "、".join(unused)})
    if hidden:
        parts.append(gettext("Hidden columns, left out: %(columns)s") % {"columns": "、".join(hidden)})
    return "；".join(parts) or None
