"""What the columns of a case mean that the API shows as they are stored."""

from triage.api.examples import A_CASE
from triage.api.schema import explained

CASE_COLUMNS = {
    "id": explained("The case's id, a UUID.", A_CASE),
    "short_name": explained("A short name to say, made of the id; `find` knows it.", "gutih-tugad"),
    "heading": explained(
        "What a list calls it: its accession number, else its first file's name, else its short name.",
        "A-4711",
    ),
    "received_at": explained("When it came, in UTC.", "2026-03-02T09:14:26Z"),
    "closed_at": explained(
        "When it was reviewed, withdrawn or refused, in UTC; null before that.",
        "2026-03-02T09:20:11Z",
    ),
    "accession_number": explained("At most 64 characters; empty if not given.", "A-4711"),
    "patient_reference": explained(
        "A pseudonym, at most 64 characters; empty if not given.", "P-0815"
    ),
    "body_part": explained("What was taken.", "WRIST"),
    "clinical_question": explained(
        "Free text, at most 2,000 characters; empty if not given.", "Fell on the hand. Scaphoid?"
    ),
    "source": explained("How it came.", "api"),
    "is_blind": explained(
        "True: the case is read blind first. Nobody sees what the model says of it, until its reader has "
        "locked a first reading; lists show it once the final opinion is signed. It stays true after that.",
        False,
    ),
    "is_synthetic": explained("True: drawn for demonstration, of no patient.", False),
}
