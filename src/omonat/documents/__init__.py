"""Floor 5: what a person takes home (clause 7.1 a, b): their file as JSON, CSV and PDF, certificates as JSON and PDF.

Pure but for typst: a `PersonFile` or a `Certificate` and `Names` (language, policy, rule pack) in, bytes out; equal
input gives equal bytes. `word` and `WORDS` are what every face calls the words of the domain.
"""

from omonat.documents.charts import CONTENT_SECURITY_POLICY, Series, chart
from omonat.documents.csv_export import csv_table, export_csv
from omonat.documents.json_export import certificate_json, export_json
from omonat.documents.names import Names
from omonat.documents.pdf_export import Attached, certificate_pdf, complaint_pdf, export_pdf, sheet_pdf
from omonat.documents.sheet import Section, Sheet, certificate_state
from omonat.documents.words import WORDS, word

__all__ = [
    "CONTENT_SECURITY_POLICY", "WORDS", "Attached", "Names", "Section", "Series", "Sheet", "certificate_json",
    "certificate_pdf", "certificate_state", "chart", "complaint_pdf", "csv_table", "export_csv", "export_json",
    "export_pdf", "sheet_pdf", "word",
]  # fmt: skip
