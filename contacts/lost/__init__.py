"""People whom nobody can reach (联系不上处理): attempts, the next step, the check, the decision of a party body."""
