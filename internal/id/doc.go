// Package id holds typed identifiers and nothing that acts: two ids of different nouns can not be
// mixed up by accident. Codes are words people chose (brand, market, model); keys are UUIDv7.
package id
