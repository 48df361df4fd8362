package catalogue

import (
	"forecourt/internal/platform/filecheck"
)

// Problem is one mistake in a range file.
type Problem = filecheck.Problem

// rangeFile is a range as people write it: each group is a list of its own.
type rangeFile struct {
	Range      `yaml:",inline"`
	Versions   []Feature `yaml:"versions"`
	Engines    []Feature `yaml:"engines"`
	Colours    []Feature `yaml:"colours"`
	Upholstery []Feature `yaml:"upholstery"`
	Wheels     []Feature `yaml:"wheels"`
	Options    []Feature `yaml:"options"`
}

// groupKeys names the list of each group in a file.
var groupKeys = map[Group]string{
	Version: "versions", Engine: "engines", Colour: "colours",
	Upholstery: "upholstery", Wheels: "wheels", Options: "options",
}

func (f *rangeFile) list(g Group) []Feature {
	switch g {
	case Version:
		return f.Versions
	case Engine:
		return f.Engines
	case Colour:
		return f.Colours
	case Upholstery:
		return f.Upholstery
	case Wheels:
		return f.Wheels
	default:
		return f.Options
	}
}

// DecodeRange reads a range file and checks it. With any problem the range is nil: a broken file is
// refused whole, and the list names every mistake at once.
func DecodeRange(name string, data []byte) (*Range, []Problem) {
	root, problems := filecheck.ParseWithin(name, data, limits)
	if root == nil {
		return nil, problems
	}
	if beyond := oversize(name, root); len(beyond) > 0 {
		return nil, filecheck.Cut(append(problems, beyond...))
	}
	var f rangeFile
	problems = append(problems, filecheck.DecodeNode(name, root, &f)...)
	r := f.Range
	for _, g := range Groups {
		for _, x := range f.list(g) {
			x.Group = g
			r.Features = append(r.Features, x)
		}
	}
	if len(problems) <= filecheck.Most {
		problems = append(problems, check(name, root, problems, &r)...)
	}
	if len(problems) > 0 {
		filecheck.Problems(problems).Sort()
		return nil, filecheck.Cut(problems)
	}
	return &r, nil
}
