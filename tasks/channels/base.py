"""The error that all channels raise."""

from datetime import timedelta


class DeliveryError(Exception):
    """The message could not be sent. A later attempt may succeed, unless the failure is `permanent`.

    `wait`: how long the receiver asks us to wait. `timed_out`: there was no response, so the attempt took time.
    """

    def __init__(
        self, detail: str, *, wait: timedelta | None = None, timed_out: bool = False, permanent: bool = False
    ) -> None:
        super().__init__(detail)
        self.wait, self.timed_out, self.permanent = wait, timed_out, permanent
