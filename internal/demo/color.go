package demo

import (
	"fmt"
	"math"
	"strconv"
)

// color is red, green and blue, 0 to 255.
type color [3]uint8

var (
	white = color{255, 255, 255}
	black = color{20, 24, 30}
	paper = color{246, 243, 237}
)

// parseColor reads #rrggbb; the demo's own files hold nothing else.
func parseColor(hex string) color {
	n, err := strconv.ParseUint(hex[1:], 16, 24)
	if err != nil || len(hex) != 7 {
		panic("demo: no color: " + hex)
	}
	return color{uint8(n >> 16), uint8(n >> 8), uint8(n)} //nolint:gosec // each part is cut to its byte on purpose
}

// mix moves a color towards another by a share of 0 to 1.
func (c color) mix(to color, share float64) color {
	var mixed color
	for i := range c {
		mixed[i] = uint8(float64(c[i])*(1-share) + float64(to[i])*share + .5)
	}
	return mixed
}

// bright is how light the color looks, 0 to 1.
func (c color) bright() float64 {
	return (.299*float64(c[0]) + .587*float64(c[1]) + .114*float64(c[2])) / 255
}

// linear is the color as light adds up, red, green, blue and opacity from 0 to 1.
func (c color) linear() [4]float64 {
	light := [4]float64{3: 1}
	for i, part := range c {
		if v := float64(part) / 255; v <= .04045 {
			light[i] = v / 12.92
		} else {
			light[i] = math.Pow((v+.055)/1.055, 2.4)
		}
	}
	return light
}

func (c color) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }
