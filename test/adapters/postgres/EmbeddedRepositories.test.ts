import { repositoryContracts } from "../../contracts/repositoryContracts.ts"
import { embeddedDatabase } from "../../support/TestDatabase.ts"
import { repositoriesOn } from "./RepositoriesOn.ts"

repositoryContracts("embedded Postgres", repositoriesOn(embeddedDatabase()))
