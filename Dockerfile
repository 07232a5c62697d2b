# The exporter alone: a static binary on distroless, as a user without rights, no shell. The root file system may be
# read-only (docker run --read-only): it writes nothing. Only the webhooks of --demo want --tmpfs /tmp for their keys.
#
# Both images are pinned by digest, which Dependabot moves; `docker buildx imagetools inspect golang:1.26` prints the newest one.
#
# Health check: there is no shell for HEALTHCHECK to run. Ask from outside; in Kubernetes
#   livenessProbe:  {httpGet: {path: /-/healthy, port: 10054}}
#   readinessProbe: {httpGet: {path: /-/ready, port: 10054}}

FROM --platform=$BUILDPLATFORM golang:1.26@sha256:3aff6657219a4d9c14e27fb1d8976c49c29fddb70ba835014f477e1c70636647 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS TARGETARCH VERSION=unknown REVISION=unknown BRANCH=
ARG X=github.com/prometheus/common/version
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false \
    -ldflags "-s -w -X $X.Version=$VERSION -X $X.Revision=$REVISION -X $X.Branch=$BRANCH" -o /ccaas_exporter .

FROM gcr.io/distroless/static-debian12:nonroot@sha256:d093aa3e30dbadd3efe1310db061a14da60299baff8450a17fe0ccc514a16639
COPY --from=build /ccaas_exporter /bin/ccaas_exporter
# Metrics, and the webhooks' listener where the configuration opens it.
EXPOSE 10054 10055
ENTRYPOINT ["/bin/ccaas_exporter"]
