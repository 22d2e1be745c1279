"""Which character was meant by which: edit distance, prefix and the canonical alignment."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rapidfuzz.distance import Levenshtein

_EDIT: Final = 1 << 32
"""Weight of an edit against a match in one integer cell; no text is that long."""

_TABLE_CELLS: Final = 600_000
_STATISTICS_CELLS: Final = 250_000


class OpKind(StrEnum):
    """What became of a character."""

    MATCH = "match"
    SUBSTITUTION = "substitution"
    OMISSION = "omission"
    INSERTION = "insertion"


@dataclass(frozen=True, slots=True)
class Op:
    """One column of an alignment.

    Attributes:
        kind: What happened.
        presented_at: Index in the presented text, ``None`` for an insertion.
        typed_at: Index in the typed text, ``None`` for an omission.
    """

    kind: OpKind
    presented_at: int | None
    typed_at: int | None


@dataclass(frozen=True, slots=True)
class Alignment:
    """The canonical alignment of a typed text with the presented text or its best prefix.

    Attributes:
        prefix_chars: How much of the presented text was scored; the rest is untyped, not wrong.
        ops: The columns, from the first to the last.
        correct_count: Characters that match (C).
        substitution_count: Characters typed for another.
        omission_count: Characters left out.
        insertion_count: Characters too many.
    """

    prefix_chars: int
    ops: tuple[Op, ...]
    correct_count: int
    substitution_count: int
    omission_count: int
    insertion_count: int

    @property
    def edit_count(self) -> int:
        """Errors left in the text (INF): substitutions, omissions and insertions."""
        return self.substitution_count + self.omission_count + self.insertion_count


@dataclass(frozen=True, slots=True)
class AlignmentStatistics:
    """Figures over all optimal alignments, for research reports.

    Attributes:
        alignment_count: How many optimal alignments there are.
        lengths: Length in columns → number of alignments of that length.
        mean_length: Mean number of columns.
        substitution_weights: For each presented character, the share of the alignments that
            substitute it.
        omission_weights: The same for omissions.

    Source: MacKenzie & Soukoreff, NordiCHI 2002; Wobbrock & Myers, ACM TOCHI 13(4), 2006.
    """

    alignment_count: int
    lengths: dict[int, int]
    mean_length: float
    substitution_weights: tuple[float, ...]
    omission_weights: tuple[float, ...]


def msd(presented: str, typed: str) -> int:
    """Minimum string distance (Levenshtein), in code points."""
    return Levenshtein.distance(presented, typed)


def prefix_distances(presented: str, typed: str) -> list[int]:
    """The distance of the typed text to each prefix of the presented text, the empty one first.

    Beyond twice the typed length the distance can only grow, so the list may end early.
    """
    longest = min(len(presented), 2 * len(typed))
    return [msd(presented[:length], typed) for length in range(longest + 1)]


def align(presented: str, typed: str, *, finished: bool) -> Alignment:
    """Align what was typed, canonically: fewest edits, then most matches, then longest prefix.

    So a wrong character at the frontier is one substitution, and a skipped sentence is counted
    as omissions.

    Args:
        presented: The passage, normalised.
        typed: What was typed, in the same form.
        finished: Whether the whole passage counts; else the prefix that fits best.

    Returns:
        The alignment. Its edit count is the distance to the scored prefix. For long texts that
        hardly resemble each other (hundreds of errors in hundreds of characters) it is some
        alignment with the fewest edits, not the one with most matches.
    """
    if finished:
        lengths, edits = [len(presented)], msd(presented, typed)
    else:
        distances = prefix_distances(presented, typed)
        edits = min(distances)
        lengths = [length for length, distance in enumerate(distances) if distance == edits]
    if len(typed) * (2 * edits + 1) > _TABLE_CELLS:
        prefix_chars = lengths[-1]
        ops = _rough_ops(presented[:prefix_chars], typed)
    else:
        table = _table(presented[: lengths[-1]], typed, edits)
        last = table[len(typed)]
        prefix_chars = min(lengths, key=lambda length: (last[length], -length))
        ops = _trace(table, presented, typed, prefix_chars)
    counts = Counter(op.kind for op in ops)
    return Alignment(
        prefix_chars=prefix_chars,
        ops=ops,
        correct_count=counts[OpKind.MATCH],
        substitution_count=counts[OpKind.SUBSTITUTION],
        omission_count=counts[OpKind.OMISSION],
        insertion_count=counts[OpKind.INSERTION],
    )


def _table(presented: str, typed: str, edits: int) -> list[dict[int, int]]:
    """Rows of the best values (edits less matches, edits weighing more), only a band of each.

    No alignment with ``edits`` edits leaves the diagonal by more than that.
    """
    width = len(presented)
    row = {column: column * _EDIT for column in range(min(edits, width) + 1)}
    table = [row]
    none = (len(typed) + width + 1) * _EDIT
    for index, char in enumerate(typed, start=1):
        above, row = row, {}
        left = none
        for column in range(max(index - edits, 0), min(index + edits, width) + 1):
            best = min(above.get(column, none), left) + _EDIT
            if column:
                step = -1 if presented[column - 1] == char else _EDIT
                best = min(best, above.get(column - 1, none) + step)
            row[column] = left = best
        table.append(row)
    return table


def _trace(
    table: Sequence[dict[int, int]], presented: str, typed: str, prefix_chars: int
) -> tuple[Op, ...]:
    """Walk back through the table; of equals, a pair before an omission before an insertion."""
    ops: list[Op] = []
    row, column = len(typed), prefix_chars
    while row or column:
        here = table[row][column]
        same = bool(row and column) and presented[column - 1] == typed[row - 1]
        pair = table[row - 1].get(column - 1) if row and column else None
        if pair is not None and pair + (-1 if same else _EDIT) == here:
            row, column = row - 1, column - 1
            ops.append(Op(OpKind.MATCH if same else OpKind.SUBSTITUTION, column, row))
        elif column and (left := table[row].get(column - 1)) is not None and left + _EDIT == here:
            column -= 1
            ops.append(Op(OpKind.OMISSION, column, None))
        else:
            row -= 1
            ops.append(Op(OpKind.INSERTION, None, row))
    return tuple(reversed(ops))


def _rough_ops(presented: str, typed: str) -> tuple[Op, ...]:
    """The columns of any alignment with the fewest edits."""
    ops: list[Op] = []
    for block in Levenshtein.opcodes(presented, typed):
        wanted = range(block.src_start, block.src_end)
        given = range(block.dest_start, block.dest_end)
        match block.tag:
            case "equal":
                ops += (Op(OpKind.MATCH, *pair) for pair in zip(wanted, given, strict=True))
            case "replace":
                ops += (Op(OpKind.SUBSTITUTION, *pair) for pair in zip(wanted, given, strict=True))
            case "delete":
                ops += (Op(OpKind.OMISSION, index, None) for index in wanted)
            case _:
                ops += (Op(OpKind.INSERTION, None, index) for index in given)
    return tuple(ops)


def correct_by_formula(presented: str, typed: str) -> int:
    """The closed form of C: the longer length less the distance.

    Smaller than the count on the alignment where that has both an omission and an insertion.
    For comparison with other programs only.

    Source: Wobbrock's TextTest after Soukoreff & MacKenzie, CHI 2003.
    """
    return max(len(presented), len(typed)) - msd(presented, typed)


def distance_matrix(presented: str, typed: str) -> list[list[int]]:
    """All distances of prefixes: a row for each presented character, a column for each typed."""
    matrix = [list(range(len(typed) + 1))]
    for row, wanted in enumerate(presented, start=1):
        above, line = matrix[-1], [row]
        for column, char in enumerate(typed, start=1):
            step = 0 if char == wanted else 1
            line.append(min(above[column] + 1, line[-1] + 1, above[column - 1] + step))
        matrix.append(line)
    return matrix


def alignment_statistics(presented: str, typed: str) -> AlignmentStatistics | None:
    """Figures over all optimal alignments, counted without listing them.

    Returns:
        The figures, or ``None`` for texts too long to be worth it (lengths' product > 250,000).
    """
    if len(presented) * len(typed) > _STATISTICS_CELLS:
        return None
    ahead = _path_lengths(presented, typed)
    behind = _path_lengths(presented[::-1], typed[::-1])
    matrix = distance_matrix(presented, typed)
    tail = distance_matrix(presented[::-1], typed[::-1])
    height, width = len(presented), len(typed)
    lengths = ahead[height][width]
    total = lengths.total()

    def weight(row: int, column: int, *, substitution: bool) -> int:
        """How many optimal alignments do this with the presented character ``row``."""
        next_column = column + substitution
        rest = tail[height - row - 1][width - next_column]
        if matrix[row][column] + 1 + rest != matrix[height][width]:
            return 0
        paths = ahead[row][column].total()
        return paths * behind[height - row - 1][width - next_column].total()

    return AlignmentStatistics(
        alignment_count=total,
        lengths=dict(sorted(lengths.items())),
        mean_length=sum(length * count for length, count in lengths.items()) / total,
        substitution_weights=tuple(
            sum(
                weight(row, column, substitution=True)
                for column in range(width)
                if presented[row] != typed[column]
            )
            / total
            for row in range(height)
        ),
        omission_weights=tuple(
            sum(weight(row, column, substitution=False) for column in range(width + 1)) / total
            for row in range(height)
        ),
    )


def _path_lengths(presented: str, typed: str) -> list[list[Counter[int]]]:
    """For each pair of prefixes, the lengths of all optimal alignments and how often each."""
    matrix = distance_matrix(presented, typed)
    paths = [[Counter[int]() for _ in line] for line in matrix]
    paths[0][0][0] = 1
    for row, line in enumerate(matrix):
        for column, here in enumerate(line):
            sources = []
            if row and matrix[row - 1][column] + 1 == here:
                sources.append(paths[row - 1][column])
            if column and line[column - 1] + 1 == here:
                sources.append(paths[row][column - 1])
            if row and column:
                step = 0 if presented[row - 1] == typed[column - 1] else 1
                if matrix[row - 1][column - 1] + step == here:
                    sources.append(paths[row - 1][column - 1])
            for source in sources:
                for length, count in source.items():
                    paths[row][column][length + 1] += count
    return paths
