// Package document owns the papers of an order: confirmation, invoice, credit note and handover record,
// and the numbers that they carry; and the words of the texts that the buyer accepted. It owns the tables
// documents, document_series and order_texts, all append-only.
//
// Each legal entity has a series of its own for each kind and year, without a hole: the number is taken
// from a locked row in the transaction that writes the document. What stands in a document never changes:
// its facts are kept as JSON with their SHA-256; pages and PDFs are made from them. An error is put right
// by a credit note and a new edition.
//
// Retention: as long as the books (ten years in most markets). Invoices name the buyer because the law
// asks for it, so that an erasure leaves them alone; nothing else of the buyer is in these tables.
package document
