"""manage.py list_problems"""

from django.core.management.base import BaseCommand

from kpitracker.lib.i18n.text import in_both_languages
from kpitracker.lib.problem_types import TITLES, WARNINGS


def render_table(texts: dict[str, str]) -> str:
    rows = [
        f"| `{slug}` | {in_both_languages(title)['en']} | {in_both_languages(title)['vi']} |"
        for slug, title in sorted(texts.items())
    ]
    return "\n".join(["| slug | English | Tiếng Việt |", "|---|---|---|", *rows])


class Command(BaseCommand):
    help = "Print docs/problems.md: every problem and every warning that a response of the API can contain."

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(
            "# Problems and warnings\n\n"
            "Made by `manage.py list_problems` (`make schema`).\n\n"
            "An error is an `application/problem+json` document (RFC 9457). Its `type` is `/problems/<slug>` with the "
            "slug of the first error; `errors` names each fault with a JSON pointer into the body, or `?name` for a "
            "query parameter. Texts follow `Accept-Language` (`vi`, `en`); slugs never change.\n\n"
            f"{render_table(TITLES)}\n\n"
            "## Warnings\n\n"
            "Doubtful input is stored and flagged in `warnings`, never refused.\n\n"
            f"{render_table(WARNINGS)}"
        )
