package connected

import (
	"fmt"
	"io/fs"
	"regexp"

	"forecourt/internal/platform/filecheck"
)

// RulesFile is where rules stand in the world's files.
const RulesFile = "signals.yaml"

var ruleShape = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// ReadRules reads and checks the rules of a world; any mistake refuses the file, with its lines.
func ReadRules(world fs.FS) (*Rules, error) {
	raw, err := fs.ReadFile(world, RulesFile)
	if err != nil {
		return nil, fmt.Errorf("connected: rules: %w", err)
	}
	rules, problems := DecodeRules(RulesFile, raw)
	if len(problems) > 0 {
		return nil, filecheck.Problems(problems)
	}
	return rules, nil
}

// DecodeRules reads a file of rules. With any problem the rules must not be used.
func DecodeRules(name string, raw []byte) (*Rules, []filecheck.Problem) {
	var file struct {
		Rules []Rule `yaml:"rules"`
	}
	c := filecheck.Check(name, raw, &file)
	if c.Empty() {
		return nil, c.Done()
	}
	c.Some(len(file.Rules), "rules")
	for i := range file.Rules {
		checkRule(c, i, &file.Rules[i])
	}
	return &Rules{all: file.Rules}, c.Done()
}

func checkRule(c *filecheck.Checker, i int, r *Rule) {
	at := func(field string) []string { return filecheck.At("rules", i, field) }
	c.Shape(r.Code, ruleShape, `"brake_pads"`, at("code")...)
	c.OneOf(string(r.Urgency), []string{string(Stop), string(Soon), string(Plan)}, at("urgency")...)
	c.Between(int64(r.Days), 1, 365, at("days")...)
	switch {
	case (r.Lamp == "") == (r.Signal == ""):
		c.Say(at("code"), "a rule has either a lamp or a signal")
	case r.Lamp != "":
		c.OneOf(string(r.Lamp), texts(lamps), at("lamp")...)
	default:
		c.OneOf(r.Signal, []string{"tyre_kpa", "battery_pct", "battery_health_pct", "service_days", "service_km"}, at("signal")...)
		c.Between(int64(r.Margin), 0, 100_000, at("margin")...)
	}
	if r.Owner && (r.Low < 1 || r.Low > r.AtMost || r.AtMost > r.High) {
		c.Say(at("owner"), "at_most lies between low and high, and low is at least 1")
	}
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = string(x)
	}
	return out
}
