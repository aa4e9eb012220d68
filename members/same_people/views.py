"""Pages about one person with two files: for the superior who settles it, and for a side that is asked."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Case, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminSelectWidget

from members.enums import SameReason, SameState
from members.models import SamePersonCase
from members.same_people import services
from portal import access
from portal.roles import Right

PER_PAGE = 50
OBSTACLES: dict[str, Any] = {
    "two_incoming": gettext_lazy(
        "Both files are incoming: two organizations look after the person at the place of stay. First ask which of the "
        "two does so now; the other one ends its movement. Then the files can be linked."
    ),
    "two_outgoing": gettext_lazy(
        "Both files are outgoing: two organizations say that the membership is with them. First find out where it is; "
        "the other organization ends its movement or closes its file. Then the files can be linked."
    ),
    "both_ways": gettext_lazy(
        "One of the files is outgoing and incoming at once. First its organization ends the movement that is over."
    ),
    "other_side": gettext_lazy(
        "A movement in one of the files names a third organization as the other side. First its organization corrects "
        "the movement."
    ),
    "linked_already": gettext_lazy(
        "One of the files is linked with another one already. First look at that case."
    ),
    "numbers_differ": gettext_lazy("The ID numbers of the two files differ by now."),
}  # fmt: skip
TOLD = {
    "link": gettext_lazy("The two files are linked: both organizations now see one file."),
    "ask": gettext_lazy("Both organizations are asked now. Their answers appear on this page."),
    "dismiss": gettext_lazy("The case is closed: not the same person. Both files stay as they are."),
    "undo": gettext_lazy("Taken back: everything is as it was before."),
}
OVER = gettext_lazy("Somebody else has settled this meanwhile. Nothing was changed.")


class ReasonForm(forms.Form):
    """Why two files are not linked: one of a few reasons, so that nobody writes down anything about the person."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=[("", gettext_lazy("please choose")), *SameReason.choices],
        widget=UnfoldAdminSelectWidget,
        error_messages={"required": gettext_lazy("Please choose a reason.")},
    )


def _only_with(right: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """These pages exist for nobody but those who hold the right somewhere."""

    def guard(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        @require_http_methods(["GET", "HEAD", "POST"])
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if access.current() is None or not access.may(right):
                raise Http404
            return view(request, *args, **kwargs)

        return guarded

    return guard


@_only_with(Right.MERGE_ACROSS)
def case_list(request: HttpRequest) -> HttpResponse:
    """The cases of the actor's subtree, those that wait for the superior first; and what the actor is asked."""
    waiting = Case(
        When(state__in=[SameState.OPEN, SameState.REFUSED], then=Value(0)), When(state=SameState.ASKED, then=Value(1)),
        default=Value(2),
    )  # fmt: skip
    rows = services.cases(access.actor()).order_by(waiting, "-found_at", "id")
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
    services.add_files(list(shown.object_list))
    return _page(
        request, "cases", _("Possibly the same person"), shown=shown, questions=services.questions(access.actor())
    )


@_only_with(Right.MERGE_ACROSS)
def case_page(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One case: who holds which file, and what can be done. A POST does it (`step`: link, ask, dismiss, undo)."""
    case = services.access_case(access.actor(), pk)
    form = ReasonForm(request.POST if request.POST.get("step") == "dismiss" else None)
    if request.method == "POST" and (not form.is_bound or form.is_valid()):
        _take(request, case, form)
        return redirect("same_people:case", pk)
    services.add_files([case])
    return _page(
        request, "case", _("Possibly the same person"), case=case, form=form, files=case.files,  # type: ignore[attr-defined]
        obstacle=OBSTACLES.get(case.obstacle, ""),  # type: ignore[attr-defined]
        waits=case.state in (SameState.OPEN, SameState.REFUSED), is_open=case.state in services.UNSETTLED,
        may_undo=case.state in (SameState.LINKED, SameState.DISMISSED), is_linked=case.state == SameState.LINKED,
    )  # fmt: skip


def _take(request: HttpRequest, case: SamePersonCase, form: ReasonForm) -> None:
    step, by = request.POST.get("step", ""), access.actor()
    if step == "dismiss":
        outcome = services.dismiss(case=case, reason=form.cleaned_data["reason"], by=by)
    elif step in ("link", "ask", "undo"):
        outcome = {"link": services.link, "ask": services.ask_sides, "undo": services.undo}[step](case=case, by=by)
    else:
        return
    if outcome == services.DONE:
        messages.success(request, TOLD[step])
    else:
        messages.warning(request, OBSTACLES.get(outcome, OVER))


@_only_with(Right.CHANGE_MEMBERS)
def question_list(request: HttpRequest) -> HttpResponse:
    """What the superior asks the actor's own organizations."""
    return _page(
        request, "questions", _("Questions from the superior office"), questions=services.questions(access.actor())
    )


@_only_with(Right.CHANGE_MEMBERS)
def question_page(request: HttpRequest, pk: uuid.UUID, file: uuid.UUID) -> HttpResponse:
    """One question about an own file; a POST answers it (`answer`: yes or no)."""
    question = services.access_question(access.actor(), pk, file)
    form = ReasonForm(request.POST if request.POST.get("answer") == "no" else None)
    if request.method == "POST" and (form.is_valid() if form.is_bound else request.POST.get("answer") == "yes"):
        agrees = not form.is_bound
        reason = "" if agrees else form.cleaned_data["reason"]
        outcome = services.answer(question=question, agrees=agrees, reason=reason, by=access.actor())
        if outcome == services.OVER:
            messages.warning(request, OVER)
        elif outcome == services.LINKED:
            messages.success(request, TOLD["link"])
        else:
            messages.success(request, _("Your answer is noted. The superior office is told."))
        return redirect("same_people:questions")
    return _page(request, "question", _("Is this one person?"), question=question, form=form)


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    shared = admin.site.each_context(request) | {"title": title}
    response = TemplateResponse(request, f"members/same_people/{template}.html", shared | context)
    response["Cache-Control"] = "private, no-store"
    return response
