// Package arch guards the shape of the house: who may import whom, which library stays in which room,
// and that the state machines in code, schema and words are the same. A failure says why the rule is
// there; whoever has a better reason changes the rule here and records the decision.
package arch

import (
	"strings"
)

// siblings lists, for each capability, the other capabilities that it may import, for types and reads.
// It never writes or joins another one's tables.
var siblings = map[string][]string{
	"aftersales":   {"market", "network"},
	"allocation":   {"network", "market"},
	"catalogue":    {"market"},
	"configurator": {"catalogue", "market", "pricing"},
	"connected":    {"identity", "identity/cartoken"}, // signatures of vehicles, and what machines that read are called
	"document":     {},                                // papers are facts handed in by the flow: an old one must not depend on today's rules
	"energylabel":  {"market", "catalogue"},
	"feedback":     {},
	"finance":      {"market"},
	"hook":         {}, // what is told outside must not depend on how it came about
	"identity":     {},
	"insight":      {},
	"market":       {},
	"network":      {"market"},
	"ordering":     {"pricing"},
	"payment":      {},
	"pricing":      {"market", "catalogue"},
	"talk":         {}, // what people write must not depend on what they write about
	"stock":        {"market", "network", "catalogue", "configurator", "pricing"},
	"usedcars":     {"market"},
	"vehicle":      {"market"}, // sale, service and the car's own signals mean one row: it may know none of them
}

// apart are packages between capabilities and doors, with all the business code that they may import.
var apart = map[string][]string{
	"carsim":  {"connected", "identity/cartoken", "vehicle"},
	"world":   {"market", "network", "aftersales", "catalogue", "configurator", "configurator/diagram"},
	"doctor":  {},
	"letters": {"sale", "allocation", "market", "network", "ordering", "payment"},
	"smoke":   {},
}

// workshop are packages that only tests and measurements use; no rule of the house binds them, but
// nothing else may import them.
var workshop = []string{"testkit", "configurator/instance", "web/webtest", "platform/dbtest", "stripesim/banktest", "identity/idptest", "bench", "chaos", "journey", "arch"}

// library is a module that stays in a few rooms.
type library struct {
	name, reason string
	rooms        func(file source) bool
}

var libraries = []library{
	{"gorm.io/", "SQL has one room in each capability, store.go (or noun_store.go) for rows and writes, read.go for one query per page; a query elsewhere is found by nobody", func(f source) bool {
		return f.pkg == "platform/db" || f.name == "store.go" || f.name == "read.go" || strings.HasSuffix(f.name, "_store.go") || strings.HasSuffix(f.name, "_read.go")
	}},
	{"github.com/labstack/echo", "rules must not know that there is a web: echo stays under internal/web, in app and in the middleware of telemetry", func(f source) bool {
		return under(f.pkg, "web") || f.pkg == "app" || f.pkg == "platform/telemetry"
	}},
	{"github.com/stripe/stripe-go", "one package speaks Stripe's language, so that a new version of it is a change of one package", func(f source) bool { return f.pkg == "payment/stripegw" }},
	{"golang.org/x/image", "pixels are made in one place, which bounds what they cost; papers take their fonts from it", func(f source) bool { return under(f.pkg, "platform/carart") || f.pkg == "platform/pdf" }},
	{"codeberg.org/go-pdf", "papers are printed in one place, which knows what the fonts lack and keeps the bytes the same", func(f source) bool { return f.pkg == "platform/pdf" }},
	{"github.com/golang-jwt/jwt", "tokens are made and checked in one place", func(f source) bool { return under(f.pkg, "identity") }},
	{"github.com/coreos/go-oidc", "who a provider says somebody is, is looked at in one place", func(f source) bool { return f.pkg == "identity" }},
	{"golang.org/x/oauth2", "who a provider says somebody is, is looked at in one place", func(f source) bool { return f.pkg == "identity" }},
}

func under(pkg, folder string) bool { return pkg == folder || strings.HasPrefix(pkg, folder+"/") }

// capability is the noun that a package belongs to: payment/stripegw is payment's.
func capability(pkg string) (string, bool) {
	noun, _, _ := strings.Cut(pkg, "/")
	_, ok := siblings[noun]
	return noun, ok
}

// business tells packages that know what the company sells.
func business(pkg string) bool {
	return !under(pkg, "platform") && pkg != "id"
}

// allowed answers whether a package of ours may import another of ours, or says why not.
func allowed(from, to string) (bool, string) {
	switch {
	case isWorkshop(to):
		return isWorkshop(from), "only tests and measurements import " + to + ": it may break promises that the product keeps"
	case isWorkshop(from), from == "app", from == "cmd/forecourt", !business(to) && business(from):
		return true, ""
	case under(from, "platform") || from == "id":
		return !business(to), "platform and id know no business: they must be usable by every capability without a circle"
	case to == "app":
		return false, "app knows everybody, so nobody may know app"
	case from == "sale":
		return !under(to, "flow") && !under(to, "web"), "what every purchase does knows no flow by name: a flow tells it what it adds (sale.Flow)"
	case under(from, "flow"):
		return !under(to, "flow") && !under(to, "web"), "a flow is one use case on its own: what two flows share belongs to a capability"
	case under(from, "web"):
		return webMay(from, to), "a surface never imports another surface: what they share belongs to the page kit"
	}
	return capabilityMay(from, to)
}

func webMay(from, to string) bool {
	if from == "web" {
		return !under(to, "flow") && (!under(to, "web") || to == "web/assets")
	}
	return !under(to, "web") || to == "web" || to == "web/assets"
}

func capabilityMay(from, to string) (bool, string) {
	if list, ok := apart[from]; ok {
		return contains(list, to), from + " may import only " + strings.Join(list, ", ") + ", id and platform"
	}
	noun, ok := capability(from)
	if !ok {
		return under(from, "stripesim") && under(to, "stripesim"), from + " is not on the map: say in the rules what it may import"
	}
	target, isSibling := capability(to)
	if isSibling && target == noun {
		return true, ""
	}
	return contains(siblings[noun], to), noun + " may import only its siblings (" + strings.Join(siblings[noun], ", ") + "), for types and reads; where two must change together a flow does it"
}

func isWorkshop(pkg string) bool { return contains(workshop, pkg) }

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
