import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Finding, lint, plantedTree, projectRoot } from "./Lint.ts"

const domain = "The domain knows nothing outside itself."
const domainPackages = 'The domain imports only "effect" and its own files.'
const useCases = "Use cases talk to ports, never to adapters."
const useCasePackages = 'Use cases import only "effect", "effect/crypto", the domain and each other.'
const composition = "know nothing of how the program is composed."
const technology = "One technology knows nothing of another."
const siblings = "A dialect and a context import the files of their parent folder, never each other."
const main = "main.ts starts the program: nothing imports it."
const memory = "The memory adapters are for tests and for src/Rookery*.ts."

const forbidden: ReadonlyArray<readonly [file: string, imported: string, says: string]> = [
  ["src/domain/contacts/Contact.ts", "../../application/contacts/AddressBook.ts", domain],
  ["src/domain/contacts/Contact.ts", "../../adapters/memory/World.ts", domain],
  ["src/domain/contacts/Contact.ts", "../../main.ts", domain],
  ["src/domain/contacts/Contact.ts", "../../Configuration.ts", domain],
  ["src/domain/contacts/Contact.ts", "effect/http", domainPackages],
  ["src/domain/contacts/Contact.ts", "effect/crypto", domainPackages],
  ["src/domain/contacts/Contact.ts", "jose", domainPackages],
  ["src/domain/contacts/Contact.ts", "node:crypto", domainPackages],
  ["src/domain/contacts/Contact.ts", "@effect/sql-pg", domainPackages],
  ["src/application/contacts/AddressBook.ts", "../../adapters/postgres/Database.ts", useCases],
  ["src/application/contacts/AddressBook.ts", "../../main.ts", composition],
  ["src/application/contacts/AddressBook.ts", "../../Rookery.ts", composition],
  ["src/application/contacts/AddressBook.ts", "../../../test/support/Services.ts", composition],
  ["src/application/contacts/AddressBook.ts", "effect/http-api", useCasePackages],
  ["src/application/contacts/AddressBook.ts", "@effect/platform-node", useCasePackages],
  ["src/application/contacts/AddressBook.ts", "node:fs", useCasePackages],
  ["src/adapters/nats/EventBusNats.ts", "../redis/Redis.ts", technology],
  ["src/adapters/nats/EventBusNats.ts", "../memory/World.ts", technology],
  ["src/adapters/nats/EventBusNats.ts", "../../adapters/redis/Redis.ts", technology],
  ["src/adapters/nats/EventBusNats.ts", "../../Configuration.ts", composition],
  ["src/adapters/nats/EventBusNats.ts", "../../main.ts", composition],
  ["src/adapters/nats/EventBusNats.ts", "../../../test/support/Services.ts", composition],
  ["src/adapters/http/classic/ClassicHandlers.ts", "../../postgres/Database.ts", technology],
  ["src/adapters/http/classic/ClassicHandlers.ts", "../../memory/World.ts", technology],
  ["src/adapters/http/classic/ClassicHandlers.ts", "../v1/V1Errors.ts", siblings],
  ["src/adapters/http/classic/ClassicHandlers.ts", "../../../main.ts", composition],
  ["src/adapters/postgres/contacts/NoteRepositoryPostgres.ts", "../accounts/SessionRepositoryPostgres.ts", siblings],
  ["src/adapters/postgres/contacts/NoteRepositoryPostgres.ts", "../../http/HttpServer.ts", technology],
  ["src/adapters/memory/contacts/ContactRepositoryMemory.ts", "../../postgres/Database.ts", technology],
  ["src/adapters/memory/contacts/ContactRepositoryMemory.ts", "../../../Rookery.ts", composition],
  ["src/RookeryMemory.ts", "./main.ts", main],
  ["scripts/dead-letters.ts", "../src/main.ts", main],
  ["scripts/dead-letters.ts", "../src/adapters/memory/World.ts", memory],
  ["bench/contacts.ts", "../src/adapters/memory/World.ts", memory],
  ["examples/subscriber.ts", "../src/adapters/memory/World.ts", memory]
]

