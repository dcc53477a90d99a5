# One image per app:  docker build --build-arg APP=user -t millrace-user .
ARG NODE_VERSION=20

FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /srv/millrace
COPY . .
RUN npm ci --ignore-scripts --no-audit --no-fund && npm run build

# What one app needs at run time, and nothing else: its packages, and the built folders they point to.
FROM build AS production
ARG APP
RUN test -n "$APP" || { echo "Say which app: --build-arg APP=user, order or scheduler" >&2; exit 1; } \
  && test -f "apps/$APP/dist/main.js" || { echo "There is no app '$APP'" >&2; exit 1; }
RUN npm ci --ignore-scripts --no-audit --no-fund --omit=dev --workspace="@millrace-apps/$APP" \
  && mkdir /srv/app \
  && cp -R package.json libs node_modules /srv/app/ \
  && mkdir /srv/app/apps \
  && cp -R apps/shared "apps/$APP" /srv/app/apps/ \
  && rm -rf /srv/app/libs/*/src /srv/app/libs/*/fixtures /srv/app/apps/*/src

FROM node:${NODE_VERSION}-bookworm-slim
ARG APP
ENV APP=${APP} NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /srv/app
COPY --from=production /srv/app ./
USER node
EXPOSE ${PORT}
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# The shell gives way to Node, so that SIGTERM reaches the app.
CMD ["sh", "-c", "exec node \"apps/$APP/dist/main.js\""]
