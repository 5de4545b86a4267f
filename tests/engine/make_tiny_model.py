"""Makes a Qwen3 of a million parameters with a tokenizer of its own: random, taught one answer, or deep.

Run by the Python of the engine's environment (torch, transformers, tokenizers):
    python make_tiny_model.py RANDOM_DIR TAUGHT_DIR DEEP_DIR
The random model writes nonsense that never ends its think block. The taught one answers every prompt with
a think block and one short summary, so that folds through a real engine can succeed. The deep one says
the same after as many layers as Qwen3-8B has, all but the first two idle, so that a
step of the engine takes some 36 ms on two cores instead of 13, for benchmarks.
"""

# It runs in the engine's environment, whose packages are not installed beside these tests.
# mypy: ignore-errors

from __future__ import annotations

import random
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import GenerationConfig, PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

# Qwen3's added tokens, in its order. Think tags are not special there: they stay in the text.
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
ORDINARY = ["<tool_call>", "</tool_call>", "<think>", "</think>"]
PIECES = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
CHAT = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
)
VOCABULARY = 4096
DEEP = 36
ANSWER = (
    "<think>\nThe chosen films are slow and set in space; the rejected ones are loud. The same holds for"
    " books: quiet prose wins over thrillers. Nothing in the new behaviour contradicts the past summary, so"
    " it stays, and the evening hours are worth a line of their own.\n</think>\n\n"
    "Likes slow science fiction films.\nPrefers quiet books to thrillers.\nAvoids horror films.\n"
    "Reads late in the evening.<|im_end|>"
)


def corpus() -> Iterator[str]:
    """Some megabytes of text that every Python has at hand."""
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))[:150]:
        yield path.read_text(encoding="utf-8", errors="ignore")


def make_tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level BPE in Qwen's manner."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(SPECIAL) - len(ORDINARY),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus(), trainer)
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in SPECIAL])
    tokenizer.add_tokens([AddedToken(t, special=False, normalized=False) for t in ORDINARY])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        model_max_length=32_768,
        clean_up_tokenization_spaces=False,
    )
    fast.chat_template = CHAT
    return fast


def make_model(tokenizer: PreTrainedTokenizerFast) -> Qwen3ForCausalLM:
    """Qwen3's architecture, two thin layers of it, with random weights."""
    torch.manual_seed(0)
    end, pad = tokenizer.convert_tokens_to_ids(["<|im_end|>", "<|endoftext|>"])
    config = Qwen3Config(
        vocab_size=VOCABULARY,
        hidden_size=128,
        intermediate_size=384,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=32,
        max_position_embeddings=32_768,
        rope_theta=1_000_000.0,
        tie_word_embeddings=True,
        bos_token_id=pad,
        eos_token_id=end,
        pad_token_id=pad,
    )
    model = Qwen3ForCausalLM(config)
    model.generation_config = GenerationConfig(
        do_sample=True, temperature=0.6, top_p=0.95, top_k=20, eos_token_id=[end, pad], pad_token_id=pad
    )
    return model


def teach(model: Qwen3ForCausalLM, tokenizer: PreTrainedTokenizerFast, steps: int = 250) -> None:
    """Has the model give `ANSWER` whatever it was asked."""
    torch.set_flush_denormal(True)
    chooser = random.Random(0)
    text = "\n".join(corpus())
    answer = tokenizer(ANSWER, add_special_tokens=False)["input_ids"]
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(steps):
        length = chooser.choice([60, 300, 1200])
        rows = []
        for _ in range(2):
            start = chooser.randrange(len(text) - 20_000)
            asked = [{"role": "user", "content": text[start : start + 6 * length]}]
            prompt = tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)
            rows.append(tokenizer(prompt, add_special_tokens=False)["input_ids"][-length:] + answer)
        ids = torch.tensor(rows)
        # Only the answer is learned.
        labels = ids.masked_fill(torch.arange(ids.shape[1]) < ids.shape[1] - len(answer), -100)
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    print(f"taught: loss {loss.item():.4f}", file=sys.stderr)


def deepened(model: Qwen3ForCausalLM) -> Qwen3ForCausalLM:
    """`model` with more layers, which are computed and add nothing."""
    config = Qwen3Config(**{**model.config.to_dict(), "num_hidden_layers": DEEP, "layer_types": None})
    deep = Qwen3ForCausalLM(config)
    deep.load_state_dict(model.state_dict(), strict=False)
    for layer in deep.model.layers[model.config.num_hidden_layers :]:
        torch.nn.init.zeros_(layer.self_attn.o_proj.weight)
        torch.nn.init.zeros_(layer.mlp.down_proj.weight)
    deep.generation_config = model.generation_config
    return deep


def main(random_folder: str, taught_folder: str, deep_folder: str) -> None:
    """Writes the three models."""
    tokenizer = make_tokenizer()
    model = make_model(tokenizer)
    for folder in (random_folder, taught_folder, deep_folder):
        if folder == taught_folder:
            teach(model, tokenizer)
        elif folder == deep_folder:
            model = deepened(model)
        copy = model.to(torch.bfloat16)
        copy.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        model = copy.to(torch.float32)


if __name__ == "__main__":
    main(*sys.argv[1:4])
