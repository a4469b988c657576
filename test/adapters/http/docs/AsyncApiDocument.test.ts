import { DateTime } from "effect"
import { assert, describe, it } from "vitest"
import type { LiveEvent } from "../../../../src/application/notifications/LiveEvent.ts"
import { asyncApiText } from "../../../../src/adapters/http/docs/AsyncApiDocument.ts"
import { addressBookEvent } from "../../../../src/adapters/websocket/AddressBookEvents.ts"
import { talkEvent } from "../../../../src/adapters/websocket/TalkEvents.ts"
import { Change, NotificationId } from "../../../../src/domain/notifications/Notification.ts"
import { PhoneDigits } from "../../../../src/domain/shared/PhoneNumber.ts"
import { socketChannels } from "../../../../src/SocketChannels.ts"
import { assertFits, committed, complaints, readDocument } from "../../../support/AsyncApi.ts"

const { channels, components } = readDocument(committed)

const told = { id: NotificationId.make(42), at: DateTime.makeUnsafe("2026-11-20T16:42:10.123Z") }

const ofTalk: ReadonlyArray<readonly [message: string, event: LiveEvent]> = [
  ["ContactsUpdated", { _tag: "ContactsUpdated", ...told }],
  ["MessagesUpdated", { _tag: "MessagesUpdated", ...told, sender: PhoneDigits.make("380501234567") }]
]
const ofAddressBook = Change.literals.flatMap((change): ReadonlyArray<readonly [message: string, event: LiveEvent]> => [
  ["ContactChanged", { _tag: "ContactChanged", ...told, change, contactId: 1 }],
  ["NoteChanged", { _tag: "NoteChanged", ...told, change, contactId: 1, noteId: 12 }]
])
const ofBoth = [null, true, false].map((resumed): readonly [message: string, event: LiveEvent] => [
  "Connected",
  { _tag: "Connected", at: told.at, newest: 0, resumed }
])

describe("asyncapi.json", () => {
  it("is what the program makes: npm run asyncapi", () => {
    assert.strictEqual(committed, asyncApiText(socketChannels))
  })

  it("is valid by AsyncAPI's own parser", async () => {
    assert.deepStrictEqual(await complaints(committed), [])
  })

  it.each([
    [
      "a message that there is not",
      '"#/channels/noteCreated/messages/NoteCreated"',
      '"#/channels/noteCreated/messages/No"'
    ],
    ["a server that there is not", '"$ref": "#/servers/broker"', '"$ref": "#/servers/nobody"'],
    ["an action that there is not", '"action": "send"', '"action": "tell"'],
    ["a schema that is none", '"type": "integer"', '"type": "whole"']
  ])("would not be valid with %s", async (_, right, wrong) => {
    assert.include(committed, right)
    assert.isNotEmpty(await complaints(committed.replace(right, wrong)))
  })

  it("names no other host than examples and the local one", () => {
    const hosts = [...committed.matchAll(/https?:\/\/([^/"]+)/g)].map(([, host]) => host)
    assert.deepStrictEqual([...new Set(hosts)], ["rookery.example"])
  })

  it("shows an example of each message that is one, and says what it is about", () => {
    for (const [name, { examples, summary }] of Object.entries(components.messages)) {
      assert.isNotEmpty(examples)
      assert.isNotEmpty(summary)
      for (const { payload } of examples) assertFits(name, payload)
    }
    assert.throws(() => assertFits("Connected", { event: "connected" }))
    assert.throws(() => assertFits("NoteDeleted", components.messages.NoteCreated?.examples[0]?.payload))
  })

  it("shows what clients of talk are sent", () => {
    const sent = [...ofBoth, ...ofTalk]
    for (const [message, event] of sent) assertFits(message, talkEvent(event))
    const names = Object.keys(channels.talkNotifications?.messages ?? {})
    assert.deepStrictEqual(names, [...new Set(sent.map(([message]) => message))])
  })

  it("shows what clients of v1 are sent", () => {
    const sent = [...ofBoth, ...ofAddressBook]
    for (const [message, event] of sent) assertFits(message, addressBookEvent(event))
    const names = Object.keys(channels.addressBookNotifications?.messages ?? {})
    assert.deepStrictEqual(names, [...new Set(sent.map(([message]) => message))])
  })
})
