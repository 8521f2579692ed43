"""The parts of a Datalab; those that people build on are ``issue_manager`` and ``issue_manager_factory``."""
