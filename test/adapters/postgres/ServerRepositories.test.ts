import { repositoryContracts } from "../../contracts/repositoryContracts.ts"
import { describeWith, postgresUrl } from "../../support/Services.ts"
import { serverDatabase } from "../../support/TestDatabase.ts"
import { repositoriesOn } from "./RepositoriesOn.ts"

describeWith(postgresUrl)("with a server", () =>
  repositoryContracts("server Postgres", repositoriesOn(serverDatabase()))
)
