from __future__ import annotations

import subprocess
import sys


def _run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)


def test_without_its_extra_the_evaluation_says_what_to_install_and_help_still_works() -> None:
    hidden = "import sys; sys.modules['numpy'] = None; from prosona.cli import main; "
    missing = _run(hidden + "main(['eval', 'run'])")
    assert missing.returncode == 1
    assert missing.stderr == (
        "prosona: numpy is not installed; `prosona eval` needs it: pip install 'prosona[evaluation]'\n"
    )
    for arguments in (["eval"], ["eval", "--help"], ["eval", "run", "--help"]):
        shown = _run(hidden + f"main({arguments})")
        assert (shown.returncode, shown.stdout, shown.stderr) == (1, "", missing.stderr)
    assert "eval" in _run(hidden + "main(['--help'])").stdout


def test_the_commands_of_the_evaluation_are_found() -> None:
    shown = _run("from prosona.cli import main; main(['eval', 'run', '--help'])")
    assert shown.returncode == 0
    assert "--reader" in shown.stdout
