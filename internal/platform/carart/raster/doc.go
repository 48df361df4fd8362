// Package raster turns the drawings of package carart into pixels: mail programs and social networks show no
// SVG. It knows just the elements and attributes that those drawings use, and refuses any other, so that a new
// one cannot be dropped silently. The pixels are those of a browser up to the rounding of edges.
package raster
