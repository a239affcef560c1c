"""The program that trains a tolerant task by its package's graph: ``python -m assay_task.train PACKAGE``."""

from __future__ import annotations

import argparse
import sys

from .refusal import Refusal
from .trainer import serve_graph


def _main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m assay_task.train",
        description="Trains a tolerant task by its package's graph in onnxruntime, for assay contribute --trainer.",
    )
    parser.add_argument("package", help="folder of the task package")
    parser.add_argument("--provider", default="CPUExecutionProvider", help="where onnxruntime computes")
    parser.add_argument("--threads", type=int, default=0, help="of one operator; 0 for one a core")
    chosen = parser.parse_args()
    try:
        serve_graph(chosen.package, provider=chosen.provider, threads=chosen.threads)
    except Refusal as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    _main()
