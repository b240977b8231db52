"""Write data as scripts that call a function of script.js.

A page can load such a script from the file system, where it can't fetch any other file.
"""

import json


def build_call(function_name: str, *arguments: object) -> str:
    """Return a call on one line. Its arguments are JSON that is also safe inside an HTML page."""
    return f"{function_name}({','.join(map(serialize, arguments))});"


def serialize(value: object) -> str:
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")
