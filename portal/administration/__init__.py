"""The screens of who administers: the tree, roles given on its nodes, accounts and their life cycle."""
