// Package world is the picture of all reference data that every instance holds in memory: brands, markets, dealers, places,
// ranges with what was compiled from them, what is held, and the pilot switches. A picture never changes; a change in the
// database makes a new one on every instance within a second. It also loads the files under config/ and publishes ranges.
//
// Begin with World in world.go; keeper.go keeps the newest one, importer.go loads the files in one transaction,
// compile.go and publish.go make an edition of a range, drafts.go and holds.go are what managers do with ranges.
//
// Tables, and how long their rows are kept:
//
//   - world_version: one row that counts changes
//   - range_editions: until the next publication of the same range
//   - range_publications: for ever, as evidence of what was on sale
//   - range_drafts: the newest few of each range
//   - range_holds: until a manager lifts them
//
// It refuses an import with a single mistake (nothing is changed then), and a range whose diagram, read back, does not say
// what its raw rules say. What must not be a moment old, such as whether a market is open, is never read from here but in the
// transaction (RequireOpenTx of package sale).
package world
