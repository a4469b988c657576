# syntax=docker/dockerfile:1
FROM node:26-slim AS modules
WORKDIR /app
COPY package.json package-lock.json ./
# The image has Node already, and nothing is type-checked in it.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/.bin/node node_modules/node-linux-* node_modules/@effect/tsgo-*
# What a database begins as where no DATABASE_URL is given: into node_modules, with all that it takes to make it.
COPY scripts/prepare-database.ts ./scripts/
COPY src/adapters/postgres/EmbeddedImage.ts ./src/adapters/postgres/
RUN node scripts/prepare-database.ts

FROM node:26-slim
WORKDIR /app
RUN install --directory --owner=node --group=node --mode=0700 /data
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 DATA_DIR=/data
COPY --from=modules /app/node_modules ./node_modules
COPY package.json package-lock.json ./
COPY scripts ./scripts
COPY src ./src
USER node
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# HOST is open to the network, so APP_ENV has to be given: `docker run --env APP_ENV=production ...`
CMD ["node", "--max-semi-space-size=8", "src/main.ts"]
