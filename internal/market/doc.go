// Package market knows countries: currency, language, VAT, mandatory price lines, deposits, legal
// texts, holidays (all dated facts from files under config/markets), and the switch that opens,
// previews, pauses or closes a brand's flow in a market. It owns the tables brands, markets and
// switches. Retention: reference data, kept for ever; switches keep their history in the audit log.
package market
