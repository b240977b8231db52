"""The languages of code blocks that every program only highlights.

Programs run or draw blocks in others: dataviewjs, mermaid, math, suggestion, query, tasks, button,
templater, and those of plugins that do not exist yet.
"""

import re

INERT_LANGUAGES = frozenset(
    re.findall(
        r"\S+",
        """
        asm awk bash bat c c# c++ clojure cmake cpp cs csharp css csv cuda dart diff dockerfile
        elixir elm erlang f# fortran fsharp go golang graphql groovy haskell hcl html http ini java
        javascript js json jsx julia kotlin latex lisp lua make makefile markdown matlab md nim nix
        none objc objectivec ocaml pascal perl php plaintext powershell proto py python r ruby rust
        scala scheme scss sh shell sql swift tcl terraform text toml ts tsx typescript txt vb
        verilog vhdl vim xml yaml yml zig zsh
        """,
    )
)
