"""Which worker has which shard: each stays where its state is, as far as that is fair."""

from collections.abc import Mapping, Sequence


def placed(
    shards: Sequence[int], before: Mapping[int, str], workers: Sequence[str]
) -> Mapping[int, str]:
    """A worker for every shard, none if there are no workers.

    A shard stays where it was `before` if it can; those without a place, and as few others as make
    the loads differ by one at most, go to whoever has least, ties by name.
    """
    held: dict[str, list[int]] = {worker: [] for worker in sorted(workers)}
    if not held:
        return {}
    homeless: list[int] = []
    for shard in sorted(shards):
        held.get(before.get(shard, ""), homeless).append(shard)
    for shard in homeless:
        _least(held).append(shard)
    while len(most := max(held.values(), key=len)) > len(least := _least(held)) + 1:
        least.append(most.pop())
    return {shard: worker for worker, mine in held.items() for shard in mine}


def _least(held: Mapping[str, list[int]]) -> list[int]:
    return min(held.values(), key=len)
