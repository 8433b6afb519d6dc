package graph

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync/atomic"
)

// explorerFiles are GraphiQL and React as their makers built them (versions and licenses in explorer/README.md),
// compressed, and our own page around them. Nothing is loaded from elsewhere: the explorer works without a network.
//
//go:embed explorer
var explorerFiles embed.FS

// explorer is the page at / where people try the API.
type explorer struct {
	page     atomic.Pointer[[]byte]
	template *template.Template
	version  string // of the files
	files    map[string]explorerFile
}

type explorerFile struct {
	zipped, plain []byte
	media         string
}

const explorerPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
	"connect-src 'self' ws: wss:; img-src 'self' data: https: http:; font-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func newExplorer(examples []Example) (*explorer, error) {
	e := &explorer{files: map[string]explorerFile{}}
	hash := sha256.New()
	entries, err := explorerFiles.ReadDir("explorer")
	if err != nil {
		return nil, fmt.Errorf("read the explorer: %w", err)
	}
	for _, entry := range entries {
		content, err := explorerFiles.ReadFile("explorer/" + entry.Name())
		if err != nil {
			return nil, fmt.Errorf("read the explorer: %w", err)
		}
		hash.Write(content)
		name, zipped := strings.CutSuffix(entry.Name(), ".gz")
		file := explorerFile{plain: content, media: mime.TypeByExtension(path.Ext(name))}
		if zipped {
			file.zipped = content
			if file.plain, err = unzip(content); err != nil {
				return nil, fmt.Errorf("unpack %s of the explorer: %w", name, err)
			}
		}
		e.files[name] = file
	}
	e.version = hex.EncodeToString(hash.Sum(nil)[:8])
	if e.template, err = template.New("page").Parse(string(e.files["page.html"].plain)); err != nil {
		return nil, fmt.Errorf("read the explorer's page: %w", err)
	}
	return e, e.show(examples)
}

// ShowExamples puts other operations into the explorer's tabs.
func (s *Server) ShowExamples(examples []Example) error { return s.explorer.show(examples) }

func (e *explorer) show(examples []Example) error {
	text, err := json.Marshal(examples)
	if err != nil {
		return fmt.Errorf("write the examples: %w", err)
	}
	var b bytes.Buffer
	if err := e.template.Execute(&b, map[string]any{"Version": e.version, "Examples": string(text)}); err != nil {
		return fmt.Errorf("write the explorer's page: %w", err)
	}
	page := b.Bytes()
	e.page.Store(&page)
	return nil
}

func unzip(content []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func (e *explorer) servePage(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", explorerPolicy)
	h.Set("Cache-Control", "no-cache")
	_, _ = w.Write(*e.page.Load())
}

// serveFile answers one file. The page names each with a version, so that browsers may keep it for good.
func (e *explorer) serveFile(w http.ResponseWriter, r *http.Request) {
	file, ok := e.files[r.PathValue("file")]
	if !ok || r.PathValue("file") == "page.html" {
		writeMalformed(w, mediaJSON, &malformed{status: http.StatusNotFound, message: "There is no such file."})
		return
	}
	h := w.Header()
	h.Set("Content-Type", file.media)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := file.plain
	if file.zipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = file.zipped
	}
	_, _ = w.Write(body)
}
