// Package palette knows the colours of a look: which a brand must give, that they can be read, and how they
// become custom properties of the style sheet. A brand is data, so its colours are judged where data comes
// in; no template, script or rule of the sheet knows a brand by its name.
package palette
