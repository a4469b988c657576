import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { AccountChange, AccountRemoval, V1Account } from "./V1AccountSchemas.ts"
import { Conflict } from "./V1Errors.ts"
import { Authorization, Body, SignInLimit } from "./V1Middleware.ts"
import { operations } from "./V1UsersOperations.ts"

export class V1UsersGroup extends HttpApiGroup.make("users", { topLevel: true })
  .add(
    HttpApiEndpoint.get("getAccount", "/users/me", { success: V1Account })
      .middleware(Authorization)
      .annotateMerge(operations.getAccount),
    HttpApiEndpoint.patch("changeAccount", "/users/me", {
      payload: AccountChange,
      success: V1Account,
      error: Conflict.schema
    })
      .middleware(Body)
      .middleware(Authorization)
      .annotateMerge(operations.changeAccount),
    HttpApiEndpoint.delete("deleteAccount", "/users/me", {
      payload: [AccountRemoval, Schema.Null],
      success: HttpApiSchema.NoContent
    })
      .middleware(Body)
      .middleware(SignInLimit)
      .middleware(Authorization)
      .annotateMerge(operations.deleteAccount)
  )
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ description: "One's own account" })) {}
