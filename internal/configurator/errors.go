package configurator

import (
	"fmt"

	"forecourt/internal/catalogue"
	"forecourt/internal/id"
	"forecourt/internal/platform/fault"
	"forecourt/internal/platform/money"
)

// Refusals. ErrUnknown, ErrTwoOfGroup, ErrTooMany and ErrMalformed answer what somebody typed into a
// URL; ErrRange means that the range itself can not be sold as written.
var (
	ErrUnknown    = fault.New(fault.Invalid, "fault.feature_unknown", "configurator")
	ErrTwoOfGroup = fault.New(fault.Invalid, "fault.feature_twice", "configurator")
	ErrTooMany    = fault.New(fault.Invalid, "fault.feature_too_many", "configurator")
	ErrMalformed  = fault.New(fault.Invalid, "fault.build_malformed", "configurator.Decode")
	ErrIncomplete = fault.New(fault.Invalid, "fault.car_incomplete", "configurator")
	ErrClash      = fault.New(fault.Invalid, "fault.features_clash", "configurator")
	ErrRange      = fault.New(fault.Internal, "fault.range_not_buildable", "configurator.Compile")
)

// Clash says which two parts do not go together, why, and what to do about it.
type Clash struct {
	Rule        catalogue.RuleKind // Excludes: A does not go with B; else A needs B
	A, B        id.Feature
	Because     catalogue.Words // the product office's sentence, may be empty
	Repair      Selection       // the nearest car; empty when the clash comes from Check
	RepairTotal money.Money     // on the road
	Drops, Adds []id.Feature    // picks that the repair gives up and makes, beside the new pick itself
}

// Error is for logs; pages say it in the reader's language.
func (c *Clash) Error() string {
	return fmt.Sprintf("configurator: %s %s %s", c.A, c.Rule, c.B)
}

// Unwrap makes a clash a refusal of the buyer's input.
func (c *Clash) Unwrap() error { return ErrClash }
