package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// Upload is a file that came with a form. The caller closes it.
type Upload struct {
	Name string // clean, as it may be shown
	File multipart.File
	Size int64
}

// largeUpload is a file that on a slow line takes longer than a request usually may; it gets uploadFor.
const (
	largeUpload = 8 << 20
	uploadFor   = 3 * time.Minute
	formAlone   = 64 << 10 // bytes of a form without a file
)

// ReadUpload reads a form with one file in the field "file", of so many bytes at most. With a fault of the form's own the
// upload is nil; missing is the sentence where no file was chosen.
func ReadUpload(c echo.Context, most int64, missing string) (*Form, *Upload, error) {
	r := c.Request()
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		if most > largeUpload {
			until := time.Now().Add(uploadFor)
			line := http.NewResponseController(c.Response())
			_ = line.SetReadDeadline(until) // where it can not be set the usual time counts
			_ = line.SetWriteDeadline(until.Add(time.Minute))
		}
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			var tooLarge *http.MaxBytesError
			if errors.As(err, &tooLarge) {
				return nil, nil, ErrTooLarge
			}
			return nil, nil, ErrBadForm
		}
	} else {
		r.Body = http.MaxBytesReader(c.Response(), r.Body, formAlone)
	}
	f, err := ReadForm(c)
	if err != nil {
		return nil, nil, err
	}
	if r.MultipartForm == nil || len(r.MultipartForm.File["file"]) != 1 || r.MultipartForm.File["file"][0].Size == 0 {
		f.Reject("file", missing)
		return f, nil, nil
	}
	head := r.MultipartForm.File["file"][0]
	if head.Size > most {
		return nil, nil, ErrTooLarge
	}
	file, err := head.Open()
	if err != nil {
		return nil, nil, err
	}
	// Another file under the same key is another act.
	sum := sha256.New()
	if _, err = io.Copy(sum, file); err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	r.PostForm.Set("file_sum", hex.EncodeToString(sum.Sum(nil)))
	return f, &Upload{fileTitle(head.Filename), file, head.Size}, nil
}

// fileTitle is a file's name as it may be shown.
func fileTitle(name string) string {
	name = CleanLine(strings.ToValidUTF8(filepath.Base(name), ""))
	if short := []rune(name); len(short) > 100 {
		name = string(short[:100])
	}
	return name
}
