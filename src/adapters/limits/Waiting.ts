/**
 * How long somebody waits who is over a limit, in milliseconds. The first time until the window ends; after each further
 * strike twice as long as the last time, but never less than until the window ends. One waiting period is one strike,
 * however many requests come in it. Who is not over the limit again for the length of the quiet spell, counted from the
 * end of the wait, begins anew.
 */
export interface WaitingRules {
  readonly longest: number
  readonly quietSpell: number
}

export const waitingRules: WaitingRules = { longest: 15 * 60_000, quietSpell: 15 * 60_000 }

/** The wait after a strike; `last` is the one before, while it is not forgiven. */
export const nextWait = (rules: WaitingRules, last: number | undefined, untilWindowEnds: number): number =>
  last === undefined ? untilWindowEnds : Math.max(untilWindowEnds, Math.min(2 * last, rules.longest))
