"""A form with files in it, read as it comes: text into memory, with limits; files to the disk, counted and hashed.

Imported by the pages that take recordings. What a file is called, and what type somebody says it has, is never read.
"""

import contextlib
from collections.abc import AsyncIterator, Callable

from fastapi import Request
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from server.originals import Incoming, Originals, Upload

MOST_PARTS = 2_000
MOST_FILES = 40
LONGEST_FIELD = 800_000
LONGEST_TEXT = 4_000_000
"""Of all fields together, in bytes."""
LONGEST_HEADER = 64 * 1024
"""A file may be called anything: its name must not cost anybody their text."""
_FILE = "file-"


class UploadForm:
    """The fields of a form, and its files by what stands behind `file-` in their field's name; `ignored`: how many
    bytes of files were not taken in."""

    def __init__(self, fields: FormData, files: dict[str, Upload], ignored: int = 0) -> None:
        self.fields, self.files, self.ignored = fields, files, ignored


@contextlib.asynccontextmanager
async def read_form(request: Request, originals: Originals | None) -> AsyncIterator[UploadForm]:
    """The form of a request, for as long as its files are needed; without `originals` none is kept. Raises
    HTTPException(400) for what is no form, or larger than any of ours; then no file is left behind."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind == b"multipart/form-data" and not options.get(b"boundary"):
        raise HTTPException(400)
    if kind != b"multipart/form-data":
        async with request.form(max_fields=MOST_PARTS) as typed:
            yield UploadForm(typed, {})
        return
    parts = _Parts(originals)
    try:
        yield await _parsed(request, options[b"boundary"], parts)
    finally:
        await run_in_threadpool(parts.discard)


async def _parsed(request: Request, boundary: bytes, parts: "_Parts") -> UploadForm:
    try:
        parser = MultipartParser(boundary, parts.callbacks(), max_header_size=LONGEST_HEADER)  # type: ignore[arg-type]
        async for piece in request.stream():
            await run_in_threadpool(parser.write, piece)
        parser.finalize()
        return parts.form()
    except FormParserError as error:
        raise HTTPException(400) from error


class _Parts:
    """Takes the parts of one body as the parser meets them."""

    def __init__(self, originals: Originals | None) -> None:
        self._originals = originals
        self._fields: list[tuple[str, str | UploadFile]] = []
        self._files: dict[str, Upload] = {}
        self._named: dict[bytes, bytes] = {}
        self._header = self._value = b""
        self._name = ""
        self._text: bytearray | None = None
        self._file: Incoming | None = None
        self._parts = self._size = self._ignored = 0
        self._ended = False

    def callbacks(self) -> dict[str, Callable[..., None]]:
        """What the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._open,
            "on_part_data": self._data,
            "on_part_end": self._close,
            "on_end": self._end,
        }

    def form(self) -> UploadForm:
        """All of it. Raises FormParserError if the body broke off."""
        if not self._ended:
            raise FormParserError("the body has no end")
        return UploadForm(FormData(self._fields), self._files, self._ignored)

    def discard(self) -> None:
        """No file of it stays."""
        if self._file is not None:
            self._file.finish().discard()
        for upload in self._files.values():
            upload.discard()

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise FormParserError("too many parts")
        self._named, self._header, self._value = {}, b"", b""
        self._text = self._file = None

    def _header_name(self, given: bytes, start: int, end: int) -> None:
        self._header += given[start:end]

    def _header_value(self, given: bytes, start: int, end: int) -> None:
        self._value += given[start:end]

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, self._named = parse_options_header(self._value)
        self._header = self._value = b""

    def _open(self) -> None:
        if b"name" not in self._named:
            raise FormParserError("a part without a name")
        self._name = self._named[b"name"].decode(errors="replace")
        if b"filename" not in self._named:
            self._text = bytearray()
        elif (
            self._originals is not None
            and self._name.startswith(_FILE)
            and self._name.removeprefix(_FILE) not in self._files
        ):
            if len(self._files) >= MOST_FILES:
                raise FormParserError("too many files")
            self._file = self._originals.begin()

    def _data(self, given: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(given[start:end])
        elif self._text is not None:
            self._size += end - start
            if self._size > LONGEST_TEXT or len(self._text) + end - start > LONGEST_FIELD:
                raise FormParserError("a field is too long")
            self._text += given[start:end]
        else:
            self._ignored += end - start

    def _close(self) -> None:
        if self._text is not None:
            self._fields.append((self._name, self._text.decode(errors="replace")))
        if self._file is not None:
            upload, self._file = self._file.finish(), None
            if upload.size:
                self._files[self._name.removeprefix(_FILE)] = upload
            else:
                upload.discard()  # a field in which no file was chosen

    def _end(self) -> None:
        self._ended = True
