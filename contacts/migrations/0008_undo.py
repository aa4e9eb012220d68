"""What undoing an imported ledger means for contacts and duties."""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("contacts", "0007_visits"), ("members", "0009_undo")]
    operations = [sql.run(FOLDER / "undo.sql")]
