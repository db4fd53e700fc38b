"""What boto3 raises, in our own words; never what AWS says, which nobody has promised to be clean.

The codes are those of GetSecretValue and of AWS's common errors:
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
"""

from typing import Any, Final

from argo_core.errors import (
    SecretDenied,
    SecretError,
    SecretGarbled,
    SecretMissing,
    SecretsAway,
    SecretThrottled,
)

_MISSING: Final = {"ResourceNotFoundException", "ResourceNotFound"}
_DELETED: Final = "InvalidRequestException"
_DENIED: Final = {
    "AccessDenied",
    "AccessDeniedException",
    "DecryptionFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "NotAuthorized",
    "OptInRequired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_THROTTLED: Final = {
    "LimitExceededException",
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_NO_CREDENTIALS: Final = {
    "CredentialRetrievalError",
    "NoCredentialsError",
    "PartialCredentialsError",
    "ProfileNotFound",
    "TokenRetrievalError",
    "UnauthorizedSSOTokenError",
}
_MALFORMED: Final = {"ParamValidationError", "ResponseParserError", "ValidationException"}
_FAULTS: Final = 500


def translated(name: str, secret: str, error: Exception) -> SecretError:
    """The error of the tree that says what to do about it."""
    kind = type(error).__name__
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        code, status = _told(response)
        return _of_code(name, secret, code, status)
    if kind in _NO_CREDENTIALS:
        fix = "give the process a role, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        return SecretDenied(name, "there are no AWS credentials", fix)
    if kind in _MALFORMED:
        fix = f"check the place {secret} in secrets.aws.places"
        return SecretGarbled(name, f"AWS and we do not understand each other ({kind})", fix)
    fix = "check network, secrets.aws.region and secrets.aws.endpoint_url"
    return SecretsAway(name, f"AWS cannot be reached ({kind})", fix)


def _told(response: dict[str, Any]) -> tuple[str, int]:
    error, about = response.get("Error"), response.get("ResponseMetadata")
    code = error.get("Code") if isinstance(error, dict) else None
    status = about.get("HTTPStatusCode") if isinstance(about, dict) else None
    # A code is a word; whatever else stands there is not repeated.
    is_word = isinstance(code, str) and code.isalnum() and code.isascii()
    return str(code)[:60] if is_word else "?", status if isinstance(status, int) else 0


def _of_code(name: str, secret: str, code: str, status: int) -> SecretError:
    if code in _MISSING:
        fix = f"make the secret {secret}, or correct its name or the region"
        return SecretMissing(name, f"AWS has no secret {secret}", fix)
    if code == _DELETED:
        fix = f"restore {secret}, or make a version of it"
        return SecretMissing(name, f"AWS has {secret} marked as deleted, or empty", fix)
    if code in _DENIED:
        fix = f"allow secretsmanager:GetSecretValue on {secret}, and its key's kms:Decrypt"
        return SecretDenied(name, f"AWS does not let us read {secret} ({code})", fix)
    if code in _THROTTLED:
        fix = "raise secrets.refresh_s, or ask AWS for a higher quota"
        return SecretThrottled(name, f"AWS was asked too often ({code})", fix)
    if status >= _FAULTS:
        return SecretsAway(name, f"AWS has a fault ({code})", "wait; it is tried again")
    fix = f"check the place {secret} in secrets.aws.places"
    return SecretGarbled(name, f"AWS refuses to read {secret} ({code})", fix)
