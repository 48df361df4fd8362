// Package appicon draws the house's mark, a car seen from the side, as the icon of an installed shop: as
// SVG and as PNG, both from the same few numbers, in whatever colours a brand wears. Nothing is stored.
package appicon
