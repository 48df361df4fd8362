package assets

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Sheet is the name of the one style sheet that pages load.
const Sheet = "css/app.css"

const sheetDir = "css"

// sheetOrder is the order of the files within the sheet. What layer a rule is in counts more; inside one
// layer the later rule wins.
var sheetOrder = strings.Fields("tokens base layout words button card energy form steps table choice notice " +
	"range configurator checkout order nearest used queue sites handover thread console door dealers signin compare ranges forced print")

// join puts the files of css into one. A file that the order does not name would be lost without a word, so
// it is an error; so is a name without a file.
func join(fsys fs.FS) ([]byte, error) {
	found, err := fs.Glob(fsys, sheetDir+"/*")
	if err != nil {
		return nil, err
	}
	for _, name := range found {
		noun, ok := strings.CutSuffix(path.Base(name), ".css")
		if !ok || !slices.Contains(sheetOrder, noun) {
			return nil, fmt.Errorf("%s has no place in the order of the style sheet", name)
		}
	}
	var out bytes.Buffer
	for _, noun := range sheetOrder {
		text, err := fs.ReadFile(fsys, sheetDir+"/"+noun+".css")
		if err != nil {
			return nil, err
		}
		out.Write(lean(text))
	}
	return out.Bytes(), nil
}

var (
	comment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	room    = regexp.MustCompile(`\s*\n\s*`)
)

// lean leaves out what only we read, comments and indents: a quarter of the sheet.
func lean(css []byte) []byte {
	return room.ReplaceAll(bytes.TrimLeft(comment.ReplaceAll(css, nil), " \n"), []byte("\n"))
}
