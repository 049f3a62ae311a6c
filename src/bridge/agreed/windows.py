"""Windows' own `Kernel`, by ctypes. Nothing here is decided; `bridge.agreed.system` does that."""

from __future__ import annotations

import ctypes
from typing import Any


class Kernel32:
    """kernel32.dll with handles as wide as pointers, which ctypes would cut to 32 bits."""

    def __init__(self, loader: Any = None) -> None:
        load = loader or ctypes.WinDLL  # type: ignore[attr-defined,unused-ignore]  # Windows only
        self._dll = load("kernel32", use_last_error=True)
        self._dll.OpenProcess.argtypes = (ctypes.c_uint32, ctypes.c_int, ctypes.c_uint32)
        self._dll.OpenProcess.restype = ctypes.c_void_p
        self._dll.WaitForSingleObject.argtypes = (ctypes.c_void_p, ctypes.c_uint32)
        self._dll.WaitForSingleObject.restype = ctypes.c_uint32
        self._dll.CloseHandle.argtypes = (ctypes.c_void_p,)

    def open_process(self, access: int, pid: int) -> int:
        return int(self._dll.OpenProcess(access, False, pid) or 0)

    def last_error(self) -> int:
        return int(ctypes.get_last_error())  # type: ignore[attr-defined,unused-ignore]  # Windows only

    def wait(self, handle: int, milliseconds: int) -> int:
        return int(self._dll.WaitForSingleObject(handle, milliseconds))

    def close(self, handle: int) -> None:
        self._dll.CloseHandle(handle)
