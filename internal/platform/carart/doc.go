// Package carart draws cars as inline SVG, on the server, from a handful of words: a body, a paint, a set
// of wheels. Bodies are described in millimetres on one scale, so a city car beside a van looks as small as
// it is. The drawings carry no style attribute, no script and no reference outside themselves, so that they
// pass the strictest content policy; nothing a caller passes can leave its attribute.
package carart
