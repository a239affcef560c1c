"""Makes Assay task packages of PyTorch models."""

from .export import ExportedTask, export_task
from .keras_model import KerasModule
from .refusal import Refusal
from .task_spec import Terms

__all__ = ["ExportedTask", "KerasModule", "Refusal", "Terms", "export_task"]
