// Package energylabel computes what a market's law wants said of a car's energy and CO2: classes, the
// cost of a year's energy, and of ten years' CO2. Pure functions of an engine's figures and dated data;
// it owns no table.
package energylabel
