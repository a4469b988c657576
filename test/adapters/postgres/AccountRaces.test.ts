import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import { EmailVerification } from "../../../src/application/accounts/EmailVerification.ts"
import { PasswordReset } from "../../../src/application/accounts/PasswordReset.ts"
import { Profile } from "../../../src/application/accounts/Profile.ts"
import { Registration } from "../../../src/application/accounts/Registration.ts"
import { Sessions } from "../../../src/application/accounts/Sessions.ts"
import { SignIn } from "../../../src/application/accounts/SignIn.ts"
import { Account } from "../../../src/domain/accounts/Account.ts"
import { AccountRepository } from "../../../src/domain/accounts/AccountRepository.ts"
import { EmailAddress } from "../../../src/domain/shared/EmailAddress.ts"
import {
  account,
  lifetimes,
  lives,
  password,
  register,
  resetLink,
  right,
  signIn,
  verificationLink,
  verified,
  verify
} from "../../application/accounts/AccountWorld.ts"
import { describeWith, postgresUrl } from "../../support/Services.ts"
import { serverDatabase } from "../../support/TestDatabase.ts"
import { portsOn } from "./UseCasePorts.ts"
import { atOnce, outcome, together } from "../../contracts/AtOnce.ts"

const OnServer = Layer.mergeAll(
  Registration.layer,
  SignIn.layer({ emailVerification: "required" }),
  EmailVerification.layer({ emailVerification: "required" }),
  PasswordReset.layer,
  Profile.layer
).pipe(Layer.provideMerge(Sessions.layer(lifetimes)), Layer.provideMerge(portsOn(serverDatabase())))

const someEmail = () => EmailAddress.make(`${crypto.randomUUID()}@example.com`)
const [another, third] = [password("battery staple"), password("a third password")]

const often = <E, R>(round: Effect.Effect<unknown, E, R>) => Effect.replicateEffect(round, 15, { discard: true })
const changeEmail = ({ id }: Account, email: EmailAddress) => Profile.use((profile) => profile.changeEmail(id, email))
const verifyNow = ({ id }: Account, email: EmailAddress) => Effect.flatMap(verificationLink(id, email), verify)
const reset = (token: string, next: typeof right) => PasswordReset.use((resets) => resets.reset(token, next))
const holderOf = (email: EmailAddress) =>
  AccountRepository.use((accounts) => accounts.findByEmail(email)).pipe(Effect.map(Option.getOrUndefined))

describeWith(postgresUrl)("accounts at once", () => {
  layer(OnServer, { excludeTestServices: true, timeout: "60 seconds" })("on a server", (it) => {
    it.effect("give a pending address to one of those who verify it", () =>
      often(
        Effect.gen(function* () {
          const email = someEmail()
          const all = yield* Effect.replicateEffect(
            Effect.suspend(() => register({ email: someEmail() })),
            3
          )
          for (const one of all) yield* changeEmail(one, email)
          const squatter = yield* register({ email })
          const outcomes = yield* atOnce(all.map((one) => outcome(verifyNow(one, email))))
          assert.deepStrictEqual(outcomes.toSorted(), ["EmailTaken", "EmailTaken", "done"])
          const winner = all[outcomes.indexOf("done")]
          assert.strictEqual((yield* holderOf(email))?.id, winner?.id)
          assert.isNull((yield* account(squatter)).email)
        })
      )
    )

    it.effect("give a pending address to who verifies it, and not to who registers with it", () =>
      often(
        Effect.gen(function* () {
          const email = someEmail()
          const owner = yield* verified({ email: someEmail() })
          yield* changeEmail(owner, email)
          const registrations = atOnce(Array.from({ length: 3 }, () => outcome(register({ email }))))
          const [proof] = yield* Effect.all([outcome(verifyNow(owner, email)), registrations], together)
          assert.strictEqual(proof, "done")
          assert.strictEqual((yield* holderOf(email))?.id, owner.id)
        })
      )
    )

    it.effect("can take each other's address", () =>
      often(
        Effect.gen(function* () {
          const [adas, bobs] = [someEmail(), someEmail()]
          const [ada, bob] = [yield* register({ email: adas }), yield* register({ email: bobs })]
          const accounts = yield* AccountRepository
          const want = (one: Account, pendingEmail: EmailAddress) =>
            accounts.save(new Account({ ...one, pendingEmail }), one.createdAt)
          yield* Effect.andThen(want(ada, bobs), want(bob, adas))
          yield* atOnce([verifyNow(ada, bobs), verifyNow(bob, adas)])
          assert.deepStrictEqual([(yield* holderOf(bobs))?.id, (yield* holderOf(adas))?.id], [ada.id, bob.id])
        })
      )
    )

    it.effect("take a link that resets a password once", () =>
      often(
        Effect.gen(function* () {
          const { email } = yield* verified({ email: someEmail() })
          if (email === null) return
          const token = yield* resetLink(email)
          const outcomes = yield* atOnce([another, third, another, third].map((next) => outcome(reset(token, next))))
          assert.deepStrictEqual(outcomes.toSorted(), ["InvalidLink", "InvalidLink", "InvalidLink", "done"])
          const winner = outcomes.indexOf("done") % 2 === 0 ? another : third
          yield* signIn(email, { password: winner })
          yield* Effect.flip(signIn(email, { password: winner === another ? third : another }))
        })
      )
    )

    it.effect("leave nobody signed in by the password that a reset replaced", () =>
      often(
        Effect.gen(function* () {
          const { email } = yield* verified({ email: someEmail() })
          if (email === null) return
          const token = yield* resetLink(email)
          const signIns = Array.from({ length: 4 }, () => Effect.option(signIn(email)))
          const [signedIn] = yield* Effect.all(
            [atOnce(signIns), Effect.andThen(Effect.sleep("3 millis"), reset(token, another))],
            together
          )
          for (const { accessToken } of signedIn.flatMap(Option.toArray)) assert.isFalse(yield* lives(accessToken))
        })
      )
    )

    it.effect("leave nobody signed in to what is deleted, and fail no other way", () =>
      often(
        Effect.gen(function* () {
          const owner = yield* verified({ email: someEmail() })
          const { email } = owner
          if (email === null) return
          const { session } = yield* signIn(email)
          const profile = yield* Profile
          const signIns = Array.from({ length: 4 }, () => Effect.option(signIn(email)))
          const [gone, signedIn] = yield* Effect.all(
            [
              outcome(profile.remove(owner.id, right)),
              atOnce(signIns),
              outcome(changeEmail(owner, someEmail())),
              outcome(profile.changePassword(session, { current: right, next: third })),
              outcome(verifyNow(owner, email))
            ],
            together
          )
          // The password may have been changed before that.
          if (gone === "InvalidCredentials") return
          assert.strictEqual(gone, "done")
          for (const { accessToken } of signedIn.flatMap(Option.toArray)) assert.isFalse(yield* lives(accessToken))
          assert.isUndefined(yield* holderOf(email))
        })
      )
    )
  })
})
