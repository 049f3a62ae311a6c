"""Files whose name alone says that they are not worth opening."""

from __future__ import annotations

import re

from codebase_server.files.records import SkipReason
from codebase_server.files.secrets import is_secret_name

_BINARY_EXTENSIONS = frozenset(
    """
    png jpg jpeg gif bmp ico icns webp tif tiff psd ai eps heic avif xcf sketch fig dds tga exr hdr
    pdf doc docx xls xlsx ppt pptx odt ods odp rtf epub mobi pages numbers
    zip gz tgz bz2 tbz xz txz zst lz4 lzma 7z rar tar jar war ear aar apk ipa deb rpm dmg iso img cab msi
    nupkg whl egg
    gem crate phar vsix
    exe dll so dylib a lib o obj pdb class pyc pyo pyd beam wasm node bin dat elc hi ko rlib rmeta gch pch
    ilk exp
    mp3 mp4 m4a m4v wav ogg oga ogv flac aac avi mov mkv webm wmv flv mid midi aiff opus
    ttf otf woff woff2 eot pfb
    db sqlite sqlite3 mdb accdb dbf parquet feather arrow orc avro h5 hdf5 npy npz pkl pickle joblib rds
    rdata sav mat
    onnx pt pth safetensors gguf ggml tflite pb ckpt mlmodel caffemodel
    blend fbx stl glb gltf 3ds max unitypackage uasset umap pak
    swp swo lnk ds_store mo gmo rc2 nib car xcuserstate
    """.split()
)

_GENERATED_NAMES = frozenset(
    """
    package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb deno.lock cargo.lock
    poetry.lock
    uv.lock pdm.lock pipfile.lock composer.lock gemfile.lock go.sum go.work.sum flake.lock mix.lock
    pubspec.lock
    packages.lock.json package.resolved gradle.lockfile buildscript-gradle.lockfile podfile.lock
    cartfile.resolved
    stack.yaml.lock conan.lock rebar.lock symfony.lock .terraform.lock.hcl pixi.lock paket.lock
    """.split()
)

_GENERATED_SUFFIXES = (
    ".pb.go", ".pb.cc", ".pb.h", ".pb.swift", "_pb2.py", "_pb2.pyi", "_pb2_grpc.py", "_pb.js",
    "_pb.d.ts", ".pb.gw.go", ".g.dart", ".freezed.dart", ".designer.cs", ".g.cs", ".g.i.cs",
    ".generated.cs", ".snap", ".xcuserstate",
)  # fmt: skip

_MINIFIED_SUFFIXES = (
    ".min.js",
    ".min.css",
    ".min.mjs",
    "-min.js",
    ".min.html",
    ".map",
    ".bundle.js",
    ".chunk.js",
)


_SCHEMA = re.compile(r"(?:^|/)db/(?:\w+_)?schema\.rb$")
"""Written by Rails and committed, one for each database."""


def reason_by_name(path: str) -> SkipReason | None:
    """The reason to leave a file out that its name gives, if it does."""
    name = path.rpartition("/")[2]
    if is_secret_name(name):
        return "secret"
    lowered = name.lower()
    if lowered.rpartition(".")[2] in _BINARY_EXTENSIONS and "." in lowered:
        return "binary"
    if lowered.endswith(_MINIFIED_SUFFIXES):
        return "minified"
    if lowered in _GENERATED_NAMES or lowered.endswith(_GENERATED_SUFFIXES):
        return "generated"
    return None


def tells_of_itself(path: str) -> bool:
    """Whether a generated file is worth reading by its name: Rails' schema, all that says what a table is."""
    return _SCHEMA.search(path) is not None


def is_bad_name(path: str) -> bool:
    """Whether a path cannot be shown, stored or asked for: control characters, or not UTF-8."""
    if path.isprintable():
        return False
    return any(
        character < " " or character == "\x7f" or "\ud800" <= character <= "\udfff" for character in path
    )
