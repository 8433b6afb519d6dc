package media

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/wharfhq/wharf/internal/id"
)

// Video is a video with its files.
type Video struct {
	ID           id.VideoID
	Alt          *string
	PreviewImage *Image
	Sources      []VideoSource
}

// VideoSource is one file of a video.
type VideoSource struct {
	Address  string `json:"url"`
	Format   string `json:"format"`
	MimeType string `json:"mimeType"`
	Width    int    `json:"width"`
	Height   int    `json:"height"`
}

// IsNode marks a Video as a Node of the API.
func (Video) IsNode() {}

// IsMedia marks a Video as a medium.
func (Video) IsMedia() {}

// Key is the video's id.
func (v Video) Key() string { return v.ID.String() }

// MediaContentType is VIDEO.
func (Video) MediaContentType() MediaContentType { return KindVideo }

// ExternalVideo is a video that another site shows.
type ExternalVideo struct {
	ID           id.ExternalVideoID
	Alt          *string
	PreviewImage *Image
	Host         MediaHost
	EmbedURL     string
	OriginURL    string
}

// IsNode marks an ExternalVideo as a Node of the API.
func (ExternalVideo) IsNode() {}

// IsMedia marks an ExternalVideo as a medium.
func (ExternalVideo) IsMedia() {}

// Key is the video's id.
func (v ExternalVideo) Key() string { return v.ID.String() }

// MediaContentType is EXTERNAL_VIDEO.
func (ExternalVideo) MediaContentType() MediaContentType { return KindExternalVideo }

// MediaHost is a site that shows videos.
type MediaHost string

// The sites that show videos.
const (
	YouTube MediaHost = "YOUTUBE"
	Vimeo   MediaHost = "VIMEO"
)

var (
	youTubeID = regexp.MustCompile(`^[A-Za-z0-9_-]{6,20}$`)
	vimeoID   = regexp.MustCompile(`^[0-9]{1,15}$`)
)

// Embed tells which site shows the video of an address, and the address under which it is shown inside another page;
// false for any other address. What is embedded is made anew from the video's own name, so nothing else of an address
// comes to stand in a shopper's page.
func Embed(address string) (MediaHost, string, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.Port() != "" {
		return "", "", false
	}
	steps := strings.Split(strings.Trim(u.Path, "/"), "/")
	switch host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www."); host {
	case "youtu.be":
		return youTube(steps[0])
	case "youtube.com", "m.youtube.com", "youtube-nocookie.com":
		if len(steps) == 2 && (steps[0] == "embed" || steps[0] == "shorts" || steps[0] == "live") {
			return youTube(steps[1])
		}
		if steps[0] == "watch" {
			return youTube(u.Query().Get("v"))
		}
	case "vimeo.com", "player.vimeo.com":
		if name := steps[len(steps)-1]; vimeoID.MatchString(name) {
			return Vimeo, "https://player.vimeo.com/video/" + name, true
		}
	}
	return "", "", false
}

func youTube(name string) (MediaHost, string, bool) {
	if !youTubeID.MatchString(name) {
		return "", "", false
	}
	return YouTube, "https://www.youtube.com/embed/" + name, true
}
