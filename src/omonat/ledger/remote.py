"""A ledger read over HTTP, as C2SP tlog-tiles publishes one. Only `omonat ledger witness` needs it."""

import httpx

from omonat.ledger.refusals import LogUnreachable
from omonat.ledger.tiles import TileReader

LARGEST_FILE = 1_000_000
_NOT_THERE = {404, 410}


class TileSite(TileReader):
    """The tree under an address such as `https://iptelefoniya.uz/ledger`. Nothing that it sends is believed."""

    def __init__(self, address: str, *, seconds: float = 20.0) -> None:
        self.address = address.rstrip("/")
        self._client = httpx.Client(timeout=seconds, headers={"User-Agent": "omonat-witness"})

    def read(self, path: str) -> bytes | None:
        """One file. Raises LogUnreachable for any answer but 200, 404 and 410, and for one that does not end."""
        try:
            with self._client.stream("GET", f"{self.address}/{path}") as answer:
                if answer.status_code in _NOT_THERE:
                    return None
                if answer.status_code != httpx.codes.OK:
                    raise LogUnreachable(place=self.address, why=f"status {answer.status_code}")
                return self._whole(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise LogUnreachable(place=self.address, why=type(error).__name__) from error

    def _whole(self, answer: httpx.Response) -> bytes:
        data = b""
        for chunk in answer.iter_bytes():
            data += chunk
            if len(data) > LARGEST_FILE:
                raise LogUnreachable(place=self.address, why="too long")
        return data

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()
