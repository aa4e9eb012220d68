"""Reading and understanding ledgers as offices keep them: pure Python, no database.

`reading.read_workbook` gives the cells of a file, `interpret.interpret` gives checked rows, `report.build_report` the
report. Nothing in this package stores, logs or caches a cell.
"""
