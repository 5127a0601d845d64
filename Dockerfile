# syntax=docker/dockerfile:1
# Builds one static-enough binary and puts it alone into an image without shell or package manager.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY src src
COPY benches benches
COPY templates templates
COPY assets assets
COPY sources.yaml ./
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --profile dist --bin allclear && cp target/dist/allclear /allclear && mkdir /empty

# docker build --target fly: for a place where volumes belong to root, and each program has a machine of its own.
FROM gcr.io/distroless/cc-debian12 AS fly
COPY --from=build /allclear /usr/bin/allclear
COPY sources.yaml /etc/allclear/sources.yaml
ENV ALLCLEAR_CONFIG=/etc/allclear/sources.yaml \
    ALLCLEAR_DATA=/data \
    ALLCLEAR_LISTEN=0.0.0.0:8080
EXPOSE 8080
ENTRYPOINT ["/usr/bin/allclear"]

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /allclear /usr/bin/allclear
COPY --from=build --chown=65532:65532 /empty /data
COPY sources.yaml /etc/allclear/sources.yaml
ENV ALLCLEAR_CONFIG=/etc/allclear/sources.yaml \
    ALLCLEAR_DATA=/data \
    ALLCLEAR_LISTEN=0.0.0.0:8080
USER 65532:65532
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/usr/bin/allclear", "health"]
ENTRYPOINT ["/usr/bin/allclear"]
