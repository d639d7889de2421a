# The desk without a compiler, a package manager's cache or a right to write: only its dependencies and dist/.
# The tag is to be replaced by its digest (node@sha256:...) when a release is made; look it up with
# `docker buildx imagetools inspect node:20-bookworm-slim`.
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY commands ./commands
RUN npx tsc -p tsconfig.build.json && rm -f dist/.tsbuildinfo

FROM node:20-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY bin ./bin
COPY config ./config
COPY --from=build /app/dist ./dist
# All that is ever written goes to /data: the store, recordings, logs. The rest may be mounted read-only.
RUN ln -s /app/bin/perpdesk.mjs /usr/local/bin/perpdesk && mkdir /data && chown node:node /data
USER node
WORKDIR /data
VOLUME /data
# Node is process 1 and ends on SIGTERM by itself.
STOPSIGNAL SIGTERM
ENTRYPOINT ["perpdesk"]
CMD ["start"]
