# syntax=docker/dockerfile:1
# One image per app:  docker build --build-arg APP=user -t millrace-user .
#
# It runs on a supported Node: 24 has security fixes until April 2028, 20 had them until April 2026. The base is
# distroless: Node, its libraries and certificates, without a shell, a package manager or anything else to break in with.
ARG NODE_VERSION=24

# Only what npm reads, so that installing is repeated when that changes, and not with every line of code.
FROM node:${NODE_VERSION}-trixie-slim AS manifests
WORKDIR /srv/millrace
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json ! -name .npmrc -delete

FROM node:${NODE_VERSION}-trixie-slim AS build
WORKDIR /srv/millrace
COPY --from=manifests /srv/millrace ./
RUN --mount=type=cache,target=/var/cache/npm npm ci --cache /var/cache/npm --ignore-scripts --no-audit --no-fund
COPY . .
RUN node_modules/.bin/tsc -b apps/user apps/order apps/scheduler

# What one app needs at run time, and nothing else.
FROM build AS app
ARG APP
RUN node scripts/image.mjs "${APP}" /srv/app

FROM gcr.io/distroless/nodejs${NODE_VERSION}-debian13:nonroot
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /srv/app
COPY --from=app /srv/app ./
# By number, as Kubernetes needs it to see that this is not root.
USER 65532:65532
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["/nodejs/bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# The base image's entry point is Node itself: it gets SIGTERM, and what follows it are its arguments.
CMD ["app/dist/main.js"]
