"""One audit of a data set for every kind of issue: :class:`cleanlab_rs.datalab.datalab.Datalab`."""
