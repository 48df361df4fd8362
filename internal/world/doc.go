// Package world is the picture of all reference data that every instance holds in memory: brands,
// markets, dealers, places, ranges with what was compiled from them, what is held, and the pilot
// switches. A picture never changes; a change in the database makes a new one on every instance within
// a second. It also loads the files under config/ and publishes ranges.
//
// It owns the tables world_version, range_editions, range_publications, range_drafts and range_holds.
// Retention: reference data; publications are kept for ever, as evidence of what was on sale.
package world
