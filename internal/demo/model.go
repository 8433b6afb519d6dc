package demo

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// The Skerry Mug as a model that can be turned around and put on one's own table, in the binary form of glTF 2.0. It is
// computed, not loaded: a body turned on a lathe, with a handle bent from a tube. Lengths are meters.
const (
	mugAround  = 40 // parts of the body's circle
	tubeAround = 12
	tubeAlong  = 20
)

// mugProfile is what the lathe follows, as radius and height: from below up the outside, over the rim and down inside.
// Points close together keep an edge sharp.
var mugProfile = [][2]float64{
	{0, .003},
	{.028, .003},
	{.030, 0},
	{.0335, .001},
	{.0355, .004},
	{.039, .02},
	{.0405, .045},
	{.0405, .07},
	{.040, .089},
	{.0392, .0912},
	{.0378, .0912},
	{.037, .089},
	{.0372, .07},
	{.0372, .045},
	{.0358, .02},
	{.033, .009},
	{.029, .0065},
	{0, .006},
}

type point [3]float64

// mesh is a surface of triangles. Each point has the direction in which the surface looks there.
type mesh struct {
	points, normals []point
	corners         []uint16
}

// sheet adds a surface that is given as a grid of points; it looks to where the second direction turned to the first
// points.
func (m *mesh) sheet(along, around int, at func(along, around int) (p, normal point)) {
	first := len(m.points)
	for i := range along + 1 {
		for j := range around + 1 {
			p, normal := at(i, j)
			m.points, m.normals = append(m.points, p), append(m.normals, normal)
		}
	}
	for i := range along {
		for j := range around {
			a := uint16(first + i*(around+1) + j) //nolint:gosec // a mug has some hundred points
			b := a + uint16(around) + 1           //nolint:gosec // as above
			m.corners = append(m.corners, a, b, a+1, a+1, b, b+1)
		}
	}
}

// mug is the body and the handle.
func mug() mesh {
	var m mesh
	m.sheet(len(mugProfile)-1, mugAround, func(i, j int) (p, normal point) {
		sin, cos := math.Sincos(2 * math.Pi * float64(j) / mugAround)
		r, y := mugProfile[i][0], mugProfile[i][1]
		before, after := mugProfile[max(i-1, 0)], mugProfile[min(i+1, len(mugProfile)-1)]
		dr, dy := after[0]-before[0], after[1]-before[1]
		length := math.Hypot(dr, dy)
		return point{r * cos, y, r * sin}, point{dy / length * cos, -dr / length, dy / length * sin}
	})
	const middle, height, reach, thick = .049, .026, .024, .0048
	m.sheet(tubeAlong, tubeAround, func(i, j int) (p, normal point) {
		up, out := math.Sincos(math.Pi * (float64(i)/tubeAlong - .5))
		turn, lie := math.Sincos(2 * math.Pi * float64(j) / tubeAround)
		normal = point{lie * out, lie * up, turn}
		return point{.0392 + reach*out + thick*normal[0], middle + height*up + thick*normal[1], thick * normal[2]}, normal
	})
	return m
}

// glb writes the mesh as a file, in one color.
func (m mesh) glb(name string, tint color) []byte {
	var data bytes.Buffer
	for _, list := range [][]point{m.points, m.normals} {
		for _, p := range list {
			for _, v := range p {
				_ = binary.Write(&data, binary.LittleEndian, float32(v)) // a buffer takes everything
			}
		}
	}
	_ = binary.Write(&data, binary.LittleEndian, m.corners)
	least, most := m.points[0], m.points[0]
	for _, p := range m.points {
		for i, v := range p {
			least[i], most[i] = min(least[i], v), max(most[i], v)
		}
	}
	type object = map[string]any
	size, view := 12*len(m.points), func(at, length, target int) object {
		return object{"buffer": 0, "byteOffset": at, "byteLength": length, "target": target}
	}
	const vertices, elements, floats, shorts = 34962, 34963, 5126, 5123 // as the format numbers them
	text, err := json.Marshal(object{
		"asset":  object{"version": "2.0", "generator": "wharf demo"},
		"scene":  0,
		"scenes": []object{{"nodes": []int{0}}},
		"nodes":  []object{{"name": name, "mesh": 0}},
		"meshes": []object{{"name": name, "primitives": []object{{
			"attributes": object{"POSITION": 0, "NORMAL": 1}, "indices": 2, "material": 0,
		}}}},
		"materials": []object{{"name": "glaze", "pbrMetallicRoughness": object{
			"baseColorFactor": tint.linear(), "metallicFactor": 0, "roughnessFactor": .35,
		}}},
		"accessors": []object{
			{"bufferView": 0, "componentType": floats, "count": len(m.points), "type": "VEC3", "min": single(least), "max": single(most)},
			{"bufferView": 1, "componentType": floats, "count": len(m.normals), "type": "VEC3"},
			{"bufferView": 2, "componentType": shorts, "count": len(m.corners), "type": "SCALAR"},
		},
		"bufferViews": []object{view(0, size, vertices), view(size, size, vertices), view(2*size, 2*len(m.corners), elements)},
		"buffers":     []object{{"byteLength": data.Len()}},
	})
	if err != nil {
		panic(fmt.Sprintf("demo: write a model: %v", err)) // of numbers and texts
	}
	text, bin := padded(text, ' '), padded(data.Bytes(), 0)
	var file bytes.Buffer
	for _, part := range []struct {
		head []uint32
		body []byte
	}{
		{[]uint32{0x46546C67, 2, uint32(12 + 8 + len(text) + 8 + len(bin))}, nil}, //nolint:gosec // some kilobytes
		{[]uint32{uint32(len(text)), 0x4E4F534A}, text},                           //nolint:gosec // as above
		{[]uint32{uint32(len(bin)), 0x004E4942}, bin},                             //nolint:gosec // as above
	} {
		_ = binary.Write(&file, binary.LittleEndian, part.head)
		file.Write(part.body)
	}
	return file.Bytes()
}

// single are the numbers as the file has them: bounds must be exactly those of its points.
func single(p point) [3]float32 { return [3]float32{float32(p[0]), float32(p[1]), float32(p[2])} }

// padded fills a part of the file up to a whole number of words.
func padded(part []byte, with byte) []byte {
	return append(slices.Clone(part), bytes.Repeat([]byte{with}, (4-len(part)%4)%4)...)
}
