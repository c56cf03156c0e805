"""Evaluate targets as of a day: load the figures once, then call the pure core. Nothing is stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from indicators.domain.value_resolver import ValueResolver
from indicators.services.figures.series import load_resolvers
from targets.domain import assessment as core
from targets.domain.judgements import JudgementInForce
from targets.models import Target, TargetVersion
from targets.payloads.assessments import AssessmentPayload
from targets.services.evaluation import manual_judgements, payloads, target_versions


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The assessment of a target under one of its versions as of a day."""

    target: Target
    version: TargetVersion
    as_of: date
    assessment: core.AssessmentResult

    @property
    def payload(self) -> AssessmentPayload:
        return payloads.assessment_payload(self.target, self.version, self.assessment)


def evaluate_version(
    target: Target, version: TargetVersion, book: ValueResolver, as_of: date, judgement: JudgementInForce | None = None
) -> Evaluation:
    assessment = core.assess(
        terms=target_versions.to_target_terms(target, version),
        indicator=target.indicator.code,
        resolver=book,
        as_of=as_of,
        judgement=judgement,
    )
    return Evaluation(target, version, as_of, assessment)


def evaluate_target(
    *, target: Target, as_of: date, today: date, version: str | None = None, recorded_by: datetime | None = None
) -> Evaluation:
    """Evaluate one target as of a day, from what was known then.

    Raises `NotFound` (not-announced), `ValidationProblem` for a version that does not exist.
    """
    chosen_version = target_versions.effective_version(target, as_of, version, recorded_by)
    book = load_resolvers({(target.indicator_id, target.area_id)}, as_of, today, recorded_by)[target.area_id]
    judgement_by_target = manual_judgements.load_judgements([target], as_of, recorded_by)
    return evaluate_version(target, chosen_version, book, as_of, judgement_by_target.get(target.pk))


def evaluate_targets(
    *, targets: Iterable[Target], as_of: date, today: date, recorded_by: datetime | None = None
) -> list[Evaluation]:
    """Evaluate many targets in a fixed number of queries. Targets not yet announced are left out."""
    targets = list(targets)
    books = load_resolvers({(target.indicator_id, target.area_id) for target in targets}, as_of, today, recorded_by)
    judgement_by_target = manual_judgements.load_judgements(targets, as_of, recorded_by)
    return [
        evaluate_version(target, version, books[target.area_id], as_of, judgement_by_target.get(target.pk))
        for target in targets
        if (version := target_versions.find_version_in_force(target, as_of, recorded_by))
    ]
