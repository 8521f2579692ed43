"""Label errors in data that do not fit into memory."""
