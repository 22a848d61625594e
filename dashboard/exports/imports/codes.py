"""The codes of the SSDA903 return, which the Standard Safeguarding Dataset has too, and what each is in an export."""

from __future__ import annotations

KINDS = (
    dict.fromkeys(("U1", "U2", "U3", "U4", "U5", "U6", "Q1", "Q2"), "foster")
    | {"K1": "secure_home", "K2": "childrens_home", "P1": "parents"}
    | dict.fromkeys(("K3", "H5", "P2"), "supported")
    | dict.fromkeys(("S1", "R1", "R2", "R3", "R5"), "residential_school")
    | dict.fromkeys(("A3", "A4", "A5", "A6", "P3", "T0", "T1", "T2", "T3", "T4", "Z1", "Z11", "Z12", "Z13", "Z14"), "other")
)
# For these the URN is the home's, for foster care the agency's; elsewhere it does not say where the child is.
URN_IS_A_HOME = ("K1", "K2", "K3", "R3", "S1")
SECTORS = {"PR1": "own", "PR4": "private", "PR5": "voluntary"}
PROVIDERS = {
    "PR0": "parental provision",
    "PR1": "own provision",
    "PR2": "another authority's provision",
    "PR3": "other public provision",
    "PR4": "private provision",
    "PR5": "voluntary provision",
}
# Neither the return nor the dataset has names of units: what one with a URN is called, and what all those of a kind without are.
WITH_URN = {
    "childrens_home": "Children's home",
    "secure_home": "Secure children's home",
    "foster": "Fostering agency",
    "supported": "Supported accommodation",
    "residential_school": "Residential setting",
}
WITHOUT_URN = {
    "childrens_home": "Children's homes",
    "secure_home": "Secure children's homes",
    "foster": "Foster carers",
    "supported": "Supported accommodation",
    "residential_school": "Residential settings",
    "parents": "Placed with parents",
    "other": "Other placements",
}
SEXES = {"1": "male", "M": "male", "2": "female", "F": "female", "U": None}  # letters from the return of 2024-25
ETHNIC_GROUPS = (
    dict.fromkeys(("WBRI", "WIRI", "WOTH", "WIRT", "WROM"), "White")
    | dict.fromkeys(("MWBC", "MWBA", "MWAS", "MOTH"), "Mixed")
    | dict.fromkeys(("AIND", "APKN", "ABAN", "AOTH", "CHNE"), "Asian")
    | dict.fromkeys(("BCRB", "BAFR", "BOTH"), "Black")
    | {"OOTH": "Other", "REFU": None, "NOBT": None}
)
