"""The member's own page on the phone, behind a personal link; and what the office does with what comes in there."""
