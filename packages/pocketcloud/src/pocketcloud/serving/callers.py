"""The principal of a request to the AWS endpoint, and whether it may do what the request asks.

Credentials of an IAM user and of an assumed role are known by their access key; signatures are not checked.
Any other key is the administrator's, or that of the role which the server acts as.
"""

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends
from werkzeug.wrappers import Request as WsgiRequest
from werkzeug.wrappers import Response

from pocketcloud.iam.access import AccessControl
from pocketcloud.iam.access_denied import denial_response
from pocketcloud.iam.access_request import PARTITION
from pocketcloud.iam.account_policies import UnknownRoleError
from pocketcloud.iam.audit import Denial
from pocketcloud.iam.events_actions import bus_of
from pocketcloud.iam.principals import Principal, role, user
from pocketcloud.iam.unsupported import UnsupportedPolicyError
from pocketcloud.serving.aws_error import aws_error
from pocketcloud.serving.aws_request import SentRequest, read_request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_KEY = re.compile(r"Credential=(?P<key>[^/,\s]+)/")
_WITHOUT_PERMISSION = frozenset({"GetAccessKeyInfo", "GetCallerIdentity", "GetSessionToken"})
"""https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html"""


@dataclass(frozen=True, slots=True)
class Callers:
    """Authorizes requests by the access key they are signed with; `default` stands for unknown keys."""

    access: AccessControl
    default: Principal | None = None
    """The caller; None for the administrator, who may do everything."""

    def refuse(self, environ: "WSGIEnvironment") -> Response | None:
        """Return the service's access-denied error; None if the caller may make the request."""
        caller = self._principal(environ)
        if caller is None:
            return None
        request = read_request(_with_body(environ))
        if request is None:
            return aws_error(
                environ, 403, "AccessDenied", f"{caller.name} has no permission for this request"
            )
        try:
            denials = list(self._denials(caller, request))
        except (UnknownRoleError, UnsupportedPolicyError) as error:
            return aws_error(environ, 501, "NotImplemented", str(error))
        return aws_error(environ, *denial_response(request.service, denials[0])) if denials else None

    def _principal(self, environ: "WSGIEnvironment") -> Principal | None:
        found = _KEY.search(environ.get("HTTP_AUTHORIZATION", ""))
        if found is None:
            return self.default
        account = self.access.location.account
        if owner := iam_backends[account][PARTITION].get_user_from_access_key_id(found["key"]):
            return user(owner.arn)
        session = sts_backends[account][PARTITION].get_assumed_role_from_access_key(found["key"])
        return role(session.role_arn, session.session_name) if session else self.default

    def _denials(self, caller: Principal, request: SentRequest) -> Iterable[Denial]:
        if request.service == "sts" and request.operation in _WITHOUT_PERMISSION:
            return
        try:
            denials = self.access.authorize_call(
                caller, request.service, request.operation, request.parameters, prefix=request.prefix
            )
            if denials and request.operation == "PutEvents":
                self._check_all_denied(request, denials)
            yield from denials
        except KeyError:  # without a required parameter, which the service rejects
            denial = self.access.authorize_unlisted(caller, f"{request.prefix}:{request.operation}")
            yield from (denial,) if denial else ()

    def _check_all_denied(self, request: SentRequest, denials: Iterable[Denial]) -> None:
        buses = {bus_of(self.access.location, entry) for entry in request.parameters["Entries"]}
        if buses - {denial.resource for denial in denials}:
            raise UnsupportedPolicyError(
                "PutEvents to a permitted and to a denied bus in one request is not supported over HTTP"
            )


def _with_body(environ: "WSGIEnvironment") -> "WSGIEnvironment":
    """Return a copy with a body of its own; the environment keeps one that can be read again."""
    body = WsgiRequest(environ).get_data(parse_form_data=False)
    environ["wsgi.input"] = io.BytesIO(body)
    return {**environ, "wsgi.input": io.BytesIO(body)}
