"""Callus's own limits and times."""

from typing import Any

from config import env

CALLUS_INTAKE = {
    "max_images": 20,
    "max_bytes": env.integer("MAX_UPLOAD_BYTES", 40 * 1024 * 1024, minimum=1024),
    "max_pixels": env.integer("MAX_UPLOAD_PIXELS", 50_000_000, minimum=1024),
    "silent_seconds": env.integer("UPLOAD_SILENT_SECONDS", 60, minimum=1),
    "seconds": 20,
    "memory_bytes": 2 * 1024**3,
}
CALLUS_INFERENCE: dict[str, Any] = {
    "batch": 8,
    "lease_seconds": env.integer("INFERENCE_LEASE_SECONDS", 120, minimum=1),
    # Longer than the time limit of either task that loads a release.
    "load_lease_seconds": env.integer("RELEASE_LOAD_SECONDS", 120, minimum=1),
    "max_attempts": 3,
    "seconds_per_message": 60,  # far below the task's time limit
    "threads": env.integer("INFERENCE_THREADS", 1, minimum=1),
    # A worker looks at its start whether it has them; the web process needs neither.
    "engine": env.choice("INFERENCE_ENGINE", "onnx", ("onnx", "torch")),
    "device": env.choice("INFERENCE_DEVICE", "cpu", ("cpu", "cuda")),
    "heartbeat_stale_seconds": 60,
}
# From whom the model's output is hidden: a class like triage.disclosure.policy.Policy, which hides nothing.
CALLUS_DISCLOSURE_POLICY = "triage.disclosure.policy.Policy"
CALLUS_CLAIM_SECONDS = env.integer("CLAIM_SECONDS", 15 * 60, minimum=30)
