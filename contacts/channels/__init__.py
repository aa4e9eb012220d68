"""The ways to reach people: each is one small class (base.Channel)."""
