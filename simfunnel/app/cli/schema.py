"""`simfunnel schema`: the JSON Schema of scenario files."""

from __future__ import annotations

import json

from simfunnel.app.cli.options import Force, Output
from simfunnel.app.cli.printing import deliver


def schema(output: Output = None, force: Force = False) -> None:
    """Print the JSON Schema of scenario files, for completion in editors.

    \b
    Example:
      simfunnel schema --output scenario.schema.json
    """
    from simfunnel.scenario import schema as schema_of_scenarios

    deliver(json.dumps(schema_of_scenarios(), indent=1, ensure_ascii=False), output, force)
