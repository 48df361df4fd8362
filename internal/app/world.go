package app

import (
	"fmt"
	"io/fs"
	"os"
	"time"

	"forecourt/config"
	"forecourt/internal/world"
)

// ReadWorld reads and checks the files of a folder, or those in the binary when dir is empty.
func ReadWorld(dir string, now time.Time) (*world.Files, error) {
	var fsys fs.FS = config.World
	if dir != "" {
		st, err := os.Stat(dir)
		if err != nil || !st.IsDir() {
			return nil, fmt.Errorf("%s is not a folder", dir)
		}
		fsys = os.DirFS(dir)
	}
	return world.Read(fsys, now)
}
