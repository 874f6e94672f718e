"""Floor 4: what a new installation still lacks (the guide of the console), from its real state.

Entry points: `FirstRun.steps`, `FirstRun.confirm`.
"""

from omonat.setting_up.service import STEPS, FirstRun, StepState

__all__ = ["STEPS", "FirstRun", "StepState"]
