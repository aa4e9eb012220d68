"""Bringing a checked ledger into the member files: places, matching, plan, writing.

`services` is the door: preview_ledger, apply_ledger, discard_ledger, ledger_report. The other modules decide (`values`,
`places`, `matching`, `planning`), keep (`staging`) and write (`writing`); only `writing` changes member files.
"""
