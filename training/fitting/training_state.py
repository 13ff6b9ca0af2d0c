"""The state of one training, and its checkpoint: a killed training continues bit for bit."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from safetensors import SafetensorError, safe_open
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from classifier.lite import renamed
from training.errors import TrainingError
from training.storage.atomic import save_tensors
from training.storage.files import damaged

VERSION = 3  # of the checkpoint's format


@dataclass
class TrainingState:
    """Everything that the next step depends on: weights, their average, optimizer, random states."""

    network: nn.Module
    average: AveragedModel
    optimizer: torch.optim.AdamW
    schedule: torch.optim.lr_scheduler.OneCycleLR
    generator: torch.Generator
    epochs: int = 0

    @classmethod
    def begin(
        cls,
        network: nn.Module,
        groups: list[dict[str, Any]],
        steps: int,
        weight_decay: float,
        ema: float,
        seed: int,
    ) -> Self:
        """A new training of ``steps`` steps. Equal networks and seeds give equal states.

        ``groups``: the optimizer's parameter groups, each with its highest learning rate. ``ema``: decay of
        the averaged weights in each step.
        """
        generator = torch.Generator().manual_seed(seed)
        optimizer = torch.optim.AdamW(groups, weight_decay=weight_decay)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, [group["lr"] for group in groups], total_steps=steps, pct_start=0.15
        )
        averaging = get_ema_multi_avg_fn(ema)
        average = AveragedModel(network, multi_avg_fn=averaging, use_buffers=True)
        return cls(network, average, optimizer, schedule, generator)

    def step(self, loss: torch.Tensor, clip: float | None = None) -> None:
        """One step down the gradient of ``loss``. ``clip``: highest norm of the gradient."""
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(self.network.parameters(), clip)
        self.optimizer.step()
        self.schedule.step()
        self.average.update_parameters(self.network)

    @property
    def averaged(self) -> nn.Module:
        """The network with averaged weights, in evaluation mode."""
        return self.average.module.eval()

    def save(self, path: Path) -> None:
        """Writes the checkpoint."""
        optimizer = self.optimizer.state_dict()
        tensors = {
            **_prefixed("network", self.network.state_dict()),
            **_prefixed("average", self.average.state_dict()),
            "random.all": torch.get_rng_state(),
            **_cuda_state(),
            "random.batches": self.generator.get_state(),
        }
        for index, moments in optimizer["state"].items():
            tensors |= _prefixed(f"optimizer.{index}", moments)
        plain = {
            "version": VERSION,
            "epochs": self.epochs,
            "groups": optimizer["param_groups"],
            "schedule": self.schedule.state_dict(),
        }
        save_tensors(path, tensors, {"course": json.dumps(plain)})

    def restore(self, path: Path) -> None:
        """Loads what ``save`` wrote, into a state that was started with the same configuration.

        Raises TrainingError if the file is damaged, or of another version or configuration.
        """
        try:
            with safe_open(path, "pt") as file:
                # Checkpoints from before timm have other names; the order of the parameters is the same.
                tensors = renamed({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
                plain = json.loads((file.metadata() or {}).get("course", "null"))
        except (SafetensorError, ValueError):
            raise damaged(path) from None
        if not isinstance(plain, dict) or plain.get("version") != VERSION:
            raise TrainingError(
                f"{path} is a checkpoint of another version of Callus. Delete it to start again."
            )
        try:
            self._take(tensors, plain)
        except (KeyError, ValueError, TypeError, RuntimeError, AttributeError):
            raise TrainingError(
                f"{path} does not fit the network under training. Delete it to start again."
            ) from None

    def _take(self, tensors: dict[str, torch.Tensor], plain: dict[str, Any]) -> None:
        self.network.load_state_dict(_under("network", tensors))
        self.average.load_state_dict(_under("average", tensors))
        moments: dict[int, dict[str, torch.Tensor]] = {}
        for name, tensor in _under("optimizer", tensors).items():
            index, key = name.split(".")
            moments.setdefault(int(index), {})[key] = tensor
        self.optimizer.load_state_dict({"state": moments, "param_groups": plain["groups"]})
        self.schedule.load_state_dict(plain["schedule"])
        torch.set_rng_state(tensors["random.all"])
        if "random.cuda" in tensors and torch.cuda.is_available():
            torch.cuda.set_rng_state(tensors["random.cuda"])
        self.generator.set_state(tensors["random.batches"])
        self.epochs = plain["epochs"]


def _cuda_state() -> dict[str, torch.Tensor]:
    return {"random.cuda": torch.cuda.get_rng_state()} if torch.cuda.is_available() else {}


def _prefixed(prefix: str, values: dict[str, Any]) -> dict[str, torch.Tensor]:
    return {f"{prefix}.{name}": value for name, value in values.items()}


def _under(prefix: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    start = f"{prefix}."
    return {
        name[len(start) :]: tensor for name, tensor in tensors.items() if name.startswith(start)
    }
