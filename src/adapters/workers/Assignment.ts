/** What a worker is told when it is started. */
export interface Assignment {
  /** From 1 on. */
  readonly worker: number
  /** Which all workers share. */
  readonly port: number
}

/** As arguments, which lists of processes show. */
export const argumentsOf = ({ port, worker }: Assignment): ReadonlyArray<string> => [
  `--worker=${worker}`,
  `--port=${port}`
]

/** Undefined for a process that is no worker. */
export const assignmentOf = (args: ReadonlyArray<string>): Assignment | undefined => {
  const found = /--worker=(\d+) --port=(\d+)$/.exec(args.join(" "))
  return found === null ? undefined : { worker: Number(found[1]), port: Number(found[2]) }
}
