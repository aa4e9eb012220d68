"""Numbers of contact work: who is looked after, reached, reached in time (联系服务统计)."""
