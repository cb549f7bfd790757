# The image of `go run ./tools/image`, made by a container engine:
#
#   docker build --tag assetgraph .
#   docker run --rm assetgraph --help
#   docker run --rm --read-only --tmpfs /tmp --env-file .env --volume assetgraph:/var/lib/assetgraph assetgraph
#
# A static program, roots of certificate authorities, no shell, no root.
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETPLATFORM
RUN go run ./tools/image --folder /image --platform "${TARGETPLATFORM:-linux/$(go env GOARCH)}"

FROM scratch
COPY --from=build /image/ /
ENV ASSETGRAPH_STATE_DIR=/var/lib/assetgraph
ENV PATH=/usr/local/bin
VOLUME ["/tmp"]
WORKDIR /var/lib/assetgraph
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/execute"]
