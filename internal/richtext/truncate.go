package richtext

import "strings"

// Truncate cuts a text after that many characters, the ellipsis included, and not inside a word where it can.
func Truncate(text string, at *int) string {
	if at == nil || *at < 0 {
		return text
	}
	runes := []rune(text)
	if len(runes) <= *at {
		return text
	}
	const ellipsis = "..."
	keep := *at - len(ellipsis)
	if keep <= 0 {
		return ellipsis[:min(*at, len(ellipsis))]
	}
	cut := string(runes[:keep])
	if space := strings.LastIndexByte(cut, ' '); space > 0 && runes[keep] != ' ' {
		cut = cut[:space]
	}
	return strings.TrimRight(cut, " ") + ellipsis
}
