"""What a merge of two organizations means for the tables of members."""

from pathlib import Path

from django.db import migrations

from portal import sql

FOLDER = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("members", "0003_name_search"), ("portal", "0005_merging")]
    operations = [sql.run(FOLDER / "merge.sql")]
