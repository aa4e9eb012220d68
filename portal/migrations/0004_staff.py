"""Staff life cycle, the end of grants, moves in the tree: functions that ask the right themselves."""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(sql.__file__).parent


class Migration(migrations.Migration):
    dependencies = [("portal", "0003_work_links")]
    operations = [sql.run(FOLDER / "staff.sql")]
