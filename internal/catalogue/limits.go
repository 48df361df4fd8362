package catalogue

import (
	"fmt"

	"forecourt/internal/platform/filecheck"

	"go.yaml.in/yaml/v3"
)

// limits keep the reading of one file in bounds; the largest ranges that makers publish take a tenth.
var limits = filecheck.Limits{Bytes: 2 << 20, Nodes: 800_000, Keys: maxFeatures + 100, Depth: 8}

// The most that one range may hold. Every check of meaning takes time in proportion to these.
const (
	maxFeatures = 2_000
	maxRules    = 5_000
	maxRows     = 200_000 // of all tables together
	maxNames    = 500     // features in one rule
	maxAllNames = 50_000  // features in all rules without a table
	maxLists    = 200     // price lists of all markets
)

// oversize finds what a range has too much of, before anything is built from it.
func oversize(file string, root *yaml.Node) []Problem {
	s := sizes{file: file}
	features := 0
	for _, g := range Groups {
		features += length(filecheck.Find(root, groupKeys[g]))
	}
	s.most(root, features, maxFeatures, "features")
	rules := filecheck.Find(root, "rules")
	s.most(rules, length(rules), maxRules, "rules")
	rows, names := 0, 0
	for i := range length(rules) {
		rows += length(filecheck.Find(rules.Content[i], "rows"))
		any := filecheck.Find(rules.Content[i], "any")
		s.most(any, length(any), maxNames, "features in one rule")
		names += length(any)
	}
	s.most(rules, rows, maxRows, "rows in tables")
	s.most(rules, names, maxAllNames, "features named by rules")
	lists := 0
	if markets := filecheck.Find(root, "prices"); markets != nil && markets.Kind == yaml.MappingNode {
		for i := 1; i < len(markets.Content); i += 2 {
			lists += length(markets.Content[i])
		}
		s.most(markets, lists, maxLists, "price lists")
	}
	return s.problems
}

// length is how many items a list has.
func length(n *yaml.Node) int {
	if n == nil || n.Kind != yaml.SequenceNode {
		return 0
	}
	return len(n.Content)
}

type sizes struct {
	file     string
	problems []Problem
}

func (s *sizes) most(n *yaml.Node, have, most int, of string) {
	if have > most {
		s.problems = append(s.problems, Problem{File: s.file, Line: n.Line, Reason: fmt.Sprintf("%d %s; the most is %d", have, of, most)})
	}
}
