// Package id holds typed identifiers and nothing that acts: two ids of different nouns can not be mixed up by accident.
// Codes are words people chose (brand, market, model); keys are UUIDv7, so that they sort by the time they were made.
//
// Capabilities point at one another with these types alone. It imports no business code and owns no table.
package id
