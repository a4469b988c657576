from urllib.parse import urlencode


def page_headers(url: str, skip: int, limit: int, total: int, search: str | None) -> dict[str, str]:
    """The headers of a part of a list: how long it is, and where its other parts are (RFC 8288)."""
    offset = skip % limit
    last = max(0, 0 if total <= offset else offset + (total - 1 - offset) // limit * limit)
    query = "" if search is None else urlencode({"search": search}) + "&"

    def link(rel: str, to: int) -> str:
        return f'<{url}?{query}skip={to}&limit={limit}>; rel="{rel}"'

    links = [link("first", 0)]
    if skip > 0:
        links.append(link("prev", min(max(0, skip - limit), last)))
    if skip + limit < total:
        links.append(link("next", skip + limit))
    links.append(link("last", last))
    return {"x-total-count": str(total), "link": ", ".join(links)}
