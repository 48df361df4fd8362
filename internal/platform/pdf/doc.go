// Package pdf writes plain A4 papers: headings, paragraphs, key and value rows, tables with money in the
// last columns, a footer with page numbers. The same input makes the same bytes, so that a paper can be
// compared by its hash. The fonts are the Go fonts; what they lack is said visibly (see signs.go).
//
// A PDF of this package is not tagged for screen readers: the page in the browser is the accessible
// form of every document, this is the form to print and to file.
package pdf
