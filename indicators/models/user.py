"""Users of the admin."""

from typing import Any

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from indicators.domain.roles import ROLES, Role
from indicators.visibility import UserQuerySet
from kpitracker.lib.actor import ALL_SCOPES, Actor, Scope
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import VersionedModel
from kpitracker.lib.own_part import OwnPartModel


class AccountManager(UserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    use_in_migrations = False

    def create_superuser(self, *args: Any, **values: Any) -> "User":
        user: User = super().create_superuser(*args, **{"role": Role.ADMINISTRATOR, **values})
        return user


class User(OwnPartModel, VersionedModel, AbstractUser):
    """Incrementing `sessions` ends all sessions of the user."""

    # Every active user may log in; the role decides what they see.
    is_staff = models.BooleanField(default=True, editable=False)
    role = models.CharField(
        text("role", "vai trò"),
        max_length=13,
        choices=[(role.value, text(words.english, words.vietnamese)) for role, words in ROLES.items()],
        default=Role.VIEWER.value,
    )
    department = models.ForeignKey(
        "indicators.Department",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
        verbose_name=text("department", "đơn vị"),
        help_text=text("Empty: the whole organisation.", "Để trống: toàn bộ tổ chức."),
    )
    sessions = models.PositiveIntegerField(default=0, editable=False)

    objects = AccountManager()  # type: ignore[misc]

    class Meta:
        verbose_name = text("user", "người dùng")
        verbose_name_plural = text("users", "người dùng")
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in Role]), name="indicators_user_valid_role"
            ),
            models.UniqueConstraint(
                Lower("email"), condition=Q(is_active=True) & ~Q(email=""), name="indicators_user_active_email_unique"
            ),
        ]

    @property
    def scopes(self) -> frozenset[Scope]:
        """The scopes of the role. A superuser has the scopes of an administrator."""
        return ALL_SCOPES if self.is_superuser else frozenset(Scope(name) for name in ROLES[Role(self.role)].scopes)

    def get_full_name(self) -> str:
        """In the Vietnamese order: the family name first."""
        return f"{self.last_name} {self.first_name}".strip()

    def __str__(self) -> str:
        return self.get_full_name() or self.get_username()

    def as_actor(self, address: str = "") -> Actor:
        """The actor that services get for this user. `address`: IP address of the caller."""
        return Actor(f"admin {self.get_username()}", self.department_id, self.scopes, address, self.pk)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # With the password alone, sessions from before a deactivation would be valid again after a reactivation.
        return salted_hmac(
            "indicators.User.sessions", f"{self.sessions}:{self.password}", secret=secret, algorithm="sha256"
        ).hexdigest()
