"""Worlds, learners and the engine that turns configurations into rows."""
