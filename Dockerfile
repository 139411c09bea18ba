# The provider behind port 4010, for tests of other projects: docker build -t llm-provider . && docker run -p 4010:4010 llm-provider
FROM node:24-slim
WORKDIR /provider
COPY package.json package-lock.json .npmrc tsconfig.json ./
COPY lib lib
RUN npm ci --no-audit --no-fund
USER node
EXPOSE 4010
ENTRYPOINT ["node", "lib/cli/start.cjs", "provider", "--host", "0.0.0.0"]
