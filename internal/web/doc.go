// Package web is the kit that every surface uses: routes with declared permissions, pages rendered
// from typed structs, one place that answers errors, forms that keep what was typed, and the
// middleware around it all. Surfaces live in the packages below it and never import one another.
//
// Begin with kit.go, then route.go, base.go, act.go and fault.go. A page is a struct that embeds Base and has a template of its own.
// A POST is an Act: a bad input is answered with 422 and the same page, what changed meanwhile with 409, a success with 303. It refuses to start with a route that declares no
// permission or a template that does not fit its struct, and a POST without a form key. It owns no table.
package web
