package contact

// HoldsEmoji says whether a text has a pictogram in it, which no carrier's label can print. Letters of any script,
// digits and the signs that stand in addresses, such as № and ª, are none.
func HoldsEmoji(text string) bool {
	for _, r := range text {
		for _, block := range pictograms {
			if r >= block.first && r <= block.last {
				return true
			}
		}
	}
	return false
}

var pictograms = []struct{ first, last rune }{
	{0x20E3, 0x20E3},   // the frame of a keycap
	{0x231A, 0x231B},   // watch, hourglass
	{0x23E9, 0x23FA},   // signs of players
	{0x2600, 0x27BF},   // miscellaneous symbols and dingbats
	{0x2B00, 0x2BFF},   // arrows and stars
	{0xFE0F, 0xFE0F},   // asks for the picture of what stands before it
	{0x1F000, 0x1FAFF}, // everything that was made for it
	{0xE0020, 0xE007F}, // the tags of flags
}
