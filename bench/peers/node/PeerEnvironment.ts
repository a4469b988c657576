/** What a peer is told by its environment. */
export interface PeerEnvironment {
  readonly host: string
  readonly port: number
  readonly databaseUrl: string
  /** Of HS256; at least 32 bytes. */
  readonly jwtSecret: string
}

const required = (name: string): string => {
  const value = process.env[name]
  if (value === undefined || value === "") throw new Error(`${name} must be set`)
  return value
}

const portNumber = (text: string): number => {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`PORT must be 1 to 65535, and is ${text}`)
  return port
}

const longSecret = (text: string): string => {
  if (Buffer.byteLength(text) < 32) throw new Error("JWT_SECRET must have at least 32 bytes")
  return text
}

export const peerEnvironment = (): PeerEnvironment => ({
  host: process.env.HOST ?? "127.0.0.1",
  port: portNumber(required("PORT")),
  databaseUrl: required("DATABASE_URL"),
  jwtSecret: longSecret(required("JWT_SECRET"))
})
