package main

import (
	"archive/tar"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"github.com/stretchr/testify/require"
)

const root = "../.."

func epoch() time.Time { return time.Unix(0, 0).UTC() }

// What an engine, or a registry, would look at: every blob has its digest, and each platform its image.
func TestArchiveHasAnImageForEachPlatform(t *testing.T) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, architecture := range []string{"amd64", "arm64"} {
		p := v1.Platform{OS: "linux", Architecture: architecture}
		img, err := image([]byte("program for "+architecture), "1.2.3", epoch(), p)
		require.NoError(t, err)
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: &p}})
	}
	file := filepath.Join(t.TempDir(), "image.tar")
	require.NoError(t, writeArchive(file, "1.2.3", epoch(), index))

	read := openIndex(t, file, "1.2.3")
	require.NoError(t, validate.Index(read))
	manifest, err := read.IndexManifest()
	require.NoError(t, err)
	require.Len(t, manifest.Manifests, 2)
	for _, m := range manifest.Manifests {
		img, err := read.Image(m.Digest)
		require.NoError(t, err)
		c, err := img.ConfigFile()
		require.NoError(t, err)
		require.Equal(t, m.Platform.String(), c.Platform().String())
		require.Equal(t, config("1.2.3"), c.Config)
		require.Equal(t, epoch(), c.Created.Time)
		require.Equal(t, "program for "+c.Architecture, content(t, img)[program])
	}
}

// The image holds what the program needs and nothing to start a shell with; only its own folders are its user's.
func TestImageHoldsNoMoreThanItNeeds(t *testing.T) {
	img, err := image([]byte("x"), "1", epoch(), v1.Platform{OS: "linux", Architecture: "amd64"})
	require.NoError(t, err)
	owned := []string{}
	r := tar.NewReader(mutate.Extract(img))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		require.Contains(t, []byte{tar.TypeReg, tar.TypeDir}, h.Typeflag, "links lead out of an image")
		require.Zero(t, h.Mode&0o6000, "%s changes the user", h.Name)
		if h.Uid != 0 {
			owned = append(owned, strings.TrimSuffix(h.Name, "/"))
		}
		if strings.TrimSuffix(h.Name, "/") == "tmp" {
			require.Equal(t, int64(0o1777), h.Mode)
		} else {
			require.Zero(t, h.Mode&0o002, "everybody may write %s", h.Name)
		}
		require.Equal(t, epoch(), h.ModTime.UTC())
	}
	require.Equal(t, []string{stateDir}, owned)

	texts := content(t, img)
	require.Len(t, texts, 4)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM([]byte(texts[rootsFile])))
	require.Greater(t, strings.Count(texts[rootsFile], "BEGIN CERTIFICATE"), 80)
}

// The folder that the Dockerfile takes has the same files, and the Dockerfile says the same of how they are run.
func TestDockerfileMakesTheSameImage(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "image")
	require.NoError(t, writeFolder(folder, files([]byte("x"))))
	list, err := readFolder(folder)
	require.NoError(t, err)
	require.Len(t, list, len(files(nil)))
	for _, want := range files([]byte("x")) {
		info, err := os.Stat(filepath.Join(folder, want.name))
		require.NoError(t, err)
		require.Equal(t, want.mode, info.Mode()&(fs.ModePerm|fs.ModeSticky), want.name)
	}
	require.Error(t, writeFolder(folder, files(nil)), "nothing that is there is written over")

	text, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	require.NoError(t, err)
	_, last, ok := strings.Cut(string(text), "\nFROM scratch\n")
	require.True(t, ok)
	c := config("")
	want := []string{"COPY --from=build /image/ /"}
	for _, e := range c.Env {
		want = append(want, "ENV "+e)
	}
	entrypoint, err := json.Marshal(c.Entrypoint)
	require.NoError(t, err)
	want = append(want, `VOLUME ["/tmp"]`, "WORKDIR "+c.WorkingDir, "USER "+c.User, "ENTRYPOINT "+string(entrypoint))
	require.Equal(t, want, strings.Split(strings.TrimSpace(last), "\n"))
}

func TestDates(t *testing.T) {
	date, err := sourceDate("86400")
	require.NoError(t, err)
	require.Equal(t, "1970-01-02", date.Format(time.DateOnly))
	_, err = sourceDate("yesterday")
	require.ErrorContains(t, err, "SOURCE_DATE_EPOCH")
}

func TestPlatformsThatAreNone(t *testing.T) {
	for platforms, want := range map[string]string{"windows/amd64": "is for linux", "": "is for linux", "a/b/c/d/e": "a/b"} {
		require.ErrorContains(t, run(t.Context(), "never", "", "1", platforms), want, platforms)
	}
	require.ErrorContains(t, run(t.Context(), "", "folder", "1", "linux/amd64,linux/arm64"), "one --platform")
	require.NoFileExists(t, "never")
}

// open reads the image for this platform back from an archive.
func open(t *testing.T, file, version string) v1.Image {
	t.Helper()
	index := openIndex(t, file, version)
	require.NoError(t, validate.Index(index))
	manifest, err := index.IndexManifest()
	require.NoError(t, err)
	for _, m := range manifest.Manifests {
		if m.Platform.Architecture == runtime.GOARCH {
			img, err := index.Image(m.Digest)
			require.NoError(t, err)
			return img
		}
	}
	t.Fatalf("%s has no image for %s", file, runtime.GOARCH)
	return nil
}

func openIndex(t *testing.T, file, version string) v1.ImageIndex {
	t.Helper()
	folder := t.TempDir()
	archive, err := os.Open(file)
	require.NoError(t, err)
	unpack(t, archive, folder)
	all, err := layout.ImageIndexFromPath(folder)
	require.NoError(t, err)
	manifest, err := all.IndexManifest()
	require.NoError(t, err)
	require.Len(t, manifest.Manifests, 1)
	require.Equal(t, version, manifest.Manifests[0].Annotations["org.opencontainers.image.ref.name"])
	index, err := all.ImageIndex(manifest.Manifests[0].Digest)
	require.NoError(t, err)
	return index
}

// content returns the texts of an image's files by name.
func content(t *testing.T, img v1.Image) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for r := tar.NewReader(mutate.Extract(img)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return texts
		}
		require.NoError(t, err)
		if h.Typeflag == tar.TypeReg {
			text, err := io.ReadAll(r)
			require.NoError(t, err)
			texts[h.Name] = string(text)
		}
	}
}

// unpack writes a tar archive below a folder.
func unpack(t *testing.T, archive io.ReadCloser, folder string) {
	t.Helper()
	defer archive.Close()
	for r := tar.NewReader(archive); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
		name := filepath.Join(folder, filepath.FromSlash(h.Name))
		if h.Typeflag == tar.TypeDir {
			require.NoError(t, os.Mkdir(name, 0o700))
		} else {
			text, err := io.ReadAll(r)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(name, text, 0o600))
		}
		require.NoError(t, os.Chmod(name, h.FileInfo().Mode()&(fs.ModePerm|fs.ModeSticky)))
		if os.Geteuid() == 0 {
			require.NoError(t, os.Chown(name, h.Uid, h.Gid))
		}
	}
}
