"""Messages in scripts that set no spaces between words are found letter by letter as others are."""

from __future__ import annotations

from pathlib import Path

import pytest

from codebase_server.service import CodebaseService
from codebase_server.settings import load

FILES = {
    "ApiException.java": (
        "/** 该接口的异常 */\nclass ApiException extends RuntimeException {\n  String code;\n}\n"
    ),
    "Coupons.java": (
        "class Coupons {\n  void use(Coupon coupon) {\n    if (coupon == null) {\n"
        '      Asserts.fail("该优惠券不可用");\n    }\n  }\n}\n'
    ),
    "Login.java": 'class Login {\n  void login(String word) {\n    Asserts.fail("密码不正确");\n  }\n}\n',
    "order.rb": 'def handle(order)\n  raise "注文を処理できません" if order.nil?\nend\n',
    "more.py": "\n\n".join(f"def order_{n}(coupon):\n    return coupon.orders({n})" for n in range(40))
    + "\n",
}


@pytest.mark.parametrize(
    ("message", "place"),
    [
        ("com.macro.mall.common.exception.ApiException: 该优惠券不可用", "Coupons.java"),
        ("密码不正确", "Login.java"),
        ("注文を処理できません", "order.rb"),
    ],
)
def test_it_comes_first_and_for_sure(tmp_path: Path, message: str, place: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    for name, text in FILES.items():
        (root / name).write_text(text, encoding="utf-8")
    service = CodebaseService(load({"root": (root,), "data_dir": str(tmp_path / "data")}, {}))
    try:
        service.index_repository()
        answer = service.search_code(message, limit=3)
    finally:
        service.close()
    first = answer["results"][0]
    assert (first["file_path"], first["similarity_score"]) == (place, 1.0)
    assert not any("Perhaps" in warning for warning in answer["warnings"])