const allowed: ReadonlyArray<readonly [file: string, imported: string]> = [
  ["src/domain/contacts/Contact.ts", "effect"],
  ["src/domain/contacts/Contact.ts", "./Note.ts"],
  ["src/domain/contacts/Contact.ts", "../accounts/Account.ts"],
  ["src/application/contacts/AddressBook.ts", "effect"],
  ["src/application/contacts/AddressBook.ts", "effect/crypto"],
  ["src/application/contacts/AddressBook.ts", "../../domain/contacts/Contact.ts"],
  ["src/application/contacts/AddressBook.ts", "../accounts/Sessions.ts"],
  ["src/adapters/nats/EventBusNats.ts", "@nats-io/jetstream"],
  ["src/adapters/nats/EventBusNats.ts", "./Subjects.ts"],
  ["src/adapters/nats/EventBusNats.ts", "../../domain/events/EventPublisher.ts"],
  ["src/adapters/http/classic/ClassicHandlers.ts", "../../../application/contacts/AddressBook.ts"],
  ["src/adapters/http/classic/ClassicHandlers.ts", "../../../domain/contacts/Contact.ts"],
  ["src/adapters/http/classic/ClassicHandlers.ts", "./ClassicErrors.ts"],
  ["src/adapters/http/classic/ClassicHandlers.ts", "../BearerToken.ts"],
  ["src/adapters/postgres/contacts/NoteRepositoryPostgres.ts", "../Database.ts"],
  ["src/adapters/postgres/Database.ts", "./migrations/Migrations.ts"],
  ["src/adapters/memory/contacts/ContactRepositoryMemory.ts", "../accounts/SessionRepositoryMemory.ts"],
  ["src/Rookery.ts", "./adapters/memory/World.ts"],
  ["src/main.ts", "./Rookery.ts"],
  ["test/e2e/Server.test.ts", "../../src/main.ts"],
  ["test/e2e/Server.test.ts", "../../src/adapters/memory/World.ts"],
  ["bench/contacts.ts", "../src/main.ts"],
  ["examples/embedded.ts", "../src/main.ts"]
]

/** Each planted file has a name of its own, so that none hides another. */
const planted = (file: string, index: number) => file.replace(/([^/]+)$/, `Planted${index}$1`)

/** How an import can be written. All of them count. */
const forms: ReadonlyArray<(path: string) => string> = [
  (path) => `import "${path}"\n`,
  (path) => `import { a } from "${path}"\nexport const b = a\n`,
  (path) => `import type { C } from "${path}"\nexport type D = C\n`,
  (path) => `export { e } from "${path}"\n`,
  (path) => `export const f = () => import("${path}")\n`
]

const files: Record<string, string> = {}
forbidden.forEach(([file, path], index) => {
  files[planted(file, index)] = forms.map((form) => form(path)).join("")
})
allowed.forEach(([file, path], index) => {
  files[planted(file, forbidden.length + index)] = `import "${path}"\n`
})

describe("imports", () => {
  let findings: ReadonlyArray<Finding> = []
  const tree = plantedTree(files)
  const restricted = (file: string) =>
    findings.filter((finding) => finding.file === file && finding.rule.includes("no-restricted-imports"))

  beforeAll(async () => {
    findings = await lint(tree.directory)
  })
  afterAll(tree.remove)

  it.each(forbidden.map((row, index) => [...row, index] as const))("%s may not import %s", (file, _, says, index) => {
    const said = restricted(planted(file, index))
    expect(said).toHaveLength(forms.length)
    for (const { text } of said) expect(text).toContain(says)
  })

  it.each(allowed.map((row, index) => [...row, forbidden.length + index] as const))(
    "%s may import %s",
    (file, _, index) => {
      expect(restricted(planted(file, index))).toEqual([])
    }
  )
})

it("the tree itself is clean", async () => {
  expect(await lint(projectRoot)).toEqual([])
})
