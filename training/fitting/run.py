"""What every step of a fit needs: the configuration, the data, the folder, the device."""

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Self, TypeVar, cast

from training.config import Config
from training.datasets.detector_pictures import Pictures
from training.datasets.training_data import TrainingData
from training.detector_config import DetectorConfig
from training.errors import TrainingError
from training.networks.device import Device
from training.networks.own_backbone import OwnBackbone

Data = TypeVar("Data")
VIEWS, DETECTOR_VIEWS = "views", "detector-views"  # the folders of augmented views, in a run


@dataclass(frozen=True)
class Run(Generic[Data]):
    """One run while it is fitted. ``folder`` keeps its checkpoints and results. ``progress``: show bars."""

    config: Config
    data: Data
    folder: Path
    device: Device
    progress: bool

    @classmethod
    def begin(cls, config: Config, data: Data, folder: Path, progress: bool = True) -> Self:
        """A run on the best device that this machine has."""
        return cls(config, data, folder, Device.best(config.threads), progress)


ClassifierRun = Run[TrainingData]


@dataclass(frozen=True)
class DetectorRun(Run[Pictures]):
    """``backbone``: the user's own weights; None: the weights of ImageNet.

    Raises TrainingError if the configuration has no detector, so that nothing of such a run is written.
    """

    backbone: OwnBackbone | None = None

    def __post_init__(self) -> None:
        if self.config.detector is None:
            raise TrainingError("The recipe has no [detector].")

    @property
    def recipe(self) -> DetectorConfig:
        return cast(DetectorConfig, self.config.detector)
