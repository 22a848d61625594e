from dataclasses import dataclass
from dashboard.exports.tables import Snapshot
@dataclass
class Checked:
    snapshot: object
    findings: list
    summary: str = "x"
    is_good: bool = True
def check(folder, settings): return Checked(Snapshot(folder, settings), [])
