package instance

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// cars lists everything that the rules of a small instance allow, by names of values.
func cars(in *Instance) []string {
	var out []string
	car := make([]int32, len(in.Values))
	var next func(v int)
	next = func(v int) {
		if v < len(car) {
			for x := range in.Values[v] {
				car[v] = int32(x)
				next(v + 1)
			}
			return
		}
		if in.Problem.Broken(car) < 0 {
			names := make([]string, len(car))
			for v, x := range car {
				names[v] = in.Values[v][x]
			}
			out = append(out, strings.Join(names, " "))
		}
	}
	next(0)
	return out
}

func same(t *testing.T, in *Instance, err error, want ...string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if got := cars(in); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the cars are %q, want %q", got, want)
	}
}

const old = `<?xml version="1.0" encoding="ISO-8859-1"?>
<instance>
<presentation format="XCSP 2.1" type="CSP"/>
<domains nbDomains="2">
 <domain name="A" nbValues="3">0..1 7</domain>
 <domain name="B" nbValues="2" optional="-1"> -1 0 </domain>
</domains>
<variables><variable name="x" domain="A"/><variable name="y" domain="A"/><variable name="z" domain="B"/></variables>
<relations>
 <relation name="same" arity="2" semantics="supports"> 0 0 | 1 1 |7 7| 7 7 | 9 9
 </relation>
 <relation name="bad" arity="2" semantics="conflicts">0 -1|7 0|8 0</relation>
</relations>
<constraints>
 <constraint name="c1" arity="2" scope="x y" reference="same"/>
 <constraint name="c2" arity="2" scope="x z" reference="bad"/>
 <constraint name="c3" arity="2" scope="y z" reference="bad"/>
</constraints>
</instance>`

func TestXCSP2(t *testing.T) {
	t.Parallel()
	in, err := Parse([]byte(old))
	same(t, in, err, "0 0 0", "1 1 -1", "1 1 0", "7 7 -1")
	if in.Format != "XCSP 2.1" || len(in.Problem.Rules) != 3 || in.Tuples() != 3+4+4 {
		t.Errorf("%s, %d rules, %d tuples", in.Format, len(in.Problem.Rules), in.Tuples())
	}
}

func TestXCSP2Refusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, new, says string }{
		{`</instance>`, ``, "not an XML file"},
		{`<instance>`, `<instances>`, "not an XML file"},
		{`domain="B"/>`, `domain="C"/>`, `no domain "C"`},
		{`0..1 7`, `1..0 7`, "not a range"},
		{`0..1 7`, `0..2000000000`, "more than"},
		{`0..1 7`, ``, "no values"},
		{`name="y"`, `name="x"`, "twice"},
		{`scope="x z"`, `scope="x w"`, `no variable "w"`},
		{`scope="x z"`, `scope=""`, "no variables"},
		{`scope="x z"`, `scope="x y z"`, "3 variables"},
		{`reference="bad"`, `reference="global:allDifferent"`, "allDifferent"},
		{`0 0 | 1 1`, `0 0 0| 1 1`, "a tuple has 3 values"},
		{`semantics="conflicts"`, `semantics="soft"`, `"soft"`},
		{`<constraint name="c1"`, `<rule name="c1"`, "<rule>"},
	} {
		_, err := Parse([]byte(strings.Replace(old, c.old, c.new, 1)))
		if !errors.Is(err, ErrInstance) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s for %s: %v, want a word on %q", c.new, c.old, err, c.says)
		}
	}
	if _, err := Parse([]byte(`<html/>`)); !errors.Is(err, ErrInstance) {
		t.Error(err)
	}
	if _, err := Parse([]byte(strings.Repeat("<instance>", 100_000))); !errors.Is(err, ErrInstance) {
		t.Error(err)
	}
}

func TestVariableTwiceInAScope(t *testing.T) {
	t.Parallel()
	in, err := Parse([]byte(strings.Replace(old, `scope="x y"`, `scope="x x"`, 1)))
	same(t, in, err, "0 0 0", "0 1 0", "1 0 0", "1 1 -1", "1 1 0", "1 7 -1", "7 1 -1", "7 7 -1")
}

