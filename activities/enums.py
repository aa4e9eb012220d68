from django.db import models
from django.utils.translation import gettext_lazy as _


class ActivityKind(models.TextChoices):
    ASSEMBLY = "assembly", _("members' assembly")
    COMMITTEE = "committee", _("committee meeting")
    GROUP = "group", _("group meeting")
    LESSON = "lesson", _("party lesson")
    THEME_DAY = "theme_day", _("theme day")
    LIFE_MEETING = "life_meeting", _("organizational life meeting")
    REVIEW = "review", _("democratic review")
    TRAINING = "training", _("training")
    LECTURE = "lecture", _("lecture")
    MICRO_LESSON = "micro_lesson", _("micro-lesson")
    FILM = "film", _("film")
    DISCUSSION = "discussion", _("discussion meeting")
    CONSULTATION = "consultation", _("consultation")
    JOB_FAIR = "job_fair", _("job fair")
    CHECK_UP = "check_up", _("health check-up")
    FOLK = "folk", _("folk activity")
    VOLUNTEER = "volunteer", _("volunteer service")
