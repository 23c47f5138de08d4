#!/usr/bin/env python3
"""spdx.py FILE [SCHEMA]: FILE holds to SPDX 2.3, and to its JSON schema where that is at hand.

The rules are those of the specification's clauses, with the members that its JSON form allows.
"""
import hashlib
import json
import re
import sys

IDENTIFIER = re.compile(r"^SPDXRef-[A-Za-z0-9.-]+$")
LICENCE = re.compile(r"^LicenseRef-[A-Za-z0-9.-]+$")
DIGESTS = {"SHA1": 40, "SHA256": 64}
# Members that must be there, and that may be there.
DOCUMENT = ({"SPDXID", "creationInfo", "dataLicense", "name", "spdxVersion", "documentNamespace"},
            {"comment", "files", "packages", "relationships", "hasExtractedLicensingInfos"})
PACKAGE = ({"SPDXID", "downloadLocation", "name"},
           {"checksums", "comment", "externalRefs", "filesAnalyzed", "licenseComments", "licenseConcluded", "licenseDeclared",
            "packageFileName", "packageVerificationCode", "primaryPackagePurpose", "sourceInfo", "summary", "supplier", "versionInfo"})
FILE = ({"SPDXID", "checksums", "fileName"}, set())
RELATIONSHIP = ({"spdxElementId", "relationshipType", "relatedSpdxElement"}, set())
EXTRACTED = ({"licenseId", "extractedText"}, {"name"})
PURPOSES = {"APPLICATION", "FRAMEWORK", "LIBRARY", "CONTAINER", "OPERATING_SYSTEM", "DEVICE", "FIRMWARE", "SOURCE", "ARCHIVE", "FILE",
            "INSTALL", "OTHER"}
TYPES = {"DESCRIBES", "CONTAINS", "BUILD_DEPENDENCY_OF", "EXPANDED_FROM_ARCHIVE"}

faults = []


def rule(holds, clause, what):
    if not holds:
        faults.append(f"clause {clause}: {what}")


def members(value, allowed, clause):
    must, may = allowed
    rule(must <= set(value) <= must | may, clause, f"members of {value.get('SPDXID')}: {sorted(set(value) ^ must - may)}")


def checksums(element, clause):
    for one in element.get("checksums", []):
        length = DIGESTS.get(one["algorithm"])
        rule(length and re.fullmatch("[0-9a-f]{%d}" % length, one["checksumValue"]), clause, f"checksum of {element['SPDXID']}")


def check(document):
    members(document, DOCUMENT, "6")
    rule(document["spdxVersion"] == "SPDX-2.3", "6.1", "version")
    rule(document["dataLicense"] == "CC0-1.0", "6.2", "licence of the data")
    rule(document["SPDXID"] == "SPDXRef-DOCUMENT", "6.3", "the document's identifier")
    rule(re.fullmatch(r"[a-z]+:[^#\s]+", document["documentNamespace"]), "6.5", "the namespace is no absolute URI without fragment")
    rule(all(re.match("(Tool|Person|Organization): .", one) for one in document["creationInfo"]["creators"]), "6.8", "creators")
    rule(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["creationInfo"]["created"]), "6.9", "created")
    identifiers = ["SPDXRef-DOCUMENT"] + [one["SPDXID"] for one in document["packages"] + document["files"]]
    rule(all(map(IDENTIFIER.match, identifiers)), "7.2", "an identifier has other characters")
    rule(len(identifiers) == len(set(identifiers)), "7.2", "an identifier stands twice")
    for one in document["packages"]:
        check_package(one)
    for one in document["files"]:
        check_file(one)
    for one in document["hasExtractedLicensingInfos"]:
        members(one, EXTRACTED, "10")
        rule(LICENCE.match(one["licenseId"]) and one["extractedText"], "10.1", f"licence {one['licenseId']}")
    known = set(identifiers)
    for one in document["relationships"]:
        members(one, RELATIONSHIP, "11")
        rule(one["relationshipType"] in TYPES, "11.1", f"type {one['relationshipType']}")
        rule(one["spdxElementId"] in known and one["relatedSpdxElement"] in known, "11.1", f"a relationship to nowhere: {one}")
    check_contents(document)


def check_package(one):
    members(one, PACKAGE, "7")
    checksums(one, "7.10")
    rule(re.fullmatch("NOASSERTION|Organization: .+", one.get("supplier", "NOASSERTION")), "7.5", f"supplier of {one['name']}")
    rule(one["downloadLocation"] == "NOASSERTION", "7.7", f"download location of {one['name']}")
    rule(one.get("filesAnalyzed", True) == ("packageVerificationCode" in one), "7.9", f"verification code of {one['name']}")
    rule(one["primaryPackagePurpose"] in PURPOSES, "7.24", f"purpose of {one['name']}")
    for reference in one.get("externalRefs", []):
        rule(reference["referenceCategory"] == "PACKAGE-MANAGER" and reference["referenceType"] == "purl" and
             re.fullmatch(r"pkg:\S+", reference["referenceLocator"]), "7.21", f"reference of {one['name']}")


def check_file(one):
    members(one, FILE, "8")
    checksums(one, "8.4")
    rule(one["fileName"].startswith("./"), "8.1", f"name of {one['SPDXID']}")
    rule({each["algorithm"] for each in one["checksums"]} == {"SHA1", "SHA256"}, "8.4", f"no SHA-1 of {one['fileName']}")


def check_contents(document):
    """One package is described; it holds every file, and its verification code is that of its files."""
    related = {}
    for one in document["relationships"]:
        related.setdefault((one["spdxElementId"], one["relationshipType"]), []).append(one["relatedSpdxElement"])
    described = related.get(("SPDXRef-DOCUMENT", "DESCRIBES"), [])
    rule(len(described) == 1, "11.1", "the document describes one image")
    contents = set(related.get((described[0], "CONTAINS"), []))
    digests = {one["SPDXID"]: one["checksums"][0]["checksumValue"] for one in document["files"]}
    rule(set(digests) <= contents, "11.1", "a file is not contained")
    code = hashlib.sha1("".join(sorted(digests.values())).encode()).hexdigest()
    image = next(one for one in document["packages"] if one["SPDXID"] == described[0])
    rule(image["packageVerificationCode"]["packageVerificationCodeValue"] == code, "7.9", "verification code")


with open(sys.argv[1], encoding="utf-8") as file:
    text = json.load(file)
check(text)
if len(sys.argv) > 2:
    import jsonschema
    with open(sys.argv[2], encoding="utf-8") as file:
        faults += [fault.message[:300] for fault in jsonschema.Draft7Validator(json.load(file)).iter_errors(text)]
for fault in faults[:10]:
    print(fault)
print(f"{len(text['packages'])} packages, {len(text['files'])} files, {len(text['relationships'])} relationships")
sys.exit(1 if faults else 0)
