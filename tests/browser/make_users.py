"""Make one user for each kind of reader. Run as a module with the environment of the service."""

import django

# User name, role, department: None is the whole organisation.
USERS = (
    ("mayor", "viewer", None),
    ("officer", "officer", "so-lao-dong"),
    ("planner", "planner", None),
)

if __name__ == "__main__":
    django.setup()
    from tests.admin_support import person

    for name, role, department in USERS:
        person(name, role=role, department=department)
