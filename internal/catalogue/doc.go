// Package catalogue knows what can be bought: models with their versions, engines, colours,
// upholstery, wheels, options and packs, the rules between them and the dated price lists per
// market. It owns the table ranges. Retention: reference data; orders keep their own snapshot.
package catalogue
