"""What every channel has in common."""

from datetime import timedelta


class DeliveryError(Exception):
    """The message could not be handed over; a later try may succeed, unless the receiver is `gone`.

    `wait`: how long the other side asks us to wait. `silent`: nobody was there, which has taken time.
    """

    def __init__(self, detail: str, *, wait: timedelta | None = None, silent: bool = False, gone: bool = False) -> None:
        super().__init__(detail)
        self.wait, self.silent, self.gone = wait, silent, gone
