"""The JSON Schema of recipes against a real validator: every recipe, every documented example, and every case of
tests/golden/recipe/errors.cases with the verdict that the case names. Usage: schema_test.py SOURCE_FOLDER"""
import json
import pathlib
import re
import sys

import jsonschema
import yaml

root = pathlib.Path(sys.argv[1])
failures = []
counts = {"valid": 0, "rejected": 0, "accepted": 0, "unreached": 0}


class Core(yaml.SafeLoader):
    """The core schema of YAML 1.2, as the program reads it; PyYAML's own is that of 1.1 (dates, yes, 0644)."""


Core.yaml_implicit_resolvers = {}
FIRST = list("-+.0123456789")
Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
Core.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(~|null|Null|NULL|)$"), ["~", "n", "N", ""])
Core.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^([-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+)$"), FIRST)
Core.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$"), FIRST)
Core.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value, 0 if "x" in node.value or "o" in node.value else 10))

schema = json.loads((root / "recipes/schema/recipe-v1.json").read_text())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)


def problems(text):
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(yaml.load(text, Loader=Core))]


def must_be_valid(name, text):
    counts["valid"] += 1
    failures.extend(f"{name}: {problem}" for problem in problems(text))


def documented():
    blocks = re.findall(r"^```yaml\n(.*?)^```$", (root / "docs/reference/recipe.md").read_text(), re.M | re.S)
    return [b if b.startswith("recipe:") else "recipe: 1\nrole: example\n" + b for b in blocks]


def cases():
    for part in re.split(r"^@case ", (root / "tests/golden/recipe/errors.cases").read_text(), flags=re.M)[1:]:
        name, rest = part.split("\n", 1)
        text = re.split(r"^@(?:file .*|error)$", rest, flags=re.M)[0]
        verdict = re.search(r"^@schema (\w+)$", text, re.M)
        yield name, re.sub(r"^@schema .*\n", "", text, flags=re.M), verdict.group(1) if verdict else "rejects"


for path in sorted((root / "recipes").glob("*.yaml")) + sorted((root / "tests/golden/recipe/show").glob("*.yaml")):
    must_be_valid(path.name, path.read_text())
for number, text in enumerate(documented(), 1):
    must_be_valid(f"recipe.md, example {number}", text)
for name, text, verdict in cases():
    if verdict == "unreached":  # not YAML, or something that no schema sees, such as a key that stands twice
        counts["unreached"] += 1
        continue
    found = problems(text)
    counts["accepted" if not found else "rejected"] += 1
    if bool(found) != (verdict == "rejects"):
        failures.append(f"case \"{name}\": the schema should {verdict[:-1]} it, but found {found or 'nothing wrong'}")

print(counts)
if counts["valid"] < 14 or counts["rejected"] < 60:
    failures.append("too few cases: were the files found?")
print("\n".join(failures))
sys.exit(1 if failures else 0)
