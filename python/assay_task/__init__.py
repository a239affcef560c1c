"""Makes Assay task packages of PyTorch models, and trains tolerant tasks in PyTorch."""

from .export import ExportedTask, export_task
from .keras_model import KerasModule
from .refusal import Refusal
from .task_spec import Terms
from .trainer import serve_graph, serve_training

__all__ = ["ExportedTask", "KerasModule", "Refusal", "Terms", "export_task", "serve_graph", "serve_training"]
