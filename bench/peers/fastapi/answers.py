import orjson
from fastapi import Response


def json_answer(content: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """What is known to fit goes out as it is: a response model would look at it once more."""
    body = orjson.dumps(content, option=orjson.OPT_UTC_Z)
    return Response(body, status, headers, media_type="application/json")
