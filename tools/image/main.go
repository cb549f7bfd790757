// Command image writes the program as a container image: an OCI archive, which container engines and registries take,
// or with --folder the same files as a folder, from which the Dockerfile makes its image.
//
//	go run ./tools/image --output assetgraph.tar --version 1.2.3
//	go run ./tools/image --platform linux/arm64
//
//	podman load --input assetgraph.tar
//	skopeo copy oci-archive:assetgraph.tar docker://registry.example.com/assetgraph:1.2.3
//
// The image holds the program, which is static and has the time zones in it, roots of certificate authorities, an empty
// /tmp, and a folder for the embedded graph. There is no shell, and the user is no root. Whoever writes it again from
// the same source with the same Go gets the same bytes; times are SOURCE_DATE_EPOCH, else 1970.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func main() {
	output := flag.String("output", "assetgraph.tar", "`FILE` to write")
	folder := flag.String("folder", "", "write the image's files into the new folder `DIR`, and no archive")
	version := flag.String("version", "latest", "`VERSION` that the image is labelled with, its tag in the archive")
	platforms := flag.String("platform", "linux/amd64,linux/arm64", "`PLATFORMS`, with commas between them")
	flag.Parse()
	if err := run(context.Background(), *output, *folder, *version, *platforms); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, output, folder, version, platforms string) error {
	if flag.NArg() > 0 {
		return fmt.Errorf("unknown argument %q", flag.Arg(0))
	}
	var list []v1.Platform
	for name := range strings.SplitSeq(platforms, ",") {
		p, err := v1.ParsePlatform(strings.TrimSpace(name))
		if err != nil {
			return err
		}
		if p.OS != "linux" {
			return fmt.Errorf("platform %q: a container image from scratch is for linux", name)
		}
		list = append(list, *p)
	}
	date, err := sourceDate(os.Getenv("SOURCE_DATE_EPOCH"))
	if err != nil {
		return err
	}
	if folder != "" {
		if len(list) != 1 {
			return errors.New("--folder holds the files of one --platform")
		}
		program, err := build(ctx, ".", list[0])
		if err != nil {
			return err
		}
		return writeFolder(folder, files(program))
	}
	index, err := imageIndex(ctx, ".", version, date, list)
	if err != nil {
		return err
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	if err := writeArchive(output, version, date, index); err != nil {
		return err
	}
	fmt.Printf("%s: assetgraph:%s %s\n", output, version, digest)
	return nil
}
