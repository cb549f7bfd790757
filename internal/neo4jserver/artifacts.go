package neo4jserver

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

const minJava = 17

var javaVersion = regexp.MustCompile(`version "(\d+)`)

// java returns the command of a Java machine that is new enough: JAVA_HOME's, else the one on the path.
func java() (string, error) {
	if !supported() {
		return "", fmt.Errorf("%w: starting one is written for Linux and macOS", ErrUnavailable)
	}
	name := "java"
	if home := os.Getenv("JAVA_HOME"); home != "" {
		name = filepath.Join(home, "bin", "java")
	}
	command, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%w: Java %d or newer is not installed", ErrUnavailable, minJava)
	}
	out, err := exec.Command(command, "-version").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s does not run: %w", ErrUnavailable, command, err)
	}
	m := javaVersion.FindSubmatch(out)
	if m == nil {
		return "", fmt.Errorf("%w: %s does not tell its version", ErrUnavailable, command)
	}
	if major, err := strconv.Atoi(string(m[1])); err != nil || major < minJava {
		return "", fmt.Errorf("%w: Java %s is installed, %d or newer is needed", ErrUnavailable, m[1], minJava)
	}
	return command, nil
}

func maven() (string, error) {
	command, err := exec.LookPath("mvn")
	if err != nil {
		return "", fmt.Errorf("%w: Maven (mvn) is not installed; it fetches the server once", ErrUnavailable)
	}
	return command, nil
}

// libFolder returns where the server's files are kept for all homes and working copies of this user.
func libFolder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("%w: no cache folder: %w", ErrUnavailable, err)
	}
	return filepath.Join(cache, "assetgraph", "neo4j-"+Version, "lib"), nil
}

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>assetgraph</groupId><artifactId>neo4j</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>` + Version +
	`</version></dependency>
    <dependency><groupId>org.neo4j.app</groupId><artifactId>neo4j-server</artifactId><version>` + Version +
	`</version></dependency>
  </dependencies>
</project>
`

// artifacts returns the folder that holds the server's files and fetches them when it is not there. The folder appears
// under its name only when it is whole, and one process at a time fetches.
func artifacts(ctx context.Context, log io.Writer) (string, error) {
	lib, err := libFolder()
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(lib); err == nil {
		return lib, nil
	}
	if err := os.MkdirAll(filepath.Dir(lib), 0o755); err != nil {
		return "", fmt.Errorf("cache folder: %w", err)
	}
	unlock, err := Lock(filepath.Join(filepath.Dir(lib), "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(lib); err == nil {
		return lib, nil
	}
	fmt.Fprintln(log, "fetching Neo4j", Version, "from Maven Central, 123 MB, once")
	return lib, fetch(ctx, lib)
}

func fetch(ctx context.Context, lib string) error {
	command, err := maven()
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(lib), "fetch-")
	if err != nil {
		return fmt.Errorf("cache folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }() // what stays of a failed fetch is only litter
	if err := os.WriteFile(filepath.Join(tmp, "pom.xml"), []byte(pom), 0o600); err != nil {
		return fmt.Errorf("cache folder: %w", err)
	}
	whole := filepath.Join(tmp, "lib")
	cmd := exec.CommandContext(ctx, command, "-q", "-B", "-f", filepath.Join(tmp, "pom.xml"),
		"dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+whole)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("fetch the server: %w: %s", err, lastLines(string(out), 5))
	}
	if err := os.Rename(whole, lib); err != nil {
		return fmt.Errorf("cache folder: %w", err)
	}
	return nil
}
