package i18n

import "strings"

// List joins names as the language does: a, b and c.
func (p *Printer) List(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := items[len(items)-1]
	and := p.rules.listLast
	if p.rules.listLastAlter != nil {
		and = p.rules.listLastAlter(last)
	}
	return strings.Join(items[:len(items)-1], ", ") + and + last
}

// spanishAnd is "e" before a word that begins with the sound i, as in "Ana e Inés"; "hielo" and
// "hiato" begin with another sound.
func spanishAnd(next string) string {
	w := strings.ToLower(next)
	rest, silent := strings.CutPrefix(w, "hi")
	glides := strings.HasPrefix(rest, "a") || strings.HasPrefix(rest, "e")
	if strings.HasPrefix(w, "i") || silent && !glides {
		return " e "
	}
	return " y "
}

// Series joins parts that may hold commas of their own: "9:00 to 12:30, 14:00 to 18:00; 9:00 to 12:30".
func (p *Printer) Series(parts []string) string { return strings.Join(parts, p.rules.signGap+"; ") }
