package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// config says how the image is run. The Dockerfile says the same.
func config(version string) v1.Config {
	return v1.Config{
		User:       strconv.Itoa(userID) + ":" + strconv.Itoa(userID),
		Entrypoint: []string{"/" + program},
		WorkingDir: "/" + stateDir,
		Env:        []string{"ASSETGRAPH_STATE_DIR=/" + stateDir, "PATH=/usr/local/bin"},
		Volumes:    map[string]struct{}{"/tmp": {}},
		Labels: map[string]string{
			"org.opencontainers.image.title":    "assetgraph",
			"org.opencontainers.image.version":  version,
			"org.opencontainers.image.licenses": "Apache-2.0",
		},
	}
}

// imageIndex returns the image for all platforms: the program of the module at root.
func imageIndex(
	ctx context.Context, root, version string, date time.Time, platforms []v1.Platform,
) (v1.ImageIndex, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, p := range platforms {
		text, err := build(ctx, root, p)
		if err != nil {
			return nil, err
		}
		img, err := image(text, version, date, p)
		if err != nil {
			return nil, fmt.Errorf("image for %s: %w", p, err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: &p}})
	}
	return index, nil
}

// image returns the image for one platform in two layers, of which the first seldom changes.
func image(text []byte, version string, date time.Time, p v1.Platform) (v1.Image, error) {
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	for _, part := range []struct {
		comment string
		files   []file
	}{{"certificate authorities, users, folders", base()}, {"the program", binary(text)}} {
		content, err := archive(part.files, date)
		if err != nil {
			return nil, err
		}
		layer, err := tarball.LayerFromOpener(
			func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
			tarball.WithMediaType(types.OCILayer))
		if err != nil {
			return nil, err
		}
		history := v1.History{Created: v1.Time{Time: date}, CreatedBy: "go run ./tools/image", Comment: part.comment}
		if img, err = mutate.Append(img, mutate.Addendum{Layer: layer, History: history}); err != nil {
			return nil, err
		}
	}
	c, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	c = c.DeepCopy()
	c.OS, c.Architecture, c.Variant = p.OS, p.Architecture, p.Variant
	c.Created = v1.Time{Time: date}
	c.Config = config(version)
	return mutate.ConfigFile(img, c)
}

// writeArchive writes the image as an OCI archive: the layout of blobs and index as one tar file.
func writeArchive(output, version string, date time.Time, index v1.ImageIndex) (err error) {
	folder, err := os.MkdirTemp("", "assetgraph-image-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	names := map[string]string{
		"org.opencontainers.image.ref.name": version,
		"io.containerd.image.name":          "assetgraph:" + version,
	}
	blobs, err := layout.Write(folder, empty.Index)
	if err != nil {
		return err
	}
	if err := blobs.AppendIndex(index, layout.WithAnnotations(names)); err != nil {
		return err
	}
	list, err := readFolder(folder)
	if err != nil {
		return err
	}
	text, err := archive(list, date)
	if err != nil {
		return err
	}
	return os.WriteFile(output, text, 0o644)
}

// readFolder returns what lies below a folder, in alphabetical order.
func readFolder(folder string) (list []file, err error) {
	return list, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == folder {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if d.IsDir() {
			list = append(list, file{name: name + "/", mode: 0o755})
			return nil
		}
		text, err := os.ReadFile(path)
		list = append(list, file{name: name, mode: 0o644, text: text})
		return err
	})
}

// sourceDate reads what reproducible builds call SOURCE_DATE_EPOCH: seconds since 1970.
func sourceDate(epoch string) (time.Time, error) {
	if epoch == "" {
		return time.Unix(0, 0).UTC(), nil
	}
	seconds, err := strconv.ParseInt(epoch, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH is %q, not seconds since 1970", epoch)
	}
	return time.Unix(seconds, 0).UTC(), nil
}
