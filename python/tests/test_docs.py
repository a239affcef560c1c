"""The page docs/pytorch.md works, command by command."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy
import onnx
import onnxruntime

from assay_task.engine import CHECKOUT, find_checkout

PAGE = "docs/pytorch.md"
#: What a reader's commands make in the checkout; the test has it made elsewhere.
MADE = re.compile(r"(?<= )(small-digits|trained|digits\.npz|predictions\.csv)(?=[ /]|$)")


def page() -> str:
    return (find_checkout(None) / PAGE).read_text()


def scripts() -> dict[str, str]:
    names = re.findall(r"Save \w+ as `(\w+\.py)`", page())
    return dict(zip(names, re.findall(r"```python\n(.*?)```", page(), re.DOTALL), strict=True))


def commands() -> list[str]:
    prose = re.sub(r"```python\n.*?```", "", page(), flags=re.DOTALL)
    return re.findall(r"^    (\S.*)$", prose, re.MULTILINE)


def run(command: list[str], folder: Path, checkout: Path) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
        env={**os.environ, CHECKOUT: str(checkout)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_commands_lead_from_a_model_to_the_trained_model(tmp_path: Path) -> None:
    checkout = find_checkout(None)
    for name, text in scripts().items():
        (tmp_path / name).write_text(text)
    told = {}
    for command in commands():
        words = MADE.sub(lambda made: f"{tmp_path}/{made[1]}", command).split(" ")
        if words[0] == "python":
            told[command] = run([sys.executable, *words[1:]], tmp_path, checkout)
        elif words[0] == "npm":
            told[command] = run(words, checkout, checkout)
        else:
            assert command.startswith("pip install "), command
    assert list(told) == [
        "python small_digits.py",
        "npm run assay -- package check small-digits/package",
        "npm run federate -- small-digits --rounds 2 --out trained",
        "python trained_digits.py",
        "python trained_onnx.py",
        "npm run assay -- model predict --model trained --from digits.npz --out predictions.csv",
    ]
    accuracy = re.search(r"accuracy ([\d.]+)%", told["python trained_digits.py"])
    assert accuracy is not None and float(accuracy[1]) > 60
    assert re.fullmatch(r"most likely a \d, and it is a \d\n", told["python trained_onnx.py"])
    compare_predictions(tmp_path)


def compare_predictions(folder: Path) -> None:
    """The exported model, in Python's onnxruntime, predicts what Assay's engine does."""
    onnx.checker.check_model(folder / "trained/model.onnx", full_check=True)
    session = onnxruntime.InferenceSession(folder / "trained/model.onnx", providers=["CPUExecutionProvider"])
    [chances] = session.run(["predictions"], {"x": numpy.load(folder / "digits.npz")["x"]})
    with (folder / "predictions.csv").open(newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["sample", "prediction", *map(str, range(10))]
    told = numpy.array([[float(one) for one in row[2:]] for row in rows])
    assert told.shape == chances.shape == (400, 10)
    assert numpy.abs(told - chances).max() < 1e-5
    assert [int(row[1]) for row in rows] == told.argmax(1).tolist()
