// Package pack seals the evidence of an order into one ZIP file that can be checked without us: the papers as they were
// hashed, the accepted texts, the history, what both sides wrote, a manifest with the SHA-256 of every file, and the house's
// Ed25519 signature of the manifest. Whoever has the file and the house's public key, which stands in the file and at
// /evidence-key, needs neither our database nor our word.
//
// Begin with pack.go, which seals; check.go is what `forecourt verify` does. What goes in is collected by package sale,
// evidence.go. It owns no table. It refuses a file that the manifest does not name, one that it names and that is
// missing or different, and a signature that is not the key's.
package pack
