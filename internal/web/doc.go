// Package web is the kit that every surface uses: routes with declared permissions, pages rendered
// from typed structs, one place that answers errors, forms that keep what was typed, and the
// middleware around it all. Surfaces live in the packages below it and never import one another.
package web
