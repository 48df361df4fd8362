# The whole shop is one static binary; templates, pictures, migrations and configuration are inside.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# docker build --build-arg VERSION=$(git rev-parse --short HEAD) tells the build what it is; /hq shows it.
ARG VERSION=
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w -X forecourt/internal/app.version=${VERSION}" -o /forecourt ./cmd/forecourt

# No shell and no HEALTHCHECK here: the orchestrator asks GET /healthz and GET /readyz.
FROM gcr.io/distroless/static:nonroot
COPY --from=build /forecourt /forecourt
USER nonroot:nonroot
EXPOSE 8080
ENTRYPOINT ["/forecourt"]
CMD ["serve"]
