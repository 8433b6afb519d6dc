package demo_test

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"testing"

	"github.com/wharfhq/wharf/internal/demo"
)

func get(path, parts string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if parts != "" {
		r.Header.Set("Range", parts)
	}
	w := httptest.NewRecorder()
	demo.Media().ServeHTTP(w, r)
	return w
}

// TestWhatProductsAreShownWithIsThere: each file that the content names is served, as what it is said to be.
func TestWhatProductsAreShownWithIsThere(t *testing.T) {
	t.Parallel()
	type source struct {
		URL, MimeType string
		Filesize      int
	}
	type sources struct{ Sources []source }
	var content struct {
		Products []struct {
			Media []struct {
				Image, PreviewImage *source
				Video, Model3d      *sources
				ExternalVideo       *source
				Alt                 string
			}
		}
	}
	if err := json.NewDecoder(demo.Content()).Decode(&content); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, p := range content.Products {
		for _, m := range p.Media {
			for _, picture := range []*source{m.Image, m.PreviewImage} {
				if picture == nil {
					continue
				}
				if _, ok := demo.Image(strings.TrimSuffix(path.Base(picture.URL), ".svg")); !ok {
					t.Errorf("there is no picture %s", picture.URL)
				}
			}
			if m.ExternalVideo != nil {
				kinds["external video"]++
				if !strings.Contains(m.Alt, "CC BY") {
					t.Errorf("%s is shown without its license", m.ExternalVideo.URL)
				}
			}
			for kind, of := range map[string]*sources{"video": m.Video, "model": m.Model3d} {
				if of == nil {
					continue
				}
				kinds[kind]++
				for _, s := range of.Sources {
					w := get(s.URL, "")
					if w.Code != http.StatusOK || w.Header().Get("Content-Type") != s.MimeType || s.Filesize != 0 && s.Filesize != w.Body.Len() {
						t.Errorf("%s: %d %s, %d bytes; want %s, %d", s.URL, w.Code, w.Header().Get("Content-Type"), w.Body.Len(), s.MimeType, s.Filesize)
					}
				}
			}
		}
	}
	for _, kind := range []string{"video", "external video", "model"} {
		if kinds[kind] != 1 {
			t.Errorf("%d of kind %s, want 1", kinds[kind], kind)
		}
	}
}

func TestFilmsComeInParts(t *testing.T) {
	t.Parallel()
	whole, part := get("/media/skerry-mug.mp4", ""), get("/media/skerry-mug.mp4", "bytes=4-7")
	if part.Code != http.StatusPartialContent || part.Body.String() != "ftyp" || whole.Body.Len() > 200<<10 {
		t.Errorf("a part: %d %q; the whole has %d bytes", part.Code, part.Body.String(), whole.Body.Len())
	}
	for _, path := range []string{"/media/", "/media/none.mp4", "/media/x/skerry-mug.mp4"} {
		if w := get(path, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	w := httptest.NewRecorder()
	demo.Media().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/media/skerry-mug.glb", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}

// TestTheModelIsGLTF: the file is laid out as glTF 2.0 says, its indexes name points that are there, and its surface
// looks outward.
func TestTheModelIsGLTF(t *testing.T) {
	t.Parallel()
	word := func(at int) int { return int(binary.LittleEndian.Uint32(demo.Model[at:])) }
	if string(demo.Model[:4]) != "glTF" || word(4) != 2 || word(8) != len(demo.Model) || string(demo.Model[16:20]) != "JSON" {
		t.Fatalf("the head is %q", demo.Model[:20])
	}
	at := 20 + word(12)
	if string(demo.Model[at+4:at+8]) != "BIN\x00" || at%4 != 0 || at+8+word(at) != len(demo.Model) {
		t.Fatalf("the second part is %q", demo.Model[at:at+8])
	}
	var file struct {
		Accessors   []struct{ Count int }
		BufferViews []struct{ ByteOffset, ByteLength int }
	}
	if err := json.Unmarshal(demo.Model[20:at], &file); err != nil || len(file.Accessors) != 3 {
		t.Fatalf("%+v, %v", file, err)
	}
	data := demo.Model[at+8:]
	vector := func(view, i int) (v [3]float64) {
		for k := range v {
			v[k] = float64(math.Float32frombits(binary.LittleEndian.Uint32(data[file.BufferViews[view].ByteOffset+12*i+4*k:])))
		}
		return v
	}
	corner := func(i int) int { return int(binary.LittleEndian.Uint16(data[file.BufferViews[2].ByteOffset+2*i:])) }
	inward := 0
	for i := 0; i < file.Accessors[2].Count; i += 3 {
		a, b, c := vector(0, corner(i)), vector(0, corner(i+1)), vector(0, corner(i+2))
		var u, v, looks [3]float64
		for k := range u {
			u[k], v[k] = b[k]-a[k], c[k]-a[k]
			looks[k] = vector(1, corner(i))[k] + vector(1, corner(i+1))[k] + vector(1, corner(i+2))[k]
		}
		if (u[1]*v[2]-u[2]*v[1])*looks[0]+(u[2]*v[0]-u[0]*v[2])*looks[1]+(u[0]*v[1]-u[1]*v[0])*looks[2] < 0 {
			inward++
		}
	}
	if inward > 0 || file.Accessors[0].Count != file.Accessors[1].Count || file.Accessors[2].Count < 3000 {
		t.Errorf("%d of %d corners look inward", 3*inward, file.Accessors[2].Count)
	}
}
