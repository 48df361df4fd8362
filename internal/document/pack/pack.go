package pack

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The files that every pack has beside its evidence.
const (
	manifestName  = "manifest.json"
	signatureName = "manifest.sig"
	keyName       = "public-key.pem"
	readmeName    = "README.txt"
	format        = "forecourt-evidence-1"
)

// Key signs packs.
type Key struct{ private ed25519.PrivateKey }

// NewKey derives the house's signing key from the process's secret: every instance has the same, and a new
// secret makes a new key (old packs stay true under the key that stands in them).
func NewKey(secret []byte) (Key, error) {
	seed, err := hkdf.Key(sha256.New, secret, nil, "forecourt evidence pack 1", ed25519.SeedSize)
	if err != nil {
		return Key{}, fmt.Errorf("pack: %w", err)
	}
	return Key{ed25519.NewKeyFromSeed(seed)}, nil
}

// public is the half that everybody may have: a private key of this kind ends with it (RFC 8032).
func (k Key) public() ed25519.PublicKey {
	return ed25519.PublicKey(k.private[len(k.private)-ed25519.PublicKeySize:])
}

// PEM is the public half, as /evidence-key and the pack show it.
func (k Key) PEM() []byte {
	if len(k.private) == 0 {
		return nil
	}
	return publicPEM(k.public())
}

func publicPEM(k ed25519.PublicKey) []byte {
	der, err := x509.MarshalPKIXPublicKey(k)
	if err != nil {
		return nil // an Ed25519 key can always be written
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// ParsePEM reads a public key as PEM writes it.
func ParsePEM(raw []byte) (ed25519.PublicKey, error) {
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, errors.New("pack: no public key in PEM form")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	public, ok := key.(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("pack: the key is not an Ed25519 key")
	}
	return public, nil
}

// Fingerprint is a public key in 16 signs, to be compared by eye.
func Fingerprint(k ed25519.PublicKey) string {
	h := sha256.Sum256(k)
	return hex.EncodeToString(h[:8])
}

// TalkName is the file with what buyer and dealer wrote to each other; its hashes are checked word by word.
const TalkName = "talk.json"

// File is one piece of evidence. Names have forward slashes and none of our own names.
type File struct {
	Name string
	Data []byte
}

type entry struct {
	Name   string `json:"name"`
	Size   int    `json:"size"`
	SHA256 string `json:"sha256"`
}

type manifest struct {
	Format string    `json:"format"`
	Order  string    `json:"order"`
	MadeAt time.Time `json:"made_at"`
	Key    string    `json:"key"` // fingerprint of the signing key
	Files  []entry   `json:"files"`
}

// Seal makes the pack of an order at an instant. The same input makes the same bytes.
func (k Key) Seal(order string, at time.Time, files []File) ([]byte, error) {
	if len(k.private) == 0 {
		return nil, errors.New("pack: no key to sign with")
	}
	public := k.public()
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	m := manifest{Format: format, Order: order, MadeAt: at.UTC(), Key: Fingerprint(public)}
	for i, f := range files {
		if !nameOK(f.Name) || (i > 0 && files[i-1].Name == f.Name) {
			return nil, fmt.Errorf("pack: file %q can not be packed", f.Name)
		}
		m.Files = append(m.Files, entry{f.Name, len(f.Data), sum(f.Data)})
	}
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	signature := base64.StdEncoding.EncodeToString(ed25519.Sign(k.private, raw)) + "\n"
	all := append(files, File{manifestName, raw}, File{signatureName, []byte(signature)}, File{keyName, publicPEM(public)}, File{readmeName, []byte(readme)})
	return zipped(all, at)
}

func zipped(files []File, at time.Time) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: at.UTC()})
		if err != nil {
			return nil, fmt.Errorf("pack: %w", err)
		}
		if _, err := w.Write(f.Data); err != nil {
			return nil, fmt.Errorf("pack: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return out.Bytes(), nil
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// nameOK refuses what could leave the folder it is unpacked in, and our own names.
func nameOK(name string) bool {
	if name == "" || len(name) > 200 || strings.HasPrefix(name, "/") || strings.ContainsAny(name, "\\\x00:") {
		return false
	}
	for _, part := range strings.Split(name, "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	return !slices.Contains([]string{manifestName, signatureName, keyName, readmeName}, name)
}

const readme = `This file holds the evidence of one order.

manifest.json    names every file with its size and SHA-256
manifest.sig     the seller's Ed25519 signature of manifest.json, in base64
public-key.pem   the key that the signature is checked with; compare it with the one that the shop
                 publishes at /evidence-key
papers/          what was issued: the facts as they were hashed (JSON) and a print (PDF)
texts/           the texts that the buyer accepted, in their exact words
history.json     every step of the order
payments.json    every payment
messages.json    when which message was sent

To check it without the shop:

  forecourt verify FILE.zip

or by hand: compare the SHA-256 of each file with manifest.json, then

  base64 -d manifest.sig > manifest.raw
  openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in manifest.json -sigfile manifest.raw
`
