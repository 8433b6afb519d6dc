package demo

import (
	"bytes"
	_ "embed"
	"net/http"
	"path"
	"strings"
	"time"
)

// film shows the mug turning once around: its model, rendered for this demo.
//
//go:embed data/skerry-mug.mp4
var film []byte

// Model is the Skerry Mug in Harbor Blue, as a model.
var Model = mug().glb("Skerry Mug", parseColor("#2f5d7c"))

// media are the files that products are shown with besides pictures, each with its type.
var media = map[string]struct {
	body []byte
	kind string
}{
	"skerry-mug.glb": {Model, "model/gltf-binary"},
	"skerry-mug.mp4": {film, "video/mp4"},
}

// Media serves films and models under /media/NAME, in parts where a player asks for parts. None changes under its name,
// so caches may keep it.
func Media() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET", http.StatusMethodNotAllowed)
			return
		}
		name := path.Base(r.URL.Path)
		file, ok := media[name]
		if !ok || strings.TrimPrefix(r.URL.Path, "/media/") != name {
			http.NotFound(w, r)
			return
		}
		head := w.Header()
		head.Set("Content-Type", file.kind)
		head.Set("Cache-Control", "public, max-age=86400")
		head.Set("Access-Control-Allow-Origin", "*")
		head.Set("X-Content-Type-Options", "nosniff")
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(file.body))
	})
}
