package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/wharfhq/wharf/internal/observe"
)

// Logging says how the process reports about itself.
type Logging struct {
	LogLevel  string `name:"log" env:"WHARF_LOG" help:"What to log: debug, info, warn or error. Default: info; warn for commands that talk to a person." placeholder:"LEVEL"`
	LogFormat string `env:"WHARF_LOG_FORMAT" enum:"auto,text,json" default:"auto" help:"How to log: text, json, or auto: text on a terminal, else json."`
}

// logger makes the process's logger; it writes to the error output.
func (l Logging) logger(term terminal) (*slog.Logger, error) {
	format := l.LogFormat
	if format == "auto" {
		format = "json"
		if term.watched {
			format = "text"
		}
	}
	return observe.Logger(term.err, observe.LogConfig{Level: l.LogLevel, Format: format, Color: term.watched && os.Getenv("NO_COLOR") == ""})
}

// Database says where the shop's data is.
type Database struct {
	URL           string `name:"database-url" env:"DATABASE_URL" help:"The shop's PostgreSQL, such as postgres://wharf@db.internal/shop. Without it, Wharf runs one of its own." placeholder:"URL"`
	Data          string `env:"WHARF_DATA" default:"${data}" help:"The folder of Wharf's own PostgreSQL. Default: ${default}." placeholder:"DIR"`
	Pool          int32  `env:"WHARF_POOL" help:"The most database connections of this process. Default: four for each core, and four." placeholder:"N"`
	JobsPool      int32  `env:"WHARF_JOBS_POOL" help:"The database connections of this process for background jobs, apart from those. Default: two for each core, and one." placeholder:"N"`
	AllowDataLoss bool   `env:"WHARF_ALLOW_DATA_LOSS" help:"Start even if the database runs with fsync, full_page_writes or synchronous_commit off."`
}

// defaultDataFolder is where Wharf's own PostgreSQL lives when nobody says otherwise.
func defaultDataFolder() string {
	if os.Geteuid() == 0 {
		return "/var/lib/wharf"
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ".wharf"
	}
	return filepath.Join(home, ".wharf")
}

// Validate refuses what cannot work before anything is started.
func (d Database) Validate() error {
	if d.Pool < 0 || (d.Pool > 0 && d.Pool < 4) {
		return fmt.Errorf("a pool of %d connections is too small: --pool is 4 or more", d.Pool)
	}
	return nil
}
