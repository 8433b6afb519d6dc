drop view content_document;
