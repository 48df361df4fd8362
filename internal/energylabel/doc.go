// Package energylabel computes what a market's law wants said of a car's energy and CO2: classes, the cost of a year's
// energy, and of ten years' CO2. Pure functions of an engine's figures and dated data of the market's file; it owns no table.
//
// Begin with Of in label.go. Arithmetic is in whole numbers, half up. It makes nothing up: figures that the data does not
// give are zero, and a page that would show them leaves them out.
package energylabel
