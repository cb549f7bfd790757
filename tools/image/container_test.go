//go:build linux

package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/stretchr/testify/require"
)

// The image of this platform is written as users write it, twice, unpacked, and the program is run from it.
func TestImageIsRunFromItsArchive(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	dir := t.TempDir()
	write := func(name string) []byte {
		file := filepath.Join(dir, name)
		platform := v1.Platform{OS: "linux", Architecture: runtime.GOARCH}
		index, err := imageIndex(t.Context(), root, "1.2.3", epoch(), []v1.Platform{platform})
		require.NoError(t, err)
		require.NoError(t, writeArchive(file, "1.2.3", epoch(), index))
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		return text
	}
	require.True(t, bytes.Equal(write("one.tar"), write("two.tar")), "the same bit by bit")

	img := open(t, filepath.Join(dir, "one.tar"), "1.2.3")
	folder := filepath.Join(dir, "root")
	require.NoError(t, os.Mkdir(folder, 0o755))
	unpack(t, mutate.Extract(img), folder)
	requireStatic(t, filepath.Join(folder, program))
	c := contain(t, img, folder)
	demo := "sqlite:" + c.tmp + "/demo.db"
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--version"}, "assetgraph"},
		{[]string{"--help"}, "Exit codes:"},
		{[]string{"--demo", "--graph", demo}, "469 machines of 20 customers"},
		{[]string{"query", "--graph", demo, "--output", "csv", "select count(*) as n from device"}, "n\n469\n"},
	} {
		out, err := c.start(tt.args...)
		require.NoError(t, err)
		require.Contains(t, out, tt.want)
	}
}

// requireStatic looks at what the program says of how it was built.
func requireStatic(t *testing.T, file string) {
	t.Helper()
	info, err := buildinfo.ReadFile(file)
	require.NoError(t, err)
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	require.Equal(t, "0", settings["CGO_ENABLED"])
	require.Equal(t, "true", settings["-trimpath"])
	require.Equal(t, "timetzdata", settings["-tags"], "there are no files of time zones")
}

// A container runs the image's program with arguments, as its configuration says, and returns what it prints.
type container struct {
	tmp   string // the folder /tmp, as the program sees it
	start func(args ...string) (string, error)
}

// contain makes a container of an unpacked image: with crun, as Kubernetes would, where it is installed and may do what
// it must; else changing the root, which takes an administrator; else with the program as it lies there.
func contain(t *testing.T, img v1.Image, folder string) container {
	t.Helper()
	file, err := img.ConfigFile()
	require.NoError(t, err)
	var why error
	for _, run := range []func(*testing.T, v1.Config, string) container{withCrun, withChroot, withoutRoot} {
		c := run(t, file.Config, folder)
		if _, why = c.start("--version"); why == nil {
			return c
		}
		t.Log("another way, since ", why)
	}
	require.NoError(t, why)
	return container{}
}

// withCrun runs the program by an OCI runtime: read-only, without capabilities, in namespaces of its own but for the
// network's, on whose loopback the demo's servers listen.
func withCrun(t *testing.T, c v1.Config, folder string) container {
	tmp := t.TempDir()
	require.NoError(t, os.Chmod(tmp, 0o1777))
	type object = map[string]any
	linux := object{"namespaces": []object{{"type": "pid"}, {"type": "mount"}, {"type": "ipc"}, {"type": "uts"}}}
	if os.Geteuid() != 0 {
		linux["namespaces"] = append(linux["namespaces"].([]object), object{"type": "user"})
		linux["uidMappings"] = []object{{"containerID": userID, "hostID": os.Geteuid(), "size": 1}}
		linux["gidMappings"] = []object{{"containerID": userID, "hostID": os.Getegid(), "size": 1}}
	}
	n := 0
	return container{"/tmp", func(args ...string) (string, error) {
		spec, err := json.Marshal(object{
			"ociVersion": "1.0.2",
			"root":       object{"path": folder, "readonly": true},
			"process": object{
				"user": object{"uid": userID, "gid": userID}, "args": append(c.Entrypoint, args...), "env": c.Env,
				"cwd": c.WorkingDir, "noNewPrivileges": true, "capabilities": object{},
			},
			"mounts": []object{
				{"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": []string{"nosuid", "mode=755"}},
				{"destination": "/proc", "type": "proc", "source": "proc"},
				{"destination": "/tmp", "type": "bind", "source": tmp, "options": []string{"bind", "rw"}},
			},
			"linux": linux,
		})
		require.NoError(t, err)
		bundle := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(bundle, "config.json"), spec, 0o600))
		n++
		command := []string{
			"crun", "--root", t.TempDir(), "--cgroup-manager=disabled", "run", "--bundle", bundle,
			fmt.Sprintf("assetgraph-test-%d-%d", os.Getpid(), n),
		}
		// crun refuses machines with both versions of cgroups, though it is to use none: one is hidden from it.
		const second = "/sys/fs/cgroup/unified"
		if _, err := os.Stat(second); err == nil && os.Geteuid() == 0 {
			hidden := []string{"unshare", "--mount", "sh", "-c", "umount " + second + ` && exec "$@"`, "sh"}
			command = append(hidden, command...)
		}
		return output(exec.CommandContext(t.Context(), command[0], command[1:]...))
	}}
}

func withChroot(t *testing.T, c v1.Config, folder string) container {
	return container{"/tmp", func(args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), c.Entrypoint[0], args...)
		cmd.Dir, cmd.Env = c.WorkingDir, c.Env
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Chroot: folder, Credential: &syscall.Credential{Uid: userID, Gid: userID},
		}
		return output(cmd)
	}}
}

func withoutRoot(t *testing.T, c v1.Config, folder string) container {
	tmp := filepath.Join(folder, "tmp")
	return container{tmp, func(args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), filepath.Join(folder, c.Entrypoint[0]), args...)
		cmd.Dir = filepath.Join(folder, c.WorkingDir)
		cmd.Env = []string{"ASSETGRAPH_STATE_DIR=" + cmd.Dir, "TMPDIR=" + tmp}
		return output(cmd)
	}}
}

func output(cmd *exec.Cmd) (string, error) {
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", cmd.Path, err, errs.String())
	}
	return string(out), nil
}
