"""What can be said to the assistant, in Korean and English: sentence templates, and which of them a sentence matches.

The templates are files beside this one, in the syntax of hassil: `ko.toml` and `en.toml` say what is understood,
`heard_ko.toml` and `heard_en.toml` what of it is listened for, where words are told by their sound alone.
"""

from pansori.lexicon.commands._matching import LONGEST, Command, understand
from pansori.lexicon.commands._templates import INTENTS, SpokenLanguage, Templates, heard, templates

__all__ = ["INTENTS", "LONGEST", "Command", "SpokenLanguage", "Templates", "heard", "templates", "understand"]
