# folioviz serve for visitors: no root, no compiler of C, and nothing is written outside of /tmp.
#   docker build -t folioviz .
#   docker run --read-only --tmpfs /tmp -p 8866:8866 folioviz
# `make test-container` runs these steps where there is no Docker.
FROM debian:trixie-slim AS build
# No versions: a stable Debian has one of each, and a fix of it must not break the build.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3-venv \
    && python3 -m venv /usr/local/folioviz
COPY . /src
# `--build-arg EXTRAS=serve` leaves out what compiles kernels.
ARG EXTRAS=serve,fast
RUN /usr/local/folioviz/bin/pip install --no-cache-dir "/src[${EXTRAS}]" \
    && /usr/local/folioviz/bin/pip uninstall --yes pip

FROM debian:trixie-slim
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 --no-create-home --home-dir /tmp folioviz
COPY --from=build /usr/local/folioviz /usr/local/folioviz
ENV HOME=/tmp PATH=/usr/local/folioviz/bin:$PATH
USER 1000
WORKDIR /tmp
EXPOSE 8866
HEALTHCHECK --start-period=60s --timeout=10s CMD ["python", "-c", "from http.client import HTTPConnection as To; to = To('127.0.0.1', 8866, timeout=8); to.request('GET', '/'); exit(to.getresponse().status != 200)"]
CMD ["folioviz", "serve", "--ip", "0.0.0.0", "--no-browser"]
