"""OpenDocument sheets, for LibreOffice and WPS: written as text, since no installed library streams them."""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from portal.sheets.book import Book, Sheet, header_cells, header_lines, pages_across, top_lines
from portal.sheets.text import plain

MIME = "application/vnd.oasis.opendocument.spreadsheet"
_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"'
    ' xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" office:version="1.2"'
)
_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MIME}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    '<manifest:file-entry manifest:full-path="styles.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)
_BOX = 'fo:border="0.5pt solid #808080" style:vertical-align="middle" fo:wrap-option="wrap"'


def _cell_style(name: str, box: str, text: str = "", paragraph: str = "") -> str:
    return (
        f'<style:style style:name="{name}" style:family="table-cell" style:data-style-name="astext"'
        f"><style:table-cell-properties {box}/><style:paragraph-properties {paragraph}/>"
        f"<style:text-properties {text}/></style:style>"
    )


_CELL_STYLES = (
    '<number:text-style style:name="astext"><number:text-content/></number:text-style>'
    + _cell_style("cell", _BOX)
    + _cell_style("header", _BOX, 'fo:font-weight="bold"', 'fo:text-align="center"')
    + _cell_style("title", "", 'fo:font-weight="bold" fo:font-size="16pt"', 'fo:text-align="center"')
    + _cell_style("signature", "")
    + _cell_style("watermark", "", 'fo:font-size="9pt" fo:color="#808080"')
)


class OdsBook(Book):
    kind = "ods"

    def row(self, sheet: Sheet, texts: Sequence[str]) -> str:
        return f"<table:table-row>{''.join(_cell(plain(text), 'cell') for text in texts)}</table:table-row>"

    def content(self) -> bytes:
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
            target.writestr(zipfile.ZipInfo("mimetype"), MIME, zipfile.ZIP_STORED)
            target.writestr("META-INF/manifest.xml", _MANIFEST)
            target.writestr("styles.xml", self._styles())
            with target.open("content.xml", "w") as part:
                part.write(self._opening().encode())
                for index, sheet in enumerate(self.sheets):
                    part.write(self._table_opening(index, sheet).encode())
                    for chunk in sheet.chunks():
                        part.write(chunk)
                    part.write(b"</table:table>")
                part.write(b"</office:spreadsheet></office:body></office:document-content>")
        return written.getvalue()

    def _opening(self) -> str:
        columns = "".join(
            f'<style:style style:name="co{index}-{place}" style:family="table-column">'
            f'<style:table-column-properties style:column-width="{width * 0.2:.2f}cm"/></style:style>'
            for index, sheet in enumerate(self.sheets)
            for place, width in enumerate(sheet.widths)
        )
        table = '<style:style style:name="ta" style:family="table" style:master-page-name="Default"/>'
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_NAMES}>'
            f"<office:automatic-styles>{_CELL_STYLES}{columns}{table}</office:automatic-styles>"
            "<office:body><office:spreadsheet>"
        )

    def _table_opening(self, index: int, sheet: Sheet) -> str:
        looks = ["watermark", "title", "signature"][0 if self.head.watermark else 1 :]
        above = "".join(
            f"<table:table-row>{''.join(_cell(text, look, width) for text, width in line)}</table:table-row>"
            for look, line in zip(looks, top_lines(self.head, sheet), strict=True)
        )
        columns = "".join(f'<table:table-column table:style-name="co{index}-{n}"/>' for n in range(len(sheet.widths)))
        return (
            f'<table:table table:name={quoteattr(sheet.name or "Sheet1")} table:style-name="ta">{columns}{above}'
            f"<table:table-header-rows>{_header_rows(sheet)}</table:table-header-rows>"
        )

    def _styles(self) -> str:
        """The page: A4 across, scaled to its width, page numbers at the foot."""
        pages = max(map(pages_across, self.sheets), default=1)
        mark = f"<text:p>{escape(self.head.watermark)}</text:p>" if self.head.watermark else ""
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-styles {_NAMES}><office:automatic-styles>'
            '<style:page-layout style:name="pm"><style:page-layout-properties fo:page-width="29.7cm"'
            ' fo:page-height="21cm" style:print-orientation="landscape" fo:margin="1cm"'
            f' style:scale-to-X="{pages}" style:scale-to-Y="0" style:table-centering="horizontal"/>'
            "<style:header-style/><style:footer-style/></style:page-layout></office:automatic-styles>"
            '<office:master-styles><style:master-page style:name="Default" style:page-layout-name="pm">'
            f"<style:header>{mark or '<text:p/>'}</style:header><style:footer><text:p>第<text:page-number>1"
            f"</text:page-number>页 共<text:page-count>1</text:page-count>页</text:p>{mark}</style:footer>"
            "</style:master-page></office:master-styles></office:document-styles>"
        )


def _header_rows(sheet: Sheet) -> str:
    cells = {(cell.line, cell.column): cell for cell in header_cells(sheet)}
    lines = []
    for line in range(header_lines(sheet)):
        written, column = [], 0
        while column < len(sheet.headers):
            cell = cells.get((line, column))
            written.append(
                _cell(cell.text, "header", cell.width, cell.height) if cell else "<table:covered-table-cell/>"
            )
            column += cell.width if cell else 1
        lines.append(f"<table:table-row>{''.join(written)}</table:table-row>")
    return "".join(lines)


def _cell(text: str, style: str, width: int = 1, height: int = 1) -> str:
    covered = f'<table:covered-table-cell table:number-columns-repeated="{width - 1}"/>' if width > 1 else ""
    is_merged = width > 1 or height > 1
    over = f' table:number-columns-spanned="{width}" table:number-rows-spanned="{height}"' if is_merged else ""
    if not text:
        return f'<table:table-cell table:style-name="{style}"{over}/>{covered}'
    return (
        f'<table:table-cell table:style-name="{style}" office:value-type="string"{over}>'
        f"{_paragraphs(text)}</table:table-cell>{covered}"
    )


def _paragraphs(text: str) -> str:
    if text.isprintable() and "  " not in text and not text.startswith(" ") and not text.endswith(" "):
        return f"<text:p>{escape(text)}</text:p>"
    # a tab becomes a space: readers that take the values alone (calamine) drop <text:tab/>
    lines = (escape(line).replace("\t", " ").replace(" ", "<text:s/>") for line in text.split("\n"))
    return "".join(f"<text:p>{line}</text:p>" for line in lines)
