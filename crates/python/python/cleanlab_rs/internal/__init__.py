"""Building blocks of the other modules, under the names that cleanlab gives them."""
