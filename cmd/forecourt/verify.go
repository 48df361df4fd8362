package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"forecourt/internal/document/pack"
)

// mostPack is the largest evidence file that is read, in bytes.
const mostPack = 32 << 20

// verifyCmd checks an evidence pack by itself. Only the file is needed, and the house's key to know whose it is.
func verifyCmd(_ context.Context, args []string) error {
	f := flag.NewFlagSet("verify", flag.ContinueOnError)
	keyFile := f.String("key", "", "file with the shop's public key, as BASE_URL/evidence-key gives it; without it the key in the pack is used")
	f.Usage = func() {
		fmt.Fprintln(f.Output(), "usage: forecourt verify [-key FILE] PACK.zip")
		f.PrintDefaults()
	}
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return errUsage
	}
	if f.NArg() != 1 {
		f.Usage()
		return errUsage
	}
	var trusted ed25519.PublicKey
	if *keyFile != "" {
		raw, err := os.ReadFile(*keyFile)
		if err != nil {
			return err
		}
		if trusted, err = pack.ParsePEM(raw); err != nil {
			return err
		}
	}
	info, err := os.Stat(f.Arg(0))
	if err != nil {
		return err
	}
	if info.Size() > mostPack {
		return fmt.Errorf("%s is larger than an evidence file can be", f.Arg(0))
	}
	raw, err := os.ReadFile(f.Arg(0))
	if err != nil {
		return err
	}
	r, err := pack.Check(raw, trusted)
	if err != nil {
		return err
	}
	fmt.Printf("order %s, sealed %s: %d files, %d papers, %d texts, key %s\n", r.Order, r.MadeAt.Format(time.RFC3339), r.Files, r.Papers, r.Texts, r.Fingerprint)
	for _, p := range r.Problems {
		fmt.Println("WRONG:", p)
	}
	if !r.OK() {
		return fmt.Errorf("%d things are wrong", len(r.Problems))
	}
	if trusted == nil {
		fmt.Println("All hashes and the signature are right. Compare the key with the one that the shop publishes at /evidence-key.")
		return nil
	}
	fmt.Println("All hashes and the signature are right, and the key is the trusted one.")
	return nil
}