// three puts variables and constraints into a file of version 3.
func three(variables, constraints string) []byte {
	return []byte(`<instance format="XCSP3" type="CSP"><variables>` + variables + `</variables><constraints>` + constraints + `</constraints></instance>`)
}

func TestXCSP3(t *testing.T) {
	t.Parallel()
	const xyz = `<array id="x" size="[2]"> 0..2 </array><var id="y"> a b </var>`
	for name, c := range map[string]struct {
		variables, constraints string
		want                   []string
	}{
		"supports": {xyz, `<extension><list> x[0] x[1] y </list><supports> (0,1,a)(2,2,b) (5,5,b)(0,1,a)</supports></extension>`, []string{"0 1 a", "2 2 b"}},
		"star":     {xyz, `<extension><list>x[] y</list><supports>(0,*,a)(*,2,b)</supports></extension>`, []string{"0 0 a", "0 1 a", "0 2 a", "0 2 b", "1 2 b", "2 2 b"}},
		"conflicts": {xyz, `<extension><list>x[0..1]</list><conflicts>(0,*)(1,*)(2,1)</conflicts></extension><extension><list>y</list><conflicts>a</conflicts></extension>`,
			[]string{"2 0 b", "2 2 b"}},
		"unary": {xyz, `<extension><list>x[0]</list><supports>1..7 9</supports></extension><extension><list>x[1]</list><supports>0</supports></extension><extension>y<supports>b</supports></extension>`,
			[]string{"1 0 b", "2 0 b"}},
		"group": {xyz, `<block><group><extension><list>%0 %1</list><supports>(0,1)(1,1)</supports></extension><args>x[0] x[1]</args><args> x[] </args></group></block><extension><list>y</list><supports>a</supports></extension>`,
			[]string{"0 1 a", "1 1 a"}},
		"rest":   {xyz, `<group><extension><list>%1 %...</list><supports>(0,b)</supports></extension><args>x[0] x[1] y</args></group>`, []string{"0 0 b", "1 0 b", "2 0 b"}},
		"bounds": {xyz, `<group><intension>le(%0,%1)</intension><args>x[0] 0</args><args>x[1] 1</args></group><intension> in(y,set(b,c)) </intension>`, []string{"0 0 b", "0 1 b"}},
		"compare": {xyz, `<intension>lt(x[0],x[1])</intension><intension><function>ge(1,x[1])</function></intension><intension>in(y,set(a))</intension>`,
			[]string{"0 1 a"}},
		"others": {`<array id="w" size="[3]"><domain for="w[0] w[2]">1 2</domain><domain for="others">5</domain></array>`,
			`<intension>ne(w[0],w[2])</intension>`, []string{"1 5 2", "2 5 1"}},
		"holes": {`<array id="w" size="[2][2]"><domain for="w[0][]">1</domain><domain for="w[1][1]">1 2</domain></array>`,
			`<intension>gt(w[1][1],1)</intension>`, []string{"1 1 2"}},
		"as": {`<array id="w" size="[2]"><domain for="w[0]">1</domain><domain for="w[1]">2</domain></array><array id="u" as="w"/><var id="a">3 4</var><var id="b" as="a"/>`,
			`<intension>eq(a,b)</intension>`, []string{"1 2 1 2 3 3", "1 2 1 2 4 4"}},
		"shared": {xyz, `<extension><list>x[0] y</list><supports id="s">(1,b)</supports></extension><extension><list>x[1] y</list><supports as="s"/></extension>`, []string{"1 1 b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, err := Parse(three(c.variables, c.constraints))
			same(t, in, err, c.want...)
		})
	}
}

