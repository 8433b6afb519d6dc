package demo

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"strings"
)

var (
	//go:embed data/images.json
	imageList []byte
	//go:embed data/shapes.svg
	shapeSheet string

	images = readImages()
	shapes = readShapes()
)

// image is one picture: a drawing in a color.
type image struct {
	Shape string `json:"shape"`
	Color string `json:"color"`
}

func readImages() map[string]image {
	list := map[string]image{}
	if err := json.Unmarshal(imageList, &list); err != nil {
		panic(fmt.Sprintf("demo: images.json: %v", err))
	}
	return list
}

// readShapes takes the sheet apart: each drawing is a group that starts and ends at the beginning of a line.
func readShapes() map[string]string {
	drawings := map[string]string{}
	for _, part := range strings.Split(shapeSheet, "\n<g id=\"")[1:] {
		name, rest, _ := strings.Cut(part, "\">\n")
		drawing, _, _ := strings.Cut(rest, "\n</g>")
		drawings[name] = drawing
	}
	return drawings
}

// Image draws one picture as SVG; false when there is none of that name. The same name always gives the same bytes.
func Image(name string) ([]byte, bool) {
	picture, ok := images[name]
	if !ok {
		return nil, false
	}
	drawing, ok := shapes[picture.Shape]
	if !ok {
		return nil, false
	}
	main := parseColor(picture.Color)
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="1200" height="1200"><style>`)
	b.WriteString(style(main))
	b.WriteString(`</style>`)
	b.WriteString(backdrop(name, main))
	b.WriteString(drawing)
	b.WriteString(`</svg>`)
	return []byte(b.String()), true
}

// style gives the drawings' classes their colors: shades of the product's own, and the materials all share.
func style(main color) string {
	light, dark, deep := main.mix(white, .32), main.mix(black, .16), main.mix(black, .38)
	if main.bright() < .25 { // on nearly black cloth only lighter shades show
		dark, deep = main.mix(black, .35), main.mix(white, .12)
	}
	var b strings.Builder
	for _, class := range []struct {
		name string
		color
	}{
		{"c", main},
		{"l", light},
		{"d", dark},
		{"e", deep},
		{"p", main.mix(white, .82)},
		{"steel", parseColor("#b9c1c6")},
		{"brass", parseColor("#c39a45")},
		{"leather", parseColor("#7a4f30")},
		{"navy", parseColor("#24405e")},
		{"rope", parseColor("#d9c39a")},
	} {
		fmt.Fprintf(&b, ".%s{fill:%s}.s%s{fill:none;stroke:%s;stroke-linecap:round;stroke-linejoin:round}",
			class.name, class.color, class.name, class.color)
	}
	b.WriteString(materials)
	return b.String()
}

const materials = `.w,.white{fill:#fff}.sw{fill:none;stroke:#fff;stroke-linecap:round;stroke-linejoin:round}` +
	`.k{fill:#2a2f33}.sk{fill:none;stroke:#2a2f33;stroke-linecap:round;stroke-linejoin:round}` +
	`.st{fill:none;stroke:#fff;stroke-linecap:round;opacity:.75}` +
	`.sh{fill:#1c2a33;opacity:.14}.glass{fill:#e8f1f2;opacity:.72}.mirror{fill:#cfe0e6}.cream{fill:#f6f1e4}.paper{fill:#faf6ec}` +
	`.kraft{fill:#c9a377}.kraftd{fill:#b08a5e}.cork{fill:#c79f6d}.corkd{fill:#ad8452}.wood{fill:#c8a06a}.woodd{fill:#a57e4b}` +
	`.red{fill:#b8402f}.refl{fill:#e9edd8}.brew{fill:#6b3f24;opacity:.9}.wax{fill:#f5ead2}` +
	`.flame0{fill:#f3b54a;opacity:.55}.flame{fill:#f2902f}.glow{fill:#f8d37a;opacity:.85}.glowbig{fill:#f6dc9a}` +
	`.yolk0{fill:#fdfaf2}.yolk{fill:#eeb33b}.sky{fill:#bcd7de}.sea{fill:#3f7690}.rock{fill:#5c6660}`

// backdrop is a wall and a table in the product's own tint, with a place where the light falls. Where that is
// differs from picture to picture, so that a page of products doesn't look stamped.
func backdrop(name string, main color) string {
	h := fnv.New32a()
	h.Write([]byte(name)) // a hash never fails
	x := 110 + h.Sum32()%180
	wall, table := main.mix(paper, .80), main.mix(paper, .66)
	if main.bright() > .78 { // pale products stand before a cooler wall
		wall, table = parseColor("#c7d3d6"), parseColor("#b3c2c6")
	}
	return fmt.Sprintf(`<defs><radialGradient id="light" gradientUnits="userSpaceOnUse" cx="%d" cy="90" r="330">`+
		`<stop offset="0" stop-color="#fff" stop-opacity=".75"/><stop offset="1" stop-color="#fff" stop-opacity="0"/></radialGradient></defs>`+
		`<path fill="%s" d="M0 0h400v400H0z"/><path fill="%s" d="M0 286h400v114H0z"/><path fill="url(#light)" d="M0 0h400v400H0z"/>`,
		x, wall, table)
}

// Images serves the pictures under /images/NAME.svg. A picture never changes under its name, so caches may keep it.
func Images() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET", http.StatusMethodNotAllowed)
			return
		}
		name, isSVG := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/images/"), ".svg")
		picture, ok := Image(name)
		if !isSVG || !ok {
			http.NotFound(w, r)
			return
		}
		head := w.Header()
		head.Set("Content-Type", "image/svg+xml")
		head.Set("Cache-Control", "public, max-age=86400")
		head.Set("Access-Control-Allow-Origin", "*")
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		_, _ = w.Write(picture) // the shopper may have gone
	})
}
