import type { StatementName } from "../Statements.ts"

/** A driver, set up as its users would: statements are parsed once on each of ten connections. */
export interface Database {
  prepared<Row extends object>(
    name: StatementName
  ): (...values: Array<string | number | Uint8Array | null>) => Promise<ReadonlyArray<Row>>
  close(): Promise<void>
}
