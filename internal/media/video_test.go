package media_test

import (
	"testing"

	"github.com/wharfhq/wharf/internal/media"
)

func TestEmbedKnowsTheAddressesOfVideos(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=10":   "YOUTUBE https://www.youtube.com/embed/dQw4w9WgXcQ",
		"https://youtu.be/dQw4w9WgXcQ?si=x":                  "YOUTUBE https://www.youtube.com/embed/dQw4w9WgXcQ",
		"https://m.youtube.com/shorts/dQw4w9WgXcQ":           "YOUTUBE https://www.youtube.com/embed/dQw4w9WgXcQ",
		"https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ": "YOUTUBE https://www.youtube.com/embed/dQw4w9WgXcQ",
		"http://vimeo.com/76979871":                          "VIMEO https://player.vimeo.com/video/76979871",
		"https://vimeo.com/channels/staffpicks/76979871":     "VIMEO https://player.vimeo.com/video/76979871",
		"https://player.vimeo.com/video/76979871":            "VIMEO https://player.vimeo.com/video/76979871",
		"https://youtube.com.evil.example/watch?v=dQw4w9WgX": "",
		"https://evil@youtube.com/watch?v=dQw4w9WgXcQ":       "",
		`https://www.youtube.com/watch?v="><script>`:         "",
		"https://www.youtube.com/watch":                      "",
		"https://www.youtube.com/":                           "",
		"javascript:alert(1)//youtu.be/dQw4w9WgXcQ":          "",
		"https://vimeo.com/about":                            "",
		"/videos/own.mp4":                                    "",
		"":                                                   "",
	} {
		host, embed, ok := media.Embed(address)
		if got := string(host) + " " + embed; ok && got != want || !ok && want != "" {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}
