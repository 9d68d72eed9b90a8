"""`pansori backup` and `pansori restore`: an installation as one archive, and back."""

from pansori.cli.backup.reading import restore_backup
from pansori.cli.backup.writing import make_backup

__all__ = ["make_backup", "restore_backup"]
