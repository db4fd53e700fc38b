"""What a verification finds wrong."""

from attrs import field, frozen

MAX_PROBLEMS = 20


@frozen
class Findings:
    """The first problems, a sentence each; so many that a person will read them."""

    problems: list[str] = field(factory=list)

    def note(self, problem: str) -> None:
        """Add a problem, unless there are enough."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)
