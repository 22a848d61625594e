"""The one class of error that is meant for people."""


class Refusal(Exception):
    """Something a person gave cannot be used: says what, where and what to do next.

    The command line prints it on one line, without a traceback; a page shows it in place of a figure.
    Everything else that is raised is a fault of ours.
    """

    def __init__(self, message: str, what_to_do: str = "") -> None:
        super().__init__(f"{message} {what_to_do}".strip())
        self.message = message
        self.what_to_do = what_to_do
