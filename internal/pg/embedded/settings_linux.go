package embedded

import (
	"maps"
	"slices"
)

// The command line wins over postgresql.conf and over alter system, so that
// durability cannot be lost to a file in an old data folder.
func settings(socket string, more map[string]string) []string {
	all := map[string]string{
		"listen_addresses":            "",
		"port":                        Port,
		"unix_socket_directories":     socket,
		"unix_socket_permissions":     "0700",
		"fsync":                       "on",
		"full_page_writes":            "on",
		"synchronous_commit":          "on",
		"max_connections":             "400",
		"shared_buffers":              "256MB",
		"effective_cache_size":        "1GB",
		"maintenance_work_mem":        "64MB",
		"work_mem":                    "8MB",
		"wal_compression":             "on",
		"max_wal_size":                "2GB",
		"checkpoint_timeout":          "10min",
		"random_page_cost":            "1.1",
		"jit":                         "off",
		"timezone":                    "UTC",
		"log_timezone":                "UTC",
		"log_destination":             "stderr",
		"logging_collector":           "off",
		"log_line_prefix":             "",
		"log_min_messages":            "log",
		"log_min_error_statement":     "panic",
		"log_error_verbosity":         "terse",
		"log_checkpoints":             "off",
		"log_statement":               "none",
		"log_min_duration_statement":  "-1",
		"log_autovacuum_min_duration": "-1",
		"cluster_name":                "wharf",
		"autovacuum_naptime":          "15s",
	}
	maps.Copy(all, more)
	var args []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		args = append(args, "-c", name+"="+all[name])
	}
	return args
}
