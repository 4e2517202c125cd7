"""The codes of TA1, 999 and 997 in words that a person on the staff's list understands (X12 005010X231A1, TA105)."""

from __future__ import annotations

NOTES = {
    "000": "no error",
    "001": "the interchange control numbers in header and trailer differ",
    "002": "the control standard is not supported",
    "003": "the version of the controls is not supported",
    "004": "the segment terminator is invalid",
    "005": "the sender's qualifier (ISA05) is invalid",
    "006": "the sender's id (ISA06) is invalid",
    "007": "the receiver's qualifier (ISA07) is invalid",
    "008": "the receiver's id (ISA08) is invalid",
    "009": "the receiver's id (ISA08) is unknown",
    "010": "the authorization qualifier (ISA01) is invalid",
    "011": "the authorization (ISA02) is invalid",
    "012": "the security qualifier (ISA03) is invalid",
    "013": "the security information (ISA04) is invalid",
    "014": "the interchange date (ISA09) is invalid",
    "015": "the interchange time (ISA10) is invalid",
    "016": "the standards identifier (ISA11) is invalid",
    "017": "the interchange version (ISA12) is invalid",
    "018": "the interchange control number (ISA13) is invalid",
    "019": "the wish for an acknowledgment (ISA14) is invalid",
    "020": "the test indicator (ISA15) is invalid",
    "021": "the number of groups (IEA01) is wrong",
    "022": "the control structure is invalid",
    "023": "the file ends too early",
    "024": "the content of the interchange is invalid, such as a wrong GS",
    "025": "the interchange control number was used before",
    "026": "the element separator is invalid",
    "027": "the component separator is invalid",
    "028": "the delivery date is invalid",
    "029": "the delivery time is invalid",
    "030": "the delivery time code is invalid",
    "031": "the grade of service is invalid",
}

GROUP_ERRORS = {
    "1": "the functional group is not supported",
    "2": "the version of the group is not supported",
    "3": "the group's trailer (GE) is missing",
    "4": "the group control numbers in GS and GE differ",
    "5": "the number of transaction sets (GE01) is wrong",
    "6": "the group control number is malformed",
}

SET_ERRORS = {
    "1": "the transaction set is not supported",
    "2": "the set's trailer (SE) is missing",
    "3": "the set control numbers in ST and SE differ",
    "4": "the number of segments (SE01) is wrong",
    "5": "one or more segments are in error",
    "6": "the transaction set identifier is missing or invalid",
    "7": "the set control number is missing or invalid",
    "18": "the transaction set does not belong in this group",
    "19": "the guide named in ST03 is invalid",
    "23": "the set control number is used twice in the group",
    "I5": "one or more segments break the implementation guide",
    "I6": "the implementation guide is not supported",
}

SEGMENT_ERRORS = {
    "1": "segment {tag} is not known",
    "2": "segment {tag} is not expected here",
    "3": "required segment {tag} is missing",
    "4": "its loop occurs too often",
    "5": "segment {tag} occurs too often",
    "6": "segment {tag} does not belong in this set",
    "7": "segment {tag} stands in the wrong place",
    "8": "segment {tag} has errors in its elements",
    "I4": "segment {tag} is not used by the guide",
    "I6": "segment {tag} is missing where the guide needs it",
    "I7": "its loop occurs less often than the guide needs",
    "I8": "segment {tag} breaks a rule of the guide",
    "I9": "segment {tag} stands where the guide does not allow it",
}

ELEMENT_ERRORS = {
    "1": "required element {element} missing",
    "2": "element {element} missing, which another element needs",
    "3": "too many elements, at {element}",
    "4": "element {element} too short",
    "5": "element {element} too long",
    "6": "element {element} has a character that is not allowed",
    "7": "element {element} has a code that is not known",
    "8": "element {element} is not a date",
    "9": "element {element} is not a time",
    "10": "element {element} excludes another one that is there",
    "12": "element {element} repeats too often",
    "13": "element {element} has too many components",
    "I6": "element {element} has a code that the guide does not use",
    "I9": "element {element} missing, which the guide needs here",
    "I10": "element {element} is not used by the guide",
    "I11": "element {element} occurs less often than the guide needs",
    "I12": "element {element} does not match its pattern in the guide",
    "I13": "element {element} is not used by the guide here",
}


def worded(table: dict[str, str], code: str) -> str:
    """The words of a code, or the code itself where it has none."""
    return table.get(code, f"error {code}")
