// Package document owns the papers of an order: confirmation, invoice, credit note and handover record, and the numbers
// that they carry; and the words of the texts that the buyer accepted.
//
// Each legal entity has a series of its own for each kind and year, without a hole: the number is taken from a locked row
// in the transaction that writes the document. What stands in a document never changes: its facts are kept as JSON with
// their SHA-256; pages and PDFs are made from them (internal/web/paper.go). An error is put right by a credit note and a new
// edition.
//
// Begin with Kind and Content in document.go, then IssueTx in store.go. When which paper is issued is decided in
// package sale, papers.go. Package document/pack seals all papers of an order into one file. A paper has no states:
// it is issued or it is not.
//
// Tables, and how long their rows are kept:
//
//   - documents, document_series, order_texts: as long as the books (ten years in most markets); append-only but for the counter
//
// Invoices name the buyer because the law asks for it, so that an erasure leaves them alone; nothing else of the buyer is in
// these tables.
//
// It refuses: lines that are not the total (ErrSums); an issuer without a code (ErrEntity); a credit note over more than its
// invoice, or a second one for it (ErrCredited).
package document
