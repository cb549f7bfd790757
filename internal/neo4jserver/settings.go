package neo4jserver

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// writeSettings writes the server's settings. A setting that the server does not know stops its start.
func writeSettings(o *Options, port int) error {
	lines := []string{
		"server.default_listen_address=127.0.0.1",
		fmt.Sprintf("server.bolt.listen_address=:%d", port),
		fmt.Sprintf("server.bolt.advertised_address=127.0.0.1:%d", port),
		"server.http.enabled=false",
		"dbms.usage_report.enabled=false",
		"server.memory.pagecache.size=" + o.PageCache,
		"db.tx_log.preallocate=false",
	}
	if o.Brief {
		lines = append(lines, // a plan costs more than all that it is used for
			"dbms.cypher.min_replan_interval=24h",
			"server.memory.query_cache.per_db_cache_num_entries=5000",
			"internal.cypher.use_parameter_size=false") // one plan for batches of any size
	}
	lines = append(append(lines, o.Settings...), "")
	path := filepath.Join(o.Home, "conf", "neo4j.conf")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	return nil
}

// setPassword returns the password of the account, which it sets when the home is new. It can only be set before the
// first start.
func setPassword(ctx context.Context, java, lib string, o *Options) (string, error) {
	known, err := knownPassword(o)
	if err != nil || known != "" {
		return known, err
	}
	password := o.Password
	if password == "" {
		password = newPassword()
	}
	if err := writeSettings(o, 0); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, java, "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", filepath.Join(lib, "*"),
		"org.neo4j.cli.AdminTool", "dbms", "set-initial-password", password)
	cmd.Env = append(os.Environ(), "NEO4J_HOME="+o.Home, "NEO4J_CONF="+filepath.Join(o.Home, "conf"))
	if out, err := cmd.CombinedOutput(); err != nil {
		text := strings.ReplaceAll(lastLines(string(out), 3), password, "***")
		return "", fmt.Errorf("set the password: %w: %s", err, text)
	}
	s := &Server{Username: Username, Password: password, Home: o.Home}
	return password, s.save()
}

func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], " / ")
}
