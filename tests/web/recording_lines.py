"""Who may use the routes of recording: lines of the table in `test_matrix`, all for those who compose.

Imported by `tests/web`.
"""

TAKE = "7" * 32
"""Of somebody else."""
THINGS = {"take": TAKE, "chunk": "0", "language": "mww"}
"""What these routes ask for."""
RECORDING: dict[str, tuple[int, int, int, int]] = {
    "GET /thu-am/dang-do": (200, 403, 200, 403),
    # A take is for who recorded it, and nobody else: tests/web/test_takes.py
    "POST /thu-am/{take}": (404, 403, 404, 403),
    "POST /thu-am/{take}/{chunk}/doan": (404, 403, 404, 403),
    "POST /thu-am/{take}/xong": (404, 403, 404, 403),
    "POST /thu-am/{take}/cat": (404, 403, 404, 403),
    "POST /thu-am/{take}/thay": (404, 403, 404, 403),
    "POST /thu-am/{take}/hoan-tac": (404, 403, 404, 403),
    "POST /thu-am/{take}/bo": (404, 403, 404, 403),
    "GET /ngan-hang-cau/{language}/ghi-am": (200, 403, 404, 403),
    # For a presenter whose consent lies here: tests/web/test_sessions.py
    "POST /ngan-hang-cau/{language}/ghi-am": (404, 403, 404, 403),
    "POST /ngan-hang-cau/{language}/ghi-am/{take}": (404, 403, 404, 403),
}
"""What is answered to them here, to other roles, to them elsewhere, and to who holds no role."""
