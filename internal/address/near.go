package address

import (
	"cmp"
	"strings"
)

// CompareZips says which of two postal codes is closer to a third: negative when a is. Codes are given out by region,
// so the longer the common beginning, the closer the places; where it is equally long, the nearer the first characters
// that differ: 55425 is closer to 55431 than to 55491.
func CompareZips(a, b *string, wanted string) int {
	sameA, gapA := agreement(a, wanted)
	sameB, gapB := agreement(b, wanted)
	return cmp.Or(-cmp.Compare(sameA, sameB), cmp.Compare(gapA, gapB))
}

// agreement counts how many leading characters of two postal codes are the same, and how far apart the first are that
// differ. No postal code agrees less than any.
func agreement(zip *string, wanted string) (same, gap int) {
	a, b := plainZip(zip), plainZip(&wanted)
	if a == "" {
		return -1, 0
	}
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	if same >= len(a) || same >= len(b) {
		return same, 0
	}
	gap = int(a[same]) - int(b[same])
	return same, max(gap, -gap)
}

func plainZip(zip *string) string {
	if zip == nil {
		return ""
	}
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(*zip))
}
