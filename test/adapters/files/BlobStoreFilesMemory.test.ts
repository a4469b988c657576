import { blobStoreMemoryUse } from "../../contracts/blobStoreMemoryUse.ts"
import { inNewDir } from "./BlobDir.ts"

blobStoreMemoryUse("files", inNewDir)
