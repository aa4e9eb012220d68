"""People whose membership could be transferred: away for long, at a fixed place (可转接组织关系)."""
