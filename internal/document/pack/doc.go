// Package pack seals the evidence of an order into one ZIP file that can be checked without us: the papers
// as they were hashed, the accepted texts, the history, a manifest with the SHA-256 of every file, and the
// house's Ed25519 signature of the manifest. Whoever has the file and the house's public key, which stands
// in the file and at /evidence-key, needs neither our database nor our word (Check, forecourt verify).
package pack
