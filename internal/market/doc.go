// Package market knows countries: currency, languages, VAT, mandatory price lines, deposits, legal texts, holidays, and the
// rules by which a dealer is chosen, reminded and paid; all dated facts from the files under config/markets. And it knows
// the switch that opens, previews, pauses or closes a brand's flow in a market.
//
// Begin with Market in market.go and with config/markets/gb.yaml beside it. One file is one subject: file_fees.go (fees and
// VAT), allocation.go (who is asked, the ladder of reminders), commission.go (what a dealer is paid), leaving.go, promise.go,
// retention.go, seller.go, unused.go, warranty.go, finance.go, label.go, language.go. Each has its type, the question
// "which rule counts on this day" (…At) and the check of the file.
//
// Tables, and how long their rows are kept:
//
//   - brands, markets: reference data, until the next import
//   - switches: kept for ever; what became of them stands in the audit log
//
// It refuses a file with an unknown key, a dated rule without its first day, two of them from one day, a text in a language
// that the market does not speak, and tells all of it with file and line. A switch has no forbidden step: a manager may
// set any state, with a reason; what a paused or closed market still does is package sale's to say.
package market