func TestXCSP3Refusals(t *testing.T) {
	t.Parallel()
	const x = `<array id="x" size="[2]"> 0..2 </array>`
	for _, c := range []struct{ variables, constraints, says string }{
		{x, `<allDifferent> x[] </allDifferent>`, "<allDifferent>"},
		{x, `<group><sum/><args>x[0]</args></group>`, "<sum>"},
		{x, `<intension>eq(add(x[0],1),x[1])</intension>`, "add(x[0],1)"},
		{x, `<intension>le(x[0],%0)</intension>`, "no argument"},
		{x, `<intension>le(x[0],k)</intension>`, "compared as numbers"},
		{x, `<intension>le(3,4)</intension>`, "neither"},
		{x, `<extension><list>x[0] x[1]</list><supports>(0,1)(1</supports></extension>`, "no end"},
		{x, `<extension><list>x[0] x[1]</list><supports>(0,1,2)</supports></extension>`, "2 variables"},
		{x, `<extension><list>x[0] x[1]</list><supports>0 1</supports></extension>`, "starts with"},
		{x, `<extension><list>x[0] x[1]</list><supports>(0,{1,2})</supports></extension>`, "tuple"},
		{x, `<extension><list>x[2]</list><supports>0</supports></extension>`, "no index"},
		{x, `<extension><list>q</list><supports>0</supports></extension>`, `"q"`},
		{x, `<extension><list>x[0]</list></extension>`, "neither"},
		{x, `<extension><list>x[0]</list><supports>0</supports><conflicts>1</conflicts></extension>`, "both"},
		{x, `<group><extension><list>%0</list><supports>0</supports></extension></group>`, "arguments"},
		{`<array id="x" size="[2"> 0 </array>`, ``, "size"},
		{`<array id="x" size="[90000000]"> 0 </array>`, ``, "size"},
		{`<array id="x" size="[9000][9000]"> 0 </array>`, ``, "cells"},
		{`<var id="a" as="b"/><var id="b" as="a"/>`, ``, "circle"},
		{`<var id="a" type="real">1</var>`, ``, "real"},
		{`<var id="a"/>`, ``, "no values"},
		{`<matrix id="a"/>`, ``, "<matrix>"},
	} {
		_, err := Parse(three(c.variables, c.constraints))
		if !errors.Is(err, ErrInstance) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %s: %v, want a word on %q", c.variables, c.constraints, err, c.says)
		}
	}
}

// A table of forbidden rows that would be too large turned round becomes clauses.
func TestManyForbidden(t *testing.T) {
	t.Parallel()
	in, err := Parse(three(`<array id="x" size="[4]">0..49</array>`, `<extension><list>x[]</list><conflicts>(1,2,3,4)(5,*,6,7)</conflicts></extension>`))
	if err != nil {
		t.Fatal(err)
	}
	for car, allowed := range map[[4]int32]bool{{1, 2, 3, 4}: false, {5, 49, 6, 7}: false, {5, 49, 6, 8}: true, {0, 0, 0, 0}: true} {
		if (in.Problem.Broken(car[:]) < 0) != allowed {
			t.Errorf("%v allowed: %t", car, !allowed)
		}
	}
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCLib(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"domains.txt": "Var1: a, b ,c\nVar2:0,1\n\n",
		"rule1.pm":    "rule (\nVar1=a and Var2=0 ;\n Var1=c and Var2=1);\nVar1=c and Var2=1\nVar1=z and Var2=1\n",
		"rule2.pm":    "",
	})
	in, err := Load(dir)
	same(t, in, err, "a 0", "c 1")
	write(t, dir, map[string]string{"rule3.pm": "Var1=a and Var9=0;"})
	if _, err := Load(dir); !errors.Is(err, ErrInstance) || !strings.Contains(err.Error(), "Var9") {
		t.Error(err)
	}
	write(t, dir, map[string]string{"rule3.pm": "Var1=a and Var2=0;\nVar2=0 and Var1=a;"})
	if _, err := Load(dir); !errors.Is(err, ErrInstance) || !strings.Contains(err.Error(), "same variables") {
		t.Error(err)
	}
	if _, err := Load(t.TempDir()); !errors.Is(err, ErrInstance) || !strings.Contains(err.Error(), "domains.txt") {
		t.Error(err)
	}
}

func TestPackedFile(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write([]byte(old)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.xml.gz": packed.String(), "b.xml.xz": "\xfd7zXZ\x00", "c.xml.gz": packed.String()[:20]})
	in, err := Load(filepath.Join(dir, "a.xml.gz"))
	same(t, in, err, "0 0 0", "1 1 -1", "1 1 0", "7 7 -1")
	for _, name := range []string{"b.xml.xz", "c.xml.gz"} {
		if _, err := Load(filepath.Join(dir, name)); !errors.Is(err, ErrInstance) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Load(filepath.Join(dir, "none.xml")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
