"""What an edit of the playbook does to people in flight: foreseen before it is applied, and done by that foresight when it is.

The sweeps themselves are asked, once by the live playbook and once by the edited one, what they would do now; the difference is the plan.
"""

from ripeline.sweep.plan.difference import Difference, differences, people
from ripeline.sweep.plan.moving import Move, due_to_move, move_people

__all__ = ["Difference", "Move", "differences", "due_to_move", "move_people", "people"]
