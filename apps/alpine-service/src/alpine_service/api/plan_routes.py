"""The routes of plans and of the own subscription."""

from alpine_service.api import plans
from alpine_service.api.plan_bodies import ChoosingPlan, PlanList, SubscriptionBody, UsageBody
from alpine_service.api.route import ANYBODY, SIGNED_IN, Parameter, Route, keyed
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.plans.use import KEPT_DAYS

_TAG = "Plan"
_OWN = "/v1/account/subscription"

ROUTES = (
    Route(
        "GET",
        "/v1/plans",
        plans.plans,
        "All plans",
        _TAG,
        ANYBODY,
        PlanList,
        meaning="A plan without real time sees what the log itself has made public: signals of"
        " open strategies at once, those of delayed strategies once they are revealed.",
        any_origin=True,
    ),
    Route(
        "GET",
        _OWN,
        plans.show,
        "The own subscription",
        _TAG,
        keyed(Scope.ACCOUNT),
        SubscriptionBody,
    ),
    Route(
        "POST",
        f"{_OWN}/trial",
        plans.start_trial,
        "Start the trial",
        _TAG,
        SIGNED_IN,
        SubscriptionBody,
        takes=ChoosingPlan,
        refusals=(400, 409),
        meaning="Fourteen days of a plan, once for each account. It ends by itself and costs"
        " nothing.",
    ),
    Route(
        "POST",
        f"{_OWN}/cancel",
        plans.cancel,
        "Cancel at the end of what was paid for",
        _TAG,
        SIGNED_IN,
        SubscriptionBody,
        refusals=(409,),
    ),
    Route(
        "POST",
        f"{_OWN}/resume",
        plans.resume,
        "Take a cancellation back",
        _TAG,
        SIGNED_IN,
        SubscriptionBody,
        refusals=(409,),
    ),
    Route(
        "POST",
        f"{_OWN}/plan",
        plans.change_plan,
        "Change the plan",
        _TAG,
        SIGNED_IN,
        SubscriptionBody,
        takes=ChoosingPlan,
        refusals=(400, 409),
        meaning="To a higher plan at once: what is left becomes time of the same worth, so it ends"
        " earlier. To a lower one at the end of what was paid for.",
    ),
    Route(
        "GET",
        "/v1/account/usage",
        plans.usage,
        "Requests, day by day",
        _TAG,
        keyed(Scope.ACCOUNT),
        UsageBody,
        parameters=(
            Parameter(
                "days",
                "How many days back, today included.",
                {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": KEPT_DAYS,
                    "default": plans.DEFAULT_DAYS,
                },
            ),
        ),
        refusals=(400,),
        meaning="Sessions, keys and test keys are counted apart, each against the plan's number.",
    ),
)
