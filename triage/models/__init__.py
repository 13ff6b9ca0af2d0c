"""The models: a case, its studies, series and images, the job, the prediction, the review.

Services change them.
"""

from triage.models.call_back import CallBack, CallBackAttempt, CallBackRule
from triage.models.case import Case
from triage.models.change import Change
from triage.models.critical_result import CriticalResult, CriticalRule, CriticalStep
from triage.models.decode_job import DecodeJob
from triage.models.draft import Draft
from triage.models.heartbeat import Heartbeat
from triage.models.idempotency_key import IdempotencyKey
from triage.models.image import Image
from triage.models.interim_opinion import InterimOpinion
from triage.models.job import Job
from triage.models.macro import Macro
from triage.models.new_answer import NewAnswer
from triage.models.newer_version import NewerVersion
from triage.models.notice import Notice, NoticeChoice
from triage.models.prediction import Prediction
from triage.models.priority_change import PriorityChange
from triage.models.reading import Reading
from triage.models.reading_rules import ReadingRules
from triage.models.redating import Redating
from triage.models.release import Release, ReleaseLoad
from triage.models.review import Review
from triage.models.saved_view import SavedView
from triage.models.sent_look import SentLook
from triage.models.site_points import SitePoints
from triage.models.skip import Skip
from triage.models.study import Series, Study
from triage.models.wait_rule import WaitRule

__all__ = [
    "CallBack",
    "CallBackAttempt",
    "CallBackRule",
    "Case",
    "Change",
    "CriticalResult",
    "CriticalRule",
    "CriticalStep",
    "DecodeJob",
    "Draft",
    "Heartbeat",
    "IdempotencyKey",
    "Image",
    "InterimOpinion",
    "Job",
    "Macro",
    "NewAnswer",
    "NewerVersion",
    "Notice",
    "NoticeChoice",
    "Prediction",
    "PriorityChange",
    "Reading",
    "ReadingRules",
    "Redating",
    "Release",
    "ReleaseLoad",
    "Review",
    "SavedView",
    "SentLook",
    "Series",
    "SitePoints",
    "Skip",
    "Study",
    "WaitRule",
]
