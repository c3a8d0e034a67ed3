"""Why a run of the evals says nothing about the model."""


class EvalsError(Exception):
    """The run cannot be made, or counts for nothing; the message is one sentence for its reader."""
