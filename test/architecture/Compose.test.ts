import { Schema } from "effect"
import { Yaml } from "effect/encoding"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { projectRoot } from "./Lint.ts"

const read = (file: string) => readFileSync(join(projectRoot, file), "utf8")

const Service = Schema.Struct({
  image: Schema.optionalKey(Schema.String),
  build: Schema.optionalKey(Schema.String),
  environment: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  ports: Schema.optionalKey(Schema.Array(Schema.String)),
  volumes: Schema.optionalKey(Schema.Array(Schema.String)),
  healthcheck: Schema.optionalKey(Schema.Struct({ test: Schema.Array(Schema.String) })),
  depends_on: Schema.optionalKey(Schema.Record(Schema.String, Schema.Struct({ condition: Schema.String })))
})

const Compose = Schema.Struct({
  services: Schema.Record(Schema.String, Service),
  volumes: Schema.Record(Schema.String, Schema.Null)
})

const compose = Schema.decodeUnknownSync(Compose)(Yaml.parse(read("docker-compose.yml")))
const services = Object.entries(compose.services)
const app = compose.services["app"]?.environment ?? {}

const example = read(".env.example").split("\n")
const variables = example.flatMap((line) => /^# ([A-Z][A-Z0-9_]*)=/.exec(line)?.[1] ?? [])

describe("docker-compose.yml", () => {
  it("sets only variables that .env.example explains", () => {
    expect(Object.keys(app).filter((name) => !variables.includes(name))).toEqual([])
    expect(Object.keys(app).length).toBeGreaterThan(10)
  })

  it("runs in production, and not without secrets", () => {
    expect(app["APP_ENV"]).toBe("production")
    expect(app["JWT_SECRET"]).toMatch(/^\$\{JWT_SECRET:\?.+\}$/)
    expect(app["S3_SECRET_ACCESS_KEY"]).toMatch(/^\$\{S3_SECRET_ACCESS_KEY:\?.+\}$/)
    expect(app["DATABASE_URL"]).toMatch(/:\$\{POSTGRES_PASSWORD:\?.+\}@/)
    const words = services.flatMap(([, { environment }]) => Object.entries(environment ?? {}))
    const secrets = words.filter(([name]) => /SECRET|PASSWORD/.test(name) && name !== "UPSTREAM_SECRET")
    expect(secrets.filter(([, value]) => !value.includes(":?"))).toEqual([])
  })

  it("opens ports to this machine only", () => {
    const ports = services.flatMap(([, service]) => service.ports ?? [])
    expect(ports).not.toEqual([])
    expect(ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([])
  })

  it("starts the app when the rest is healthy", () => {
    const others = services.map(([name]) => name).filter((name) => name !== "app")
    const awaited = compose.services["app"]?.depends_on ?? {}
    expect(Object.keys(awaited).sort()).toEqual(others.sort())
    expect(Object.values(awaited).filter(({ condition }) => condition !== "service_healthy")).toEqual([])
    expect(others.filter((name) => compose.services[name]?.healthcheck === undefined)).toEqual([])
    expect(read("Dockerfile")).toMatch(/^HEALTHCHECK /m)
  })

  it("starts the server as npm start does", () => {
    const [, start] = /exec node (.*)$/.exec(JSON.parse(read("package.json")).scripts.start) ?? []
    const [, command] = /^CMD (\[.*\])$/m.exec(read("Dockerfile")) ?? []
    expect(JSON.parse(command ?? "").join(" ")).toBe(`node ${start}`)
  })

  it("keeps everything in named volumes, and pins every image", () => {
    const mounted = services.flatMap(([, service]) => (service.volumes ?? []).map((volume) => volume.split(":")[0]))
    expect(mounted.sort()).toEqual(Object.keys(compose.volumes).sort())
    const images = services.flatMap(([, service]) => service.image ?? [])
    expect(images.filter((image) => !/:v?\d/.test(image))).toEqual([])
  })
})

describe(".env.example", () => {
  it("sets nothing by itself", () => {
    expect(example.filter((line) => line !== "" && !line.startsWith("# "))).toEqual([])
  })

  it("names each variable once, under a line that explains it", () => {
    expect(new Set(variables).size).toBe(variables.length)
    const unexplained = example.filter(
      (line, index) => /^# [A-Z0-9_]+=/.test(line) && !/^# (?![A-Z0-9_]+=|---)./.test(example[index - 1] ?? "")
    )
    expect(unexplained).toEqual([])
  })
})
