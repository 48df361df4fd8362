package pack

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"forecourt/internal/document"
)

// Bounds of what is read: a file from a stranger may claim anything.
const (
	mostFiles = 1000
	mostBytes = 64 << 20
)

// Report is what a pack proves.
type Report struct {
	Order       string
	MadeAt      time.Time
	Files       int
	Papers      int
	Texts       int
	Messages    int    // what buyer and dealer wrote, with questions and answers
	Fingerprint string // of the key that signed
	Trusted     bool   // the key is the one that the caller trusts
	Problems    []string
}

// OK tells whether nothing is wrong.
func (r Report) OK() bool { return len(r.Problems) == 0 }

func (r *Report) say(reason string, args ...any) {
	r.Problems = append(r.Problems, fmt.Sprintf(reason, args...))
}

// Check examines a pack by itself: the signature, every file's hash, that nothing is missing and nothing
// was added, and that the papers name the texts and papers that lie beside them. trusted is the house's key;
// without it the key in the pack is used, and whose it is must be asked elsewhere. An error means that the
// file is no pack at all.
func Check(raw []byte, trusted ed25519.PublicKey) (Report, error) {
	files, err := unzip(raw)
	if err != nil {
		return Report{}, err
	}
	var m manifest
	if err := json.Unmarshal(files[manifestName], &m); err != nil || m.Format != format {
		return Report{}, errors.New("pack: no manifest of an evidence pack")
	}
	r := Report{Order: m.Order, MadeAt: m.MadeAt, Files: len(m.Files)}
	r.signature(files, trusted)
	r.hashes(files, m)
	r.papers(files)
	r.talk(files)
	return r, nil
}

func unzip(raw []byte) (map[string][]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fmt.Errorf("pack: not a ZIP file: %w", err)
	}
	if len(z.File) > mostFiles {
		return nil, fmt.Errorf("pack: more than %d files", mostFiles)
	}
	out, left := map[string][]byte{}, int64(mostBytes)
	for _, f := range z.File {
		if _, twice := out[f.Name]; twice {
			return nil, fmt.Errorf("pack: %s is in the file twice", f.Name)
		}
		in, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("pack: %s: %w", f.Name, err)
		}
		b, err := io.ReadAll(io.LimitReader(in, left+1))
		_ = in.Close()
		if err != nil {
			return nil, fmt.Errorf("pack: %s: %w", f.Name, err)
		}
		if left -= int64(len(b)); left < 0 {
			return nil, fmt.Errorf("pack: more than %d bytes", mostBytes)
		}
		out[f.Name] = b
	}
	return out, nil
}

func (r *Report) signature(files map[string][]byte, trusted ed25519.PublicKey) {
	inside, err := ParsePEM(files[keyName])
	if err != nil {
		r.say("the public key is missing or broken")
		return
	}
	r.Fingerprint = Fingerprint(inside)
	key := inside
	if trusted != nil {
		key, r.Trusted = trusted, trusted.Equal(inside)
		if !r.Trusted {
			r.say("the pack was signed with another key (%s) than the trusted one (%s)", r.Fingerprint, Fingerprint(trusted))
		}
	}
	signature, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(files[signatureName])))
	if err != nil || !ed25519.Verify(key, files[manifestName], signature) {
		r.say("the signature is not that of this manifest")
	}
}

func (r *Report) hashes(files map[string][]byte, m manifest) {
	listed := map[string]bool{manifestName: true, signatureName: true, keyName: true, readmeName: true}
	for _, e := range m.Files {
		listed[e.Name] = true
		data, there := files[e.Name]
		switch {
		case !there:
			r.say("%s is missing", e.Name)
		case len(data) != e.Size || sum(data) != e.SHA256:
			r.say("%s was changed", e.Name)
		}
	}
	var extra []string
	for name := range files {
		if !listed[name] {
			extra = append(extra, name)
		}
	}
	slices.Sort(extra)
	for _, name := range extra {
		r.say("%s was added", name)
	}
}

// papers checks that what the papers name lies in the pack in the very words they name.
func (r *Report) papers(files map[string][]byte) {
	hashes := map[string]bool{}
	for name, data := range files {
		hashes[sum(data)] = true
		if strings.HasPrefix(name, "texts/") {
			r.Texts++
		}
	}
	var names []string
	for name := range files {
		if strings.HasPrefix(name, "papers/") && strings.HasSuffix(name, ".json") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		r.Papers++
		var c document.Content
		if err := json.Unmarshal(files[name], &c); err != nil {
			r.say("%s can not be read", name)
			continue
		}
		for _, t := range c.Texts {
			if !hashes[t.SHA256] {
				r.say("%s names %s %s, whose words are not here", name, t.Name, t.Version)
			}
		}
		if c.Refers != nil && !hashes[c.Refers.SHA256] {
			r.say("%s names %s, which is not here", name, c.Refers.Number)
		}
	}
}

// written is what somebody wrote, as talk.json tells it.
type written struct {
	Words  string `json:"words"`
	SHA256 string `json:"sha256"`
	Erased bool   `json:"erased"`
}

// talk checks that the words and pictures of talk.json are those of the hashes beside them. Of what was erased after its
// time the hash is all there is: it proves a copy that somebody kept.
func (r *Report) talk(files map[string][]byte) {
	raw, there := files[TalkName]
	if !there {
		return
	}
	var t struct {
		Questions []struct {
			Question written  `json:"question"`
			Answer   *written `json:"answer"`
		} `json:"questions"`
		Messages []struct {
			Seq int `json:"seq"`
			written
			Photo *struct {
				File   string `json:"file"`
				SHA256 string `json:"sha256"`
			} `json:"photo"`
		} `json:"messages"`
	}
	if err := json.Unmarshal(raw, &t); err != nil {
		r.say("%s can not be read", TalkName)
		return
	}
	for i, q := range t.Questions {
		r.words(fmt.Sprintf("question %d", i+1), q.Question)
		if q.Answer != nil {
			r.words(fmt.Sprintf("answer %d", i+1), *q.Answer)
		}
	}
	for _, m := range t.Messages {
		r.words(fmt.Sprintf("message %d", m.Seq), m.written)
		if p := m.Photo; p != nil && (p.File != "" || !m.Erased) && sum(files[p.File]) != p.SHA256 {
			r.say("the picture of message %d is not the one it names", m.Seq)
		}
	}
}

func (r *Report) words(what string, w written) {
	r.Messages++
	if !w.Erased && sum([]byte(w.Words)) != w.SHA256 || w.Erased && w.Words != "" {
		r.say("%s is not in the words of its hash", what)
	}
}
