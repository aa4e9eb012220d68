"""Offices that do not exist: synthetic people, the ledgers that their clerks keep, and the dirt in them."""
