package web

import (
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"text/template/parse"
)

// parsePages reads the pages of all surfaces, by their names.
func parsePages(files fs.FS, funcs template.FuncMap) (map[string]*template.Template, error) {
	common, err := template.New("").Funcs(funcs).ParseFS(files, "layout/*.html", "shared/part_*.html")
	if err != nil {
		return nil, err
	}
	out := map[string]*template.Template{}
	for _, dir := range []string{"shared", "storefront", "dealer", "manager", "styleguide"} {
		of, err := parseFolder(files, funcs, common, dir)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, of)
	}
	return out, nil
}

func parseFolder(files fs.FS, funcs template.FuncMap, common *template.Template, dir string) (map[string]*template.Template, error) {
	out := map[string]*template.Template{}
	names, _ := fs.Glob(files, dir+"/*.html")
	pages := slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(path.Base(name), "part_") })
	if len(pages) == 0 {
		return out, nil
	}
	all, err := common.Clone()
	if err != nil {
		return nil, err
	}
	if parts, _ := fs.Glob(files, partsOf(dir)); len(parts) > 0 && dir != "shared" {
		if all, err = all.ParseFS(files, parts...); err != nil {
			return nil, err
		}
	}
	for _, name := range pages {
		t, err := template.New("").Funcs(funcs).ParseFS(files, name)
		if err == nil {
			err = lend(t, all)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[strings.TrimSuffix(name, ".html")] = t
	}
	return out, nil
}

// partsOf are the parts that the pages of a folder may use: their own, except for the style guide, which
// shows those of all surfaces.
func partsOf(dir string) string {
	if dir == "styleguide" {
		dir = "*"
	}
	return dir + "/part_*.html"
}

// lend gives a page the layout and the parts that it uses, each its own copy: what escapes the texts of a page writes into them.
// With all parts in every page the pages of the house were most of what it keeps in memory.
func lend(page, all *template.Template) error {
	seen := map[string]bool{}
	for open := []string{"layout"}; len(open) > 0; {
		name := open[0]
		open = open[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		t := page.Lookup(name)
		if t == nil || t.Tree == nil {
			from := all.Lookup(name)
			if from == nil || from.Tree == nil {
				return fmt.Errorf("there is no template %q", name)
			}
			var err error
			if t, err = page.AddParseTree(name, from.Tree.Copy()); err != nil {
				return err
			}
		}
		open = append(open, uses(t.Tree.Root)...)
	}
	return nil
}

// uses names the templates that a piece of one calls.
func uses(n parse.Node) (out []string) {
	branch := func(b *parse.BranchNode) {
		out = append(out, uses(b.List)...)
		if b.ElseList != nil {
			out = append(out, uses(b.ElseList)...)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return nil
		}
		for _, x := range n.Nodes {
			out = append(out, uses(x)...)
		}
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.TemplateNode:
		out = append(out, n.Name)
	}
	return out
}
