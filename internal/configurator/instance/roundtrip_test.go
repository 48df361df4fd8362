package instance

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// written2 is an instance of tables as a file of version 2.1.
func written2(in *Instance) string {
	var b strings.Builder
	b.WriteString("<instance><presentation format=\"XCSP 2.1\"/><domains>\n")
	for v, values := range in.Values {
		fmt.Fprintf(&b, "<domain name=\"D%d\">%s</domain>\n", v, strings.Join(values, " "))
	}
	b.WriteString("</domains><variables>\n")
	for v, x := range in.Problem.Vars {
		fmt.Fprintf(&b, "<variable name=%q domain=\"D%d\"/>\n", x.Name, v)
	}
	b.WriteString("</variables><relations>\n")
	for _, r := range in.Problem.Rules {
		fmt.Fprintf(&b, "<relation name=\"rel-%s\" semantics=\"supports\">", r.Name)
		for row := range slices.Chunk(r.Rows, len(r.Scope)) {
			b.WriteString(strings.Trim(fmt.Sprint(row), "[]") + "|")
		}
		b.WriteString("</relation>\n")
	}
	b.WriteString("</relations><constraints>\n")
	for _, r := range in.Problem.Rules {
		fmt.Fprintf(&b, "<constraint name=%q scope=%q reference=\"rel-%s\"/>\n", r.Name, strings.Join(names(in, r.Scope), " "), r.Name)
	}
	b.WriteString("</constraints></instance>\n")
	return b.String()
}

// written3 is the same as a file of version 3.
func written3(in *Instance) string {
	var b strings.Builder
	b.WriteString("<instance format=\"XCSP3\" type=\"CSP\"><variables>\n")
	for v, x := range in.Problem.Vars {
		fmt.Fprintf(&b, "<var id=%q>0..%d</var>\n", x.Name, len(in.Values[v])-1)
	}
	b.WriteString("</variables><constraints>\n")
	for _, r := range in.Problem.Rules {
		fmt.Fprintf(&b, "<extension id=%q><list>%s</list><supports>", r.Name, strings.Join(names(in, r.Scope), " "))
		for row := range slices.Chunk(r.Rows, len(r.Scope)) {
			b.WriteString("(" + strings.ReplaceAll(strings.Trim(fmt.Sprint(row), "[]"), " ", ",") + ")")
		}
		b.WriteString("</supports></extension>\n")
	}
	b.WriteString("</constraints></instance>\n")
	return b.String()
}

func names(in *Instance, scope []int) []string {
	var out []string
	for _, v := range scope {
		out = append(out, in.Problem.Vars[v].Name)
	}
	return out
}

func TestWrittenAndRead(t *testing.T) {
	t.Parallel()
	in, _ := Generate(Shape{Seed: 9, Variables: 50, Versions: 12})
	for _, text := range []string{written2(in), written3(in)} {
		back, err := Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		back.Problem.Name = in.Problem.Name
		if !reflect.DeepEqual(back.Problem, in.Problem) || !reflect.DeepEqual(back.Values, in.Values) {
			t.Errorf("%s: what was read is not what was written", back.Format)
		}
	}
}
