"""What every channel has in common."""


class DeliveryError(Exception):
    """The message could not be handed over; a later try may succeed."""
