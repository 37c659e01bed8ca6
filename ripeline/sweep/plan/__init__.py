"""What an edit of the playbook does to people in flight, foreseen before it is applied.

The sweeps themselves are asked, once by the live playbook and once by the edited one, what they would do now; the difference is the plan.
"""

from ripeline.sweep.plan.difference import Difference, differences, people

__all__ = ["Difference", "differences", "people"]
